/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.vqjava.dashboard.DashboardOptions;
import org.vqjava.dashboard.DashboardServer;
import org.vqjava.dashboard.RunCatalog;
import org.vqjava.monitoring.MicrometerSink;
import org.vqjava.monitoring.Snapshot;
import org.vqjava.monitoring.SnapshotSink;

/**
 * The dashboard of a run of this process. The page reads the run's log, so that it has what was
 * before a run went on, too; {@code /metrics} has the newest figures.
 */
final class LiveDashboard implements SnapshotSink {
  private static final String TEXT_FORMAT = "text/plain; version=0.0.4";

  private final RunCatalog runs;
  private final DashboardServer server;
  private final MicrometerSink meters;

  private LiveDashboard(RunCatalog runs, DashboardServer server, MicrometerSink meters) {
    this.runs = runs;
    this.server = server;
    this.meters = meters;
  }

  static LiveDashboard open(Path directory, int port) {
    PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    MicrometerSink meters = new MicrometerSink();
    meters.bindTo(registry);
    RunCatalog runs = RunCatalog.open(directory);
    try {
      DashboardOptions options =
          DashboardOptions.onPort(port).withMetrics(() -> registry.scrape(TEXT_FORMAT));
      return new LiveDashboard(runs, DashboardServer.open(runs, options), meters);
    } catch (RuntimeException e) {
      runs.close();
      throw e;
    }
  }

  URI address() {
    return server.address();
  }

  @Override
  public void accept(Snapshot snapshot) {
    meters.accept(snapshot);
  }

  /** Until this thread is interrupted. */
  void stay() throws InterruptedException {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new InterruptedException("the dashboard has ended");
    }
  }

  @Override
  public void close() {
    server.close();
    runs.close();
    meters.close();
  }
}
