/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.SnapshotSink;

/** What is answered, and to whom. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ServerTest {
  private static final String TOKEN = "a-token-of-some-length";

  private final Path directory;
  private final RunCatalog runs;
  private final DashboardServer server;
  private final Client client;

  ServerTest(@TempDir Path directory) throws IOException {
    this.directory = directory;
    DemoRuns.writeWhole(directory.resolve("healthy"), DemoRuns.Kind.HEALTHY, 300);
    DemoRuns.write(directory.resolve("deep/dead"), DemoRuns.Kind.DEAD, 200);
    runs = RunCatalog.open(directory);
    SnapshotSink large = runs.add(new RunInfo("large", Instant.EPOCH, Map.of()));
    DemoRuns.feed(large, 16_384, 300);
    server =
        DashboardServer.open(
            runs, DashboardOptions.onPort(0).withMetrics(() -> "vq_codebook_perplexity 1\n"));
    client = new Client(server);
  }

  @AfterAll
  void close() {
    server.close();
    server.close();
    runs.close();
  }

  private JsonNode json(String path) throws IOException {
    Client.Answer answer = client.get(path);
    assertEquals(200, answer.status(), answer.body());
    assertTrue(answer.head().contains("Content-type: application/json"), answer.head());
    return answer.json();
  }

  @Test
  void runsAreFoundByTheirDirectories() throws IOException {
    assertEquals(
        List.of("deep/dead", "healthy", "large"),
        json("/api/runs").get("runs").findValuesAsText("id"));
    JsonNode run = json("/api/run?run=deep/dead");
    assertEquals("dead", run.get("name").asText());
    assertEquals("failed", run.get("state").asText(), "it was closed and its end never told");
    assertEquals("DEAD", run.get("options").get("kind").asText());
    assertEquals(
        "[{\"name\":\"bottleneck\",\"codes\":64},{\"name\":\"small\",\"codes\":4}]",
        run.get("codebooks").toString());
    assertEquals("finished", json("/api/run?run=healthy").get("state").asText());
    assertEquals("finished", json("/api/run?run=large").get("state").asText());
  }

  @Test
  void curvesHaveEverySnapshotOrTheirExtremes() throws IOException {
    JsonNode all = json("/api/series?run=healthy&codebook=bottleneck");
    assertEquals(30, all.get("rows").size());
    JsonNode last = all.get("rows").get(29);
    assertEquals(300, last.get("step").asInt());
    assertEquals(2560, last.get("vectors").asInt());
    double perplexity = last.get("perplexity").asDouble();
    assertEquals(perplexity, Math.pow(2, last.get("entropy").asDouble()), 1e-9);
    assertTrue(last.get("losses").has("reconstruction"));
    assertTrue(last.has("drift") && last.has("spacingMin") && last.has("similarityMax"));
    assertTrue(all.get("replacementCount").asInt() > 0);
    assertFalse(all.get("rows").get(0).has("drift"), "JSON has no NaN");

    JsonNode few = json("/api/series?run=large&codebook=large&points=20");
    JsonNode every = json("/api/series?run=large&codebook=large&points=4000");
    assertEquals(300, every.get("rows").size());
    assertTrue(few.get("rows").size() <= 20, () -> "" + few.get("rows").size());
    assertEquals(every.get("rows").get(0), few.get("rows").get(0));
    assertEquals(every.get("rows").get(299), few.get("rows").get(few.get("rows").size() - 1));
    double least = Double.POSITIVE_INFINITY;
    for (JsonNode row : every.get("rows")) {
      least = Math.min(least, row.get("perplexity").asDouble());
    }
    boolean kept = false;
    for (JsonNode row : few.get("rows")) {
      kept |= row.get("perplexity").asDouble() == least;
    }
    assertTrue(kept, "the deepest dip");
  }

  @ParameterizedTest
  @CsvSource({"index,codes 0 to 127", "usage,ranks 0 to 127"})
  void aHeatmapIsPooledToWhatAScreenShows(String order, String first) throws IOException {
    JsonNode heat = json("/api/heatmap?run=large&codebook=large&rows=128&order=" + order);
    assertEquals(128, heat.get("rows").size());
    assertEquals(first, heat.get("rows").get(0).asText());
    assertTrue(heat.get("steps").size() <= 256);
    assertEquals(300, heat.get("steps").get(heat.get("steps").size() - 1).asInt());
    for (JsonNode column : heat.get("values")) {
      double mean = 0;
      for (JsonNode value : column) {
        mean += value.asDouble() / 128;
      }
      assertEquals(1, mean, 1e-3, "multiples of uniform are 1 in the mean");
    }
    assertEquals(
        "code 0", json("/api/heatmap?run=healthy&codebook=small").get("rows").get(0).asText());
    assertEquals(
        "code 0",
        json("/api/heatmap?run=healthy&codebook=small&order=usage").get("rows").get(0).asText());
  }

  @Test
  void histogramsAreOnOneGrid() throws IOException {
    for (String kind : List.of("distance", "similarity")) {
      JsonNode histograms = json("/api/histograms?run=healthy&codebook=bottleneck&kind=" + kind);
      assertEquals(41, histograms.get("edges").size());
      assertEquals(30, histograms.get("steps").size());
      for (JsonNode column : histograms.get("values")) {
        double sum = 0;
        for (JsonNode value : column) {
          sum += value.asDouble();
        }
        assertEquals(1, sum, 1e-3);
      }
    }
    assertEquals(0, json("/api/histograms?run=healthy&codebook=small").get("steps").size());
  }

  @Test
  void aMomentIsOfItsStep() throws IOException {
    JsonNode newest = json("/api/moment?run=healthy&codebook=bottleneck");
    assertEquals(300, newest.get("step").asInt());
    assertEquals(64, newest.get("counts").size());
    assertEquals(128, newest.get("map").get("points").size());
    assertEquals(64, newest.get("sorted").size());
    assertEquals(30, newest.get("viewSteps").size());
    assertEquals(8, newest.get("images").get("columns").asInt());
    assertEquals(64, newest.get("spacing").get("finite").asInt());
    JsonNode early = json("/api/moment?run=healthy&codebook=bottleneck&step=57");
    assertEquals(50, early.get("step").asInt());
    assertEquals(50, early.get("map").get("step").asInt());
    assertNotEquals(early.get("map").get("points"), newest.get("map").get("points"));
    assertEquals(
        10, json("/api/moment?run=healthy&codebook=bottleneck&step=-5").get("step").asInt());
    Client.Answer png = client.get("/api/codes.png?run=healthy&codebook=bottleneck&step=57");
    assertEquals(200, png.status());
    assertTrue(png.body().contains("PNG"));
    assertEquals(404, client.get("/api/codes.png?run=healthy&codebook=small").status());

    JsonNode dead = json("/api/moment?run=deep/dead&codebook=bottleneck");
    assertTrue(dead.get("deadCount").asInt() > 5, dead::toString);
    assertEquals(-1, dead.get("dead").get(0).get("lastUsed").asInt(), "never taken comes first");
    JsonNode large = json("/api/moment?run=large&codebook=large");
    assertEquals(512, large.get("sorted").size());
    assertEquals(200, large.get("dead").size());
  }

  @Test
  void thePageIsServedWithWhatItNeeds() throws IOException {
    Client.Answer page = client.get("/");
    assertTrue(page.body().contains("<title>VQ dashboard</title>"));
    Set<String> policies = new HashSet<>();
    for (String path :
        List.of("/", "/style.css", "/favicon.svg", "/app.js", "/echarts.js", "/api/runs", "/no")) {
      Client.Answer answer = client.get(path);
      assertEquals(path.equals("/no") ? 404 : 200, answer.status(), path);
      assertTrue(answer.head().contains("X-content-type-options: nosniff"), path);
      policies.add(answer.head().replaceAll("(?s).*Content-security-policy: (.*?)\r\n.*", "$1"));
      assertFalse(answer.head().contains("Access-Control"), path);
    }
    assertEquals(1, policies.size());
    String policy = policies.iterator().next();
    assertTrue(policy.startsWith("default-src 'none'; script-src 'self';"), policy);
    assertEquals("vq_codebook_perplexity 1\n", client.get("/metrics").body());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/..%2f..%2fetc/passwd",
        "//etc/passwd",
        "/app.js/../index.html",
        "/index.html",
        "/api/run?run=../../etc",
        "/api/run?run=healthy/..",
        "/api/series?run=healthy&codebook=none",
        "/api/moment?run=none&codebook=bottleneck",
        "/api/events?run=none",
        "/api/"
      })
  void nothingElseIsFound(String path) throws IOException {
    Client.Answer answer = client.get(path);
    assertEquals(404, answer.status(), path);
    assertFalse(answer.body().contains("root:"), answer.body());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/api/run | run must be given",
        "/api/run?run= | run must be given",
        "/api/series?run=healthy | codebook must be given",
        "/api/series?run=healthy&codebook=bottleneck&points=5 | points must be from 10 to 4000, got"
            + " 5",
        "/api/series?run=healthy&codebook=bottleneck&points=99999999999 | points must be from 10 to"
            + " 4000, got 99999999999",
        "/api/series?run=healthy&codebook=bottleneck&points=1e3 | points must be a whole number",
        "/api/moment?run=healthy&codebook=bottleneck&step=x | step must be a whole number",
        "/api/heatmap?run=healthy&codebook=bottleneck&rows=1000 | rows must be from 8 to 256, got"
            + " 1000",
        "/api/run?run=a&run=b | query must have each parameter once, got two",
        "/api/run?run=%zz | <h1>400 Bad Request"
      })
  void whatIsOutOfRangeIsToldSo(String path, String message) throws IOException {
    Client.Answer answer = client.get(path);
    assertEquals(400, answer.status());
    assertTrue(
        answer.body().startsWith(message.substring(0, Math.min(40, message.length()))),
        answer.body());
  }

  @Test
  void aLongQueryIsRefused() throws IOException {
    Client.Answer answer = client.get("/api/run?run=" + "a".repeat(1100));
    assertEquals(400, answer.status());
    assertEquals("query must have at most 1024 characters, got 1104\n", answer.body());
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH", "TRACE"})
  void onlyGetIsAnswered(String method) throws IOException {
    Client.Answer answer = client.ask(method, "/", "localhost");
    assertEquals(405, answer.status());
    assertTrue(answer.head().contains("Allow: GET"), answer.head());
  }

  @ParameterizedTest
  @CsvSource({
    "localhost,200",
    "localhost:1,200",
    "127.0.0.1,200",
    "[::1]:80,200",
    "LOCALHOST,200",
    "evil.example,421",
    "127.0.0.1.evil.example,421",
    "localhost.evil.example:80,421",
    "192.168.1.1,421",
    "localhost:123456,421"
  })
  void aPageOfSomebodyElseIsNotAnswered(String host, int status) throws IOException {
    assertEquals(status, client.ask("GET", "/api/runs", host).status());
  }

  @Test
  void aTokenLetsInAndNothingElseDoes() throws IOException {
    DashboardOptions everywhere =
        DashboardOptions.onPort(0).withHost(InetAddress.getByName("0.0.0.0"), TOKEN);
    try (DashboardServer guarded = DashboardServer.open(runs, everywhere)) {
      assertTrue(guarded.address().toString().matches("http://127.0.0.1:\\d+/\\?token=" + TOKEN));
      Client stranger = new Client(guarded);
      for (String path : List.of("/", "/app.js", "/api/runs", "/metrics", "/?token=guess")) {
        Client.Answer answer = stranger.get(path);
        assertEquals(401, answer.status(), path);
        assertFalse(answer.head().contains("Set-cookie"));
      }
      assertEquals(
          401, stranger.get("/", "Cookie: vq-token=guess", "Authorization: Bearer no").status());
      Client.Answer opened = stranger.get("/?token=" + TOKEN);
      assertEquals(303, opened.status());
      assertTrue(opened.head().contains("Location: /"), opened.head());
      assertTrue(
          opened
              .head()
              .contains("Set-cookie: vq-token=" + TOKEN + "; HttpOnly; SameSite=Strict; Path=/"),
          opened.head());
      assertEquals(200, stranger.get("/", "Cookie: a=b; vq-token=" + TOKEN).status());
      assertEquals(200, stranger.get("/api/runs", "Authorization: Bearer " + TOKEN).status());
      for (String host : List.of("10.0.0.7:8700", "[fe80::1]", "localhost")) {
        assertEquals(
            200, stranger.ask("GET", "/", host, "Cookie: vq-token=" + TOKEN).status(), host);
      }
      assertEquals(
          421, stranger.ask("GET", "/", "evil.example", "Cookie: vq-token=" + TOKEN).status());
    }
  }

  @Test
  void anAddressOfItsOwnIsAHost() throws IOException {
    InetAddress named = InetAddress.getByAddress("box.lan", new byte[] {10, 1, 2, 3});
    Access access = new Access(named, Optional.of(TOKEN));
    assertTrue(access.isHost("10.1.2.3:8700") && access.isHost("box.lan"));
    assertFalse(access.isHost("10.1.2.4") || access.isHost(null) || access.isHost("x".repeat(300)));
    InetAddress six = InetAddress.getByName("2001:db8::7");
    assertTrue(new Access(six, Optional.of(TOKEN)).isHost("[2001:db8:0:0:0:0:0:7]:1"));
  }

  @Test
  void whatWouldLetOthersInByMistakeIsRefused() throws IOException {
    DashboardOptions own = DashboardOptions.onPort(0);
    InetAddress all = InetAddress.getByName("0.0.0.0");
    refused(
        "token must be of 16 to 128 letters, digits, hyphens and underscores, got 5 characters",
        () -> own.withHost(all, "short"));
    refused(
        "token must be given where others than this machine can connect, got none for 0.0.0.0",
        () -> new DashboardOptions(all, 0, Optional.empty(), 1, Optional.empty()));
    refused("port must be from 0 to 65535, got 65536", () -> DashboardOptions.onPort(65_536));
    refused("mostListeners must be from 1 to 10000, got 0", () -> own.withMostListeners(0));
    assertTrue(server.address().getHost().equals("127.0.0.1"));
  }

  @Test
  void aPortInUseIsToldWithTheNextStep() throws IOException {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      DashboardOptions options = DashboardOptions.onPort(taken.getLocalPort());
      String message =
          String.valueOf(
              assertThrows(
                      IllegalArgumentException.class, () -> DashboardServer.open(runs, options))
                  .getMessage());
      assertTrue(
          message.startsWith(
              "port must be free, got "
                  + taken.getLocalPort()
                  + ", which is in use or not allowed (Address already in use"),
          message);
      assertTrue(message.endsWith("); name another, or 0 for any that is free"), message);
    }
    DashboardOptions elsewhere =
        DashboardOptions.onPort(0).withHost(InetAddress.getByName("192.0.2.1"), TOKEN);
    assertThrows(RuntimeException.class, () -> DashboardServer.open(runs, elsewhere));
  }

  @Test
  void aRunOfANameIsAddedOnceAndADirectoryIsNeeded() throws IOException {
    refused(
        "name must be of no other run, got 'large'",
        () -> runs.add(new RunInfo("large", Instant.EPOCH, Map.of())));
    Path file = Files.writeString(directory.resolve("file"), "");
    refused(
        "directory must be that of a run or of several, got " + file, () -> RunCatalog.open(file));
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
