/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.vqjava.workflow.ProgressListener;
import org.vqjava.workflow.RunDirectory;

/** The examples by their names, as {@code ./vq example} runs them. */
public final class Examples {
  private Examples() {}

  /** Runs an example. */
  @FunctionalInterface
  public interface Job {
    /**
     * Runs it.
     *
     * @param progress hears how far it is
     * @param out takes what it reports; some print to standard output instead
     * @throws IOException if it cannot read or write a file
     */
    void run(ProgressListener progress, PrintWriter out) throws IOException;
  }

  /**
   * An example.
   *
   * @param about what it shows, in a line
   * @param job runs it
   */
  public record Example(String about, Job job) {}

  /**
   * All that can be run by name.
   *
   * @return name → example, the short ones first
   */
  public static Map<String, Example> byName() {
    Map<String, Example> all = new LinkedHashMap<>();
    all.put("quickstart", program("a layer, and the codes it takes", Quickstart::main));
    all.put("dead-codes", program("replaces codes nothing takes", ReplaceDeadCodes::main));
    all.put("vote", program("codes with labels vote", VoteOfNeighbours::main));
    all.put("schedule", program("a loss weight that falls while training", WeightSchedule::main));
    all.put("save-and-load", program("a SavedModel that encodes and decodes", SaveAndLoad::main));
    all.put(
        "cluster-kernel", program("a kernel of four values, trained further", ClusterKernel::main));
    all.put(
        "monitor-codebook",
        new Example(
            "records a codebook of one's own training",
            (progress, out) ->
                MonitorCodebook.main(
                    new String[] {
                      RunDirectory.createNext(Path.of("runs"), "monitor").path().toString()
                    })));
    all.put(
        "serve-dashboard",
        program("serves the dashboard from a program of one's own", ServeDashboard::main));
    all.put(
        "monitor-weights",
        new Example(
            "records weight clustering and product quantization for the dashboard",
            (progress, out) ->
                out.print(
                    MonitorWeights.report(
                        RunDirectory.createNext(Path.of("runs"), "monitor").path(), progress))));
    all.put(
        "digits-clustering",
        report(
            "clusters a network for digits, trains it further, beside the reference; a minute",
            ClusterDigits::report));
    all.put(
        "digits-clustering-defaults",
        report(
            "how the defaults of weight clustering were chosen; half an hour",
            ChooseClusterDefaults::report));
    all.put(
        "digits-quantization",
        new Example(
            "the same network in files: blocks, clusters, 8 bits; bytes and accuracy; half a"
                + " minute",
            (progress, out) ->
                out.print(
                    QuantizeDigits.report(
                        RunDirectory.createNext(Path.of("runs"), "digits-quantization").path(),
                        progress))));
    all.put(
        "keras-clustering",
        files(
            "a Keras network clustered and trained further in Java, and given back to Keras",
            FinetuneKerasModel::report));
    all.put(
        "keras-codebook",
        files(
            "a codebook behind a layer of a Keras network, trained with it",
            QuantizeActivations::report));
    return all;
  }

  @FunctionalInterface
  private interface Report {
    String of(Path directory, ProgressListener progress) throws IOException;
  }

  /** One that leaves files in a folder of its own. */
  private static Example files(String about, Report report) {
    return new Example(
        about,
        (progress, out) ->
            out.print(
                report.of(RunDirectory.createNext(Path.of("runs"), "example").path(), progress)));
  }

  @FunctionalInterface
  private interface Program {
    void start(String[] arguments) throws IOException;
  }

  private static Example program(String about, Program program) {
    return new Example(about, (progress, out) -> program.start(new String[0]));
  }

  private static Example report(String about, Function<ProgressListener, String> job) {
    return new Example(about, (progress, out) -> out.print(job.apply(progress)));
  }
}
