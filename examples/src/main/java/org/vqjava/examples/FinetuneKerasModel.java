/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.tensorflow.Operand;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.ClusterOptions;
import org.vqjava.clustering.ClusterPlan;
import org.vqjava.clustering.ClusteredWeights;
import org.vqjava.clustering.PlannedClustering;
import org.vqjava.clustering.archive.ArchiveOptions;
import org.vqjava.clustering.archive.ArchiveWriter;
import org.vqjava.clustering.archive.ArchivedTensor;
import org.vqjava.ops.Training;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.ModelLoss;
import org.vqjava.savedmodel.TrainableModel;
import org.vqjava.workflow.ProgressListener;

/**
 * A network that Keras trained, clustered and trained further in Java: few values a kernel, and a
 * SavedModel that Keras goes on with.
 */
public final class FinetuneKerasModel {
  private static final int EPOCHS = 8;

  private FinetuneKerasModel() {}

  /**
   * A number of clusters, and what it came to.
   *
   * @param clusters different values of a kernel
   * @param keras accuracy of the network as Keras saved it, from 0 to 1
   * @param clustered before training
   * @param finetuned after training
   * @param bytes of the clustered kernels in an archive
   */
  public record Row(int clusters, double keras, double clustered, double finetuned, long bytes) {}

  /**
   * Prints the table.
   *
   * @param arguments the folder for models and archives, one for temporary files if there is none
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] arguments) throws IOException {
    Path directory =
        arguments.length == 0 ? Files.createTempDirectory("vq") : Path.of(arguments[0]);
    System.out.print(report(directory, new ProgressListener() {}));
  }

  /**
   * Clusters, trains, writes.
   *
   * @param directory takes {@code keras}, and for each number of clusters a model and an archive
   * @param progress hears how far it is
   * @return a table
   * @throws IOException if a file cannot be read or written
   */
  public static String report(Path directory, ProgressListener progress) throws IOException {
    StringBuilder text =
        new StringBuilder(
            String.format(
                "%8s  %7s  %9s  %9s  %s%n",
                "clusters", "Keras", "clustered", "finetuned", "bytes of the kernels"));
    for (Row row : run(directory, progress)) {
      text.append(
          String.format(
              Locale.ROOT,
              "%8d  %6.1f%%  %8.1f%%  %8.1f%%  %,d%n",
              row.clusters(),
              100 * row.keras(),
              100 * row.clustered(),
              100 * row.finetuned(),
              row.bytes()));
    }
    return text.append("models and archives in ").append(directory).append("\n").toString();
  }

  /**
   * The same, as figures.
   *
   * @param directory takes the files
   * @param progress hears how far it is
   * @return a row for each number of clusters
   * @throws IOException if a file cannot be read or written
   */
  public static List<Row> run(Path directory, ProgressListener progress) throws IOException {
    Path keras = KerasDigits.model(directory.resolve("keras"));
    KerasDigits digits = new KerasDigits();
    double before = digits.accuracy(keras);
    List<Row> rows = new ArrayList<>();
    for (int k : new int[] {2, 4, 16}) {
      progress.stage(k + " clusters", digits.steps(EPOCHS));
      rows.add(cluster(keras, directory, k, before, digits, progress));
    }
    return rows;
  }

  private static Row cluster(
      Path keras,
      Path directory,
      int k,
      double before,
      KerasDigits digits,
      ProgressListener progress)
      throws IOException {
    // region finetune
    PlannedClustering clustering =
        new PlannedClustering(ClusterPlan.of(".*", ClusterOptions.ofClusters(k)));
    FlatModel flat = FlatModel.read(keras).rewriteKernels(clustering::weight);
    try (TrainableModel model = flat.load()) {
      ClusteredWeights weights = clustering.finish();
      weights.start(model.session());
      double clustered = digits.accuracy(model);

      Ops tf = model.tf();
      Placeholder<TFloat32> labels =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 10)));
      Operand<TFloat32> loss = ModelLoss.XENT_PROBS.of(tf, model.output("probs"), labels);
      Op step = Training.minimize(tf, loss, weights.trainable(), new Adam(model.graph(), 3e-4f));
      model.session().initialize();
      digits.train(model, step, labels, loss, EPOCHS, progress);

      model.writeBack(directory.resolve("clustered-" + k)); // Keras loads it, and trains it further
      // endregion
      Path archive = directory.resolve("clustered-" + k + ".vqa");
      // region archive
      ArchiveWriter.write(
          archive, ArchivedTensor.of(weights, model.session()), ArchiveOptions.defaults());
      // endregion
      return new Row(k, before, clustered, digits.accuracy(model), Files.size(archive));
    }
  }
}
