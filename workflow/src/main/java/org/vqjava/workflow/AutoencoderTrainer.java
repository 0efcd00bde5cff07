/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.Restore;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TType;
import org.vqjava.ops.Training;

/** An autoencoder in a session of its own, with the op that trains it. */
final class AutoencoderTrainer implements AutoCloseable {
  private static final int EVALUATED_AT_ONCE = 1000;

  private final Graph graph = new Graph();
  private final AutoencoderOptions options;
  private final ImageFormat format;
  private final boolean recorded;
  private final Autoencoder model;
  private final Op step;
  private final Session session;

  /** What a step had before it moved anything. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Step(
      double loss,
      double reconstructionError,
      long[] accessCount,
      float[] closeness,
      Map<String, Double> losses,
      int[] indices) {}

  /** How images that need not be trained on come out. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Evaluation(ImageSet reconstructions, double reconstructionError, long[] accessCount) {}

  /**
   * Builds the graph.
   *
   * @param recorded whether steps tell what a recorder wants to know too
   */
  AutoencoderTrainer(AutoencoderOptions options, ImageFormat format, boolean recorded) {
    this.options = options;
    this.recorded = recorded;
    this.format = format;
    try {
      model = new Autoencoder(graph, options, format);
      step =
          Training.minimize(
              Ops.create(graph),
              model.loss,
              model.trainable(),
              new Adam(graph, (float) options.rate()),
              figures());
      session = new Session(graph);
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  /** Gives every variable its first value, the codebook from a batch if it starts from one. */
  void initialize(TFloat32 batch) {
    session.initialize();
    model
        .bottleneck
        .batchInit()
        .ifPresent(
            init -> session.runner().feed(model.images, batch).addTarget(init).run().close());
  }

  /** One step on a batch. */
  Step step(TFloat32 batch) {
    Session.Runner runner =
        session.runner().feed(model.images, batch).addTarget(step).fetch(model.loss);
    figures().forEach(runner::fetch);
    model.bottleneck.replacement().ifPresent(replacement -> runner.addTarget(replacement.update()));
    try (Result result = runner.run()) {
      Map<String, Double> losses = new TreeMap<>();
      float[] closeness = {};
      int[] indices = {};
      if (recorded) {
        int next = 3;
        closeness = AutoencoderModel.pixels(result.get(next++));
        for (String name : model.bottleneck.losses().keySet()) {
          losses.put(name, scalar(result.get(next++)));
        }
        if (options.splits() > 1) {
          indices = new int[Math.toIntExact(result.get(next).shape().size())];
          result.get(next).asRawTensor().data().asInts().read(indices);
        }
      }
      return new Step(
          scalar(result.get(0)),
          scalar(result.get(1)),
          counts(result.get(2)),
          closeness,
          losses,
          indices);
    }
  }

  /** What is told of a step beside its loss; computed before anything moves. */
  private List<Operand<?>> figures() {
    List<Operand<?>> figures = new ArrayList<>();
    figures.add(model.meanSquaredError);
    figures.add(model.bottleneck.accessCount());
    if (recorded) {
      figures.add(model.bottleneck.closeness());
      figures.addAll(model.bottleneck.losses().values());
      if (options.splits() > 1) {
        figures.add(model.bottleneck.indices());
      }
    }
    return figures;
  }

  /** The codebook as it stands, {@code [K, D]}. */
  float[] codebook() {
    try (Result result = session.runner().fetch(model.codebook.values()).run()) {
      return AutoencoderModel.pixels(result.get(0));
    }
  }

  /** Replaces unused codes and tells which. */
  int[] replace() {
    return model
        .bottleneck
        .replacement()
        .map(replacement -> ReplacedCodes.replace(session, replacement))
        .orElse(new int[0]);
  }

  /** A part of the images at a time, as all of a large set would take gigabytes. */
  Evaluation evaluate(ImageSet images) {
    float[] pixels = new float[images.count() * images.imageSize()];
    long[] taken = new long[options.codes()];
    double squares = 0;
    for (int from = 0; from < images.count(); from += EVALUATED_AT_ONCE) {
      ImageSet some = images.range(from, Math.min(from + EVALUATED_AT_ONCE, images.count()));
      try (TFloat32 fed = some.all();
          Result result =
              session
                  .runner()
                  .feed(model.images, fed)
                  .fetch(model.reconstruction)
                  .fetch(model.meanSquaredError)
                  .fetch(model.bottleneck.accessCount())
                  .run()) {
        float[] out = AutoencoderModel.pixels(result.get(0));
        System.arraycopy(out, 0, pixels, from * images.imageSize(), out.length);
        squares += scalar(result.get(1)) * out.length;
        long[] counts = counts(result.get(2));
        Arrays.setAll(taken, k -> taken[k] + counts[k]);
      }
    }
    return new Evaluation(new ImageSet(pixels, format), squares / pixels.length, taken);
  }

  /** What the decoder makes of each code where it stands at every position. */
  ImageSet codes() {
    Shape positions = Autoencoder.positions(options, format);
    int perImage = Math.toIntExact(positions.tail().size());
    int[] indices = new int[options.codes() * perImage];
    for (int i = 0; i < indices.length; i++) {
      indices[i] = i / perImage;
    }
    try (TInt32 fed = AutoencoderModel.indices(indices, positions);
        Result result = session.runner().feed(model.indices, fed).fetch(model.decoded).run()) {
      return AutoencoderModel.images(result.get(0), format);
    }
  }

  void saveCheckpoint(RunDirectory run, int step, long replaced) throws IOException {
    Checkpoint.write(run, session, options, step, replaced);
  }

  /** Takes every variable, the optimizer's too, from a checkpoint. */
  void restore(Checkpoint checkpoint) {
    session.restore(checkpoint.variables());
  }

  /**
   * Gives weights and codebook the values of a model, and everything else its first.
   *
   * @throws IllegalArgumentException if they do not fit; the message tells of all
   */
  void initialize(InitialWeights weights) {
    Map<String, Operand<TFloat32>> variables = new LinkedHashMap<>();
    Map<String, Shape> shapes = new LinkedHashMap<>();
    for (Operand<TFloat32> variable : model.trainable()) {
      String name = variable.asOutput().op().name();
      variables.put(name, variable);
      shapes.put(name, variable.shape());
    }
    weights.check(shapes);
    session.initialize();
    Ops tf = Ops.create(graph);
    List<String> names = List.copyOf(variables.keySet());
    List<Class<? extends TType>> types =
        names.stream().<Class<? extends TType>>map(n -> TFloat32.class).toList();
    Restore values =
        tf.train.restore(
            tf.constant(weights.prefix()),
            tf.array(names.toArray(String[]::new)),
            tf.array(names.stream().map(n -> "").toArray(String[]::new)),
            types);
    Session.Runner runner = session.runner();
    for (int i = 0; i < names.size(); i++) {
      @SuppressWarnings("unchecked")
      Operand<TFloat32> value = (Operand<TFloat32>) values.tensors().get(i);
      runner.addTarget(tf.assign(Objects.requireNonNull(variables.get(names.get(i))), value));
    }
    runner.run().close();
  }

  void save(Path directory, Optional<PixelScale> scale) throws IOException {
    AutoencoderModel.save(session, new ModelInfo(options, scale), format, directory);
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }

  private static double scalar(Tensor tensor) {
    return ((TFloat32) tensor).getFloat();
  }

  private static long[] counts(Tensor tensor) {
    long[] counts = new long[Math.toIntExact(tensor.shape().size())];
    ((TInt64) tensor).asRawTensor().data().asLongs().read(counts);
    return counts;
  }
}
