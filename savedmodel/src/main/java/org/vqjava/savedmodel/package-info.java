/* SPDX-License-Identifier: Apache-2.0 */
/**
 * SavedModels, of Java and of Python: described, made flat graphs that can be differentiated,
 * rewritten, trained further and given back.
 *
 * <ul>
 *   <li>{@link org.vqjava.savedmodel.ModelDescription}: signatures, variables, operations, and what
 *       stands in the way of training the model further in Java.
 *   <li>{@link org.vqjava.savedmodel.DistinctValues}: how many different numbers each variable has.
 *   <li>{@link org.vqjava.savedmodel.FlatModel}: a signature as a flat graph, and what of it is
 *       rewritten; {@link org.vqjava.savedmodel.TrainableModel}: the same in a session, to be
 *       trained, written back and exported.
 *   <li>{@link org.vqjava.savedmodel.CheckpointIndex}: which tensors are in a checkpoint, and
 *       where, checked before TensorFlow reads it.
 * </ul>
 */
@NullMarked
package org.vqjava.savedmodel;

import org.jspecify.annotations.NullMarked;
