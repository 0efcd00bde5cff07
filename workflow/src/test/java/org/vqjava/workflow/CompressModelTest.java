/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.VariableDef;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.archive.ArchiveReader;
import org.vqjava.clustering.archive.ArchivedTensor;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyFiles;
import org.vqjava.clustering.archive.NumpyType;
import org.vqjava.clustering.pq.LayerSettings;
import org.vqjava.clustering.pq.QuantizationPlan;
import org.vqjava.savedmodel.DistinctValues;
import org.vqjava.savedmodel.FlattenOptions;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.savedmodel.ModelLoss;

/** A model of words, a convolution and a dense layer, compressed with and without data. */
class CompressModelTest {
  private static final ClusterOptions FOUR = ClusterOptions.ofClusters(4);

  private final Path directory;
  private final Path model;
  private final Path data;

  CompressModelTest(@TempDir Path directory) {
    this.directory = directory;
    this.model = directory.resolve("model");
    this.data = directory.resolve("data.npz");
  }

  private static float[] numbers(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian() / 2;
    }
    return values;
  }

  private static Operand<TFloat32> variable(Ops tf, String name, long... sizes) {
    Shape shape = Shape.of(sizes);
    return tf.withName(name)
        .variable(
            tf.reshape(
                tf.constant(numbers(name.hashCode(), (int) shape.size())),
                tf.constant(shape.asArray())));
  }

  @BeforeEach
  void writeModelAndData() throws IOException {
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Placeholder<TInt32> words =
          tf.withName("words").placeholder(TInt32.class, Placeholder.shape(Shape.of(-1, 16)));
      Operand<TFloat32> table = variable(tf, "embeddings", 20, 4);
      Operand<TFloat32> filter = variable(tf, "conv-kernel", 3, 3, 1, 4);
      Operand<TFloat32> kernel = variable(tf, "dense-kernel", 256, 2);
      Operand<TFloat32> bias = variable(tf, "dense-bias", 2);
      Operand<TFloat32> looked = tf.gather(tf.identity(table), words, tf.constant(0));
      Operand<TFloat32> image = tf.expandDims(looked, tf.constant(3));
      Operand<TFloat32> convolved =
          tf.nn.relu(tf.nn.conv2d(image, tf.identity(filter), List.of(1L, 1L, 1L, 1L), "SAME"));
      Operand<TFloat32> flat = tf.reshape(convolved, tf.constant(new int[] {-1, 256}));
      Operand<TFloat32> y =
          tf.math.add(tf.linalg.matMul(flat, tf.identity(kernel)), tf.identity(bias));
      session.initialize();
      SavedModelBundle.exporter(model.toString())
          .withSession(session)
          .withSignature(
              Signature.builder("serving_default").input("words", words).output("y", y).build())
          .export();
    }
    int rows = 40;
    float[] ids = new float[rows * 16];
    Random random = new Random(1);
    for (int i = 0; i < ids.length; i++) {
      ids[i] = random.nextInt(20);
    }
    Map<String, NumpyArray> arrays = new LinkedHashMap<>();
    arrays.put("words", NumpyArray.of(NumpyType.FLOAT32, Shape.of(rows, 16), ids));
    arrays.put(
        "target:y", NumpyArray.of(NumpyType.FLOAT32, Shape.of(rows, 2), numbers(2, rows * 2)));
    NumpyFiles.write(data, arrays);
  }

  private ModelObjective objective() {
    return ModelObjective.of(data, Map.of("y", ModelLoss.MSE)).withEpochs(10).withRate(1e-2);
  }

  private CompressionReport cluster(Optional<ModelObjective> objective, Path out)
      throws IOException, InterruptedException {
    return ClusterModel.run(
        model, FlattenOptions.defaults(), FOUR, objective, out, new ProgressListener() {});
  }

  /** What the SavedModel has is what the archive decodes to. */
  private static Map<String, Integer> checkFolder(Path out) throws IOException {
    Map<String, Integer> distinct = DistinctValues.of(ModelDescription.read(out.resolve("model")));
    for (ArchivedTensor tensor : ArchiveReader.read(out.resolve("weights.vqa"))) {
      float[] decoded = tensor.decode();
      Set<Float> different = new HashSet<>();
      for (float value : decoded) {
        different.add(value + 0.0f);
      }
      assertEquals(distinct.get(tensor.name()), different.size(), tensor.name());
    }
    return distinct;
  }

  @Test
  void weightsAreClusteredWithoutData() throws Exception {
    Path out = directory.resolve("out");
    CompressionReport report = cluster(Optional.empty(), out);
    Map<String, Integer> distinct = checkFolder(out);
    assertEquals(4, distinct.get("embeddings"));
    assertEquals(4, distinct.get("conv-kernel"));
    assertEquals(4, distinct.get("dense-kernel"));
    assertEquals(2, distinct.get("dense-bias"));
    assertTrue(report.lossBefore().isEmpty());
    assertEquals(4 * (80 + 36 + 512 + 2), report.bytes());
    assertEquals(Files.size(out.resolve("weights.vqa")), report.archiveBytes());
    assertEquals(report.toString(), Files.readString(out.resolve("report.txt")));
    assertTrue(report.toString().contains("dense-kernel"), report.toString());
  }

  @Test
  void withDataItIsTrainedAndTheSameAgain() throws Exception {
    CompressionReport report = cluster(Optional.of(objective()), directory.resolve("a"));
    assertTrue(
        report.lossTrained().orElseThrow() < report.lossCompressed().orElseThrow(),
        report.toString());
    Map<String, Integer> distinct = checkFolder(directory.resolve("a"));
    assertTrue(distinct.getOrDefault("dense-kernel", 9) <= 4, distinct.toString());
    cluster(Optional.of(objective()), directory.resolve("b"));
    assertArrayEquals(
        Files.readAllBytes(directory.resolve("a/weights.vqa")),
        Files.readAllBytes(directory.resolve("b/weights.vqa")));
    assertTrue(report.toString().contains("loss: "), report.toString());
  }

  /** Says of the model, as TensorFlow 1 does, which variables were trained. */
  private void freezeAllBut(String... trained) throws IOException {
    Path file = model.resolve("saved_model.pb");
    SavedModel.Builder saved = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    CollectionDef.BytesList.Builder list = CollectionDef.BytesList.newBuilder();
    for (String name : trained) {
      list.addValue(VariableDef.newBuilder().setVariableName(name + ":0").build().toByteString());
    }
    saved
        .getMetaGraphsBuilder(0)
        .putCollectionDef(
            "trainable_variables", CollectionDef.newBuilder().setBytesList(list).build());
    Files.write(file, saved.build().toByteArray());
  }

  private static Map<String, float[]> weights(Path folder) throws IOException {
    Map<String, float[]> weights = new LinkedHashMap<>();
    for (ArchivedTensor tensor : ArchiveReader.read(folder.resolve("weights.vqa"))) {
      weights.put(tensor.name(), tensor.decode());
    }
    return weights;
  }

  @Test
  void whatIsFrozenIsLeftByTrainingAndCompressedWithoutIt() throws Exception {
    freezeAllBut("dense-kernel", "dense-bias");
    cluster(Optional.of(objective()), directory.resolve("trained"));
    assertArrayEquals(
        numbers("conv-kernel".hashCode(), 36),
        weights(directory.resolve("trained")).get("conv-kernel"));
    Map<String, Integer> distinct = checkFolder(directory.resolve("trained"));
    assertTrue(distinct.getOrDefault("dense-kernel", 9) <= 4, distinct.toString());
    assertEquals(36, distinct.get("conv-kernel"));
    cluster(Optional.empty(), directory.resolve("alone"));
    assertEquals(4, checkFolder(directory.resolve("alone")).get("conv-kernel"));
    Path quantized = directory.resolve("quantized");
    QuantizeModel.run(
        model,
        FlattenOptions.defaults(),
        plan(),
        Optional.empty(),
        quantized,
        new ProgressListener() {});
    assertTrue(checkFolder(quantized).getOrDefault("conv-kernel", 99) <= 27);
  }

  @Test
  void whatIsNamedIsTrainedThoughItIsFrozen() throws Exception {
    freezeAllBut();
    Path out = directory.resolve("out");
    String told =
        "nothing to train: all 4 variables are frozen; `--train REGEX` or `trainable(regex)`"
            + " unfreezes";
    refused(told, () -> cluster(Optional.of(objective()), out));
    FlattenOptions options = FlattenOptions.defaults();
    Optional<ModelObjective> objective = Optional.of(objective());
    ProgressListener silent = new ProgressListener() {};
    refused(told, () -> QuantizeModel.run(model, options, plan(), objective, out, silent));
    ClusterModel.run(model, options.withTrainable("dense-.*"), FOUR, objective, out, silent);
    Map<String, float[]> weights = weights(out);
    assertArrayEquals(numbers("conv-kernel".hashCode(), 36), weights.get("conv-kernel"));
    assertFalse(
        Arrays.equals(numbers("dense-bias".hashCode(), 2), weights.get("dense-bias")), "trained");
  }

  private static QuantizationPlan plan() {
    return new QuantizationPlan(
        List.of("conv|embed", "dense"),
        Map.of(
            "Dense", new LayerSettings.Choice("units", Map.of("*", 8)),
            "Conv2D", new LayerSettings.Choice("kernel_size", Map.of("(3, 3)", 9)),
            "Embedding", new LayerSettings.Choice("output_dim", Map.of("4", 2))),
        Map.of(
            "Dense", new LayerSettings.Choice("in_features", Map.of("256", 6)),
            "Conv2D", new LayerSettings.Choice("kernel_size", Map.of("*", 3)),
            "Embedding", new LayerSettings.Choice("output_dim", Map.of("*", 5))),
        8);
  }

  @Test
  void weightsAreQuantizedByBlocksInStages() throws Exception {
    for (boolean trained : new boolean[] {false, true}) {
      Path out = directory.resolve("out-" + trained);
      CompressionReport report =
          QuantizeModel.run(
              model,
              FlattenOptions.defaults(),
              plan(),
              trained ? Optional.of(objective()) : Optional.empty(),
              out,
              new ProgressListener() {});
      Map<String, Integer> distinct = checkFolder(out);
      assertTrue(distinct.getOrDefault("conv-kernel", 99) <= 27, distinct.toString());
      assertTrue(distinct.getOrDefault("embeddings", 99) <= 10, distinct.toString());
      assertTrue(distinct.getOrDefault("dense-kernel", 99) <= 48, distinct.toString());
      if (trained) {
        assertTrue(
            report.lossTrained().orElseThrow() < report.lossCompressed().orElseThrow(),
            report.toString());
      }
      for (ArchivedTensor tensor : ArchiveReader.read(out.resolve("weights.vqa"))) {
        assertEquals(!tensor.name().equals("dense-bias"), tensor instanceof ArchivedTensor.Blocks);
      }
      assertTrue(report.toString().contains("compression ratio"), report.toString());
    }
  }

  @Test
  void whatDoesNotFitIsToldAndNothingIsWritten() throws IOException {
    Path out = directory.resolve("out");
    ModelObjective other = ModelObjective.of(data, Map.of("z", ModelLoss.MSE));
    refused("output must be one of [y], got z", () -> cluster(Optional.of(other), out));
    Path nowhere = directory.resolve("few.npz");
    NumpyFiles.write(
        nowhere, Map.of("words", NumpyArray.of(NumpyType.FLOAT32, Shape.of(2, 16), new float[32])));
    refused(
        nowhere + " must have an array target:y, got [words]",
        () -> cluster(Optional.of(ModelObjective.of(nowhere, Map.of("y", ModelLoss.MSE))), out));
    Map<String, NumpyArray> uneven = new LinkedHashMap<>();
    uneven.put("words", NumpyArray.of(NumpyType.FLOAT32, Shape.of(2, 16), new float[32]));
    uneven.put("target:y", NumpyArray.of(NumpyType.FLOAT32, Shape.of(3, 2), new float[6]));
    NumpyFiles.write(nowhere, uneven);
    refused(
        nowhere + ", target:y must have 2 rows, as the others, got shape [3, 2]",
        () -> cluster(Optional.of(ModelObjective.of(nowhere, Map.of("y", ModelLoss.MSE))), out));
    uneven.put("words", NumpyArray.of(NumpyType.FLOAT32, Shape.of(3, 15), new float[45]));
    NumpyFiles.write(nowhere, uneven);
    refused(
        nowhere + ", words must be of shape [-1, 16], got [3, 15]",
        () -> cluster(Optional.of(ModelObjective.of(nowhere, Map.of("y", ModelLoss.MSE))), out));
    refused("losses must be one or more, got none", () -> ModelObjective.of(data, Map.of()));
    refused("rate must be positive and finite, got 0.0", () -> objective().withRate(0));
    assertFalse(Files.exists(out));
    refused(
        directory + " must be new or empty, got a folder with files: name another one",
        () -> cluster(Optional.empty(), directory));
    refused(data + " must be a folder, got a file", () -> cluster(Optional.empty(), data));
    Path inside = model.resolve("out");
    refused(
        inside + " must be outside of the model's folder, got one in " + model,
        () -> cluster(Optional.empty(), inside));
  }

  @Test
  void classesTrainAsTheirOneHotRows() throws Exception {
    float[] words = new float[4 * 16];
    for (int i = 0; i < words.length; i++) {
      words[i] = i % 20;
    }
    Path file = directory.resolve("classes.npz");
    NumpyArray ids = NumpyArray.of(NumpyType.FLOAT32, Shape.of(4, 16), words);
    ModelObjective objective =
        ModelObjective.of(file, Map.of("y", ModelLoss.XENT_LOGITS)).withEpochs(1);
    NumpyFiles.write(
        file,
        Map.of(
            "words",
            ids,
            "target:y",
            NumpyArray.of(NumpyType.FLOAT32, Shape.of(4, 2), 1f, 0f, 0f, 1f, 0f, 1f, 1f, 0f)));
    CompressionReport hot = cluster(Optional.of(objective), directory.resolve("hot"));
    NumpyFiles.write(
        file,
        Map.of(
            "words", ids, "target:y", NumpyArray.of(NumpyType.INT64, Shape.of(4), 0L, 1L, 1L, 0L)));
    CompressionReport classes = cluster(Optional.of(objective), directory.resolve("classes"));
    assertEquals(hot.lossBefore(), classes.lossBefore());
    assertEquals(hot.lossTrained(), classes.lossTrained());
    ModelObjective other = ModelObjective.of(file, Map.of("y", ModelLoss.MSE));
    refused(
        file + ", target:y must be of the shape of output y, [-1, 2], got [4]",
        () -> cluster(Optional.of(other), directory.resolve("out")));
    assertFalse(Files.exists(directory.resolve("out")));
    NumpyFiles.write(
        file,
        Map.of(
            "words", ids, "target:y", NumpyArray.of(NumpyType.INT64, Shape.of(4), 0L, 1L, 2L, 0L)));
    refused(
        file
            + ", target:y must have whole numbers from 0 to 1, got 2; output y is of shape [-1, 2]",
        () -> cluster(Optional.of(objective), directory.resolve("out")));
  }

  @Test
  void numbersAreFedAsTheyAreOrRefused() throws IOException {
    Path file = directory.resolve("other.npz");
    for (String wrong : new String[] {"3.7", "NaN", "3000000000"}) {
      float[] words = new float[32];
      words[5] = Float.parseFloat(wrong);
      NumpyFiles.write(
          file,
          Map.of(
              "words", NumpyArray.of(NumpyType.FLOAT32, Shape.of(2, 16), words),
              "target:y", NumpyArray.of(NumpyType.FLOAT32, Shape.of(2, 2), new float[4])));
      refused(
          file
              + ", words must have whole numbers from -2147483648 to 2147483647, got "
              + wrong
              + "; the model takes int32",
          () ->
              cluster(
                  Optional.of(ModelObjective.of(file, Map.of("y", ModelLoss.MSE))),
                  directory.resolve("out")));
    }
  }

  @Test
  void aModelOfAFixedBatchIsFedThat() throws Exception {
    FlattenOptions three = FlattenOptions.defaults().withInputShape("words", Shape.of(16, 16));
    Path out = directory.resolve("out");
    for (ModelObjective objective : List.of(objective(), objective().withBatch(16))) {
      refused(
          objective.batch() == 32
              ? "batch must be 16, as the model takes so many rows of words at a time, got 32"
              : data
                  + " must have a multiple of 16 rows, as the model takes so many at a time, got 40",
          () ->
              ClusterModel.run(
                  model, three, FOUR, Optional.of(objective), out, new ProgressListener() {}));
    }
    ClusterModel.run(
        model,
        FlattenOptions.defaults().withInputShape("words", Shape.of(8, 16)),
        FOUR,
        Optional.of(objective().withBatch(8).withEpochs(1).withSeed(2)),
        out,
        new ProgressListener() {});
    checkFolder(out);
  }

  @Test
  void anObjectiveIsOneValue() {
    ModelObjective objective =
        ModelObjective.of(data, Map.of("b", ModelLoss.MSE, "a", ModelLoss.XENT_LOGITS));
    assertEquals(List.of("a", "b"), List.copyOf(objective.losses().keySet()));
    assertThrows(UnsupportedOperationException.class, () -> objective.losses().clear());
    assertEquals(objective, objective.withBatch(7).withBatch(ModelObjective.BATCH));
    assertEquals(9, objective.withSeed(9).seed());
    refused("rate must be positive and finite, got Infinity", () -> objective.withRate(1e300));
  }

  private static void refused(String message, Executable executable) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, executable).getMessage());
  }

  /** In a step of the training, in one of EM, and where nothing is trained. */
  @Test
  void anInterruptStopsTheWorkAndNothingIsWritten() throws IOException {
    Path out = directory.resolve("out");
    ProgressListener atAStep =
        new ProgressListener() {
          @Override
          public void stepped(int step, String figures) {
            Thread.currentThread().interrupt();
          }
        };
    ProgressListener atAStage =
        new ProgressListener() {
          @Override
          public void stage(String name, int steps) {
            Thread.currentThread().interrupt();
          }
        };
    FlattenOptions options = FlattenOptions.defaults();
    Optional<ModelObjective> trained = Optional.of(objective());
    stopped("train", () -> ClusterModel.run(model, options, FOUR, trained, out, atAStep));
    stopped(
        "cluster", () -> ClusterModel.run(model, options, FOUR, Optional.empty(), out, atAStage));
    stopped(
        "quantize, stage 1",
        () -> QuantizeModel.run(model, options, plan(), Optional.empty(), out, atAStep));
    Optional<ModelObjective> measured = Optional.of(objective().withEpochs(0));
    stopped(
        "evaluation",
        () -> {
          Thread.currentThread().interrupt();
          QuantizeModel.run(model, options, plan(), measured, out, new ProgressListener() {});
        });
    try (Stream<Path> left = Files.list(directory)) {
      assertEquals(List.of(data, model), left.sorted().toList());
    }
  }

  private static void stopped(String stage, Executable executable) {
    assertEquals(
        "stopped in " + stage + "; nothing is saved",
        assertThrows(InterruptedException.class, executable).getMessage());
    assertFalse(Thread.interrupted());
  }
}
