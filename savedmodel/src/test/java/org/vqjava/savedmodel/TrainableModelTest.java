/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.ops.Training;
import org.vqjava.testing.TensorValues;

/** A loaded model: its parts by name, training with state, checkpoints, ways out. */
class TrainableModelTest {
  private final Path directory;
  private final Path dense = ModelFolders.model("dense-digits");

  TrainableModelTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** A model with a step of an optimizer that has state. */
  private static final class Trained implements AutoCloseable {
    final TrainableModel model;
    final Op step;
    final Placeholder<TFloat32> labels;

    Trained(Path directory) throws IOException {
      model = FlatModel.read(directory).load();
      Ops tf = model.tf();
      labels = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 10)));
      Operand<TFloat32> loss = ModelLoss.XENT_PROBS.of(tf, model.output("probs"), labels);
      step = Training.minimize(tf, loss, model.trainable(), new Adam(model.graph(), 1e-2f));
      model.session().initialize();
    }

    void train(int from, int to) {
      for (int i = from; i < to; i++) {
        try (TFloat32 pixels = numbers(i, Shape.of(5, 64));
            TFloat32 truth = numbers(i + 100, Shape.of(5, 10))) {
          model
              .session()
              .runner()
              .feed(model.input("pixels"), pixels)
              .feed(labels, truth)
              .addTarget(step)
              .run()
              .close();
        }
      }
    }

    double[] kernel() {
      return value(model, "probs/kernel");
    }

    @Override
    public void close() {
      model.close();
    }
  }

  private static TFloat32 numbers(long seed, Shape shape) {
    Random random = new Random(seed);
    return TFloat32.tensorOf(shape, t -> t.scalars().forEach(s -> s.setFloat(random.nextFloat())));
  }

  private static double[] value(TrainableModel model, String variable) {
    try (Result result = model.session().runner().fetch(model.weight(variable)).run()) {
      return TensorValues.doubles(result.get(0));
    }
  }

  /** The moments of Adam too. */
  @Test
  void aTrainingGoesOnAsIfItHadNeverStopped() throws IOException {
    Path checkpoints = directory.resolve("checkpoints");
    try (Trained straight = new Trained(dense)) {
      assertEquals(OptionalLong.empty(), straight.model.restoreCheckpoint(checkpoints));
      straight.train(0, 2);
      straight.model.saveCheckpoint(checkpoints, 2);
      straight.train(2, 4);
      straight.model.saveCheckpoint(checkpoints, 4);
      straight.train(4, 7);
      Files.createDirectory(checkpoints.resolve(".writing-that-was-killed"));
      Files.writeString(checkpoints.resolve("notes.txt"), "of the user");
      try (Stream<Path> left = Files.list(checkpoints)) {
        assertEquals(
            List.of(".writing-that-was-killed", "notes.txt", "step-4"),
            left.map(p -> p.getFileName().toString()).sorted().toList());
      }
      try (Trained resumed = new Trained(dense)) {
        assertEquals(OptionalLong.of(4), resumed.model.restoreCheckpoint(checkpoints));
        resumed.train(4, 7);
        assertArrayEquals(straight.kernel(), resumed.kernel());
      }
    }
  }

  @Test
  void aCheckpointOfAnotherGraphOrADamagedOneIsRefused() throws IOException {
    Path checkpoints = directory.resolve("checkpoints");
    try (TrainableModel plain = FlatModel.read(dense).load();
        Trained trained = new Trained(dense)) {
      plain.saveCheckpoint(checkpoints, 1);
      String message =
          message(
              IllegalArgumentException.class, () -> trained.model.restoreCheckpoint(checkpoints));
      assertTrue(
          message.startsWith(checkpoints.resolve("step-1/variables") + " must hold "), message);
      trained.model.saveCheckpoint(checkpoints, 2);
      Path data = checkpoints.resolve("step-2/variables.data-00000-of-00001");
      byte[] bytes = Files.readAllBytes(data);
      bytes[bytes.length / 2] ^= 1;
      Files.write(data, bytes);
      double[] before = trained.kernel();
      assertTrue(
          message(
                  IllegalArgumentException.class,
                  () -> trained.model.restoreCheckpoint(checkpoints))
              .contains("must be a checkpoint that can be read"));
      assertArrayEquals(before, trained.kernel());
      assertEquals(
          "step must be at least 0, got -1",
          message(
              IllegalArgumentException.class, () -> trained.model.saveCheckpoint(checkpoints, -1)));
    }
  }

  /** After values that were set by hand, say. */
  @Test
  void aStepThatIsSavedAgainIsTheOneThatIsRead() throws IOException {
    Path checkpoints = directory.resolve("checkpoints");
    try (TrainableModel model = FlatModel.read(dense).load()) {
      for (int i = 1; i <= 11; i++) {
        try (TFloat32 bias = numbers(i, Shape.of(10))) {
          model.set(Map.of("probs/bias", bias));
        }
        model.saveCheckpoint(checkpoints, 4);
      }
      double[] last = value(model, "probs/bias");
      try (Stream<Path> left = Files.list(checkpoints)) {
        assertEquals(
            List.of("step-4-11"), left.map(p -> p.getFileName().toString()).sorted().toList());
      }
      try (TrainableModel resumed = FlatModel.read(dense).load()) {
        assertEquals(OptionalLong.of(4), resumed.restoreCheckpoint(checkpoints));
        assertArrayEquals(last, value(resumed, "probs/bias"));
      }
    }
  }

  private static String message(Class<? extends Exception> type, Executable executable) {
    return String.valueOf(assertThrows(type, executable).getMessage());
  }

  @Test
  void variablesTakeValuesThatFit() throws IOException {
    FlatModel flat = FlatModel.read(dense);
    try (TrainableModel model = flat.load();
        TrainableModel other = flat.load();
        TFloat32 zeros = numbers(1, Shape.of(10));
        TFloat32 five = numbers(1, Shape.of(5));
        TInt32 ints = TInt32.tensorOf(Shape.of(10))) {
      model.set(Map.of("probs/bias", zeros));
      assertArrayEquals(TensorValues.doubles(zeros), value(model, "probs/bias"));
      refused(
          "value of probs/bias must be DT_FLOAT[10], got DT_FLOAT[5]",
          () -> model.set(Map.of("probs/bias", five)));
      refused(
          "value of probs/bias must be DT_FLOAT[10], got DT_INT32[10]",
          () -> model.set(Map.of("probs/bias", ints)));
      assertNotEquals(value(model, "probs/bias")[0], value(other, "probs/bias")[0]);
      other.copyFrom(model);
      assertArrayEquals(value(model, "probs/bias"), value(other, "probs/bias"));
    }
  }

  @Test
  void partsAreFoundByNameAndNamedWhereNot() throws IOException {
    FlatModel flat = FlatModel.read(dense);
    assertEquals(dense, flat.directory());
    assertEquals("serving_default", flat.signature().name());
    assertTrue(flat.size() > 10);
    try (TrainableModel model = flat.load()) {
      assertEquals(flat, model.flat());
      assertEquals(List.of("pixels"), List.copyOf(model.inputs().keySet()));
      assertEquals(List.of("probs"), List.copyOf(model.outputs().keySet()));
      assertEquals(4, model.trainable().size());
      assertEquals(2, model.trainable(".*kernel").size());
      refused("input must be one of [pixels], got image", () -> model.input("image"));
      refused("output must be one of [probs], got y", () -> model.output("y"));
      refused("training output must be one of [], got probs", () -> model.trainingOutput("probs"));
      assertTrue(
          message(IllegalArgumentException.class, () -> model.variable("w"))
              .startsWith("variable must be one of ["));
      assertTrue(
          message(IllegalArgumentException.class, () -> model.trainable("w"))
              .startsWith("regex must match a float variable, got w for ["));
    }
  }

  private static void refused(String message, Executable executable) {
    assertEquals(message, message(IllegalArgumentException.class, executable));
  }

  @Test
  void nothingIsOverwritten() throws IOException {
    Path taken = Files.createDirectory(directory.resolve("taken"));
    Path file = Files.writeString(taken.resolve("precious"), "x");
    try (TrainableModel model = FlatModel.read(dense).load()) {
      for (Executable way :
          List.<Executable>of(
              () -> model.writeBack(taken),
              () -> model.export(taken),
              () -> model.exportStripped(taken))) {
        refused(taken + " must be new or empty, got a folder with files: name another one", way);
      }
      refused(file + " must be a folder, got a file", () -> model.export(file));
      Path empty = Files.createDirectory(directory.resolve("empty"));
      model.writeBack(empty);
      assertTrue(Files.exists(empty.resolve("saved_model.pb")));
      try (Stream<Path> left = Files.list(directory)) {
        assertEquals(
            List.of("empty", "taken"), left.map(p -> p.getFileName().toString()).sorted().toList());
      }
    }
  }

  /** Whoever sends a model does not get a file of ours copied into what is sent back. */
  @Test
  void aLinkOutOfTheFolderIsNotFollowed() throws IOException {
    Path secret = Files.writeString(directory.resolve("secret"), "s");
    Path model = directory.resolve("model");
    try (TrainableModel loaded = FlatModel.read(dense).load()) {
      loaded.writeBack(model);
    }
    Files.createSymbolicLink(Files.createDirectory(model.resolve("assets")).resolve("a"), secret);
    try (TrainableModel loaded = FlatModel.read(model).load()) {
      refused(
          model.resolve("assets/a")
              + " must be in the model's folder, got a link to "
              + secret.toRealPath(),
          () -> loaded.writeBack(directory.resolve("out")));
      assertFalse(Files.exists(directory.resolve("out")));
    }
  }

  @Test
  void aLossIsComputedAsItsFormulaSays() throws IOException {
    try (TrainableModel model = FlatModel.read(dense).load();
        TFloat32 y = TFloat32.tensorOf(Shape.of(2, 2), t -> fill(t, 0.25f, 0.75f, 0, 1));
        TFloat32 t = TFloat32.tensorOf(Shape.of(2, 2), f -> fill(f, 1, 0, 1, 0))) {
      Ops tf = model.tf();
      Placeholder<TFloat32> output =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 2)));
      Placeholder<TFloat32> target = tf.placeholder(TFloat32.class);
      Map<ModelLoss, Double> expected =
          Map.of(
              ModelLoss.MSE,
              (0.5625 + 0.5625 + 1 + 1) / 4,
              ModelLoss.XENT_PROBS,
              (-Math.log(0.25) - Math.log(1e-7)) / 2,
              ModelLoss.XENT_LOGITS,
              (Math.log1p(Math.exp(0.5)) + Math.log1p(Math.exp(1))) / 2);
      for (ModelLoss loss : ModelLoss.values()) {
        try (Result result =
            model
                .session()
                .runner()
                .feed(output, y)
                .feed(target, t)
                .fetch(loss.of(tf, output, target))
                .run()) {
          assertEquals(
              expected.getOrDefault(loss, Double.NaN),
              TensorValues.doubles(result.get(0))[0],
              1e-6);
        }
        assertEquals(loss, ModelLoss.named(loss.toString()));
      }
      refused(
          "loss must be one of mse, xent_probs, xent_logits, got huber",
          () -> ModelLoss.named("huber"));
      refused(
          "output must be of a known rank, got " + target.op().name(),
          () -> ModelLoss.MSE.of(tf, target, target));
      Operand<TFloat32> scalar = tf.constant(1f);
      refused(
          "output must be of a known rank, at least 1, got " + scalar.op().name(),
          () -> ModelLoss.XENT_PROBS.of(tf, scalar, target));
    }
  }

  private static void fill(TFloat32 tensor, float... values) {
    int[] i = {0};
    tensor.scalars().forEach(s -> s.setFloat(values[i[0]++]));
  }
}
