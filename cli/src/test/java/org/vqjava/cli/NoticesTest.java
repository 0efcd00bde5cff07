/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.EagerSession;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;

/** What TensorFlow says on the standard error of a process, with the launcher's descriptors. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the launcher is a shell script")
class NoticesTest {
  private static final int TIMEOUT_SECONDS = 120;
  private static final String NOTICE = "MLIR V1 optimization pass is not enabled";

  private final Path directory;

  NoticesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** A command that opens sessions, and says something before and after. */
  static final class Command {
    private Command() {}

    public static void main(String[] arguments) {
      System.err.println("before");
      Notices.keepOff();
      try (Graph graph = new Graph();
          Session session = new Session(graph);
          EagerSession eager = EagerSession.create()) {
        session.runner().fetch(Ops.create(graph).constant(1)).run().close();
        Ops.create(eager).constant(1).asTensor().close();
      }
      System.err.println("after");
    }
  }

  private List<String> said(boolean withDescriptors) throws IOException, InterruptedException {
    ProcessBuilder builder =
        new ProcessBuilder(
            "sh",
            "-c",
            "exec \"$0\" -cp \"$1\" \"$2\" 8>&2 9>/dev/null",
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            System.getProperty("java.class.path"),
            Command.class.getName());
    builder.environment().put("TF_CPP_MIN_LOG_LEVEL", "2");
    if (withDescriptors) {
      builder.environment().put("VQ_STDERR", "8");
      builder.environment().put("VQ_NOWHERE", "9");
    }
    Path errors = directory.resolve("errors");
    Process process =
        builder
            .redirectError(errors.toFile())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      assertTrue(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS));
    } finally {
      process.destroyForcibly();
    }
    List<String> lines = Files.readAllLines(errors, UTF_8);
    assertEquals(0, process.exitValue(), lines::toString);
    return lines;
  }

  @Test
  void theNoticeIsKeptOffAndWhatComesLaterIsNot() throws Exception {
    assertEquals(List.of("before", "after"), said(true));
    // Not a thing of the past: without the descriptors it is there.
    List<String> all = said(false);
    assertTrue(all.stream().anyMatch(line -> line.endsWith(NOTICE)), all::toString);
  }
}
