/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import org.tensorflow.ndarray.Shape;

/**
 * The weight of a layer.
 *
 * @param layer which one
 * @param values of the weight, row-major
 * @param shape of the weight
 * @param layout how it is cut into blocks
 */
@SuppressWarnings("ArrayRecordComponent") // handed over, never compared
public record LayerWeight(Layer layer, float[] values, Shape shape, BlockLayout layout) {}
