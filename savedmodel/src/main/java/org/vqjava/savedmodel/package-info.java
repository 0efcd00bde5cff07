/* SPDX-License-Identifier: Apache-2.0 */
/**
 * What is in a SavedModel, of Java and of Python.
 *
 * <ul>
 *   <li>{@link org.vqjava.savedmodel.ModelDescription}: signatures, variables, operations, and what
 *       stands in the way of training the model further in Java.
 *   <li>{@link org.vqjava.savedmodel.DistinctValues}: how many different numbers each variable has.
 *   <li>{@link org.vqjava.savedmodel.CheckpointIndex}: which tensors are in a checkpoint, and
 *       where, checked before TensorFlow reads it.
 * </ul>
 */
@NullMarked
package org.vqjava.savedmodel;

import org.jspecify.annotations.NullMarked;
