/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.EventFileWriter;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;
import org.vqjava.monitoring.TensorBoardSink;
import org.vqjava.ops.Training;

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
      Op step =
          Training.minimize(
              tf,
              vq.losses().total(),
              List.of(codebook.variable()),
              new Adam(graph, 0.05f),
              List.of(vq.accessCount(), vq.distance(), vq.embClosestSpacing()));
      try (Session session = new Session(graph)) {
        session.initialize();
        // region record
        RunInfo info = new RunInfo("clouds", Instant.now(), Map.of("codes", "16"));
        SnapshotSink print =
            s -> System.out.printf("step %d %.1f%n", s.step(), s.usage().summary().perplexity());
        try (EventFileWriter events = EventFileWriter.open(directory);
            SnapshotLog log = SnapshotLog.open(directory.resolve(SnapshotLog.FILE), info);
            Recorder recorder =
                Recorder.open(
                    RecorderOptions.every(20), List.of(log, new TensorBoardSink(events), print))) {
          CodebookRecorder codes = recorder.codebook("clouds", CODES);
          for (int i = 1; i <= 100; i++) {
            Observation seen = Observation.at(i);
            try (Result result =
                session
                    .runner()
                    .addTarget(step)
                    .fetch(vq.accessCount())
                    .fetch(vq.distance())
                    .fetch(vq.embClosestSpacing())
                    .fetch(vq.losses().total())
                    .run()) {
              seen.accessCount(longs(result.get(0)))
                  .distance(floats(result.get(1)), CODES)
                  .closestSpacing(floats(result.get(2)))
                  .loss("total", floats(result.get(3))[0]);
            }
            if (codes.viewIsDue()) {
              try (Result result = session.runner().fetch(codebook.values()).run()) {
                seen.codebook(floats(result.get(0)), WIDTH);
              }
            }
            codes.record(seen);
          }
          recorder.end(RunOutcome.finished());
        }
        // endregion
      }
    }
  }

  private static long[] longs(Tensor tensor) {
    long[] values = new long[size(tensor.shape())];
    ((TInt64) tensor).asRawTensor().data().asLongs().read(values);
    return values;
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[size(tensor.shape())];
    tensor.asRawTensor().data().asFloats().read(values);
    return values;
  }

  private static int size(Shape shape) {
    return Math.toIntExact(shape.size());
  }
}
