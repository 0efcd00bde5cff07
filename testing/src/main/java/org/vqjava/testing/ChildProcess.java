/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/** A virtual machine of its own, for what is to be measured or killed. */
public final class ChildProcess {
  private static final int TIMEOUT_MINUTES = 30;

  private ChildProcess() {}

  /**
   * Runs a class with the class path of this process, and waits for its end.
   *
   * @param main has the method main
   * @param heap as {@code -Xmx} takes it, {@code 256m} say
   * @param output takes what it prints
   * @param arguments of main
   * @return the lines that it printed
   * @throws IOException if it cannot be started
   * @throws InterruptedException if this thread is interrupted; the process is ended then
   * @throws AssertionError if it fails, or does not end in time
   */
  public static List<String> run(Class<?> main, String heap, Path output, String... arguments)
      throws IOException, InterruptedException {
    return run(Map.of(), main, List.of("-Xmx" + heap), output, arguments);
  }

  /**
   * The same where variables of the environment are others, for what hangs on them.
   *
   * @param environment name → value, besides those of this process
   * @param main has the method main
   * @param heap as {@code -Xmx} takes it, {@code 256m} say
   * @param output takes what it prints
   * @param arguments of main
   * @return the lines that it printed
   * @throws IOException if it cannot be started
   * @throws InterruptedException if this thread is interrupted; the process is ended then
   * @throws AssertionError if it fails, or does not end in time
   */
  public static List<String> run(
      Map<String, String> environment, Class<?> main, String heap, Path output, String... arguments)
      throws IOException, InterruptedException {
    return run(environment, main, List.of("-Xmx" + heap), output, arguments);
  }

  /**
   * The same with options of the virtual machine.
   *
   * @param main has the method main
   * @param options {@code -Duser.language=tr}, say
   * @param output takes what it prints
   * @param arguments of main
   * @return the lines that it printed
   * @throws IOException if it cannot be started
   * @throws InterruptedException if this thread is interrupted; the process is ended then
   * @throws AssertionError if it fails, or does not end in time
   */
  public static List<String> run(
      Class<?> main, List<String> options, Path output, String... arguments)
      throws IOException, InterruptedException {
    return run(Map.of(), main, options, output, arguments);
  }

  private static List<String> run(
      Map<String, String> environment,
      Class<?> main,
      List<String> options,
      Path output,
      String... arguments)
      throws IOException, InterruptedException {
    ProcessBuilder builder = builder(main, options, arguments).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process = builder.start();
    try {
      if (!process.waitFor(TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
        throw new AssertionError("no end in sight");
      }
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(output);
    if (process.exitValue() != 0) {
      throw new AssertionError(String.join("\n", lines));
    }
    return lines;
  }

  /**
   * Starts one that prints to a pipe, for what is to be followed while it runs.
   *
   * @param main has the method main
   * @param heap as {@code -Xmx} takes it
   * @param arguments of main
   * @return the process, which the caller ends
   * @throws IOException if it cannot be started
   */
  public static Process start(Class<?> main, String heap, String... arguments) throws IOException {
    return builder(main, List.of("-Xmx" + heap), arguments).start();
  }

  private static ProcessBuilder builder(Class<?> main, List<String> options, String... arguments) {
    String own = Objects.requireNonNull(System.getProperty("java.class.path"));
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(ownLocale());
    command.addAll(options);
    command.add("-cp");
    command.add(System.getProperty("surefire.test.class.path", own));
    command.add(main.getName());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).redirectErrorStream(true);
  }

  /** A child would take the machine's. */
  private static List<String> ownLocale() {
    return ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(argument -> argument.startsWith("-Duser."))
        .toList();
  }

  /**
   * The number in a line that a process printed.
   *
   * @param lines what it printed
   * @param start what the line begins with, before a blank and the number
   * @return the number
   * @throws AssertionError if there is no such line
   */
  public static long number(List<String> lines, String start) {
    return lines.stream()
        .filter(line -> line.startsWith(start + " "))
        .map(line -> Long.parseLong(line.substring(start.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + start + " in " + lines));
  }

  /**
   * A figure of this process' memory, on Linux.
   *
   * @param key {@code VmRSS} for what is resident, {@code VmHWM} for the most that ever was
   * @return in KiB
   * @throws IOException if the kernel does not tell
   */
  public static long memory(String key) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith(key + ":")) {
        return Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    throw new IOException("the kernel does not tell " + key);
  }

  /**
   * Makes what is resident now the most that ever was, on Linux.
   *
   * @throws IOException if the kernel does not allow it
   */
  public static void resetPeakMemory() throws IOException {
    Files.writeString(Path.of("/proc/self/clear_refs"), "5");
  }
}
