/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import java.io.BufferedReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Operand;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.ops.Training;
import org.vqjava.testing.PeerPython;

/**
 * How long flattening takes, and a training step beside Keras' own: the same model, batch and
 * computation (batch statistics, plain SGD), in turns on one machine. Prints figures and asserts
 * nothing about them, as machines are noisy; so it runs only when it is asked to, by {@code
 * -Dmeasure}.
 */
@EnabledIfSystemProperty(
    named = "measure",
    matches = ".*",
    disabledReason = "measures and asserts nothing: -Dmeasure asks for it")
class StepTimeTest {
  private static final int TURNS = 7;
  private static final int BATCH = 32;

  @ParameterizedTest
  @CsvSource({"cnn, 28, 1, 40", "mobilenet, 96, 3, 4"})
  void aStepBesideKeras(String name, int size, int channels, int steps, @TempDir Path directory)
      throws Exception {
    PeerPython.assumeThere();
    PeerPython.place(StepTimeTest.class, directory, "keras_steps.py");
    Path saved = directory.resolve("model");
    Process keras = PeerPython.start(directory.resolve("keras_steps.py"), name, saved.toString());
    try (BufferedReader from = keras.inputReader(StandardCharsets.UTF_8);
        PrintWriter to = new PrintWriter(keras.outputWriter(StandardCharsets.UTF_8), true)) {
      assertEquals("ready", from.readLine());
      long start = System.nanoTime();
      FlatModel flat = FlatModel.read(saved, FlattenOptions.defaults().withTraining());
      double flattened = (System.nanoTime() - start) / 1e9;
      try (TrainableModel model = flat.load();
          TFloat32 images = images(Shape.of(BATCH, size, size, channels));
          TFloat32 truth = labels()) {
        Ops tf = model.tf();
        Placeholder<TFloat32> labels =
            tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 10)));
        Operand<TFloat32> loss = ModelLoss.XENT_PROBS.of(tf, model.trainingOutput("probs"), labels);
        Op step =
            Training.minimize(
                tf, loss, model.trainable(), new GradientDescent(model.graph(), 0.01f));
        List<Double> ratios = new ArrayList<>();
        List<Double> ours = new ArrayList<>();
        for (int turn = 0; turn < TURNS; turn++) {
          to.println(steps);
          double theirs = Double.parseDouble(Objects.requireNonNull(from.readLine()));
          start = System.nanoTime();
          for (int i = 0; i < steps; i++) {
            model
                .session()
                .runner()
                .feed(model.input("image"), images)
                .feed(labels, truth)
                .addTarget(step)
                .run()
                .close();
          }
          double own = (System.nanoTime() - start) / 1e9;
          if (turn > 0) {
            ours.add(1000 * own / steps);
            ratios.add(own / theirs);
          }
        }
        System.out.printf(
            Locale.ROOT,
            "%s: flattened in %.2f s (%d operations), step %.1f ms, %.2f of Keras' (%s)%n",
            name,
            flattened,
            flat.size(),
            median(ours),
            median(ratios),
            ratios);
        assertNotNull(step);
      }
    } finally {
      keras.destroyForcibly();
    }
  }

  private static double median(List<Double> values) {
    double[] sorted = values.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  private static TFloat32 images(Shape shape) {
    Random random = new Random(1);
    return TFloat32.tensorOf(shape, t -> t.scalars().forEach(s -> s.setFloat(random.nextFloat())));
  }

  private static TFloat32 labels() {
    float[] values = new float[BATCH * 10];
    for (int i = 0; i < BATCH; i++) {
      values[i * 10 + i % 10] = 1;
    }
    int[] next = {0};
    return TFloat32.tensorOf(
        Shape.of(BATCH, 10), t -> t.scalars().forEach(s -> s.setFloat(values[next[0]++])));
  }
}
