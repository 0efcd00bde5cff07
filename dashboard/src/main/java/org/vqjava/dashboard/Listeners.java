/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Pages that listen for events, each on the thread of its request.
 *
 * <p>Each asks the store for what came after what it was told, so that nothing is queued for it,
 * and a page that reads slowly delays nobody. One that takes nothing for {@value #SLOWEST_SECONDS}
 * seconds is dropped; it may come back and is told what it missed.
 */
final class Listeners implements AutoCloseable {
  static final int SLOWEST_SECONDS = 10;

  /** A line between events finds pages that are gone. */
  private static final long BEAT_MILLIS = 1000;

  private final Semaphore room;
  private final Map<Thread, Long> writing = new ConcurrentHashMap<>(); // since when
  private final ScheduledExecutorService watch =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "dashboard-watch");
            thread.setDaemon(true);
            return thread;
          });
  private volatile boolean closed;

  Listeners(int most) {
    this.room = new Semaphore(most);
    var unused = watch.scheduleWithFixedDelay(this::dropSlow, 1, 1, TimeUnit.SECONDS);
  }

  private void dropSlow() {
    long latest = System.nanoTime() - TimeUnit.SECONDS.toNanos(SLOWEST_SECONDS);
    writing.forEach(
        (thread, since) -> {
          if (since < latest) {
            thread.interrupt(); // closes the connection that it is blocked in
          }
        });
  }

  /** Tells a page what is new until it is gone; false if there is no room. */
  boolean listen(HttpExchange exchange, Run run, Optional<RunStore.Cursor> from)
      throws IOException {
    if (!room.tryAcquire()) {
      return false;
    }
    try {
      exchange.getResponseHeaders().set("Content-Type", "text/event-stream; charset=utf-8");
      exchange.sendResponseHeaders(200, 0);
      tell(exchange.getResponseBody(), run, from);
    } catch (InterruptedException | IOException gone) {
      // The page was closed, was too slow, or the server ends: there is nobody left to tell.
    } finally {
      writing.remove(Thread.currentThread());
      room.release();
      Thread.interrupted(); // the thread goes on to other requests
    }
    return true;
  }

  private void tell(OutputStream out, Run run, Optional<RunStore.Cursor> from)
      throws IOException, InterruptedException {
    run.awaitRead();
    RunStore.Cursor cursor =
        from.orElseGet(() -> new RunStore.Cursor(run.store().cursor().era(), 0));
    String state = "";
    String trouble = "";
    write(out, "retry: 1000\n\n");
    while (!closed) {
      run.ask();
      RunStore.News news = run.store().after(cursor, state, trouble, BEAT_MILLIS);
      if (news.anew()) {
        write(out, "id: " + news.cursor() + "\nevent: anew\ndata: {}\n\n");
      } else if (news.rows().isEmpty()
          && news.state().equals(state)
          && news.trouble().equals(trouble)) {
        write(out, ":\n\n");
      } else {
        write(
            out,
            "id: "
                + news.cursor()
                + "\ndata: "
                + Api.JSON.writeValueAsString(Api.news(news))
                + "\n\n");
      }
      cursor = news.cursor();
      state = news.state();
      trouble = news.trouble();
    }
  }

  private void write(OutputStream out, String event) throws IOException {
    writing.put(Thread.currentThread(), System.nanoTime());
    out.write(event.getBytes(StandardCharsets.UTF_8));
    out.flush();
    writing.put(Thread.currentThread(), Long.MAX_VALUE);
  }

  @Override
  public void close() {
    closed = true;
    watch.shutdownNow();
  }
}
