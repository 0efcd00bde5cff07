/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.EventFileWriter;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;
import org.vqjava.monitoring.TensorBoardSink;
import org.vqjava.ops.Training;
import org.vqjava.workflow.LayerFigures;

/** A layer in a training of one's own, recorded for the dashboard, TensorBoard and the console. */
public final class MonitorCodebook {
  private static final int CODES = 16;
  private static final int WIDTH = 4;

  private MonitorCodebook() {}

  /**
   * Trains, and prints the perplexity of each window.
   *
   * @param arguments the directory of the run; a temporary one if there is none
   * @throws IOException if it cannot be written
   */
  public static void main(String[] arguments) throws IOException {
    Path directory =
        arguments.length == 0 ? Files.createTempDirectory("vq") : Path.of(arguments[0]);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x =
          tf.random.statelessRandomNormal(
              tf.constant(new int[] {256, WIDTH}), tf.constant(new long[] {1, 2}), TFloat32.class);
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", CODES, WIDTH, CodebookInitializer.normal(3, 1));
      var vq = VectorQuantization.vectorQuantization(tf, x, codebook, VqOptions.defaults());
      // region figures
      LayerFigures figures = LayerFigures.of(vq);
      Op step =
          Training.minimize(
              tf,
              vq.losses().total(),
              List.of(codebook.variable()),
              new Adam(graph, 0.05f),
              figures.operands()); // seen together with the step
      // endregion
      try (Session session = new Session(graph)) {
        session.initialize();
        // region record
        RunInfo info = new RunInfo("clouds", Instant.now(), Map.of("codes", "16"));
        SnapshotSink print =
            s ->
                System.out.printf(
                    Locale.ROOT, "step %d %.1f%n", s.step(), s.usage().summary().perplexity());
        try (EventFileWriter events = EventFileWriter.open(directory);
            SnapshotLog log = SnapshotLog.open(directory.resolve(SnapshotLog.FILE), info);
            Recorder recorder =
                Recorder.open(
                    RecorderOptions.every(20), List.of(log, new TensorBoardSink(events), print))) {
          CodebookRecorder codes = recorder.codebook("clouds", CODES);
          for (int i = 1; i <= 100; i++) {
            var runner = session.runner().addTarget(step);
            codes.record(figures.observe(i, runner, codes.viewIsDue()));
          }
          recorder.end(RunOutcome.finished());
        }
        // endregion
      }
    }
  }
}
