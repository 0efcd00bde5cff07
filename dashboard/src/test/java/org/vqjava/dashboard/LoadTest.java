/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;

/**
 * Many pages that listen while others ask: each is told every snapshot once, and no answer is an
 * error. How fast that is depends on the machine and is printed, not asserted:
 *
 * <pre>
 * mvn test -pl dashboard -am -Dtest=LoadTest -Dsurefire.failIfNoSpecifiedTests=false \
 *     -Dload.clients=200 -Dload.rate=1000 -Dload.seconds=30
 * </pre>
 */
class LoadTest {
  private static final int CLIENTS = Integer.getInteger("load.clients", 30);
  private static final int RATE = Integer.getInteger("load.rate", 200);
  private static final int SECONDS = Integer.getInteger("load.seconds", 3);
  private static final int SNAPSHOTS_A_SECOND = 20;
  private static final int IN_FLIGHT = 64;
  private static final List<String> PATHS =
      List.of(
          "/api/runs",
          "/api/run?run=live",
          "/api/moment?run=live&codebook=a",
          "/api/heatmap?run=live&codebook=a",
          "/style.css");

  private final Path directory;
  private final AtomicInteger errors = new AtomicInteger();
  private final AtomicInteger answers = new AtomicInteger();
  private final AtomicLong slowestNanos = new AtomicLong();

  LoadTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void everyPageIsToldEverythingAndNoAnswerIsAnError() throws Exception {
    int snapshots = SECONDS * SNAPSHOTS_A_SECOND;
    ExecutorService threads = Executors.newCachedThreadPool();
    AtomicInteger complete = new AtomicInteger();
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0));
        Recorder recorder =
            Recorder.open(
                RecorderOptions.every(1),
                List.of(runs.add(new RunInfo("live", Instant.EPOCH, Map.of()))))) {
      CodebookRecorder codes = recorder.codebook("a", 64);
      codes.record(Observation.at(1).assignments(new int[] {1}));
      Client client = new Client(server);
      for (int i = 0; i < CLIENTS; i++) {
        threads.execute(() -> complete.addAndGet(hearAll(client, snapshots) ? 1 : 0));
      }
      System.gc();
      long before = heap();
      threads.execute(() -> ask(Client.base(server)));
      long begun = System.nanoTime();
      for (int step = 2; step <= snapshots; step++) {
        codes.record(Observation.at(step).assignments(new int[] {step % 64}));
        long due = begun + TimeUnit.SECONDS.toNanos(step) / SNAPSHOTS_A_SECOND;
        TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
      }
      threads.shutdown();
      if (!threads.awaitTermination(600, TimeUnit.SECONDS)) {
        throw new AssertionError("pages still listen: " + complete + " heard all");
      }
      System.gc();
      System.out.printf(
          Locale.ROOT,
          "%d listeners, %d snapshots, %d answers in %d s, slowest %d ms, heap %d -> %d MB%n",
          CLIENTS,
          snapshots,
          answers.get(),
          SECONDS,
          TimeUnit.NANOSECONDS.toMillis(slowestNanos.get()),
          before >> 20,
          heap() >> 20);
    }
    assertEquals(0, errors.get());
    assertEquals(CLIENTS, complete.get());
    assertEquals(RATE * SECONDS, answers.get());
  }

  private static long heap() {
    return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
  }

  /** Whether each step came once, in its order. */
  private boolean hearAll(Client client, int snapshots) {
    try (Socket socket = client.listen("/api/events?run=live")) {
      List<Integer> steps = new ArrayList<>();
      ObjectMapper json = new ObjectMapper();
      while (steps.isEmpty() || steps.get(steps.size() - 1) < snapshots) {
        String line = Client.line(socket.getInputStream());
        if (line.startsWith("data: ")) {
          JsonNode rows = json.readTree(line.substring(6)).get("rows");
          rows.forEach(row -> steps.add(row.get("step").asInt()));
        }
      }
      for (int i = 0; i < snapshots; i++) {
        if (steps.get(i) != i + 1) {
          return false;
        }
      }
      return steps.size() == snapshots;
    } catch (IOException e) {
      errors.incrementAndGet();
      return false;
    }
  }

  /** So many a second, however long an answer takes. */
  private void ask(URI base) {
    HttpClient http = HttpClient.newHttpClient();
    Semaphore flying = new Semaphore(IN_FLIGHT);
    long begun = System.nanoTime();
    try {
      for (int i = 0; i < RATE * SECONDS; i++) {
        TimeUnit.NANOSECONDS.sleep(begun + TimeUnit.SECONDS.toNanos(i) / RATE - System.nanoTime());
        flying.acquire();
        long sent = System.nanoTime();
        HttpRequest request =
            HttpRequest.newBuilder(base.resolve(PATHS.get(i % PATHS.size()))).build();
        var unused =
            http.sendAsync(request, HttpResponse.BodyHandlers.ofString())
                .whenComplete(
                    (answer, failure) -> {
                      flying.release();
                      answers.incrementAndGet();
                      slowestNanos.accumulateAndGet(System.nanoTime() - sent, Math::max);
                      if (failure != null || answer.statusCode() != 200) {
                        errors.incrementAndGet();
                      }
                    });
      }
      flying.acquire(IN_FLIGHT);
    } catch (InterruptedException e) {
      errors.incrementAndGet();
    }
  }
}
