/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;
import org.vqjava.ops.SearchMode;
import org.vqjava.workflow.AutoencoderOptions;
import org.vqjava.workflow.AutoencoderOptionsBuilder;
import org.vqjava.workflow.ClassifierOptions;
import org.vqjava.workflow.ClassifierOptionsBuilder;
import org.vqjava.workflow.ClassifierReport;
import org.vqjava.workflow.CodebookStart;
import org.vqjava.workflow.MonitoringOptions;
import org.vqjava.workflow.Quantizer;
import org.vqjava.workflow.RunDirectory;
import org.vqjava.workflow.TrainAutoencoder;
import org.vqjava.workflow.TrainClassifier;
import org.vqjava.workflow.TrainingListener;
import org.vqjava.workflow.TrainingReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code vq train}. */
@Command(
    name = "train",
    description = {
      "Trains an autoencoder with a vector-quantized bottleneck on images of handwritten digits, or"
          + " your own: evaluates it, draws what it makes of the test images, saves it as a"
          + " SavedModel, loads that again and compares. What is not typed fits what is, and the"
          + " images.",
      ""
    },
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    sortOptions = false,
    showDefaultValues = true,
    defaultValueProvider = TrainDefaults.class)
final class Train implements Callable<Integer> {
  private static final Set<String> BESIDE_RESUME =
      Set.of("resume", "epochs", "plain", "quiet", "dashboard", "port");

  /** Of the one task, and no options of its network. */
  private static final Set<String> OF_AUTOENCODING =
      Set.of("resume", "init-from", "dashboard", "port", "snapshot-every");

  /** What is trained. */
  enum Task {
    AUTOENCODE,
    CLASSIFY
  }

  @Spec private CommandSpec spec;

  @Option(
      names = "--task",
      paramLabel = "TASK",
      description =
          "autoencode, or classify: trains classifiers with and without a layer in their middle and"
              + " attacks them")
  private Task task;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description =
          "new directory for the files (default: the next free runs/digits-NNN, or another name for"
              + " another task or data)")
  private @Nullable Path out;

  @Option(
      names = "--resume",
      paramLabel = "DIR",
      description =
          "go on with a run that was stopped or killed, or, with more --epochs than it had, that came"
              + " to its end; takes its options from there")
  private @Nullable Path resume;

  @Option(
      names = "--init-from",
      paramLabel = "MODEL",
      description =
          "start with the weights of a run, by its directory, or of a SavedModel; sizes and look-up"
              + " that are not typed are the model's")
  private @Nullable Path initFrom;

  @Option(
      names = "--data",
      paramLabel = "PATH",
      description =
          "folder with IDX files as of MNIST, .npy or .npz with images of any channels, or folder of"
              + " PNG files (default: the digits)")
  private @Nullable Path data;

  @Option(names = "--codes", paramLabel = "K", description = "how many codes")
  private int codes;

  @Option(names = "--width", paramLabel = "D", description = "numbers in a code")
  private int width;

  @Option(
      names = "--splits",
      paramLabel = "S",
      description = "pieces that a latent vector is cut into; they share the codebook")
  private int splits;

  @Option(
      names = "--quantizer",
      paramLabel = "Q",
      description =
          "look-up by l2, l1, linf or cosine; the cosine takes no alpha, beta and gamma, and replaces"
              + " no codes")
  private Quantizer quantizer;

  @Option(
      names = "--search",
      paramLabel = "MODE",
      description = "fast, or exact: ties to the lowest code to the last bit")
  private SearchMode search;

  @Option(
      names = "--pca",
      paramLabel = "C",
      description = "compare by so many principal components of the codebook, 0 for whole vectors")
  private int pca;

  @Option(
      names = "--init",
      paramLabel = "START",
      converter = CodebookStarts.Converter.class,
      completionCandidates = CodebookStarts.Names.class,
      description = "how the codebook starts: ${COMPLETION-CANDIDATES}")
  private CodebookStart init;

  @Option(names = "--alpha", paramLabel = "X", description = "weight of the loss of chosen codes")
  private double alpha;

  @Option(names = "--beta", paramLabel = "X", description = "weight of the loss of all codes")
  private double beta;

  @Option(names = "--gamma", paramLabel = "X", description = "weight of the Coulomb loss")
  private double gamma;

  @Option(names = "--commitment", paramLabel = "X", description = "weight of the commitment loss")
  private double commitment;

  @Option(
      names = "--replace",
      paramLabel = "R",
      description = "unused codes replaced at a time, 0 for none")
  private int replace;

  @Option(
      names = "--replace-every",
      paramLabel = "STEPS",
      description = "steps from one replacement to the next")
  private int replaceEvery;

  @Option(
      names = "--examples",
      paramLabel = "N",
      description = "classify: training images of each class that become labelled codes")
  private int examples;

  @Option(
      names = "--neighbours",
      paramLabel = "K",
      description = "classify: labelled codes that vote")
  private int neighbours;

  @Option(names = "--epochs", paramLabel = "N", description = "how often each image is seen")
  private int epochs;

  @Option(names = "--batch", paramLabel = "N", description = "images of a step")
  private int batch;

  @Option(names = "--rate", paramLabel = "X", description = "learning rate of Adam")
  private double rate;

  @Option(names = "--seed", paramLabel = "N", description = "same seed, same result")
  private long seed;

  @Option(
      names = "--seeds",
      paramLabel = "N",
      description = "classify: how many seeds are tried, from --seed on")
  private int seeds;

  @Option(
      names = "--snapshot-every",
      paramLabel = "STEPS",
      description = "steps of a window, which the log, TensorBoard and the dashboard show; 0: none")
  private int snapshotEvery;

  @Option(
      names = "--dashboard",
      description = "serves a page that shows the codebook while it is trained, until Ctrl-C")
  private boolean dashboard;

  @Option(
      names = "--port",
      paramLabel = "N",
      description = "of the dashboard, on this machine alone; 0 for one that is free")
  private int port;

  @Mixin private ProgressArguments shown;

  @Override
  public Integer call() throws IOException {
    Path continued = resume;
    if (continued != null) {
      refuseOptionsOfItsOwn();
    }
    refuseOptionsOfTheOtherTask();
    PrintWriter err = spec.commandLine().getErr();
    Notices.keepOff();
    StopSignal signal = StopSignal.toThisThread();
    try {
      if (task == Task.CLASSIFY) {
        classify();
      } else {
        autoencode(continued);
      }
      return 0;
    } catch (InterruptedException e) {
      err.println(e.getMessage());
      err.flush();
      return StopSignal.EXIT_CODE;
    } finally {
      signal.workIsDone();
    }
  }

  private void autoencode(@Nullable Path continued) throws IOException, InterruptedException {
    Job job =
        continued == null
            ? fromOptions()
            : new Job(continued, listener -> resume(continued, listener));
    if (dashboard) {
      try (LiveDashboard live = LiveDashboard.open(job.directory(), port)) {
        shown.tell("dashboard at " + live.address());
        autoencode(job, live);
        shown.tell("the dashboard stays at " + live.address() + " until Ctrl-C");
        live.stay();
      }
    } else {
      autoencode(job, snapshot -> {});
    }
  }

  private TrainingReport resume(Path run, TrainingListener listener)
      throws IOException, InterruptedException {
    return typed().contains("epochs")
        ? TrainAutoencoder.resume(run, epochs, listener)
        : TrainAutoencoder.resume(run, listener);
  }

  private void autoencode(Job job, SnapshotSink live) throws IOException, InterruptedException {
    try (TrainProgress progress =
        shown.training().withSettings(settings()).withSnapshots(live::accept)) {
      print(job.work().run(progress));
    } catch (InterruptedException e) {
      throw new InterruptedException(
          e.getMessage()
              + " and saved; "
              + Vq.called()
              + " train --resume "
              + job.directory()
              + " goes on");
    }
  }

  private void classify() throws IOException, InterruptedException {
    ClassifierOptionsBuilder chosen = chosenForClassifier();
    chosen.build(); // refuses what is wrong in itself before a directory is made
    RunDirectory directory = directory("classify");
    ClassifierReport report;
    try (StageProgress progress = shown.stages().withSettings(settings())) {
      report = TrainClassifier.run(chosen, directory, progress);
    }
    PrintWriter result = spec.commandLine().getOut();
    result.print(ClassifierTable.of(report));
    result.flush();
  }

  private Optional<Path> data() {
    return Optional.ofNullable(data).map(Path::toAbsolutePath);
  }

  private RunDirectory directory(String name) throws IOException {
    return out == null ? RunDirectory.createNext(Path.of("runs"), name) : RunDirectory.create(out);
  }

  /** They would be silently without effect. */
  private void refuseOptionsOfTheOtherTask() {
    Task other = task == Task.CLASSIFY ? Task.AUTOENCODE : Task.CLASSIFY;
    Set<String> refused = new HashSet<>(options(other).keySet());
    refused.removeAll(options(task).keySet());
    if (other == Task.AUTOENCODE) {
      refused.addAll(OF_AUTOENCODING);
    }
    for (String name : typed()) {
      if (refused.contains(name)) {
        throw new ParameterException(
            spec.commandLine(),
            "--" + name + " goes with --task " + label(other) + ", got --task " + label(task));
      }
    }
  }

  static String label(Task task) {
    return task.name().toLowerCase(Locale.ROOT);
  }

  static Map<String, Object> options(Task task) {
    return task == Task.CLASSIFY
        ? ClassifierOptions.defaults().byName()
        : AutoencoderOptions.defaults().byName();
  }

  /** They would be silently without effect: the run has its own. */
  private void refuseOptionsOfItsOwn() {
    for (String name : typed()) {
      if (!BESIDE_RESUME.contains(name)) {
        throw new ParameterException(
            spec.commandLine(), "--resume takes the options of its run, so leave out --" + name);
      }
    }
  }

  private Job fromOptions() throws IOException {
    AutoencoderOptionsBuilder chosen = chosenForAutoencoder();
    chosen.build(); // refuses what is wrong in itself before a directory is made
    MonitoringOptions monitoring = new MonitoringOptions(snapshotEvery);
    RunDirectory directory = directory(data == null ? "digits" : "images");
    return new Job(
        directory.path(),
        listener -> TrainAutoencoder.run(chosen, monitoring, directory, listener));
  }

  /** What was not typed is not chosen: it fits the rest. */
  private AutoencoderOptionsBuilder chosenForAutoencoder() {
    AutoencoderOptionsBuilder chosen = new AutoencoderOptionsBuilder();
    ifTyped("codes", chosen::codes, codes);
    ifTyped("width", chosen::width, width);
    ifTyped("splits", chosen::splits, splits);
    ifTyped("quantizer", chosen::quantizer, quantizer);
    ifTyped("search", chosen::mode, search);
    ifTyped("pca", chosen::pca, pca);
    ifTyped("init", chosen::start, init);
    ifTyped("alpha", chosen::alpha, alpha);
    ifTyped("beta", chosen::beta, beta);
    ifTyped("gamma", chosen::gamma, gamma);
    ifTyped("commitment", chosen::commitment, commitment);
    ifTyped("replace", chosen::replaced, replace);
    ifTyped("replace-every", chosen::replaceEvery, replaceEvery);
    ifTyped("epochs", chosen::epochs, epochs);
    ifTyped("batch", chosen::batch, batch);
    ifTyped("rate", chosen::rate, rate);
    ifTyped("seed", chosen::seed, seed);
    data().ifPresent(chosen::data);
    if (initFrom != null) {
      if (typed().contains("init")) {
        throw new ParameterException(
            spec.commandLine(), "--init goes without --init-from, whose model has a codebook");
      }
      chosen.initFrom(initFrom.toAbsolutePath());
    }
    return chosen;
  }

  private ClassifierOptionsBuilder chosenForClassifier() {
    ClassifierOptionsBuilder chosen = new ClassifierOptionsBuilder();
    ifTyped("codes", chosen::codes, codes);
    ifTyped("examples", chosen::examples, examples);
    ifTyped("neighbours", chosen::neighbours, neighbours);
    ifTyped("epochs", chosen::epochs, epochs);
    ifTyped("batch", chosen::batch, batch);
    ifTyped("rate", chosen::rate, rate);
    ifTyped("seed", chosen::seed, seed);
    ifTyped("seeds", chosen::seeds, seeds);
    data().ifPresent(chosen::data);
    return chosen;
  }

  private <T> void ifTyped(String name, Consumer<T> choose, T value) {
    if (typed().contains(name)) {
      choose.accept(value);
    }
  }

  private Set<String> typed() {
    return spec.commandLine().getParseResult().matchedOptionsSet().stream()
        .map(option -> option.longestName().substring("--".length()))
        .collect(Collectors.toSet());
  }

  private Settings settings() {
    return resume == null ? new Settings(options(task), typed()) : Settings.ofRun();
  }

  private record Job(Path directory, Work work) {}

  @FunctionalInterface
  private interface Work {
    TrainingReport run(TrainingListener listener) throws IOException, InterruptedException;
  }

  private void print(TrainingReport report) {
    PrintWriter result = spec.commandLine().getOut();
    Path directory = report.directory();
    Table table = new Table();
    table.row("test images, mean squared error", "%.5f", report.testError());
    table.row("  of the mean training image", "%.5f", report.meanImageError());
    table.row("codes used", "%d of %d", report.usage().used(), report.usage().codes());
    table.row("perplexity", "%.1f", report.usage().perplexity());
    table.row("codes replaced while training", "%d", report.replaced());
    table.row("steps", "%d in %.1f s", report.steps(), report.trainingSeconds());
    table.row("saved model loaded again differs by", "%.1e", report.reloadDifference());
    table.row("reconstructions", "%s", directory.resolve(TrainingReport.RECONSTRUCTIONS));
    table.row("codebook", "%s", directory.resolve(TrainingReport.CODEBOOK));
    table.row("SavedModel", "%s", directory.resolve(TrainingReport.MODEL));
    table.row("figures", "%s", directory.resolve(TrainingReport.REPORT));
    table.row("curves", "tensorboard --logdir %s", directory);
    if (Files.exists(directory.resolve(SnapshotLog.FILE))) {
      table.row("codebook while it was trained", "%s dashboard %s", Vq.called(), directory);
    }
    result.print(table);
    result.flush();
  }
}
