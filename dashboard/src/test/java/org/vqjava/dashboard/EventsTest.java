/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;

/** Events: none is lost, none is told twice, and who is slow delays nobody. */
class EventsTest {
  private static final RunInfo INFO = new RunInfo("run", Instant.EPOCH, Map.of());
  private static final int PATIENCE_SECONDS = 600;

  private final Path directory;

  EventsTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static void record(Recorder recorder, int from, int to) {
    CodebookRecorder codes = recorder.codebook("a", 4);
    for (int step = from; step <= to; step++) {
      codes.record(Observation.at(step).assignments(new int[] {step % 4}));
    }
  }

  private static void recordMuch(Recorder recorder, int from, int to) {
    CodebookRecorder codes = recorder.codebook("a", 4);
    for (int step = from; step <= to; step++) {
      codes.record(
          Observation.at(step).assignments(new int[] {step % 4}).loss("l".repeat(500), step));
    }
  }

  /** The same, and not closed with its recorder. */
  private static SnapshotSink stays(SnapshotSink sink) {
    return snapshot -> sink.accept(snapshot);
  }

  /** Reads events up to a step. */
  private static String readTo(InputStream in, List<Long> steps, long last) throws IOException {
    String id = "";
    while (steps.isEmpty() || steps.get(steps.size() - 1) < last) {
      String line = Client.line(in);
      if (line.startsWith("id: ")) {
        id = line.substring(4);
      } else if (line.startsWith("data: {\"state")) {
        JsonNode data = new ObjectMapper().readTree(line.substring(6));
        data.get("rows").forEach(row -> steps.add(row.get("step").asLong()));
      }
    }
    return id;
  }

  @Test
  void aBrowserThatComesBackHasNoGapAndNoDuplicate() throws Exception {
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0));
        Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(runs.add(INFO)))) {
      Client client = new Client(server);
      List<Long> steps = new ArrayList<>();
      record(recorder, 1, 500);
      String id;
      try (Socket socket = client.listen("/api/events?run=run")) {
        id = readTo(socket.getInputStream(), steps, 500);
      }
      record(recorder, 501, 700);
      // A browser calls the same address again, with the number of the last event beside it.
      try (Socket socket = client.listen("/api/events?run=run", "Last-Event-ID: " + id)) {
        record(recorder, 701, 705);
        readTo(socket.getInputStream(), steps, 705);
      }
      List<Long> expected = new ArrayList<>();
      for (long step = 1; step <= 705; step++) {
        expected.add(step);
      }
      assertEquals(expected, steps);
    }
  }

  @Test
  void aRunThatGoesOnFromAnEarlierStepIsToldAnew() throws Exception {
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      SnapshotSink sink = runs.add(INFO);
      try (Recorder first = Recorder.open(RecorderOptions.every(1), List.of(stays(sink)))) {
        record(first, 1, 10);
      }
      Client client = new Client(server);
      try (Socket socket = client.listen("/api/events?run=run")) {
        readTo(socket.getInputStream(), new ArrayList<>(), 10);
        try (Recorder second = Recorder.open(RecorderOptions.every(1), List.of(stays(sink)))) {
          record(second, 6, 7);
        }
        String line = Client.line(socket.getInputStream());
        while (!line.equals("event: anew")) {
          line = Client.line(socket.getInputStream());
        }
      }
      JsonNode rows = client.get("/api/series?run=run&codebook=a").json().get("rows");
      assertEquals(7, rows.size());
      assertEquals(7, rows.get(6).get("step").asInt());
      sink.ended(RunOutcome.finished());
      sink.close();
      assertEquals("finished", client.get("/api/run?run=run").json().get("state").asText());
    }
  }

  @Test
  void aLogIsFollowedAndItsEndIsTold() throws Exception {
    Path run = Files.createDirectories(directory.resolve("late"));
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      Client client = new Client(server);
      assertEquals(0, client.get("/api/runs").json().get("runs").size());
      Path file = run.resolve(SnapshotLog.FILE);
      SnapshotLog log = SnapshotLog.open(file, INFO);
      Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(stays(log)));
      record(recorder, 1, 3);
      until(() -> client.get("/api/runs").json().get("runs").size() == 1);
      List<Long> steps = new ArrayList<>();
      try (Socket socket = client.listen("/api/events?run=late")) {
        readTo(socket.getInputStream(), steps, 3);
        record(recorder, 4, 6);
        readTo(socket.getInputStream(), steps, 6);
      }
      assertEquals(List.of(1L, 2L, 3L, 4L, 5L, 6L), steps);
      log.ended(RunOutcome.failed("out of luck"));
      until(() -> client.get("/api/run?run=late").json().get("state").asText().equals("failed"));

      Files.delete(file);
      until(
          () ->
              client
                  .get("/api/run?run=late")
                  .json()
                  .get("trouble")
                  .asText()
                  .equals("the log was deleted; what was read of it stays here"));
      assertEquals(6, client.get("/api/series?run=late&codebook=a").json().get("rows").size());

      // Another run takes the place of the one that was deleted.
      try (SnapshotLog next = SnapshotLog.open(file, INFO);
          Recorder other = Recorder.open(RecorderOptions.every(1), List.of(stays(next)))) {
        record(other, 1, 1);
      }
      until(
          () -> {
            Client.Answer answer = client.get("/api/series?run=late&codebook=a");
            return answer.status() == 200 && answer.json().get("rows").size() == 1;
          });

      Files.writeString(
          file, "no log at all, and longer than the one that was there before it ..".repeat(50));
      until(
          () ->
              client
                  .get("/api/run?run=late")
                  .json()
                  .get("trouble")
                  .asText()
                  .startsWith("the log is damaged"));
      log.close();
    }
  }

  @FunctionalInterface
  private interface Condition {
    boolean holds() throws IOException;
  }

  private static boolean thereIsRoom(Client client) throws IOException {
    try (Socket socket = client.listen("/api/events?run=run")) {
      return Client.line(socket.getInputStream()).startsWith("HTTP/1.1 200");
    }
  }

  private static void until(Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, "in time");
      Thread.sleep(50);
    }
  }

  /** More runs than are kept in memory: each is read again when it is asked for again. */
  @Test
  void runsThatNobodyAsksForMakeRoom() throws Exception {
    for (int i = 0; i < RunCatalog.MOST_READ + 3; i++) {
      Path run = Files.createDirectories(directory.resolve("run-" + i));
      try (Recorder recorder =
          Recorder.open(
              RecorderOptions.every(1),
              List.of(SnapshotLog.open(run.resolve(SnapshotLog.FILE), INFO)))) {
        record(recorder, 1, 5 + i);
      }
    }
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      Client client = new Client(server);
      for (int round = 0; round < 2; round++) {
        for (int i = 0; i < RunCatalog.MOST_READ + 3; i++) {
          int rows = 5 + i;
          String path = "/api/series?run=run-" + i + "&codebook=a";
          until(() -> client.get(path).status() == 200);
          assertEquals(rows, client.get(path).json().get("rows").size());
        }
        until(() -> runs.runs().stream().filter(Run::isRead).count() == RunCatalog.MOST_READ);
      }
    }
  }

  @Test
  void aCodebookOfAnotherSizeBeginsAnew() throws Exception {
    RunStore store = new RunStore(Clock.systemUTC());
    assertEquals("waiting", store.health().state());
    store.started(INFO);
    long era = store.cursor().era();
    for (int codes : new int[] {4, 4, 8}) {
      try (Recorder recorder =
          Recorder.open(RecorderOptions.every(1), List.of(stays(store::snapshot)))) {
        recorder
            .codebook("a", codes)
            .record(Observation.at(codes == 4 ? store.cursor().number() : 1));
      }
    }
    assertEquals(Map.of("a", 8), store.codebooks());
    RunStore.News news = store.after(new RunStore.Cursor(era, 2), "running", "", 10);
    assertTrue(news.anew());
    assertEquals(List.of(), news.rows());
    RunStore.News none = store.after(news.cursor(), "running", "", 10);
    assertFalse(none.anew());
    assertEquals(news.cursor(), none.cursor());
    assertTrue(Api.cursor("no cursor").isEmpty());
  }

  @Test
  void asManyListenAsMayAndRoomIsMadeAgain() throws Exception {
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server =
            DashboardServer.open(runs, DashboardOptions.onPort(0).withMostListeners(2));
        Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(runs.add(INFO)))) {
      record(recorder, 1, 1);
      Client client = new Client(server);
      try (Socket one = client.listen("/api/events?run=run");
          Socket two = client.listen("/api/events?run=run")) {
        readTo(one.getInputStream(), new ArrayList<>(), 1);
        readTo(two.getInputStream(), new ArrayList<>(), 1);
        Client.Answer third = client.get("/api/events?run=run");
        assertEquals(503, third.status());
        assertTrue(third.head().contains("Retry-after: 5"), third.head());
        assertEquals("as many pages listen as may; close one\n", third.body());
      }
      until(() -> thereIsRoom(client));
    }
  }

  /** Reads nothing while megabytes are told: it is dropped, and the recorder never waits. */
  @Test
  void whoIsSlowIsDroppedAndDelaysNobody() throws Exception {
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server =
            DashboardServer.open(runs, DashboardOptions.onPort(0).withMostListeners(1));
        Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(runs.add(INFO)))) {
      Client client = new Client(server);
      recordMuch(recorder, 1, 19_000); // 20 MB of events, more than a kernel keeps for a connection
      try (Socket slow = client.listen("/api/events?run=run")) {
        InputStream in = slow.getInputStream();
        assertTrue(Client.line(in).startsWith("HTTP/1.1 200"));
        recordMuch(recorder, 19_001, 19_100);
        assertFalse(thereIsRoom(client), "recording waited until the slow page was dropped");
        assertEquals(200, client.get("/api/runs").status());
        until(() -> thereIsRoom(client));
        assertThrows(
            IOException.class,
            () -> {
              while (true) {
                assertFalse(Client.line(in).contains("\"step\":19100"), "all of it was told");
              }
            });
      }
    }
  }
}
