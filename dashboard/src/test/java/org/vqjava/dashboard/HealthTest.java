/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.monitoring.CodebookRecorder;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;

/** What is said of a codebook and its run, and that nothing that is wrong is called healthy. */
class HealthTest {
  private static final RunInfo INFO = new RunInfo("run", Instant.EPOCH, Map.of());
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final int CODES = 4;
  private static final int PATIENCE_SECONDS = 40;

  private final RunHealth health = new RunHealth(Clock.fixed(NOW, ZoneOffset.UTC));
  private final Path directory;

  HealthTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private static Observation sound(int step) {
    return Observation.at(step)
        .assignments(new int[] {0, 1, 2, 3})
        .nearestDistance(new float[] {1, 2})
        .loss("total", 1);
  }

  /** Takes observations, each a window. */
  private void record(Observation... seen) {
    record(health, NOW, seen);
  }

  private static void record(FollowedLog.Listener listener, Instant at, Observation... seen) {
    RecorderOptions options =
        RecorderOptions.every(1).withViewEvery(1).withClock(Clock.fixed(at, ZoneOffset.UTC));
    SnapshotSink sink = listener::snapshot;
    try (Recorder recorder = Recorder.open(options, List.of(sink))) {
      CodebookRecorder codes = recorder.codebook("a", CODES);
      for (Observation one : seen) {
        codes.record(one);
      }
    }
  }

  private void verdict(String kind, String title, String says) {
    for (Verdict verdict : List.of(health.worst(), health.verdicts().get("a"))) {
      assertEquals(
          kind + " " + title,
          verdict.kind().name().toLowerCase(Locale.ROOT) + " " + verdict.title(),
          verdict::sentence);
      assertTrue(verdict.sentence().contains(says), verdict::sentence);
    }
  }

  @Test
  void whatIsEvenAndFiniteIsHealthy() {
    health.started(INFO);
    assertEquals(Verdict.WAITING, health.worst());
    record(sound(1), sound(2));
    verdict("good", "Healthy", "100 % of the codes are taken");
    health.ended(RunOutcome.finished());
    assertEquals("finished", health.state());
    verdict("good", "Healthy", "100 % of the codes are taken");
  }

  @ParameterizedTest
  @CsvSource({"NaN,1,2", "Infinity,1,2", "-Infinity,1,2", "NaN,0,1", "NaN,0,9", "Infinity,9,9"})
  void lossesThatAreNotFiniteAreSaidWherever(double loss, int first, int last) {
    Observation[] seen = new Observation[10];
    for (int i = 0; i < 10; i++) {
      seen[i] = sound(i + 1).loss("alpha", i >= first && i <= last ? loss : 1);
    }
    health.started(INFO);
    record(seen);
    if (last == 9) {
      verdict(
          "bad",
          "Not a number",
          "At step 10, and so "
              + (first == 0 ? "from the start" : "since step " + (first + 1))
              + ": loss alpha is "
              + loss);
    } else {
      verdict(
          "warn",
          "Was not a number",
          "In "
              + (last - first + 1)
              + " of 10 windows, the last of them up to step "
              + (last + 1)
              + ": loss alpha is "
              + loss
              + ". Finite since. Healthy:");
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY})
  void everythingElseThatIsNotFiniteIsSaid(float broken) {
    health.started(INFO);
    record(sound(1).nearestDistance(new float[] {1, broken}));
    verdict("bad", "Not a number", "1 of 4 distances are NaN or infinite");
    record(sound(2).similarity(new float[] {broken}));
    verdict("bad", "Not a number", "1 of 1 similarities are NaN or infinite");
    record(sound(3).codebook(new float[] {1, 2, broken, 4}, 1));
    verdict("bad", "Not a number", "from the start: 1 of 4 codes are NaN or infinite, 1 of 4 spac");
    record(
        sound(4)
            .codebook(new float[] {1, 2, 3, 4}, 1)
            .closestSpacing(new float[] {1, 1, broken, broken}));
    verdict("bad", "Not a number", "2 of 4 spacings are NaN or infinite");
    record(sound(5));
    verdict("warn", "Was not a number", "In 4 of 5 windows, the last of them up to step 4");
    record(sound(1)); // the run begins anew, and what was is void
    verdict("good", "Healthy", "");
  }

  @Test
  void manyThatAreNotFiniteAreCutShort() {
    health.started(INFO);
    Observation seen = sound(1);
    for (String term : List.of("a", "b", "c", "d")) {
      seen.loss(term, Double.NaN);
    }
    record(seen);
    verdict("bad", "Not a number", "loss a is NaN, loss b is NaN, loss c is NaN, ... Lower");
  }

  @Test
  void aFailedRunIsNotHealthy() {
    health.started(INFO);
    record(sound(1));
    health.ended(RunOutcome.failed("the loss is NaN at step 2"));
    assertEquals("failed", health.state());
    verdict("bad", "Run failed", "the loss is NaN at step 2. Healthy: 100 %");
    record(sound(2).loss("total", Double.NaN));
    verdict("bad", "Run failed", "Not a number: At step 2");
    health.ended(RunOutcome.failed(" "));
    verdict("bad", "Run failed", "Its log does not say why.");
  }

  @Test
  void aStoppedRunSaysSoAndGoesOn() {
    health.started(INFO);
    record(sound(1));
    health.ended(RunOutcome.stopped("stopped after step 1 of 9"));
    assertEquals("stopped", health.state());
    verdict("warn", "Stopped", "stopped after step 1 of 9. Healthy:");
    record(sound(2).loss("total", Double.NaN));
    verdict("bad", "Not a number", "Stopped: stopped after step 1 of 9.");
    health.started(INFO);
    assertEquals("running", health.state());
    record(sound(2));
    verdict("good", "Healthy", "");
    health.ended(RunOutcome.stopped(""));
    verdict("warn", "Stopped", "It may go on.");
  }

  @Test
  void aRunThatWasKilledIsSilent() {
    health.started(INFO);
    record(health, NOW.minusSeconds(3600), sound(1));
    assertEquals("silent", health.state());
    verdict("warn", "Silent", "Nothing came since 2026-01-02T02:04:05Z");
    RunHealth slow = new RunHealth(Clock.fixed(NOW, ZoneOffset.UTC));
    slow.started(INFO);
    record(slow, NOW.minusSeconds(3600), sound(1));
    record(slow, NOW.minusSeconds(1800), sound(2));
    assertEquals("running", slow.state(), "its windows take half an hour");
  }

  @Test
  void aLogWithTroubleIsNotWhole() {
    health.started(INFO);
    record(sound(1));
    health.trouble("the log is damaged after what is shown");
    verdict("warn", "Log not whole", "the log is damaged after what is shown.");
  }

  @Test
  void anEmptyWindowIsNoCollapse() {
    health.started(INFO);
    record(Observation.at(1));
    verdict("warn", "Empty window", "No vector was looked up");
    record(Observation.at(2).loss("total", Double.NaN));
    verdict("bad", "Not a number", "loss total is NaN");
  }

  @Test
  void aRunWithoutASnapshotIsNotHealthy() {
    health.started(INFO);
    health.ended(RunOutcome.failed("no memory"));
    assertEquals(
        Verdict.bad(
            "Run failed",
            "no memory. No snapshot: The run ended before a window" + " of batches was full."),
        health.worst());
    health.ended(RunOutcome.finished());
    assertEquals("No snapshot", health.worst().title());
  }

  @ParameterizedTest
  @CsvSource({
    "0 0 0 0 0,bad,Collapsed",
    "0 1,warn,Window too small",
    "0 0 1 1,warn,Dead codes",
    "0 1 2 3,good,Healthy"
  })
  void usageIsJudgedWhereAllIsFinite(String taken, String kind, String title) {
    health.started(INFO);
    int[] codes = Arrays.stream(taken.split(" ")).mapToInt(Integer::parseInt).toArray();
    record(Observation.at(1).assignments(codes));
    verdict(kind, title, "");
  }

  @Test
  void aCollapseIsSeenInTheLastQuarter() {
    health.started(INFO);
    List<Observation> seen = new ArrayList<>();
    for (int step = 1; step <= 12; step++) {
      seen.add(
          Observation.at(step)
              .assignments(step <= 9 ? new int[] {0, 1, 2, 3} : new int[] {0, 0, 0, 1}));
    }
    record(seen.toArray(new Observation[0]));
    verdict("bad", "Collapsing", "Perplexity fell from 4.0 to 1.8 in the last quarter.");
  }

  private void write(String run, RunOutcome outcome, Observation... seen) throws IOException {
    Path folder = Files.createDirectories(directory.resolve(run));
    try (Recorder recorder =
        Recorder.open(
            RecorderOptions.every(1).withViewEvery(1),
            List.of(SnapshotLog.open(folder.resolve(SnapshotLog.FILE), INFO)))) {
      for (Observation one : seen) {
        recorder.codebook("a", CODES).record(one);
      }
      recorder.end(outcome);
    }
  }

  /** Of runs that nobody opened, and more of them than are kept in memory. */
  @Test
  void theListOfRunsSaysHowEachFares() throws Exception {
    write("broken", RunOutcome.finished(), sound(1), sound(2).loss("total", Double.NaN));
    write("failed", RunOutcome.failed("out of luck"), sound(1));
    write("stopped", RunOutcome.stopped("^C"), sound(1));
    for (int i = 0; i < RunCatalog.MOST_READ + 2; i++) {
      write("well-" + i, RunOutcome.finished(), sound(1));
    }
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      SnapshotSink live = runs.add(new RunInfo("zz-live", NOW, Map.of()));
      try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(live))) {
        recorder.codebook("a", CODES).record(sound(1).loss("total", Double.NEGATIVE_INFINITY));
      }
      Client client = new Client(server);
      JsonNode all = all(client);
      assertEquals("finished", all.get(0).get("state").asText());
      assertEquals("Not a number", all.get(0).get("worst").get("title").asText());
      assertEquals("bad", all.get(0).get("worst").get("kind").asText());
      assertEquals("failed", all.get(1).get("state").asText());
      assertEquals("out of luck", all.get(1).get("reason").asText());
      assertEquals("Run failed", all.get(1).get("worst").get("title").asText());
      assertEquals("Stopped", all.get(2).get("worst").get("title").asText());
      JsonNode last = all.get(all.size() - 1);
      assertEquals("Run failed", last.get("worst").get("title").asText());
      assertTrue(last.get("worst").get("sentence").asText().contains("total is -Infinity"));
      assertEquals("Healthy", all.get(3).get("worst").get("title").asText());
      assertEquals(
          0,
          runs.runs().stream()
              .filter(run -> run.id().startsWith("well"))
              .filter(Run::isRead)
              .count(),
          "nothing is kept of them");

      // A run that goes on badly is seen in the list, though nobody looks at it.
      write("well-0", RunOutcome.failed("later"), sound(2));
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
      while (!all(client).get(3).get("state").asText().equals("failed")) {
        assertTrue(System.nanoTime() < end, "in time");
        Thread.sleep(50);
      }
    }
  }

  private static JsonNode all(Client client) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (true) {
      JsonNode all = client.get("/api/runs").json().get("runs");
      boolean known = true;
      for (JsonNode run : all) {
        known &= run.has("worst");
      }
      if (known) {
        return all;
      }
      assertTrue(System.nanoTime() < end, "in time");
    }
  }

  /** JSON has no NaN: it is a text, never left out and never 0. */
  @Test
  void whatIsNotFiniteIsInTheJson() throws Exception {
    write(
        "broken",
        RunOutcome.finished(),
        sound(1),
        Observation.at(2)
            .assignments(new int[] {0, 1, 2, 3})
            .nearestDistance(new float[] {Float.NaN, Float.POSITIVE_INFINITY})
            .loss("total", Double.NaN)
            .loss("alpha", Double.POSITIVE_INFINITY)
            .loss("beta", Double.NEGATIVE_INFINITY)
            .codebook(new float[] {0, Float.NaN, 1, 3}, 1),
        sound(3).nearestDistance(new float[] {Float.NaN, Float.NaN}));
    try (RunCatalog runs = RunCatalog.open(directory);
        DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(0))) {
      Client client = new Client(server);
      String where = "?run=broken&codebook=a";
      JsonNode series = client.get("/api/series" + where).json();
      assertEquals("Not a number", series.get("health").get("title").asText());
      JsonNode row = series.get("rows").get(1);
      assertEquals(
          "{\"alpha\":\"Infinity\",\"beta\":\"-Infinity\",\"total\":\"NaN\"}",
          row.get("losses").toString());
      assertEquals("NaN", row.get("distanceMedian").textValue());
      assertEquals(2, row.get("distanceNotFinite").asInt());
      assertEquals(1, row.get("normNotFinite").asInt());
      assertEquals(6, row.get("notFinite").size(), row::toString);
      assertFalse(row.has("similarityMedian"), "what was not recorded is not there");
      assertFalse(series.get("rows").get(0).has("notFinite"));

      JsonNode histograms = client.get("/api/histograms" + where + "&kind=distance").json();
      assertEquals(List.of(1L, 2L, 3L), steps(histograms));
      assertEquals("[0.0,1.0,0.5]", histograms.get("notFinite").toString());
      JsonNode map = client.get("/api/moment" + where).json().get("map");
      assertEquals(1, map.get("notFinite").asInt());
      assertTrue(map.get("points").get(2).isNull() && map.get("points").get(3).isNull());
      assertTrue(map.get("points").get(0).isNumber());
      JsonNode run = client.get("/api/run?run=broken").json();
      assertEquals("Not a number", run.get("health").get("a").get("title").asText());
      assertEquals("Not a number", run.get("worst").get("title").asText());
    }
  }

  private static List<Long> steps(JsonNode answer) {
    List<Long> steps = new ArrayList<>();
    answer.get("steps").forEach(step -> steps.add(step.asLong()));
    return steps;
  }

  /** However many rows there are, a single one that is not finite is among those that are told. */
  @Test
  void noRowThatIsNotFiniteIsThinnedAway() {
    RunStore store = new RunStore(Clock.fixed(NOW, ZoneOffset.UTC));
    store.started(INFO);
    Observation[] seen = new Observation[25_000];
    for (int i = 0; i < seen.length; i++) {
      seen[i] = sound(i).loss("total", i == 1235 ? Double.NaN : 1);
    }
    record(store, NOW, seen);
    store.read(
        "a",
        history -> {
          assertTrue(history.rows().size() < seen.length);
          List<Row> few = Api.thinned(history.rows(), 1000);
          assertTrue(few.size() <= 1000, () -> "" + few.size());
          assertEquals(
              List.of(1235L),
              few.stream().filter(row -> !row.notFinite().isEmpty()).map(Row::step).toList());
          for (int i = 1; i < few.size(); i++) {
            assertTrue(few.get(i - 1).step() < few.get(i).step(), "in their order");
          }
          return few;
        });
    assertEquals("Was not a number", store.health().worst().title());
  }

  /** Who listens is told when the verdict or the trouble changes, not the rows alone. */
  @Test
  void whoListensHearsHowItFares() throws Exception {
    RunStore store = new RunStore(Clock.fixed(NOW, ZoneOffset.UTC));
    store.started(INFO);
    record(store, NOW, sound(1));
    RunStore.News news = store.after(new RunStore.Cursor(store.cursor().era(), 0), "", "", 10);
    assertEquals("Healthy", Objects.requireNonNull(news.verdicts().get("a")).title());
    store.trouble("the log cannot be read now");
    RunStore.News troubled = store.after(news.cursor(), news.state(), news.trouble(), 10_000);
    assertEquals("Log not whole", troubled.worst().title());
    store.ended(RunOutcome.failed("no"));
    RunStore.News failed = store.after(news.cursor(), "running", troubled.trouble(), 10_000);
    assertEquals("failed", Api.news(failed).get("state").asText());
    assertEquals("Run failed", Api.news(failed).get("health").get("a").get("title").asText());
  }
}
