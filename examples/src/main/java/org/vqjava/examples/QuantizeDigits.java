/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import javax.imageio.ImageIO;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.XYSeries;
import org.knowm.xchart.style.Styler.LegendPosition;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.archive.ArchiveOptions;
import org.vqjava.clustering.archive.ArchiveReader;
import org.vqjava.clustering.archive.ArchiveWriter;
import org.vqjava.clustering.archive.ArchivedTensor;
import org.vqjava.clustering.pq.BlockLayout;
import org.vqjava.clustering.pq.EmDraws;
import org.vqjava.clustering.pq.EmOptions;
import org.vqjava.clustering.pq.Layer;
import org.vqjava.clustering.pq.LayerSettings;
import org.vqjava.clustering.pq.LayerSettings.Choice;
import org.vqjava.clustering.pq.LayerWeight;
import org.vqjava.clustering.pq.QuantizationPlan;
import org.vqjava.clustering.pq.QuantizedWeight;
import org.vqjava.clustering.pq.SizeTracker;
import org.vqjava.workflow.Digits;
import org.vqjava.workflow.LabelledImages;
import org.vqjava.workflow.ProgressListener;

/**
 * A network for digits as an archive: quantized by blocks in two stages and trained after each,
 * clustered, in 8 bits, and as it is; the bytes of the file, and how accurate is what is read from
 * it.
 */
public final class QuantizeDigits {
  private static final double RATE = 1e-3;
  private static final int EPOCHS = 10;
  private static final long SEED = 1;

  private final Path directory;
  private final ProgressListener progress;
  private final List<Row> rows = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final LabelledImages train = Digits.train();
  private final LabelledImages test = Digits.test();

  private QuantizeDigits(Path directory, ProgressListener progress) {
    this.directory = directory;
    this.progress = progress;
  }

  /**
   * A network in a file.
   *
   * @param group what is done
   * @param name how far it is done
   * @param bytes of the file
   * @param accuracy on the test images, from 0 to 1, of what is read from the file
   */
  public record Row(String group, String name, long bytes, double accuracy) {}

  /**
   * Prints the table.
   *
   * @param arguments the directory for archives and picture, one for temporary files if there is
   *     none
   * @throws IOException if a file cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path directory =
        arguments.length == 0 ? Files.createTempDirectory("vq") : Path.of(arguments[0]);
    System.out.print(report(directory, new ProgressListener() {}));
  }

  /**
   * Quantizes, trains, archives, reads and evaluates.
   *
   * @param directory takes the archives, and the picture {@code sizes.png}
   * @param progress hears how far it is
   * @return a table
   */
  public static String report(Path directory, ProgressListener progress) {
    QuantizeDigits job = new QuantizeDigits(directory, progress);
    List<Row> rows = job.rows();
    StringBuilder text =
        new StringBuilder(
            String.format(Locale.ROOT, "%-28s %8s  %7s%n", "network", "bytes", "% right"));
    for (Row row : rows) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-28s %,8d  %7.1f%n",
              (row.group() + " " + row.name()).strip(),
              row.bytes(),
              100 * row.accuracy()));
    }
    job.notes.forEach(note -> text.append(note).append(System.lineSeparator()));
    return text.append("archives and picture in ")
        .append(directory)
        .append(System.lineSeparator())
        .toString();
  }

  /**
   * The same, as figures.
   *
   * @param directory takes the archives and the picture
   * @param progress hears how far it is
   * @return a row for each network
   */
  public static List<Row> run(Path directory, ProgressListener progress) {
    return new QuantizeDigits(directory, progress).rows();
  }

  private List<Row> rows() {
    try {
      return run();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private List<Row> run() throws IOException {
    Map<String, DigitsNetwork.Weight> trained = DigitsNetwork.trainedWeights();
    add("float32", "", plain(trained));
    eightBits(trained);
    for (int k : new int[] {2, 4, 8, 16}) {
      clustered(k);
    }
    blocks(8, 32);
    blocks(8, 128);
    blocks(4, 32);
    blocks(4, 128);
    ImageIO.write(
        BitmapEncoder.getBufferedImage(picture()), "png", directory.resolve("sizes.png").toFile());
    return List.copyOf(rows);
  }

  private static List<ArchivedTensor> plain(Map<String, DigitsNetwork.Weight> weights) {
    List<ArchivedTensor> tensors = new ArrayList<>();
    weights.forEach(
        (name, weight) ->
            tensors.add(new ArchivedTensor.Plain(name, shape(weight), weight.values())));
    return tensors;
  }

  private static Shape shape(DigitsNetwork.Weight weight) {
    long[] sizes = new long[weight.shape().length];
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = weight.shape()[i];
    }
    return Shape.of(sizes);
  }

  /** Kernels in whole multiples of a 127th of their largest number: at most 255 values each. */
  private void eightBits(Map<String, DigitsNetwork.Weight> trained) throws IOException {
    List<ArchivedTensor> tensors = new ArrayList<>();
    trained.forEach(
        (name, weight) -> {
          float[] values = weight.values().clone();
          if (name.endsWith("kernel")) {
            float largest = 0;
            for (float value : values) {
              largest = Math.max(largest, Math.abs(value));
            }
            float unit = largest / 127;
            for (int i = 0; i < values.length; i++) {
              values[i] = Math.round(values[i] / unit) * unit;
            }
          }
          tensors.add(ArchivedTensor.exact(name, shape(weight), values));
        });
    add("int8", "", tensors);
  }

  private void clustered(int k) throws IOException {
    ClusterPlan plan = ClusterPlan.ofKernels(ClusterOptions.ofClusters(k));
    progress.stage(k + " clusters", EPOCHS * DigitsNetwork.stepsAnEpoch(train));
    try (DigitsNetwork network = new DigitsNetwork(plan, RATE)) {
      network.train(train, EPOCHS, SEED, this::heard);
      List<ArchivedTensor> tensors =
          new ArrayList<>(ArchivedTensor.of(network.weights(), network.session()));
      network
          .read()
          .forEach(
              (name, weight) -> {
                if (!name.endsWith("kernel")) {
                  tensors.add(new ArchivedTensor.Plain(name, shape(weight), weight.values()));
                }
              });
      add("clusters", String.valueOf(k), tensors);
    }
  }

  private void heard(int step, double loss) {
    progress.stepped(step, String.format(Locale.ROOT, "loss %.4f", loss));
  }

  private static QuantizationPlan plan(int blockSize, int centroids) {
    // region plan
    return new QuantizationPlan(
        List.of("hidden", "conv|logits"),
        Map.of(
            "Dense", new Choice(LayerSettings.FUZZY_NAME, Map.of("hidden", blockSize, "*", 4)),
            "Convolution", new Choice("kernel_size", Map.of("(3, 3)", 9))),
        Map.of(
            "Dense", new Choice(LayerSettings.FUZZY_NAME, Map.of("hidden", centroids, "*", 32)),
            "Convolution", new Choice("kernel_size", Map.of("(3, 3)", 8))),
        30);
    // endregion
  }

  private void blocks(int blockSize, int centroids) throws IOException {
    Map<String, DigitsNetwork.Weight> weights = DigitsNetwork.trainedWeights();
    Map<String, QuantizedWeight> quantized = new LinkedHashMap<>();
    ClusterPlan nothing = new ClusterPlan(List.of());
    QuantizationPlan plan = plan(blockSize, centroids);
    for (int stage = 0; stage < plan.stages().size(); stage++) {
      progress.stage(
          centroids + " blocks of " + blockSize + ", stage " + (stage + 1),
          EPOCHS * DigitsNetwork.stepsAnEpoch(train));
      // region stage
      Map<String, QuantizedWeight> more =
          plan.quantize(
              stage,
              layers(weights, quantized),
              EmOptions.ofCentroids(1),
              layer -> EmDraws.seeded(SEED),
              (layer, step) -> {});
      more.forEach((layer, weight) -> quantized.put(layer + ".kernel", weight));
      try (DigitsNetwork network = new DigitsNetwork(weights, nothing, quantized, List.of(RATE))) {
        network.train(train, EPOCHS, SEED, this::heard);
        weights = network.read();
        quantized.putAll(network.readQuantized());
      }
      // endregion
    }
    List<ArchivedTensor> tensors = new ArrayList<>();
    quantized.forEach((name, weight) -> tensors.add(new ArchivedTensor.Blocks(name, weight)));
    weights.forEach(
        (name, weight) -> {
          if (!quantized.containsKey(name)) {
            tensors.add(new ArchivedTensor.Plain(name, shape(weight), weight.values()));
          }
        });
    add("blocks", centroids + " of " + blockSize, tensors);
    SizeTracker sizes =
        new SizeTracker(weights.values().stream().mapToLong(w -> w.values().length).sum());
    quantized
        .values()
        .forEach(w -> sizes.add(w.shape(), w.blockSize(), w.assignments().centroids()));
    notes.add(
        centroids
            + " blocks of "
            + blockSize
            + ": "
            + sizes.beside(file("blocks", centroids + " of " + blockSize)));
  }

  /** The layers that are not quantized yet. */
  private static List<LayerWeight> layers(
      Map<String, DigitsNetwork.Weight> weights, Map<String, QuantizedWeight> quantized) {
    List<LayerWeight> layers = new ArrayList<>();
    weights.forEach(
        (name, weight) -> {
          if (name.endsWith(".kernel") && !quantized.containsKey(name)) {
            boolean convolution = weight.shape().length == 4;
            String layer = name.replace(".kernel", "");
            layers.add(
                new LayerWeight(
                    new Layer(
                        layer,
                        convolution ? "Convolution" : "Dense",
                        convolution ? Map.of("kernel_size", "(3, 3)") : Map.of()),
                    weight.values(),
                    shape(weight),
                    convolution ? BlockLayout.CONVOLUTION : BlockLayout.DENSE));
          }
        });
    return layers;
  }

  private Path file(String group, String name) {
    return directory.resolve((group + " " + name).strip().replace(' ', '-') + ".vqa");
  }

  /** Writes the archive, reads it, and evaluates what was read. */
  private void add(String group, String name, List<ArchivedTensor> tensors) throws IOException {
    Path archive = file(group, name);
    // region archive
    ArchiveWriter.write(archive, tensors, ArchiveOptions.defaults());
    Map<String, float[]> read = new LinkedHashMap<>();
    for (ArchivedTensor tensor : ArchiveReader.read(archive)) {
      read.put(tensor.name(), tensor.decode());
    }
    // endregion
    Map<String, DigitsNetwork.Weight> weights = new LinkedHashMap<>();
    DigitsNetwork.trainedWeights()
        .forEach(
            (weight, shape) ->
                weights.put(
                    weight,
                    new DigitsNetwork.Weight(
                        shape.shape(), Objects.requireNonNull(read.get(weight)))));
    try (DigitsNetwork network =
        new DigitsNetwork(weights, new ClusterPlan(List.of()), List.of())) {
      rows.add(new Row(group, name, Files.size(archive), network.accuracy(test)));
    }
  }

  private XYChart picture() {
    XYChart chart =
        new XYChartBuilder()
            .width(900)
            .height(480)
            .title("A network for digits: bytes of the file, accuracy of what is read from it")
            .xAxisTitle("bytes")
            .yAxisTitle("% of the test images")
            .build();
    chart.getStyler().setXAxisLogarithmic(true).setLegendPosition(LegendPosition.InsideSE);
    Map<String, List<Row>> groups = new LinkedHashMap<>();
    rows.forEach(row -> groups.computeIfAbsent(row.group(), g -> new ArrayList<>()).add(row));
    groups.forEach(
        (group, some) -> {
          XYSeries series =
              chart.addSeries(
                  group,
                  some.stream().mapToDouble(Row::bytes).toArray(),
                  some.stream().mapToDouble(row -> 100 * row.accuracy()).toArray());
          series.setXYSeriesRenderStyle(XYSeries.XYSeriesRenderStyle.Scatter);
        });
    return chart;
  }
}
