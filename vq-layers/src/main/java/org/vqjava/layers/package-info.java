/* SPDX-License-Identifier: Apache-2.0 */
/**
 * Vector-quantization layers: a vector is replaced by the nearest code of a codebook that is
 * trained with the network.
 *
 * <p>Letters in this package: <b>N</b> vectors in a batch, <b>K</b> codes, <b>D</b> width of a
 * code, <b>S</b> splits (pieces that a vector is cut into), <b>R</b> codes that one replacement
 * replaces.
 *
 * <pre>{@code
 * Codebook<TFloat32> codebook =
 *     Codebook.create(tf, "codebook", 512, 64, CodebookInitializer.kMeansPlusPlus(1));
 * VqEndpoints<TFloat32> vq =
 *     VectorQuantization.vectorQuantization(
 *         tf, x, codebook, VqOptions.defaults().withCommitment(1));
 * Operand<TFloat32> loss = tf.math.add(reconstructionLoss(vq.layerOut()), vq.losses().total());
 * Op step = Training.minimize(tf, loss, variables, new Adam(graph, 1e-3f));
 * }</pre>
 *
 * <p>What it takes to train:
 *
 * <ol>
 *   <li>A {@link org.vqjava.layers.Codebook}: a variable of its own, which layers share, a model
 *       saves and a service reads.
 *   <li>{@link org.vqjava.layers.VectorQuantization} turns it into a layer and returns {@link
 *       org.vqjava.layers.VqEndpoints}: the output, the losses, the figures to watch, and the ops
 *       that change state. Nothing is changed unless the caller runs one of those ops; training and
 *       inference are one graph and differ by what is fetched.
 *   <li>With a {@link org.vqjava.layers.CodebookInitializer} that reads a batch, {@link
 *       org.vqjava.layers.VqEndpoints#embSpaceBatchInit} is run once, fed with a batch, before the
 *       first step.
 *   <li>{@link org.vqjava.layers.CodeReplacement} revives codes that nothing takes.
 *   <li>{@link org.vqjava.layers.CodebookUsage} tells how much of the codebook is in use.
 * </ol>
 *
 * <p>The defaults are those of the original layer (Simsso, vq-layer 0.2.2). For an autoencoder take
 * a commitment weight above 0 and an initialization without duplicates, as above: without them
 * nothing holds the encoder near its codes.
 */
@NullMarked
package org.vqjava.layers;

import org.jspecify.annotations.NullMarked;
