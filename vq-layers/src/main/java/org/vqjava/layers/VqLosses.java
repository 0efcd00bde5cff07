/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import org.tensorflow.Operand;
import org.tensorflow.types.family.TFloating;

/**
 * The losses of a layer, each times its weight, and each a scalar. One whose weight is the number 0
 * is the constant 0. For an empty batch those that are means over it are 0.
 *
 * @param alpha {@code mean_n(α · ‖y_n − sg(x_n)‖)}: gradient to the chosen codes
 * @param beta {@code mean_n(β · Σ_k ‖sg(x_n) − e_k‖)}: gradient to all codes
 * @param coulomb {@code −γ · Σ_k min_{j≠k} ‖e_k − e_j‖}: gradient to all codes
 * @param commitment {@code δ · mean((x − sg(y))²)} over all elements: gradient to the input
 * @param total their sum
 * @param <T> float32 or float64
 */
public record VqLosses<T extends TFloating>(
    Operand<T> alpha,
    Operand<T> beta,
    Operand<T> coulomb,
    Operand<T> commitment,
    Operand<T> total) {}
