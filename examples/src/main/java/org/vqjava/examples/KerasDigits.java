/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.TrainableModel;
import org.vqjava.workflow.Digits;
import org.vqjava.workflow.LabelledImages;
import org.vqjava.workflow.ProgressListener;

/**
 * A convolutional network for digits that Keras trained and saved, {@code train_digits.py} beside
 * this program's sources, and the images that it was trained on.
 */
final class KerasDigits {
  private static final List<String> FILES =
      List.of(
          "saved_model.pb",
          "keras_metadata.pb",
          "fingerprint.pb",
          "variables/variables.index",
          "variables/variables.data-00000-of-00001");
  private static final int CLASSES = 10;
  private static final int BATCH = 32;

  private final LabelledImages train = Digits.train();
  private final LabelledImages test = Digits.test();

  /** Puts the SavedModel into a folder, where TensorFlow can read it. */
  static Path model(Path folder) throws IOException {
    for (String file : FILES) {
      Path target = folder.resolve(file);
      Files.createDirectories(target.getParent());
      try (InputStream in = KerasDigits.class.getResourceAsStream("keras-digits/" + file)) {
        Files.write(target, Objects.requireNonNull(in, file).readAllBytes());
      }
    }
    return folder;
  }

  LabelledImages train() {
    return train;
  }

  /** That of the network as Keras saved it. */
  double accuracy(Path saved) throws IOException {
    try (TrainableModel model = FlatModel.read(saved).load()) {
      return accuracy(model);
    }
  }

  /** The part of the test images that the model's output {@code probs} is right about. */
  double accuracy(TrainableModel model) {
    try (TFloat32 images = test.images().all();
        Result result =
            model
                .session()
                .runner()
                .feed(model.input("image"), images)
                .fetch(model.output("probs"))
                .run()) {
      TFloat32 probs = (TFloat32) result.get(0);
      int right = 0;
      for (int i = 0; i < test.count(); i++) {
        int row = i;
        int best =
            IntStream.range(0, CLASSES)
                .reduce(0, (a, b) -> probs.getFloat(row, b) > probs.getFloat(row, a) ? b : a);
        right += best == test.labels()[i] ? 1 : 0;
      }
      return (double) right / test.count();
    }
  }

  /** Takes each image as often as there are epochs, in an order of the seed. */
  void train(
      TrainableModel model,
      Op step,
      Placeholder<TFloat32> labels,
      Operand<TFloat32> loss,
      int epochs,
      ProgressListener progress) {
    Random random = new Random(1);
    List<Integer> order = new ArrayList<>(IntStream.range(0, train.count()).boxed().toList());
    int steps = (train.count() + BATCH - 1) / BATCH;
    for (int epoch = 0; epoch < epochs; epoch++) {
      Collections.shuffle(order, random);
      for (int i = 0; i < steps; i++) {
        int[] chosen =
            order.subList(i * BATCH, Math.min((i + 1) * BATCH, order.size())).stream()
                .mapToInt(Integer::intValue)
                .toArray();
        LabelledImages batch = train.some(chosen);
        try (TFloat32 images = batch.images().all();
            TFloat32 truth = oneHot(batch.labels());
            Result result =
                model
                    .session()
                    .runner()
                    .feed(model.input("image"), images)
                    .feed(labels, truth)
                    .addTarget(step)
                    .fetch(loss)
                    .run()) {
          float value = ((TFloat32) result.get(0)).getFloat();
          progress.stepped(epoch * steps + i + 1, String.format(Locale.ROOT, "loss %.4f", value));
        }
      }
    }
  }

  int steps(int epochs) {
    return epochs * ((train.count() + BATCH - 1) / BATCH);
  }

  private static TFloat32 oneHot(int[] labels) {
    return TFloat32.tensorOf(
        Shape.of(labels.length, CLASSES),
        t ->
            IntStream.range(0, labels.length)
                .forEach(
                    i ->
                        IntStream.range(0, CLASSES)
                            .forEach(c -> t.setFloat(c == labels[i] ? 1 : 0, i, c))));
  }
}
