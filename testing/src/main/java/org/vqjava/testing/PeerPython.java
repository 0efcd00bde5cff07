/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/**
 * Runs scripts in a Python that has TensorFlow and TensorBoard, so that tests compare with the real
 * ones: the one that the system property {@code vq.python} or the environment variable {@code
 * VQ_PYTHON} names.
 */
public final class PeerPython {
  private static final int TIMEOUT_SECONDS = 600;

  private PeerPython() {}

  /** Skips the test where there is none. */
  public static void assumeThere() {
    String python = python();
    Assumptions.assumeTrue(
        python != null && Files.isExecutable(Path.of(python)),
        "set VQ_PYTHON to a Python with tensorflow and tensorboard; .ci/run makes one");
  }

  /**
   * Runs a script in a process of its own.
   *
   * @param anchor a class next to which the script is a resource
   * @param script the script's file name
   * @param scratch a directory for its output
   * @param arguments what it is called with
   * @return the lines that it printed
   * @throws IOException if it cannot be started
   * @throws InterruptedException if the thread is interrupted
   * @throws AssertionError if it fails or takes too long; the message has what it said
   */
  public static List<String> run(Class<?> anchor, String script, Path scratch, String... arguments)
      throws IOException, InterruptedException {
    place(anchor, scratch, script);
    Path file = scratch.resolve(script);
    Path out = scratch.resolve(script + ".out");
    Path err = scratch.resolve(script + ".err");
    List<String> command =
        new ArrayList<>(List.of(Objects.requireNonNull(python(), "python"), file.toString()));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    builder.redirectOutput(out.toFile()).redirectError(err.toFile());
    Process process = builder.start();
    try {
      if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
        throw new AssertionError(
            script + " took over " + TIMEOUT_SECONDS + " s: " + Files.readString(err, UTF_8));
      }
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new AssertionError(script + " failed: " + Files.readString(err, UTF_8));
    }
    return Files.readAllLines(out, UTF_8);
  }

  /**
   * Starts a script that is talked to by its standard streams.
   *
   * @param script a file
   * @param arguments what it is called with
   * @return the process, which the caller ends; what it says on standard error is not kept
   * @throws IOException if it cannot be started
   */
  public static Process start(Path script, String... arguments) throws IOException {
    List<String> command =
        new ArrayList<>(List.of(Objects.requireNonNull(python(), "python"), script.toString()));
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
  }

  /**
   * Puts files beside a script that imports them.
   *
   * @param anchor a class next to which they are resources
   * @param scratch the directory that the script runs in
   * @param files their names
   * @throws IOException if they cannot be written
   */
  public static void place(Class<?> anchor, Path scratch, String... files) throws IOException {
    for (String file : files) {
      try (InputStream in = anchor.getResourceAsStream(file)) {
        Files.write(scratch.resolve(file), Objects.requireNonNull(in, file).readAllBytes());
      }
    }
  }

  private static @Nullable String python() {
    String property = System.getProperty("vq.python");
    return property != null ? property : System.getenv("VQ_PYTHON");
  }
}
