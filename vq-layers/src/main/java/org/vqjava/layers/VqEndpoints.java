/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * What a vector-quantization layer gives back. What nobody fetches is not computed.
 *
 * <p>Any of the operands may be fetched in one run with a {@linkplain
 * org.vqjava.ops.Training#minimize step} on a loss that they are part of, and shows the values from
 * before the step. The ops that change state ({@code embSpaceBatchInit} and those of {@code
 * replacement}) say themselves what they may run with.
 *
 * @param layerOut the codes in place of their inputs, in the shape of x; the bits are the codes'.
 *     Gradient: to x unchanged, to the codebook none
 * @param embSpace the codebook's values, {@code [K, D]}
 * @param indices the codes taken, {@code [.., S]}, without the last axis if S = 1
 * @param accessCount how often each code was taken in this batch, {@code [K]}
 * @param distance the distance of each piece from each code, {@code [.., S, K]}, without the S axis
 *     if S = 1; a figure without a gradient
 * @param embSpacing the distance of every two codes, {@code [K(K−1)/2]}: (0,1), (0,2), .., (1,2),
 *     ..; a figure without a gradient
 * @param embClosestSpacing how far each code is from the closest other one, {@code [K]}, 0 for K =
 *     1; a figure without a gradient, the Coulomb loss has one
 * @param losses the losses and their sum; nothing is registered behind the caller's back
 * @param replacement state and ops for the replacement of dead codes, if R is above 0
 * @param embSpaceBatchInit sets the codebook from the batch that is fed, if the codebook's
 *     initializer reads a batch; run it alone, before the first step
 * @param <T> float32 or float64
 */
public record VqEndpoints<T extends TFloating>(
    Operand<T> layerOut,
    Operand<T> embSpace,
    Operand<TInt32> indices,
    Operand<TInt64> accessCount,
    Operand<T> distance,
    Operand<T> embSpacing,
    Operand<T> embClosestSpacing,
    VqLosses<T> losses,
    Optional<CodeReplacement<T>> replacement,
    Optional<Op> embSpaceBatchInit) {}
