/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.tensorflow.TensorFlow;

/**
 * What figures are worth nothing without.
 *
 * @param processor its model
 * @param cores how many the process may use
 * @param system its name and version
 * @param java the version of the virtual machine
 * @param tensorflow the version of the native library
 * @param commit of the checkout that is the working directory, with {@code +} if files are changed;
 *     empty if it is none
 */
public record Machine(
    String processor, int cores, String system, String java, String tensorflow, String commit) {
  /**
   * This one.
   *
   * @return what it says of itself
   */
  public static Machine here() {
    return new Machine(
        model(),
        Runtime.getRuntime().availableProcessors(),
        System.getProperty("os.name", "") + " " + System.getProperty("os.version", ""),
        Runtime.version().toString(),
        TensorFlow.version(),
        checkout());
  }

  private static String model() {
    try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
      return lines
          .filter(line -> line.startsWith("model name"))
          .map(line -> line.replaceFirst(".*:\\s*", ""))
          .findFirst()
          .orElse(System.getProperty("os.arch", ""));
    } catch (IOException e) {
      return System.getProperty("os.arch", "");
    }
  }

  private static String checkout() {
    String commit = git("rev-parse", "--short", "HEAD");
    return git("status", "--porcelain", "--untracked-files=no").isEmpty() ? commit : commit + "+";
  }

  private static String git(String... arguments) {
    try {
      Process process =
          new ProcessBuilder(Stream.concat(Stream.of("git"), Stream.of(arguments)).toList())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      return "";
    }
  }

  /** One line. */
  @Override
  public String toString() {
    return processor
        + ", cores: "
        + cores
        + ", "
        + system
        + ", Java "
        + java
        + ", TensorFlow "
        + tensorflow
        + (commit.isEmpty() ? "" : ", commit " + commit);
  }
}
