/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import java.util.Optional;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.Pca;

/**
 * Vectors and codes as they are compared: as they are, or reduced.
 *
 * @param rows {@code [N, c]}, without a gradient, as distances have none to the vectors
 * @param codes {@code [K, c]}
 */
record LookUpSpace<T extends TFloating>(Operand<T> rows, Operand<T> codes) {

  static <T extends TFloating> LookUpSpace<T> of(
      Ops tf, Operand<T> pieces, Operand<T> codes, Optional<PcaReduction> reduction) {
    if (reduction.isEmpty()) {
      return new LookUpSpace<>(tf.stopGradient(pieces), codes);
    }
    int components = reduction.get().components();
    PcaReduction.Axes axes = reduction.get().axes();
    Operand<T> fitted =
        axes == PcaReduction.Axes.BATCH ? tf.concat(List.of(codes, pieces), tf.constant(0)) : codes;
    Pca<T> pca = Pca.fit(tf, fitted, components);
    Operand<T> rows =
        axes == PcaReduction.Axes.CODEBOOK_UNCENTRED
            ? pca.projectUncentred(tf, pieces)
            : pca.project(tf, pieces);
    return new LookUpSpace<>(tf.stopGradient(rows), pca.project(tf, codes));
  }
}
