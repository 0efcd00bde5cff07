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
  private GoldenParams() {}

  static VqOptions options(GoldenNode params, SearchMode mode) {
    params.ignore("constant_init", "how the original was handed the codebook");
    VqOptions options =
        VqOptions.defaults()
            .withAlpha(params.number("alpha"))
            .withBeta(params.number("beta"))
            .withGamma(params.number("gamma"))
            .withNorm(Norm.of(params.text("lookup_ord")))
            .withMode(mode)
            .withSplits(params.integer("num_splits"))
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
    int splits = params.integer("num_splits");
    int width = Math.toIntExact(x.get(x.numDimensions() - 1)) / splits;
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
