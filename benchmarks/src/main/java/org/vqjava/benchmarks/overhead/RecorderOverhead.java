/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks.overhead;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt64;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.layers.VqOptions;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.ops.Training;

/** A training step of 1,024 vectors in 512 codes of width 64, and the same with a recorder. */
@State(Scope.Thread)
public class RecorderOverhead {
  private static final int ROWS = 1024;
  private static final int CODES = 512;
  private static final int WIDTH = 64;

  private final Graph graph = new Graph();
  private final Session session = new Session(graph);
  private final VqEndpoints<TFloat32> vq;
  private final Codebook<TFloat32> codebook;
  private final Op step;
  private @Nullable Path directory;
  private @Nullable SnapshotLog log;
  private @Nullable Recorder recorder;
  private @Nullable CodebookRecorder recorded;
  private long steps;

  /** Builds the graph. */
  public RecorderOverhead() {
    Ops tf = Ops.create(graph);
    Operand<TFloat32> x =
        tf.random.statelessRandomNormal(
            tf.constant(new int[] {ROWS, WIDTH}), tf.constant(new long[] {1, 2}), TFloat32.class);
    codebook = Codebook.create(tf, "codebook", CODES, WIDTH, CodebookInitializer.normal(1, 1));
    vq = VectorQuantization.vectorQuantization(tf, x, codebook, VqOptions.defaults());
    step =
        Training.minimize(
            tf,
            vq.losses().total(),
            List.of(codebook.variable()),
            new GradientDescent(graph, 1e-9f),
            List.of(vq.accessCount(), vq.distance()));
  }

  /**
   * Opens a log in a temporary folder.
   *
   * @throws IOException if it cannot be written
   */
  @Setup
  public void open() throws IOException {
    session.initialize();
    directory = Files.createTempDirectory("vq-bench");
    log =
        SnapshotLog.open(
            directory.resolve(SnapshotLog.FILE), new RunInfo("bench", Instant.now(), Map.of()));
    recorder = Recorder.open(RecorderOptions.every(20), List.of(log));
    recorded = recorder.codebook("codes", CODES);
  }

  /**
   * Removes it.
   *
   * @throws IOException if it cannot be removed
   */
  @TearDown
  public void close() throws IOException {
    Objects.requireNonNull(recorder).close();
    Objects.requireNonNull(log).close();
    Path folder = Objects.requireNonNull(directory);
    Files.deleteIfExists(folder.resolve(SnapshotLog.FILE));
    Files.deleteIfExists(folder);
    session.close();
    graph.close();
  }

  /** The step alone. */
  @Benchmark
  public void step() {
    session.runner().addTarget(step).run().close();
  }

  /**
   * The step, with what a recorder is to be given: distances are computed for nothing else.
   *
   * @return access counts and distances
   */
  @Benchmark
  public Observation stepAndFetch() {
    steps++;
    Observation seen = Observation.at(steps);
    try (Result result =
        session.runner().addTarget(step).fetch(vq.accessCount()).fetch(vq.distance()).run()) {
      long[] counts = new long[CODES];
      ((TInt64) result.get(0)).asRawTensor().data().asLongs().read(counts);
      seen.accessCount(counts).distance(floats(result.get(1)), CODES);
    }
    return seen;
  }

  /** The same recorded, with a snapshot and the codes in each window of 20. */
  @Benchmark
  public void stepRecorded() {
    CodebookRecorder codes = Objects.requireNonNull(recorded);
    Observation seen = stepAndFetch();
    if (codes.viewIsDue()) {
      try (Result result = session.runner().fetch(codebook.values()).run()) {
        seen.codebook(floats(result.get(0)), WIDTH);
      }
    }
    codes.record(seen);
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    ((TFloat32) tensor).asRawTensor().data().asFloats().read(values);
    return values;
  }
}
