/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.layers.CodeReplacement;
import org.vqjava.ops.Training;

/** Classifiers with common weights, in a session of their own, with the op that trains them. */
final class ClassifierTrainer implements AutoCloseable {
  private static final int AT_ONCE = 1000;

  private final Graph graph = new Graph();
  private final Classifier model;
  private final Map<ClassifierNetwork, Classifier.Branch> branches = new TreeMap<>();
  private final Optional<Op> codebookStart;
  private final Optional<CodeReplacement<TFloat32>> replacement;
  private final Optional<Operand<TFloat32>> similarity;
  private final Optional<Classifier.Quantized> quantized;
  private final Operand<TFloat32> loss;
  private final Op step;
  private final Session session;

  /** What a step had before it moved anything; no counts if there is no codebook. */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Step(double loss, long[] accessCount) {}

  /** The plain network, and the one that votes among the features of its own training images. */
  static ClassifierTrainer plainAndVoted(
      ClassifierOptions options, LabelledImages train, int[] exampleLabels, long seed) {
    return new ClassifierTrainer(options, train, Optional.of(exampleLabels), seed);
  }

  /** The network with a codebook that is trained with it. */
  static ClassifierTrainer quantized(ClassifierOptions options, LabelledImages train, long seed) {
    return new ClassifierTrainer(options, train, Optional.empty(), seed);
  }

  private ClassifierTrainer(
      ClassifierOptions options, LabelledImages train, Optional<int[]> examples, long seed) {
    try {
      Ops tf = Ops.create(graph);
      model = new Classifier(graph, train.images().format(), train.classes(), seed);
      List<Operand<TFloat32>> trained = new ArrayList<>(model.weights());
      if (examples.isPresent()) {
        Classifier.Branch plain = model.plain();
        Classifier.Voted voted = model.voted(examples.get(), options.neighbours());
        branches.put(ClassifierNetwork.PLAIN, plain);
        branches.put(ClassifierNetwork.VOTED, voted.branch());
        codebookStart = voted.endpoints().embSpaceBatchInit();
        replacement = Optional.empty();
        quantized = Optional.empty();
        similarity = Optional.of(voted.endpoints().similarityValues());
        loss = plain.loss();
      } else {
        Classifier.Quantized layer = model.quantized(options.codes());
        branches.put(ClassifierNetwork.QUANTIZED, layer.branch());
        codebookStart = layer.endpoints().embSpaceBatchInit();
        replacement = layer.endpoints().replacement();
        quantized = Optional.of(layer);
        similarity = Optional.empty();
        loss = tf.math.add(layer.branch().loss(), layer.endpoints().losses().total());
        trained.add(layer.codebook().variable());
      }
      step =
          Training.minimize(
              tf,
              loss,
              trained,
              new Adam(graph, (float) options.rate()),
              quantized
                  .map(q -> List.<Operand<?>>of(q.endpoints().accessCount()))
                  .orElse(List.of()));
      session = new Session(graph);
      session.initialize();
    } catch (RuntimeException e) {
      graph.close();
      throw e;
    }
  }

  /** Sets the codebook from images. */
  void startCodebook(ImageSet images) {
    codebookStart.ifPresent(
        start -> {
          try (TFloat32 fed = images.all()) {
            session.runner().feed(model.images, fed).addTarget(start).run().close();
          }
        });
  }

  /** Takes a step on a batch. */
  Step step(LabelledImages batch) {
    try (TFloat32 fed = batch.images().all();
        TInt32 labels = batch.labelTensor()) {
      Session.Runner runner =
          session
              .runner()
              .feed(model.images, fed)
              .feed(model.labels, labels)
              .addTarget(step)
              .fetch(loss);
      replacement.ifPresent(r -> runner.addTarget(r.update()));
      quantized.ifPresent(q -> runner.fetch(q.endpoints().accessCount()));
      try (Result result = runner.run()) {
        long[] counts = new long[quantized.map(q -> q.codebook().size()).orElse(0)];
        if (quantized.isPresent()) {
          result.get(1).asRawTensor().data().asLongs().read(counts);
        }
        return new Step(((TFloat32) result.get(0)).getFloat(), counts);
      }
    }
  }

  /** Replaces unused codes and tells which. */
  int[] replaceUnusedCodes() {
    return replacement.map(r -> ReplacedCodes.replace(session, r)).orElse(new int[0]);
  }

  /** The codebook as it stands, {@code [K, D]}. */
  float[] codebook() {
    try (Result result =
        session.runner().fetch(quantized.orElseThrow().codebook().values()).run()) {
      return AutoencoderModel.pixels(result.get(0));
    }
  }

  /** The part of the images that come into their class. */
  double accuracy(ClassifierNetwork network, LabelledImages images) {
    int[] correct = {0};
    inParts(
        images,
        runner -> runner.fetch(branch(network).correct()),
        (fetched, from) -> correct[0] += ((TInt32) fetched).getInt());
    return (double) correct[0] / images.count();
  }

  /** The images, moved so that the network errs. */
  LabelledImages attack(ClassifierNetwork network, LabelledImages images, double strength) {
    ImageSet set = images.images();
    float[] pixels = new float[images.count() * set.imageSize()];
    try (TFloat32 distance = TFloat32.scalarOf((float) strength)) {
      inParts(
          images,
          runner -> runner.feed(model.strength, distance).fetch(branch(network).attacked()),
          (fetched, from) -> copy(fetched, pixels, from * set.imageSize()));
    }
    return new LabelledImages(new ImageSet(pixels, set.format()), images.labels());
  }

  /** The cosine of each image's features with the most similar labelled code. */
  float[] similarities(LabelledImages images) {
    Operand<TFloat32> values = similarity.orElseThrow();
    float[] all = new float[images.count()];
    inParts(images, runner -> runner.fetch(values), (fetched, from) -> copy(fetched, all, from));
    return all;
  }

  @FunctionalInterface
  private interface Part {
    void take(Tensor fetched, int from);
  }

  private void inParts(LabelledImages images, UnaryOperator<Session.Runner> fetch, Part part) {
    for (int from = 0; from < images.count(); from += AT_ONCE) {
      LabelledImages some = images.range(from, Math.min(from + AT_ONCE, images.count()));
      try (TFloat32 fed = some.images().all();
          TInt32 labels = some.labelTensor();
          Result result =
              fetch
                  .apply(session.runner().feed(model.images, fed).feed(model.labels, labels))
                  .run()) {
        part.take(result.get(0), from);
      }
    }
  }

  private Classifier.Branch branch(ClassifierNetwork network) {
    Classifier.Branch branch = branches.get(network);
    if (branch == null) {
      throw new IllegalArgumentException("network must be of this graph, got " + network);
    }
    return branch;
  }

  private static void copy(Tensor from, float[] to, int offset) {
    int count = Math.toIntExact(from.shape().size());
    from.asRawTensor().data().asFloats().read(to, offset, count);
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
