/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.vqjava.monitoring.SnapshotLog;
import picocli.CommandLine;

/** The commands that serve, each on a thread that is interrupted as Ctrl-C would. */
class DashboardTest {
  private static final int PATIENCE_SECONDS = 600;
  private static final Pattern ADDRESS = Pattern.compile("http://\\S+/\\S*");

  private final Path directory;

  DashboardTest(@TempDir Path directory) {
    this.directory = directory;
  }

  /** A command that runs. */
  private static final class Running {
    final StringWriter out = new StringWriter();
    final StringWriter err = new StringWriter();
    final int[] code = {-1};
    final Thread thread;

    Running(String... arguments) {
      CommandLine command = Vq.commandLine();
      command.setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
      thread = new Thread(() -> code[0] = command.execute(arguments));
      thread.start();
    }

    URI address(StringWriter in) throws InterruptedException {
      until(in, "http://");
      Matcher matcher = ADDRESS.matcher(in.toString());
      assertTrue(matcher.find());
      return URI.create(matcher.group());
    }

    void until(StringWriter in, String text) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!in.toString().contains(text) || !in.toString().endsWith(System.lineSeparator())) {
        assertTrue(System.nanoTime() < end && thread.isAlive(), () -> text + " in " + out + err);
        Thread.sleep(20);
      }
    }

    int interrupt() throws InterruptedException {
      thread.interrupt();
      thread.join(TimeUnit.SECONDS.toMillis(PATIENCE_SECONDS));
      assertFalse(thread.isAlive());
      return code[0];
    }
  }

  private static String get(URI uri) throws IOException, InterruptedException {
    return HttpClient.newHttpClient()
        .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
        .body();
  }

  @Test
  void aTrainingIsShownWhileItRunsAndThenUntilItIsInterrupted() throws Exception {
    Path run = directory.resolve("run");
    Running train =
        new Running(
            "train",
            "--out",
            run.toString(),
            "--epochs",
            "1",
            "--codes",
            "32",
            "--dashboard",
            "--port",
            "0",
            "--snapshot-every",
            "5");
    URI address = train.address(train.err);
    train.until(train.err, "the dashboard stays at " + address + " until Ctrl-C");
    assertTrue(train.out.toString().contains("./vq dashboard " + run), train.out::toString);
    String metrics = get(address.resolve("/metrics"));
    assertTrue(metrics.contains("vq_codebook_size_codes{codebook=\"bottleneck\"} 32.0"), metrics);
    String shown = get(address.resolve("/api/run?run=run"));
    assertTrue(shown.contains("\"state\":\"finished\""), shown);
    String series = get(address.resolve("/api/series?run=run&codebook=bottleneck"));
    assertTrue(series.contains("\"snapshots\":5,"), series);
    assertEquals(130, train.interrupt(), train.err::toString);
    assertTrue(
        train.err.toString().endsWith("the dashboard has ended" + System.lineSeparator()),
        train.err::toString);

    Running dashboard = new Running("dashboard", directory.toString(), "--port", "0");
    URI later = dashboard.address(dashboard.out);
    String runs = get(later.resolve("/api/runs"));
    assertTrue(runs.startsWith("{\"runs\":[{\"id\":\"run\",\"state\":\"finished\""), runs);
    assertEquals(shown.length(), get(later.resolve("/api/run?run=run")).length());
    assertEquals("metrics are of live runs alone\n", get(later.resolve("/metrics")));
    assertEquals(later + System.lineSeparator(), dashboard.out.toString(), "nothing else");
    assertEquals(130, dashboard.interrupt());
  }

  @Test
  void otherMachinesNeedATokenThatIsMade() throws Exception {
    Running dashboard =
        new Running("dashboard", directory.toString(), "--port", "0", "--host", "0.0.0.0");
    URI address = dashboard.address(dashboard.out);
    assertTrue(address.toString().matches("http://127.0.0.1:\\d+/\\?token=[0-9a-f]{32}"));
    assertEquals(
        "open the address with the token that the command printed\n",
        get(address.resolve("/api/runs")));
    assertEquals(130, dashboard.interrupt());
  }

  @Test
  void aRunWithoutSnapshotsHasNoLog() throws Exception {
    Path run = directory.resolve("run");
    Running train =
        new Running("train", "--out", run.toString(), "--epochs", "1", "--snapshot-every", "0");
    train.thread.join();
    assertEquals(0, train.code[0], train.err::toString);
    assertFalse(Files.exists(run.resolve(SnapshotLog.FILE)));
    assertFalse(train.out.toString().contains("./vq dashboard"), train.out::toString);
  }

  @Test
  void aPortInUseEndsWithTwoAndTheNextStep() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int port = taken.getLocalPort();
      for (String[] arguments :
          new String[][] {
            {"dashboard", directory.toString(), "--port", "" + port},
            {"train", "--out", directory + "/run", "--dashboard", "--port", "" + port}
          }) {
        Running refused = new Running(arguments);
        refused.thread.join();
        assertEquals(2, refused.code[0]);
        assertTrue(
            refused
                .err
                .toString()
                .startsWith("vq " + arguments[0] + ": port must be free, got " + port),
            refused.err::toString);
        assertTrue(
            refused.err.toString().contains("name another, or 0 for any that is free"),
            refused.err::toString);
      }
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "dashboard nowhere | vq dashboard: directory must be that of a run or of several, got"
            + " nowhere",
        "dashboard . --token abcdefghijklmnop | vq dashboard: --token goes with --host: this"
            + " machine alone needs none; vq dashboard --help tells what it takes",
        "dashboard . --host 0.0.0.0 --token short | vq dashboard: token must be of 16 to 128"
            + " letters, digits, hyphens and underscores, got 5 characters",
        "dashboard . --port 70000 | vq dashboard: port must be from 0 to 65535, got 70000",
        "train --snapshot-every -1 | vq train: snapshot-every must be at least 0, got -1"
      })
  void aWrongCallEndsWithTwoAndOneLine(String arguments, String line) throws Exception {
    Running refused = new Running(arguments.split(" "));
    refused.thread.join();
    assertEquals(line + System.lineSeparator(), refused.err.toString());
    assertEquals(2, refused.code[0]);
  }
}
