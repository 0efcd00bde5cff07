/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * What a layer with a vote gives back. What nobody fetches is not computed.
 *
 * @param layerOut the codes in place of their inputs, or the inputs themselves where the vote was
 *     below the threshold, in the shape of x. Gradient: to the chosen codes, and with
 *     straight-through to x unchanged; of an input that passes to x alone
 * @param embSpace the codebook's values, {@code [K, D]}
 * @param indices the code that each piece is projected to, whether it is taken or the piece passes,
 *     {@code [.., S]}, without the last axis if S = 1
 * @param accessCount how often each code was taken in this batch, {@code [K]}; pieces that pass
 *     take none
 * @param mostCommonLabel the label that won, in the shape of {@code indices}
 * @param similarityValues the cosine of each piece with the most similar code, in the shape of
 *     {@code indices}; a figure without a gradient
 * @param identityMappingMask which pieces pass unchanged, in the shape of {@code indices}; none
 *     without a threshold
 * @param percentageIdentityMapped the part of the pieces that pass unchanged, from 0 to 1 in spite
 *     of its name, a scalar
 * @param embSpaceBatchInit sets the codebook from the batch that is fed, if the codebook's
 *     initializer reads a batch; run it alone, before the first step
 * @param <T> float32 or float64
 */
public record CosineKnnEndpoints<T extends TFloating>(
    Operand<T> layerOut,
    Operand<T> embSpace,
    Operand<TInt32> indices,
    Operand<TInt64> accessCount,
    Operand<TInt32> mostCommonLabel,
    Operand<T> similarityValues,
    Operand<TBool> identityMappingMask,
    Operand<T> percentageIdentityMapped,
    Optional<Op> embSpaceBatchInit) {}
