/* SPDX-License-Identifier: Apache-2.0 */
/**
 * A web page that shows how codebooks fare: live while they are trained, or from the logs of runs
 * that are over. It is served by the JDK's own web server, needs no network, and is updated by
 * server-sent events.
 *
 * <pre>{@code
 * try (RunCatalog runs = RunCatalog.open(Path.of("runs"));
 *     DashboardServer server = DashboardServer.open(runs, DashboardOptions.onPort(8700))) {
 *   System.out.println(server.address());
 *   Thread.currentThread().join();
 * }
 * }</pre>
 */
@NullMarked
package org.vqjava.dashboard;

import org.jspecify.annotations.NullMarked;
