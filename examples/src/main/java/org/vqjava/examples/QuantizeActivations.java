/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.CodebookUsage;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Training;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.ModelLoss;
import org.vqjava.savedmodel.TrainableModel;
import org.vqjava.workflow.ProgressListener;

/**
 * A codebook behind a layer of a network that Keras trained: the activations of each place become
 * one of few codes, and the network is trained further with them.
 *
 * @see <a href="https://github.com/Simsso/NIPS-2018-Adversarial-Vision-Challenge">the original of
 *     the layer, whose authors used it so</a>
 */
public final class QuantizeActivations {
  private static final String BEHIND = "sequential/pool1/MaxPool";
  private static final int CHANNELS = 16;
  private static final int EPOCHS = 8;

  private final List<VqEndpoints<TFloat32>> layer = new ArrayList<>();
  private @Nullable Codebook<TFloat32> codebook;

  private QuantizeActivations() {}

  /**
   * A size of the codebook, and what it came to.
   *
   * @param codes K
   * @param keras accuracy of the network as Keras saved it, from 0 to 1
   * @param quantized with the codebook, before training
   * @param finetuned after training
   * @param used how many codes the training images take in the end
   * @param perplexity of the codes that they take
   */
  public record Row(
      int codes, double keras, double quantized, double finetuned, int used, double perplexity) {}

  /**
   * Prints the table.
   *
   * @param arguments the folder for models, one for temporary files if there is none
   * @throws IOException if a file cannot be read or written
   */
  public static void main(String[] arguments) throws IOException {
    Path directory =
        arguments.length == 0 ? Files.createTempDirectory("vq") : Path.of(arguments[0]);
    System.out.print(report(directory, new ProgressListener() {}));
  }

  /**
   * Inserts, trains, exports.
   *
   * @param directory takes {@code keras}, and for each size of the codebook a model
   * @param progress hears how far it is
   * @return a table
   * @throws IOException if a file cannot be read or written
   */
  public static String report(Path directory, ProgressListener progress) throws IOException {
    StringBuilder text =
        new StringBuilder(
            String.format(
                Locale.ROOT,
                "%5s  %7s  %9s  %9s  %10s  %s%n",
                "codes",
                "Keras",
                "quantized",
                "finetuned",
                "codes used",
                "perplexity"));
    for (Row row : run(directory, progress)) {
      text.append(
          String.format(
              Locale.ROOT,
              "%5d  %6.1f%%  %8.1f%%  %8.1f%%  %10d  %.1f%n",
              row.codes(),
              100 * row.keras(),
              100 * row.quantized(),
              100 * row.finetuned(),
              row.used(),
              row.perplexity()));
    }
    return text.append("models in ").append(directory).append("\n").toString();
  }

  /**
   * The same, as figures.
   *
   * @param directory takes the files
   * @param progress hears how far it is
   * @return a row for each size of the codebook
   * @throws IOException if a file cannot be read or written
   */
  public static List<Row> run(Path directory, ProgressListener progress) throws IOException {
    Path keras = KerasDigits.model(directory.resolve("keras"));
    KerasDigits digits = new KerasDigits();
    double before = digits.accuracy(keras);
    List<Row> rows = new ArrayList<>();
    for (int codes : new int[] {4, 16, 64}) {
      progress.stage(codes + " codes", digits.steps(EPOCHS));
      rows.add(
          new QuantizeActivations()
              .quantize(
                  keras, directory.resolve("codes-" + codes), codes, before, digits, progress));
    }
    return rows;
  }

  private Row quantize(
      Path keras, Path out, int codes, double before, KerasDigits digits, ProgressListener progress)
      throws IOException {
    // region insert
    FlatModel flat =
        FlatModel.read(keras)
            .rewrite(
                BEHIND,
                (tf, x) -> {
                  codebook =
                      Codebook.create(
                          tf, "codebook", codes, CHANNELS, CodebookInitializer.kMeansPlusPlus(1));
                  VqEndpoints<TFloat32> vq =
                      VectorQuantization.vectorQuantization(
                          tf, x, codebook, VqOptions.defaults().withAlpha(0.1));
                  layer.add(vq);
                  return vq.layerOut();
                });
    try (TrainableModel model = flat.load()) {
      VqEndpoints<TFloat32> vq = layer.get(0);
      startCodebook(model, vq, digits);
      double quantized = digits.accuracy(model);

      Ops tf = model.tf();
      Placeholder<TFloat32> labels =
          tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, 10)));
      Operand<TFloat32> loss =
          tf.math.add(
              ModelLoss.XENT_PROBS.of(tf, model.output("probs"), labels), vq.losses().total());
      List<Operand<? extends TFloating>> trained = new ArrayList<>(model.trainable());
      trained.add(Objects.requireNonNull(codebook).variable());
      Op step = Training.minimize(tf, loss, trained, new Adam(model.graph(), 1e-3f));
      model.session().initialize();
      digits.train(model, step, labels, loss, EPOCHS, progress);
      model.export(out); // Java and Python run it
      // endregion
      CodebookUsage.Summary usage = usage(model, vq, digits);
      return new Row(
          codes, before, quantized, digits.accuracy(model), usage.used(), usage.perplexity());
    }
  }

  /** From activations of training images, while the session knows nothing of optimizers. */
  private static void startCodebook(
      TrainableModel model, VqEndpoints<TFloat32> vq, KerasDigits digits) {
    try (TFloat32 images = digits.train().range(0, 256).images().all()) {
      model
          .session()
          .runner()
          .feed(model.input("image"), images)
          .addTarget(vq.embSpaceBatchInit().orElseThrow())
          .run()
          .close();
    }
  }

  private static CodebookUsage.Summary usage(
      TrainableModel model, VqEndpoints<TFloat32> vq, KerasDigits digits) {
    try (TFloat32 images = digits.train().images().all();
        Result result =
            model
                .session()
                .runner()
                .feed(model.input("image"), images)
                .fetch(vq.accessCount())
                .run()) {
      return CodebookUsage.Summary.of(result.get(0));
    }
  }
}
