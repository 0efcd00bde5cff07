/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MicrometerSinkTest {
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
  private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
  private static final int PATIENCE_SECONDS = 60;

  private final Path scratch;
  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

  MicrometerSinkTest(@TempDir Path scratch) {
    this.scratch = scratch;
  }

  private String scrape() {
    return registry.scrape("text/plain; version=0.0.4");
  }

  private double metric(String line) {
    return scrape()
        .lines()
        .filter(l -> l.startsWith(line + " "))
        .mapToDouble(l -> Double.parseDouble(l.substring(line.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(line + " in " + scrape()));
  }

  private MicrometerSink sink() {
    MicrometerSink sink = new MicrometerSink();
    sink.bindTo(registry);
    return sink;
  }

  @Test
  void metersShowTheNewestSnapshot() {
    List<Snapshot> snapshots = Samples.run(16, 3, 6, 1);
    MicrometerSink sink = sink();
    snapshots.forEach(sink::accept);
    Snapshot last = snapshots.get(5);
    String tag = "{codebook=\"bottleneck\"}";
    assertEquals(16, metric("vq_codebook_size_codes" + tag));
    assertEquals(last.usage().summary().perplexity(), metric("vq_codebook_perplexity" + tag));
    assertEquals(last.usage().summary().usage(), metric("vq_codebook_usage_ratio" + tag));
    assertEquals(last.usage().summary().dead(), metric("vq_codebook_dead_codes" + tag));
    assertEquals(last.usage().entropyBits(), metric("vq_codebook_entropy" + tag));
    assertEquals(last.usage().gini(), metric("vq_codebook_gini_ratio" + tag));
    assertEquals(12, metric("vq_codebook_step" + tag));
    assertEquals(6 * 128, metric("vq_codebook_vectors_total" + tag));
    assertEquals(4, metric("vq_codebook_replaced_codes_total" + tag));
    assertEquals(
        last.losses().get("alpha"),
        metric("vq_codebook_loss{codebook=\"bottleneck\",term=\"alpha\"}"));
    assertEquals(
        last.nearestDistance().orElseThrow().median(),
        metric("vq_codebook_nearest_distance{codebook=\"bottleneck\",stat=\"median\"}"));
    CodebookView view = snapshots.get(4).view().orElseThrow();
    assertEquals(view.drift().orElseThrow(), metric("vq_codebook_drift" + tag));
    assertEquals(
        view.spacing().orElseThrow().min(),
        metric("vq_codebook_closest_spacing{codebook=\"bottleneck\",stat=\"min\"}"));
    assertEquals(
        view.norms().mean(), metric("vq_codebook_norm{codebook=\"bottleneck\",stat=\"mean\"}"));
  }

  @Test
  void aRegistryThatComesLaterGetsAll() {
    MicrometerSink sink = new MicrometerSink();
    List<Snapshot> snapshots = Samples.run(16, 3, 6, 1);
    snapshots.forEach(sink::accept);
    sink.bindTo(registry);
    assertEquals(6 * 128, metric("vq_codebook_vectors_total{codebook=\"bottleneck\"}"));
    assertEquals(
        snapshots.get(5).losses().get("alpha"),
        metric("vq_codebook_loss{codebook=\"bottleneck\",term=\"alpha\"}"));
  }

  @Test
  void whatWasNotRecordedIsNotANumber() {
    MicrometerSink sink = sink();
    try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(sink))) {
      recorder.codebook("plain", 2).record(Observation.at(1));
    }
    assertTrue(Double.isNaN(metric("vq_codebook_drift{codebook=\"plain\"}")));
    assertTrue(
        Double.isNaN(metric("vq_codebook_nearest_distance{codebook=\"plain\",stat=\"min\"}")));
  }

  @Test
  void promtoolFindsNothingToSay() throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(PROMTOOL), "needs promtool: Debian's package prometheus has it");
    MicrometerSink sink = sink();
    Samples.run(16, 3, 6, 1).forEach(sink::accept);
    Path metrics = Files.writeString(scratch.resolve("metrics"), scrape());
    Process check =
        new ProcessBuilder(PROMTOOL.toString(), "check", "metrics")
            .redirectInput(metrics.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(check.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals("", said);
    assertEquals(0, check.waitFor());
  }

  /** Each expression of the dashboard that is shipped has an answer of a real Prometheus. */
  @Test
  void prometheusAnswersWhatGrafanaAsks() throws Exception {
    Assumptions.assumeTrue(
        Files.isExecutable(PROMETHEUS), "needs Prometheus: Debian's package prometheus has it");
    MicrometerSink sink = sink();
    List<Snapshot> snapshots = Samples.run(16, 3, 400, 1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    int[] next = new int[1];
    server.createContext(
        "/metrics",
        exchange -> {
          if (next[0] < snapshots.size()) {
            sink.accept(snapshots.get(next[0]++)); // so that counters rise between scrapes
          }
          byte[] body = scrape().getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    server.start();
    int port = freePort();
    Path config =
        Files.writeString(
            scratch.resolve("prometheus.yml"),
            "scrape_configs:\n- job_name: vq\n  scrape_interval: 1s\n  static_configs:\n"
                + "  - targets: ['127.0.0.1:"
                + server.getAddress().getPort()
                + "']\n");
    Process prometheus =
        new ProcessBuilder(
                PROMETHEUS.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + scratch.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("prometheus.out").toFile())
            .start();
    try {
      for (String expression : grafanaExpressions()) {
        JsonNode answer = ask(port, expression);
        assertTrue(!answer.isEmpty(), () -> expression + " has no answer");
      }
      Snapshot shown = snapshots.get(0);
      assertEquals(
          shown.codes(), ask(port, "vq_codebook_size_codes").get(0).get("value").get(1).asInt());
    } finally {
      prometheus.destroyForcibly().waitFor(10, TimeUnit.SECONDS);
      server.stop(0);
    }
  }

  private static List<String> grafanaExpressions() throws IOException {
    Path root = Path.of(Objects.requireNonNull(System.getProperty("project.root")));
    JsonNode dashboard =
        new ObjectMapper().readTree(root.resolve("docs/grafana/vq-codebooks.json").toFile());
    List<String> expressions =
        dashboard.findValuesAsText("expr").stream()
            .map(e -> e.replace("$codebook", ".*").replace("$__rate_interval", "30s"))
            .toList();
    assertTrue(expressions.size() >= 10, expressions::toString);
    return expressions;
  }

  /** Asks until there is an answer, as it takes two scrapes for a rate. */
  private JsonNode ask(int port, String expression) throws IOException, InterruptedException {
    URI uri =
        URI.create(
            "http://127.0.0.1:"
                + port
                + "/api/v1/query?query="
                + URLEncoder.encode(expression, StandardCharsets.UTF_8));
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    JsonNode result = new ObjectMapper().createArrayNode();
    while (System.nanoTime() < end) {
      try {
        String body =
            HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
        JsonNode answer = new ObjectMapper().readTree(body);
        assertEquals("success", answer.path("status").asText(), body);
        result = answer.get("data").get("result");
        if (!result.isEmpty()) {
          return result;
        }
      } catch (IOException notUpYet) {
        // It opens its port a moment after its start.
      }
      Thread.sleep(300);
    }
    return result;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
