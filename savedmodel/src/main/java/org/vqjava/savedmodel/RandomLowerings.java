/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * Draws of random numbers, which no gradient passes: a stop-gradient behind each. In front would
 * not do, as the search for gradients goes by edges, those of shapes too, and would arrive at the
 * draw.
 *
 * <p>A gamma distribution is the exception, as in Python: the gradient of a draw by its parameter
 * is known, and goes through a first-order term that is 0.
 */
final class RandomLowerings {
  /** What draws, of the operations that TensorFlow 2.18 has, without those of data sets. */
  private static final Set<String> DRAWS =
      Set.of(
          "AllCandidateSampler",
          "FixedUnigramCandidateSampler",
          "LearnedUnigramCandidateSampler",
          "LogUniformCandidateSampler",
          "Multinomial",
          "ParameterizedTruncatedNormal",
          "RandomCrop",
          "RandomIndexShuffle",
          "RandomPoisson",
          "RandomPoissonV2",
          "RandomShuffle",
          "RandomStandardNormal",
          "RandomUniform",
          "RandomUniformInt",
          "RiscRandomUniform",
          "SampleDistortedBoundingBox",
          "SampleDistortedBoundingBoxV2",
          "StatelessMultinomial",
          "StatelessRandomBinomial",
          "StatelessRandomNormal",
          "StatelessRandomNormalV2",
          "StatelessRandomPoisson",
          "StatelessRandomUniform",
          "StatelessRandomUniformFullInt",
          "StatelessRandomUniformFullIntV2",
          "StatelessRandomUniformInt",
          "StatelessRandomUniformIntV2",
          "StatelessRandomUniformV2",
          "StatelessSampleDistortedBoundingBox",
          "StatelessShuffle",
          "StatelessTruncatedNormal",
          "StatelessTruncatedNormalV2",
          "ThreadUnsafeUnigramCandidateSampler",
          "TruncatedNormal",
          "UniformCandidateSampler");

  /** Whose draws have a gradient by the parameters in Python: the last inputs, and how many. */
  private static final Map<String, Integer> DIFFERENTIABLE =
      Map.of(
          "RandomGamma", 1,
          "StatelessRandomGammaV2", 1,
          "StatelessRandomGammaV3", 1,
          "StatelessParameterizedTruncatedNormal", 4);

  /** Numbers that Philox has in reserve for each that is drawn. */
  private static final int RESERVED = 256;

  private RandomLowerings() {}

  static void register(Map<String, Lowering> table) {
    DRAWS.forEach(type -> table.put(type, RandomLowerings::cut));
    DIFFERENTIABLE.keySet().forEach(type -> table.put(type, RandomLowerings::byParameters));
    table.put("RngReadAndSkip", RandomLowerings::readAndSkip);
  }

  /** Whether an operation draws random numbers. */
  static boolean isRandom(String type) {
    return DRAWS.contains(type) || DIFFERENTIABLE.containsKey(type);
  }

  private static Value[] cut(Site site) {
    Value[] drawn = site.keep();
    return Arrays.stream(drawn)
        .map(v -> stopped(site, "stop", (TensorRef) v))
        .toArray(Value[]::new);
  }

  private static TensorRef stopped(Site site, String suffix, TensorRef tensor) {
    return site.emit(
        suffix,
        "StopGradient",
        List.of(tensor),
        Map.of("T", Attributes.of(site.graph().type(tensor))));
  }

  private static Value[] byParameters(Site site) {
    List<TensorRef> parameters = new ArrayList<>();
    int count = DIFFERENTIABLE.getOrDefault(site.node().getOp(), 0);
    for (int i = site.inputs().size() - count; i < site.inputs().size(); i++) {
      parameters.add(site.tensor(i));
    }
    if (!dependOnVariables(site.graph(), parameters)) {
      return cut(site);
    }
    TensorRef alpha = parameters.get(0);
    DataType type = site.graph().type(alpha);
    return count == 1 && Types.isFloating(type) ? gamma(site, alpha, type) : site.keep();
  }

  private static boolean dependOnVariables(FlatGraph graph, List<TensorRef> tensors) {
    return graph.ancestors(tensors.stream().map(TensorRef::node).toList()).stream()
        .anyMatch(name -> graph.node(name).getOp().equals("VariableV2"));
  }

  /**
   * @see <a href="https://arxiv.org/abs/1805.08498">Figurnov et al., Implicit Reparameterization
   *     Gradients, 2018</a>
   */
  private static Value[] gamma(Site site, TensorRef alpha, DataType type) {
    Map<String, AttrValue> floats = Map.of("T", Attributes.of(type));
    TensorRef drawn = stopped(site, "drawn", (TensorRef) site.keep()[0]);
    TensorRef fixed = stopped(site, "fixed", alpha);
    TensorRef grown = site.emit("slope", "RandomGammaGrad", List.of(fixed, drawn), floats);
    TensorRef slope = stopped(site, "fixed_slope", grown);
    TensorRef zero = site.emit("zero", "Sub", List.of(alpha, fixed), floats);
    TensorRef term = site.emit("term", "Mul", List.of(slope, zero), floats);
    return Site.values(site.emit("sum", "AddV2", List.of(drawn, term), floats));
  }

  /**
   * The state as it is, of which the counter of 128 bits, its first two numbers, then moves on.
   * Other algorithms than Philox have states of another size.
   */
  private static Value[] readAndSkip(Site site) {
    FlatVariable state = site.variable(0);
    if (state.type() != DataType.DT_INT64 || !Shapes.of(state.shape()).equals(Shape.of(3))) {
      throw new Refusal(
          "it draws by another algorithm than Philox", "make the generator with alg='philox'");
    }
    AttrValue whole = Attributes.of(DataType.DT_INT64);
    AttrValue unsigned = Attributes.of(DataType.DT_UINT64);
    Map<String, AttrValue> wholes = Map.of("T", whole);
    FlatVariables variables = site.inliner().variables();
    TensorRef old = variables.read(state, site.before());
    TensorRef delta =
        site.emit(
            "delta", "Bitcast", List.of(site.tensor(2)), Map.of("T", unsigned, "type", whole));
    TensorRef reserved = wide(site, "reserved", RESERVED);
    TensorRef skipped = site.emit("skipped", "Mul", List.of(delta, reserved), wholes);
    TensorRef low =
        site.emit(
            "low",
            "GatherV2",
            List.of(old, site.constant("first", 0), site.constant("axis", 0)),
            Map.of(
                "Tparams",
                whole,
                "Tindices",
                Attributes.of(DataType.DT_INT32),
                "Taxis",
                Attributes.of(DataType.DT_INT32)));
    TensorRef moved = site.emit("moved", "AddV2", List.of(low, skipped), wholes);
    TensorRef overflows =
        site.emit(
            "overflows",
            "Less",
            List.of(unsigned(site, "moved_bits", moved), unsigned(site, "skipped_bits", skipped)),
            Map.of("T", unsigned));
    TensorRef carry =
        site.emit(
            "carry",
            "Cast",
            List.of(overflows),
            Map.of("SrcT", Attributes.of(DataType.DT_BOOL), "DstT", whole));
    TensorRef step =
        site.emit(
            "step",
            "Pack",
            List.of(skipped, carry, wide(site, "none", 0)),
            Map.of("T", whole, "N", Attributes.of(3)));
    site.hasEffect(variables.write(state, site.name(), "AssignAdd", step, site.before()));
    return Site.values(old);
  }

  private static TensorRef wide(Site site, String suffix, int value) {
    return site.emit(
        suffix,
        "Cast",
        List.of(site.constant(suffix + "_value", value)),
        Map.of("SrcT", Attributes.of(DataType.DT_INT32), "DstT", Attributes.of(DataType.DT_INT64)));
  }

  private static TensorRef unsigned(Site site, String suffix, TensorRef tensor) {
    return site.emit(
        suffix,
        "Bitcast",
        List.of(tensor),
        Map.of("T", Attributes.of(DataType.DT_INT64), "type", Attributes.of(DataType.DT_UINT64)));
  }
}
