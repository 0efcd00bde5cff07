/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.Snapshot;
import org.vqjava.monitoring.SnapshotSink;

/**
 * A sink of one's own: the figures of each snapshot as metrics of an MLflow run, by MLflow's REST
 * interface, which needs no library.
 */
public final class MlflowSink implements SnapshotSink {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
  private final URI server;
  private final String runId;
  private String status = "FAILED"; // unless somebody says how it ended

  private MlflowSink(URI server, String runId) {
    this.server = server;
    this.runId = runId;
  }

  /**
   * Begins a run.
   *
   * @param server as {@code http://localhost:5000/}
   * @param experimentId of an experiment, {@code 0} for the one that is always there
   * @param name of the run
   * @return the sink
   * @throws UncheckedIOException if the server does not answer
   */
  public static MlflowSink start(URI server, String experimentId, String name) {
    MlflowSink asking = new MlflowSink(server, "");
    ObjectNode run =
        JSON.createObjectNode().put("experiment_id", experimentId).put("run_name", name);
    run.put("start_time", System.currentTimeMillis());
    ObjectNode answer = asking.post("runs/create", run);
    return new MlflowSink(server, answer.path("run").path("info").path("run_id").asText());
  }

  @Override
  public void accept(Snapshot snapshot) {
    // region mlflow
    ObjectNode batch = JSON.createObjectNode().put("run_id", runId);
    ArrayNode metrics = batch.putArray("metrics");
    add(metrics, snapshot, "perplexity", snapshot.usage().summary().perplexity());
    add(metrics, snapshot, "usage", snapshot.usage().summary().usage());
    snapshot.losses().forEach((term, value) -> add(metrics, snapshot, "loss." + term, value));
    post("runs/log-batch", batch);
    // endregion
  }

  private static void add(ArrayNode metrics, Snapshot snapshot, String name, double value) {
    metrics
        .addObject()
        .put("key", snapshot.codebook() + "." + name)
        .put("value", value)
        .put("timestamp", snapshot.time().toEpochMilli())
        .put("step", snapshot.step());
  }

  @Override
  public void ended(RunOutcome outcome) {
    status =
        switch (outcome.kind()) {
          case FINISHED -> "FINISHED";
          case FAILED -> "FAILED";
          case STOPPED -> "KILLED";
        };
  }

  @Override
  public void close() {
    ObjectNode end = JSON.createObjectNode().put("run_id", runId).put("status", status);
    post("runs/update", end.put("end_time", System.currentTimeMillis()));
  }

  private ObjectNode post(String call, ObjectNode body) {
    try {
      HttpRequest request =
          HttpRequest.newBuilder(server.resolve("api/2.0/mlflow/" + call))
              .timeout(Duration.ofSeconds(10))
              .header("Content-Type", "application/json")
              .POST(HttpRequest.BodyPublishers.ofByteArray(JSON.writeValueAsBytes(body)))
              .build();
      HttpResponse<byte[]> answer = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      if (answer.statusCode() != 200) {
        throw new IOException("MLflow answered " + answer.statusCode() + " to " + call);
      }
      return (ObjectNode) JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot log to " + server, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UncheckedIOException(new IOException("interrupted while logging to " + server));
    }
  }
}
