/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;

/**
 * Takes mutants, one after the other: describes, flattens, loads and runs each. Says the number of
 * a mutant before it takes it, so that whoever reads knows which one ended the process.
 *
 * <p>Arguments: the first number, the number after the last, a folder for mutants, models.
 */
final class MutantProcess {
  private static final double MOST_SECONDS = 10;

  private MutantProcess() {}

  public static void main(String[] arguments) throws IOException {
    Path folder = Path.of(arguments[2]);
    List<Path> models = new ArrayList<>();
    for (int i = 3; i < arguments.length; i++) {
      models.add(Path.of(arguments[i]));
    }
    for (long number = Long.parseLong(arguments[0]);
        number < Long.parseLong(arguments[1]);
        number++) {
      System.out.println("mutant " + number);
      Path mutant = Files.createDirectory(folder.resolve("mutant-" + number));
      new Mutation(number).write(models, mutant);
      double start = processSeconds();
      String result = result(mutant);
      double seconds = processSeconds() - start;
      System.out.println("result " + result);
      if (seconds > MOST_SECONDS) {
        System.out.printf(Locale.ROOT, "slow %d %.1f s%n", number, seconds);
      }
      NewFolder.delete(mutant);
    }
    System.out.println("done");
  }

  /** Of the processor: another process that takes turns with this one does not count. */
  private static double processSeconds() {
    var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
    return system.getProcessCpuTime() / 1e9;
  }

  private static String result(Path mutant) {
    try {
      DistinctValues.of(ModelDescription.read(mutant));
    } catch (IllegalArgumentException | IOException e) {
      // told; what flattening says is looked at all the same
    } catch (RuntimeException | Error e) {
      return "failed " + trace(e);
    }
    try (TrainableModel model = FlatModel.read(mutant).load()) {
      return run(model);
    } catch (IllegalArgumentException | IOException e) {
      return "refused";
    } catch (RuntimeException | Error e) {
      return "failed " + trace(e);
    }
  }

  /** What a sound graph computes may be refused in whatever way TensorFlow has. */
  private static String run(TrainableModel model) {
    Map<String, Tensor> fed = new TreeMap<>();
    try {
      Session.Runner runner = model.session().runner();
      model
          .inputs()
          .forEach(
              (name, input) -> {
                if (input.type().equals(TFloat32.class)) {
                  Tensor zeros = zeros(input.shape());
                  fed.put(name, zeros);
                  runner.feed(input, zeros);
                }
              });
      model.outputs().values().forEach(runner::fetch);
      runner.run().close();
      return "run";
    } catch (RuntimeException e) {
      return "loaded";
    } finally {
      fed.values().forEach(Tensor::close);
    }
  }

  private static Tensor zeros(Shape shape) {
    long[] sizes = shape.isUnknown() ? new long[] {2} : shape.asArray();
    for (int i = 0; i < sizes.length; i++) {
      sizes[i] = sizes[i] < 0 ? 2 : Math.min(sizes[i], 64);
    }
    return TFloat32.tensorOf(Shape.of(sizes), data -> data.scalars().forEach(s -> s.setFloat(0)));
  }

  private static String trace(Throwable e) {
    StringBuilder trace = new StringBuilder(String.valueOf(e).replace('\n', ' '));
    for (int i = 0; i < Math.min(4, e.getStackTrace().length); i++) {
      trace.append(" at ").append(e.getStackTrace()[i]);
    }
    return trace.toString();
  }
}
