/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;

/**
 * What a layer that looks up by the cosine gives back. What nobody fetches is not computed.
 *
 * @param layerOut the codes in place of their inputs, in the shape of x, as they are, not brought
 *     to length 1. Gradient: to the chosen codes, and with straight-through to x unchanged
 * @param embSpace the codebook's values, {@code [K, D]}
 * @param indices the codes taken, {@code [.., S]}, without the last axis if S = 1
 * @param accessCount how often each code was taken in this batch, {@code [K]}
 * @param similarityValues the cosine of each piece with its code, in the shape of {@code indices};
 *     a figure without a gradient
 * @param percentageIdentityMapped the part of the pieces that pass unchanged, a scalar: 0 here, as
 *     none does
 * @param embSpaceBatchInit sets the codebook from the batch that is fed, if the codebook's
 *     initializer reads a batch; run it alone, before the first step
 * @param <T> float32 or float64
 */
public record CosineVqEndpoints<T extends TFloating>(
    Operand<T> layerOut,
    Operand<T> embSpace,
    Operand<TInt32> indices,
    Operand<TInt64> accessCount,
    Operand<T> similarityValues,
    Operand<T> percentageIdentityMapped,
    Optional<Op> embSpaceBatchInit) {}
