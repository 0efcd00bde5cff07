/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Optional;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;
import org.vqjava.testing.GoldenNode;

/** Turns the original's parameters into a codebook and options. */
final class GoldenParams {
  /** For a case that is to be refused and lacks its input. */
  static final Shape ANY_INPUT = Shape.of(2, 1, 4);

  private GoldenParams() {}

  static int splits(GoldenNode params) {
    return params.integer("num_splits");
  }

  /** Of a code; 1 where none fits, as the layer is to say so. */
  private static int width(Shape x, int splits) {
    if (x.numDimensions() == 0 || splits < 1) {
      return 1;
    }
    return Math.max(1, Math.toIntExact(x.get(x.numDimensions() - 1)) / splits);
  }

  static VqOptions options(GoldenNode params, SearchMode mode) {
    params.ignore("constant_init", "how the original was handed the codebook");
    VqOptions options =
        VqOptions.defaults()
            .withAlpha(params.number("alpha"))
            .withBeta(params.number("beta"))
            .withGamma(params.number("gamma"))
            .withNorm(Norm.of(params.text("lookup_ord")))
            .withMode(mode)
            .withSplits(splits(params))
            .withReplaced(params.integer("num_embeds_replaced"))
            .withReplacementPolicy(ReplacementPolicy.REPLACE_ALL_SLOTS);
    return reduction(params).map(options::withReduction).orElse(options);
  }

  static Optional<PcaReduction> reduction(GoldenNode params) {
    if (!params.has("dim_reduction")) {
      params.ignore("num_dim_reduction_components", "there is no reduction");
      return Optional.empty();
    }
    int components = params.integer("num_dim_reduction_components");
    return Optional.of(
        switch (params.text("dim_reduction")) {
          case "pca-batch" -> PcaReduction.ofBatch(components);
          case "pca-emb-space" ->
              new PcaReduction(PcaReduction.Axes.CODEBOOK_UNCENTRED, components);
          default ->
              throw new AssertionError("the reader does not know " + params.text("dim_reduction"));
        });
  }

  static Codebook<TFloat32> codebook(Ops tf, GoldenNode params, GoldenNode inputs, Shape x) {
    int size = params.integer("n");
    int width = width(x, splits(params));
    CodebookInitializer initializer =
        switch (params.text("embedding_initializer")) {
          case "batch" -> CodebookInitializer.fromBatch();
          // A refused case may come without a codebook: any will do.
          case "constant" ->
              inputs.has("emb_space")
                  ? CodebookInitializer.constant(inputs.tensor("emb_space").doubles())
                  : CodebookInitializer.normal(1, 0);
          default ->
              throw new AssertionError(
                  "the reader does not know " + params.text("embedding_initializer"));
        };
    return Codebook.create(tf, "codebook", size, width, initializer);
  }
}
