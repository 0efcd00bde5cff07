/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.composite.CompositeMeterRegistry;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.lang.ref.WeakReference;
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
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MicrometerSinkTest {
  private static final Path PROMTOOL = Path.of("/usr/bin/promtool");
  private static final Path PROMETHEUS = Path.of("/usr/bin/prometheus");
  private static final int PATIENCE_SECONDS = 600;

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
      assertTrue(Double.isNaN(metric("vq_codebook_drift{codebook=\"plain\"}")));
      assertTrue(
          Double.isNaN(metric("vq_codebook_nearest_distance{codebook=\"plain\",stat=\"min\"}")));
    }
    assertEquals("", scrape(), "closing removes them");
  }

  private static Snapshot snapshot(String codebook, int step, int... taken) {
    List<Snapshot> all = new ArrayList<>();
    try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(all::add))) {
      recorder
          .codebook(codebook, 4)
          .record(
              Observation.at(step)
                  .assignments(taken)
                  .codebook(new float[] {1, 2, 3, 4 + step}, 1)
                  .loss("l" + step, step));
    }
    return all.get(0);
  }

  private static double gauge(MeterRegistry registry, String name, String codebook) {
    Gauge found = registry.find(name).tags("codebook", codebook).gauge();
    return found == null ? -1 : found.value();
  }

  private double vectors(String codebook) {
    return metric("vq_codebook_vectors_total{codebook=\"" + codebook + "\"}");
  }

  @Test
  void theSinkThatWasBoundLastIsShown() {
    MicrometerSink first = sink();
    first.accept(snapshot("a", 1, 0, 1, 2, 3));
    first.accept(snapshot("only", 1, 0));
    MicrometerSink second = sink();
    assertEquals(1, gauge(registry, "vq.codebook.step", "a"), "until the second has a snapshot");
    second.accept(snapshot("a", 7, 0, 0));
    assertEquals(7, gauge(registry, "vq.codebook.step", "a"));
    assertEquals(1, gauge(registry, "vq.codebook.perplexity", "a"));
    assertEquals(2, vectors("a"), "of this training");
    assertFalse(scrape().contains("{codebook=\"a\",term=\"l1\"}"), "no loss of the first stays");
    assertEquals(4.25, metric("vq_codebook_norm{codebook=\"a\",stat=\"mean\"}"), "views too");
    first.accept(snapshot("a", 2, 0, 1));
    first.accept(snapshot("late", 2, 0));
    assertEquals(7, gauge(registry, "vq.codebook.step", "a"), "an older one takes nothing back");
    assertEquals(2, vectors("a"));
    assertEquals(2, gauge(registry, "vq.codebook.step", "late"));
    second.accept(snapshot("late", 8, 0));
    first.accept(snapshot("late", 3, 0));
    assertEquals(8, gauge(registry, "vq.codebook.step", "late"));

    first.close();
    assertEquals(7, gauge(registry, "vq.codebook.step", "a"), "closing the older one");
    assertEquals(-1, gauge(registry, "vq.codebook.step", "only"));
    second.accept(snapshot("a", 9, 0, 0, 0));
    assertEquals(5, vectors("a"));
    second.close();
    second.close();
    assertEquals("", scrape());
    first.accept(snapshot("a", 10, 0));
    assertEquals("", scrape(), "closed");
  }

  @Test
  void anOlderSinkThatRecordsStillComesBack() {
    MicrometerSink first = sink();
    first.accept(snapshot("a", 1, 0));
    MicrometerSink second = sink();
    second.accept(snapshot("a", 7, 0));
    second.close();
    assertEquals(-1, gauge(registry, "vq.codebook.step", "a"));
    first.accept(snapshot("a", 2, 0, 1));
    assertEquals(2, gauge(registry, "vq.codebook.step", "a"));
    assertEquals(3, vectors("a"), "all of its own");
    first.bindTo(registry);
    assertEquals(3, vectors("a"), "bound once");
  }

  /** Names are the registry's to change, and a composite has no meters of its own. */
  @Test
  void everyRegistryFollows() {
    SimpleMeterRegistry renamed = new SimpleMeterRegistry();
    renamed
        .config()
        .meterFilter(
            new MeterFilter() {
              @Override
              public Meter.Id map(Meter.Id id) {
                return id.withName("mine." + id.getName());
              }
            });
    CompositeMeterRegistry composite = new CompositeMeterRegistry();
    composite.add(registry);
    MicrometerSink first = new MicrometerSink();
    first.bindTo(renamed);
    first.bindTo(composite);
    first.accept(snapshot("a", 1, 0, 1, 2, 3));
    MicrometerSink second = new MicrometerSink();
    second.bindTo(composite);
    second.bindTo(renamed);
    second.accept(snapshot("a", 7, 0, 0));
    assertEquals(7, gauge(renamed, "mine.vq.codebook.step", "a"));
    assertEquals(7, metric("vq_codebook_step{codebook=\"a\"}"));
    assertEquals(2, vectors("a"));
    first.close();
    assertEquals(7, gauge(renamed, "mine.vq.codebook.step", "a"));
    assertEquals(7, metric("vq_codebook_step{codebook=\"a\"}"));
    second.close();
    assertEquals(List.of(), renamed.getMeters());
    assertEquals(List.of(), composite.getMeters());
    assertEquals("", scrape());
  }

  /** A sink that was forgotten without being closed is no reason to show nothing of the next. */
  @Test
  void whatIsForgottenIsCollected() throws InterruptedException {
    WeakReference<MicrometerSink> forgotten = forgotten();
    MicrometerSink second = sink();
    collect(forgotten);
    second.accept(snapshot("a", 7, 0, 0));
    assertEquals(7, gauge(registry, "vq.codebook.step", "a"));
    assertEquals(2, vectors("a"));
    second.close();

    WeakReference<MeterRegistry> gone = registryThatGoes();
    collect(gone);
  }

  private WeakReference<MicrometerSink> forgotten() {
    MicrometerSink first = sink();
    first.accept(snapshot("a", 1, 0, 1, 2, 3));
    return new WeakReference<>(first);
  }

  private static WeakReference<MeterRegistry> registryThatGoes() {
    SimpleMeterRegistry other = new SimpleMeterRegistry();
    MicrometerSink sink = new MicrometerSink();
    sink.bindTo(other);
    sink.accept(snapshot("a", 1, 0));
    return new WeakReference<>(other);
  }

  private static void collect(WeakReference<?> reference) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (reference.get() != null) {
      assertTrue(System.nanoTime() < end, "collected");
      System.gc();
      Thread.sleep(20);
    }
  }

  /** Trainings come and go on several threads while somebody reads. */
  @Test
  void sinksOfManyThreadsLeaveNothingBehind() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    List<Future<?>> all = new ArrayList<>();
    List<Snapshot> snapshots = List.of(snapshot("a", 1, 0, 1), snapshot("b", 2, 0));
    for (int thread = 0; thread < 4; thread++) {
      all.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 50; i++) {
                  try (MicrometerSink sink = sink()) {
                    snapshots.forEach(sink::accept);
                    registry.getMeters().forEach(Meter::measure);
                  }
                }
              }));
    }
    for (Future<?> one : all) {
      one.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }
    threads.shutdown();
    assertEquals("", scrape());
    sink().accept(snapshots.get(0));
    assertEquals(2, vectors("a"));
  }

  @Test
  void whatIsNotFiniteIsCounted() {
    List<Snapshot> all = new ArrayList<>();
    try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(all::add))) {
      recorder.codebook("a", 1).record(Observation.at(1).loss("x", Double.NaN).loss("y", 1));
    }
    sink().accept(all.get(0));
    assertEquals(1, metric("vq_codebook_not_finite{codebook=\"a\"}"));
    assertTrue(Double.isNaN(metric("vq_codebook_loss{codebook=\"a\",term=\"x\"}")));
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
