/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.SearchMode;
import org.vqjava.ops.Training;
import org.vqjava.testing.GoldenCase;
import org.vqjava.testing.GoldenNode;
import org.vqjava.testing.GoldenOutputs;
import org.vqjava.testing.Refusal;

/** Runs a case of {@code vector_quantization_trace}: several steps and the state they carry. */
final class VectorQuantizationTraceReader {
  private final Placeholder<TFloat32> x;
  private final Codebook<TFloat32> codebook;
  private final VqEndpoints<TFloat32> vq;
  private final Optional<Op> step;
  private final GoldenCase golden;
  private final boolean fast;
  private final Op zero;

  private VectorQuantizationTraceReader(Graph graph, GoldenCase golden, SearchMode mode) {
    this.golden = golden;
    this.fast = mode == SearchMode.FAST;
    Ops tf = Ops.create(graph);
    Shape first =
        golden.steps().stream()
            .filter(s -> s.inputs().has("x"))
            .map(s -> s.inputs().tensor("x").shape())
            .findFirst()
            .orElse(GoldenParams.ANY_INPUT);
    x = tf.placeholder(TFloat32.class, Placeholder.shape(ofAnyBatch(first)));
    codebook = GoldenParams.codebook(tf, golden.params(), golden.inputs(), first);
    vq =
        VectorQuantization.vectorQuantization(
            tf, x, codebook, GoldenParams.options(golden.params(), mode));
    zero = codebook.assign(tf, tf.zerosLike(codebook.variable()));
    step =
        optimizer(graph)
            .map(o -> Training.minimize(tf, vq.losses().total(), List.of(codebook.variable()), o));
  }

  private static Shape ofAnyBatch(Shape shape) {
    long[] sizes = shape.asArray();
    if (sizes.length > 0) {
      sizes[0] = Shape.UNKNOWN_SIZE;
    }
    return Shape.of(sizes);
  }

  static void run(GoldenCase golden, SearchMode mode) throws Throwable {
    try (Graph graph = new Graph()) {
      VectorQuantizationTraceReader reader;
      try {
        reader = new VectorQuantizationTraceReader(graph, golden, mode);
      } catch (IllegalArgumentException e) {
        if (aStepIsRefused(golden) && Refusal.isByTheLibrary(e, GoldenParams.class)) {
          golden.ignoreAll("the library refuses it before the first step");
          return;
        }
        throw e;
      }
      try (Session session = new Session(graph)) {
        session.initialize();
        reader.beginAtZero(session);
        for (GoldenCase.Step s : golden.steps()) {
          if (s.expected().has("error")) {
            Refusal.expect(golden.name(), GoldenParams.class, () -> reader.run(session, s));
          } else {
            reader.run(session, s);
          }
        }
      }
    }
  }

  private static boolean aStepIsRefused(GoldenCase golden) {
    return golden.steps().stream().anyMatch(s -> s.expected().has("error"));
  }

  /** The vq-layer's codebook is zero, and may be read, until it is set from a batch. */
  private void beginAtZero(Session session) {
    if (vq.embSpaceBatchInit().isPresent()) {
      session.runner().addTarget(zero).run().close();
    }
  }

  private Optional<Optimizer> optimizer(Graph graph) {
    GoldenNode params = golden.params();
    if (!params.has("optimizer")) {
      return Optional.empty();
    }
    float rate = (float) params.number("learning_rate");
    return Optional.of(
        switch (params.text("optimizer")) {
          case "sgd" -> new GradientDescent(graph, rate);
          case "adam" ->
              new Adam(
                  graph,
                  rate,
                  (float) params.number("adam_beta1"),
                  (float) params.number("adam_beta2"),
                  (float) params.number("adam_epsilon"));
          default ->
              throw new AssertionError("the reader does not know " + params.text("optimizer"));
        });
  }

  private void run(Session session, GoldenCase.Step s) {
    GoldenNode inputs = s.inputs();
    String op = inputs.tensor("op").text();
    switch (op) {
      case "forward", "train" -> forward(session, s, op.equals("train"));
      case "replace_embeds" -> session.runner().addTarget(replacement().replaceEmbeds()).run();
      case "emb_space_batch_init" -> {
        try (TFloat32 fed = fed(inputs)) {
          session.runner().feed(x, fed).addTarget(vq.embSpaceBatchInit().orElseThrow()).run();
        }
      }
      default -> throw new AssertionError("the reader does not know " + op);
    }
    state(session, s.expected());
  }

  /** Everything in one run with the updates: it is to show what was before them. */
  private void forward(Session session, GoldenCase.Step s, boolean train) {
    GoldenNode expected = s.expected();
    GoldenOutputs outputs = new GoldenOutputs();
    outputs.addOfChoice(expected, "layer_out", vq.layerOut());
    outputs.addOfChoice(expected, "indices", vq.indices());
    outputs.addOfChoice(expected, "access_count", vq.accessCount());
    outputs.add(expected, "distance", vq.distance());
    GoldenNode losses = expected.child("losses");
    outputs.add(losses, "alpha", vq.losses().alpha());
    outputs.add(losses, "beta", vq.losses().beta());
    outputs.add(losses, "coulomb", vq.losses().coulomb());
    try (TFloat32 fed = fed(s.inputs())) {
      Session.Runner runner = session.runner().feed(x, fed);
      List<Op> targets = new ArrayList<>();
      if (train) {
        targets.add(step.orElseThrow());
      }
      if (s.inputs().has("is_training") && s.inputs().tensor("is_training").scalar() == 1) {
        targets.add(replacement().update());
      }
      targets.forEach(runner::addTarget);
      if (!outputs.check(runner, vq.indices(), vq.distance(), fast, golden.tolerance())
          && !targets.isEmpty()) {
        throw new AssertionError(
            golden.name() + ": a tie in a step that trains cannot be followed in FAST mode");
      }
    }
  }

  private void state(Session session, GoldenNode expected) {
    GoldenOutputs outputs = new GoldenOutputs();
    outputs.add(expected, "emb_space", codebook.values());
    vq.replacement()
        .ifPresent(
            r -> {
              outputs.add(expected, "accumulated_usage_count", r.accumulatedUsageCount());
              outputs.add(expected, "distant_inputs", r.distantInputs());
              outputs.add(expected, "input_distances", r.inputDistances());
            });
    outputs.check(session.runner(), golden.tolerance());
  }

  private CodeReplacement<TFloat32> replacement() {
    return vq.replacement().orElseThrow();
  }

  private static TFloat32 fed(GoldenNode inputs) {
    return (TFloat32) inputs.tensor("x").toTensor("float32");
  }
}
