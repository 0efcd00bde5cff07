/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.NearestCode;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;
import org.vqjava.ops.Training;

/** Time and memory of one operation of one shape, in a process of its own. */
final class GrowthPoint {
  private static final int CALLS = 5;

  private GrowthPoint() {}

  /**
   * Prints milliseconds on the clock, milliseconds of the processor, and KiB.
   *
   * @param arguments operation, rows, size, width, threads
   */
  public static void main(String[] arguments) {
    int[] numbers = Arrays.stream(arguments).skip(1).mapToInt(Integer::parseInt).toArray();
    int rows = numbers[0];
    int width = numbers[2];
    Growth.Operation operation = Growth.Operation.valueOf(arguments[0]);
    runOnce(operation, numbers[3]);
    try (TimedGraph graph = TimedGraph.ofThreads(numbers[3]);
        TFloat32 vectors = TimedGraph.normal(1, rows, width)) {
      Placeholder<TFloat32> x = graph.fed(-1, width);
      Op target = target(graph, operation, x, numbers[1], width);
      graph.session().initialize();
      Contender contender = graph.contender(operation.toString(), x, vectors, target);
      long before = kilobytes("VmRSS");
      contender.call().run();
      long after = kilobytes("VmHWM");
      double[] clock = new double[CALLS];
      double[] processor = new double[CALLS];
      for (int i = 0; i < CALLS; i++) {
        long start = System.nanoTime();
        processor[i] = 1000 * Race.seconds(contender, 1);
        clock[i] = (System.nanoTime() - start) / 1e6;
      }
      System.out.println(Race.median(clock));
      System.out.println(Race.median(processor));
      System.out.println(Math.max(0, after - before));
    }
  }

  /** What TensorFlow takes once, for kernels and threads, does not grow. */
  private static void runOnce(Growth.Operation operation, int threads) {
    try (TimedGraph graph = TimedGraph.ofThreads(threads);
        TFloat32 few = TimedGraph.normal(1, 2, 2)) {
      Placeholder<TFloat32> x = graph.fed(-1, 2);
      Op target = target(graph, operation, x, 2, 2);
      graph.session().initialize();
      graph.contender(operation.toString(), x, few, target).call().run();
    }
  }

  private static Op target(
      TimedGraph graph, Growth.Operation operation, Placeholder<TFloat32> x, int size, int width) {
    Ops tf = graph.tf();
    Codebook<TFloat32> codebook =
        Codebook.create(tf, "codebook", size, width, CodebookInitializer.normal(1, 2));
    return switch (operation) {
      case LOOK_UP ->
          NearestCode.indices(tf, x, tf.identity(codebook.variable()), Norm.L2, SearchMode.FAST);
      case STEP -> {
        VqOptions options = VqOptions.defaults().withAlpha(1).withBeta(1).withGamma(1);
        yield Training.minimize(
            tf,
            VectorQuantization.vectorQuantization(tf, x, codebook, options).losses().total(),
            List.of(codebook.variable()),
            new GradientDescent(graph.graph(), 1e-9f));
      }
    };
  }

  /** Of Linux; 0 elsewhere. */
  private static long kilobytes(String name) {
    Path status = Path.of("/proc/self/status");
    if (!Files.exists(status)) {
      return 0;
    }
    try (Stream<String> lines = Files.lines(status)) {
      return lines
          .filter(line -> line.startsWith(name + ":"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
