/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.vqjava.monitoring.CodeImages;

/**
 * Serves the page. Thread-safe; it stops when it is closed.
 *
 * <p>It answers {@code GET} only, opens no file that a request names, checks the {@code Host}
 * header, forbids the page to load anything from elsewhere, and, where others than this machine can
 * connect, answers only who brings the token: once as {@code /?token=..}, from then on by a cookie,
 * or as a bearer in the header {@code Authorization}.
 *
 * <p>Cost: a thread for each page that listens, some more for the rest, all asleep when nothing is
 * asked. Unless they are set, it sets the system properties {@code sun.net.httpserver.nodelay} and
 * {@code sun.net.httpserver.maxReqTime}, which the JDK's server reads once: answers are not held
 * back, and a request that is not complete after 20 seconds is given up.
 */
public final class DashboardServer implements AutoCloseable {
  private static final int OTHER_THREADS = 32;
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
          + "img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; "
          + "frame-ancestors 'none'";

  static {
    setUnlessSet("sun.net.httpserver.nodelay", "true");
    setUnlessSet("sun.net.httpserver.maxReqTime", "20");
  }

  private final RunCatalog runs;
  private final DashboardOptions options;
  private final Access access;
  private final Assets assets = new Assets();
  private final Listeners listeners;
  private final HttpServer server;
  private final ExecutorService threads;

  private DashboardServer(RunCatalog runs, DashboardOptions options) throws IOException {
    this.runs = runs;
    this.options = options;
    this.access = new Access(options.host(), options.token());
    this.server = HttpServer.create(new InetSocketAddress(options.host(), options.port()), 0);
    this.listeners = new Listeners(options.mostListeners());
    this.threads = threads(options.mostListeners() + OTHER_THREADS);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private static ExecutorService threads(int most) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            most,
            most,
            30,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            task -> {
              Thread thread = new Thread(task, "dashboard");
              thread.setDaemon(true);
              return thread;
            });
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  private static void setUnlessSet(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /**
   * Begins to serve.
   *
   * @param runs what is shown; stays open when the server is closed
   * @param options where, and to whom
   * @return the server, which answers already
   * @throws IllegalArgumentException if the port is in use
   * @throws UncheckedIOException if the address cannot be bound to for another reason
   */
  public static DashboardServer open(RunCatalog runs, DashboardOptions options) {
    try {
      return new DashboardServer(runs, options);
    } catch (BindException e) {
      throw new IllegalArgumentException(
          "port must be free, got "
              + options.port()
              + ", which is in use or not allowed ("
              + e.getMessage()
              + "); name another, or 0 for any that is free",
          e);
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot serve on " + options.host().getHostAddress() + ": " + e.getMessage(), e);
    }
  }

  /**
   * Where the page is; with the token, if there is one.
   *
   * @return an address for a browser on this machine, or, if it was bound to an address, on others
   */
  public URI address() {
    String host = options.host().getHostAddress();
    if (options.host().isLoopbackAddress() || options.host().isAnyLocalAddress()) {
      host = "127.0.0.1";
      if (options.host().getAddress().length > 4 && options.host().isLoopbackAddress()) {
        host = "[::1]";
      }
    } else if (host.contains(":")) {
      host = "[" + host + "]";
    }
    String token = options.token().map(t -> "?token=" + t).orElse("");
    return URI.create("http://" + host + ":" + server.getAddress().getPort() + "/" + token);
  }

  /** Stops serving; pages that listen are let go. Does nothing the second time. */
  @Override
  public void close() {
    listeners.close();
    server.stop(0);
    threads.shutdownNow();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try {
      answer(exchange);
    } catch (IllegalArgumentException e) {
      refuse(exchange, 400, String.valueOf(e.getMessage()));
    } catch (NoSuchElementException e) {
      refuse(exchange, 404, String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      refuse(exchange, 503, "the server ends");
    } catch (RuntimeException e) {
      refuse(exchange, 500, "this should not have happened: " + e);
    } finally {
      exchange.close();
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    Headers headers = exchange.getResponseHeaders();
    headers.set("Content-Security-Policy", POLICY);
    headers.set("X-Content-Type-Options", "nosniff");
    headers.set("Referrer-Policy", "no-referrer");
    headers.set("Cross-Origin-Resource-Policy", "same-origin");
    headers.set("Cache-Control", "no-store");
    if (!exchange.getRequestMethod().equals("GET")) {
      headers.set("Allow", "GET");
      refuse(exchange, 405, "only GET is answered");
      return;
    }
    if (!access.isHost(exchange.getRequestHeaders().getFirst("Host"))) {
      refuse(exchange, 421, "the Host header names another machine");
      return;
    }
    URI uri = exchange.getRequestURI();
    Query query = new Query(uri.getRawQuery());
    String path = String.valueOf(uri.getRawPath());
    if (path.equals("/") && access.isToken(query.get("token"))) {
      headers.set("Set-Cookie", access.cookie());
      headers.set("Location", "/");
      send(exchange, 303, "text/plain", new byte[0]);
      return;
    }
    if (access.isRefused(exchange.getRequestHeaders())) {
      refuse(exchange, 401, "open the address with the token that the command printed");
      return;
    }
    Assets.Asset asset = assets.get(path);
    if (asset != null) {
      headers.set("Cache-Control", "no-cache");
      send(exchange, 200, asset.type(), asset.bytes());
      return;
    }
    switch (path) {
      case "/api/runs" -> send(exchange, Api.runs(runs.surveyedRuns()));
      case "/api/run" -> send(exchange, Api.run(runs.run(query.need("run"))));
      case "/api/series" -> send(exchange, Api.series(store(query), query.need("codebook"), query));
      case "/api/heatmap" ->
          send(exchange, Pictures.heatmap(store(query), query.need("codebook"), query));
      case "/api/histograms" ->
          send(exchange, Pictures.histograms(store(query), query.need("codebook"), query));
      case "/api/moment" ->
          send(exchange, Pictures.moment(store(query), query.need("codebook"), query));
      case "/api/codes.png" -> image(exchange, query);
      case "/api/events" -> events(exchange, query);
      case "/metrics" ->
          send(
              exchange,
              200,
              "text/plain; version=0.0.4; charset=utf-8",
              options
                  .metrics()
                  .orElseThrow(() -> new NoSuchElementException("metrics are of live runs alone"))
                  .get()
                  .getBytes(StandardCharsets.UTF_8));
      default -> refuse(exchange, 404, "there is no such page");
    }
  }

  private RunStore store(Query query) throws InterruptedException {
    Run run = runs.run(query.need("run"));
    run.awaitRead();
    return run.store();
  }

  private void image(HttpExchange exchange, Query query) throws IOException, InterruptedException {
    CodeImages images =
        store(query)
            .read(
                query.need("codebook"),
                history ->
                    history
                        .viewAt(query.step())
                        .flatMap(CodebookHistory.View::images)
                        .orElseThrow(() -> new NoSuchElementException("no images of codes")));
    send(exchange, 200, "image/png", images.png());
  }

  private void events(HttpExchange exchange, Query query) throws IOException {
    Run run = runs.run(query.need("run"));
    String last = exchange.getRequestHeaders().getFirst("Last-Event-ID"); // of who comes back
    Optional<RunStore.Cursor> from =
        Optional.ofNullable(last == null ? query.get("after") : last).flatMap(Api::cursor);
    if (!listeners.listen(exchange, run, from)) {
      exchange.getResponseHeaders().set("Retry-After", "5");
      refuse(exchange, 503, "as many pages listen as may; close one");
    }
  }

  private static void send(HttpExchange exchange, ObjectNode answer) throws IOException {
    send(exchange, 200, "application/json", Api.JSON.writeValueAsBytes(answer));
  }

  private static void refuse(HttpExchange exchange, int status, String message) throws IOException {
    if (exchange.getResponseCode() < 0) { // nothing was sent yet
      send(
          exchange,
          status,
          "text/plain; charset=utf-8",
          (message + "\n").getBytes(StandardCharsets.UTF_8));
    }
  }

  private static void send(HttpExchange exchange, int status, String type, byte[] body)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    boolean empty = body.length == 0 || exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, empty ? -1 : body.length);
    if (!empty) {
      exchange.getResponseBody().write(body);
    }
  }
}
