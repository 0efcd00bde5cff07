/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Graph operations with a defined gradient, none of which registers a gradient function.
 *
 * <p>Letters in this package: <b>N</b> vectors, <b>K</b> codes, <b>D</b> width of a vector. Vectors
 * are rows of a matrix {@code [N, D]}, a codebook is {@code [K, D]}. N may be unknown when the
 * graph is built. Every function takes the {@link org.tensorflow.op.Ops} to build with first; name
 * a block with {@code tf.withName("...")}. No function opens a session or assigns to a variable.
 *
 * <ul>
 *   <li>{@link org.vqjava.ops.NearestCode}: which code is nearest, in bounded memory, by a {@link
 *       org.vqjava.ops.Norm} and a {@link org.vqjava.ops.SearchMode}.
 *   <li>{@link org.vqjava.ops.NearestScalar}: the same for numbers, by sorted codes.
 *   <li>{@link org.vqjava.ops.AccessCount}: how often each code was taken.
 *   <li>{@link org.vqjava.ops.MostSimilarCodes}, {@link org.vqjava.ops.CosineSimilarity}: the same
 *       by the cosine.
 *   <li>{@link org.vqjava.ops.Pca}: principal components, with a gradient.
 *   <li>{@link org.vqjava.ops.Distances}: distances of vectors from codes, and of codes from each
 *       other.
 *   <li>{@link org.vqjava.ops.DistanceSum}, {@link org.vqjava.ops.ClosestSpacing}: sums that would
 *       need an {@code [N, K]} matrix, with their gradients and without the matrix.
 *   <li>{@link org.vqjava.ops.SegmentSums}: sums of vectors that belong together, whose error does
 *       not grow with their number.
 *   <li>{@link org.vqjava.ops.SpreadVectors}: vectors far from each other, to start k-means from.
 *   <li>{@link org.vqjava.ops.FiniteRows}: which vectors have finite numbers alone.
 *   <li>{@link org.vqjava.ops.Norms}: norms whose gradient is finite everywhere.
 *   <li>{@link org.vqjava.ops.StraightThrough}, {@link org.vqjava.ops.GradientAveraging}: gradients
 *       that differ from the derivative on purpose.
 *   <li>{@link org.vqjava.ops.Variables}: reads of variables that no later update shows in.
 *   <li>{@link org.vqjava.ops.Training}: one step of an optimizer over an explicit list of
 *       variables, gated so that no update overtakes a read.
 *   <li>{@link org.vqjava.ops.Scopes}: blocks of names, refused under a locale that TensorFlow Java
 *       cannot name operations in.
 * </ul>
 *
 * <p>Variables are to be read once, through {@code tf.identity(variable)} or a snapshot: TensorFlow
 * 2.18 ends the process when the square of a bare variable is differentiated.
 */
@NullMarked
package org.vqjava.ops;

import org.jspecify.annotations.NullMarked;
