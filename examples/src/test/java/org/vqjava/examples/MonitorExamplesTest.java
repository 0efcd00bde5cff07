/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.monitoring.Observation;
import org.vqjava.monitoring.Recorder;
import org.vqjava.monitoring.RecorderOptions;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.Snapshot;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotLogReader;
import org.vqjava.workflow.ProgressListener;

/** What the examples that record leave. */
class MonitorExamplesTest {
  private final Path directory;

  MonitorExamplesTest(@TempDir Path directory) {
    this.directory = directory;
  }

  private Map<String, List<Snapshot>> read() throws IOException {
    Map<String, List<Snapshot>> byCodebook = new TreeMap<>();
    new SnapshotLogReader(directory.resolve(SnapshotLog.FILE))
        .poll(
            new SnapshotLogReader.Listener() {
              @Override
              public void snapshot(Snapshot snapshot) {
                byCodebook
                    .computeIfAbsent(snapshot.codebook(), name -> new ArrayList<>())
                    .add(snapshot);
              }
            });
    return byCodebook;
  }

  @Test
  void aTrainingOfOnesOwnIsRecorded() throws Exception {
    MonitorCodebook.main(new String[] {directory.toString()});
    List<Snapshot> snapshots = read().get("clouds");
    assertEquals(5, snapshots == null ? 0 : snapshots.size());
    for (Snapshot snapshot : snapshots == null ? List.<Snapshot>of() : snapshots) {
      assertEquals(20 * 256, snapshot.usage().summary().accesses());
      assertEquals(20 * 256, snapshot.nearestDistance().orElseThrow().finite());
      assertEquals(16, snapshot.view().orElseThrow().spacing().orElseThrow().finite());
    }
  }

  @Test
  void aProgramServesItsOwnDashboard() {
    List<JsonNode> seen = new ArrayList<>();
    ServeDashboard.serve(
        directory,
        page -> {
          try (InputStream answer = page.resolve("/api/run?run=mine").toURL().openStream()) {
            seen.add(new ObjectMapper().readTree(answer));
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    JsonNode run = seen.get(0);
    assertEquals("finished", run.get("state").asText());
    assertEquals("Healthy", run.get("worst").get("title").asText());
    assertEquals(32, run.get("codebooks").get(0).get("codes").asInt());
  }

  @Test
  void clustersAndBlocksAreRecorded() throws Exception {
    MonitorWeights.report(directory, new ProgressListener() {});
    Map<String, List<Snapshot>> read = read();
    assertEquals(4, read.size(), () -> "" + read.keySet());
    Map<String, Integer> weights = Map.of("conv.kernel", 72, "hidden.kernel", 288 * 32);
    read.forEach(
        (name, snapshots) -> {
          boolean blocks = name.endsWith("/blocks");
          assertEquals(blocks ? 15 : 4 * 45, snapshots.size(), name);
          Snapshot last = snapshots.get(snapshots.size() - 1);
          assertEquals(blocks ? 32 : 16, last.codes());
          assertTrue(last.view().isPresent() && last.losses().size() == 1);
          Integer size = weights.get(name);
          assertTrue(size == null || size == last.usage().summary().accesses(), name);
        });
  }

  /** A server that keeps what it is asked, in the form that MLflow's documentation gives. */
  @Test
  void aSinkOfOnesOwnLogsToMlflow() throws Exception {
    List<String> calls = new ArrayList<>();
    List<JsonNode> bodies = new ArrayList<>();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/api/2.0/mlflow/",
        exchange -> {
          calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath());
          bodies.add(new ObjectMapper().readTree(exchange.getRequestBody()));
          boolean full = bodies.size() > 4;
          byte[] answer =
              (bodies.size() == 1 ? "{\"run\":{\"info\":{\"run_id\":\"r1\"}}}" : "{}")
                  .getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(full ? 500 : 200, answer.length);
          exchange.getResponseBody().write(answer);
          exchange.close();
        });
    server.start();
    URI address = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/");
    MlflowSink sink = MlflowSink.start(address, "0", "clouds");
    try (Recorder recorder = Recorder.open(RecorderOptions.every(1), List.of(sink))) {
      recorder
          .codebook("a", 2)
          .record(Observation.at(7).assignments(new int[] {0, 1}).loss("total", 0.5));
      recorder.codebook("a", 2).record(Observation.at(8).assignments(new int[] {0, 1}));
      recorder.end(RunOutcome.finished());
    }
    assertThrows(UncheckedIOException.class, sink::close);
    server.stop(0);
    assertThrows(UncheckedIOException.class, sink::close);
    assertEquals(
        List.of("create", "log-batch", "log-batch", "update"),
        calls.subList(0, 4).stream()
            .map(c -> c.replace("POST /api/2.0/mlflow/runs/", ""))
            .toList());
    assertEquals("0", bodies.get(0).get("experiment_id").asText());
    assertEquals("r1", bodies.get(1).get("run_id").asText());
    JsonNode metrics = bodies.get(1).get("metrics");
    assertEquals("a.perplexity", metrics.get(0).get("key").asText());
    assertEquals(2, metrics.get(0).get("value").asDouble(), 1e-12);
    assertEquals(7, metrics.get(0).get("step").asInt());
    assertEquals("a.loss.total", metrics.get(2).get("key").asText());
    assertEquals("FINISHED", bodies.get(3).get("status").asText());
  }
}
