/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.vqjava.monitoring.RunInfo;
import org.vqjava.monitoring.RunOutcome;
import org.vqjava.monitoring.Snapshot;
import org.vqjava.monitoring.SnapshotLog;
import org.vqjava.monitoring.SnapshotSink;

/**
 * The runs that a dashboard shows: logs in a directory, which are followed while they grow, and
 * runs of this process. Thread-safe.
 *
 * <p>A log is read when it is first asked for, on a thread of this catalog. At most {@value
 * #MOST_READ} are kept in memory, some 30 MB each; those that nobody asks for make room.
 */
public final class RunCatalog implements AutoCloseable {
  /** How many runs are kept in memory. */
  static final int MOST_READ = 6;

  private static final int MOST_RUNS = 500;
  private static final int DEPTH = 3;
  private static final long POLL_MILLIS = 300;
  private static final long SCAN_MILLIS = 3000;
  private static final long LISTED_SECONDS = 30;
  private static final long SURVEY_PATIENCE_MILLIS = 1500;

  private final Path directory;
  private final Clock clock = Clock.systemUTC();
  private volatile long lastScan;
  private volatile long lastListed;
  private final Map<String, Run> runs = new TreeMap<>();
  private final ScheduledExecutorService follower = thread("dashboard-follower");

  /** Reads whole logs in the background, which may take a while. */
  private final ScheduledExecutorService surveyor = thread("dashboard-surveyor");

  private RunCatalog(Path directory) {
    this.directory = directory;
  }

  /**
   * Looks for logs: {@value SnapshotLog#FILE} in the directory or up to three levels below it.
   * Links to directories are not followed. New runs are found as they come.
   *
   * @param directory of a run, or of runs
   * @return the catalog
   * @throws IllegalArgumentException if it is no directory
   */
  public static RunCatalog open(Path directory) {
    if (!Files.isDirectory(directory)) {
      throw new IllegalArgumentException(
          "directory must be that of a run or of several, got " + directory);
    }
    RunCatalog catalog = new RunCatalog(directory);
    catalog.scan();
    schedule(catalog.follower, catalog::poll, POLL_MILLIS);
    schedule(catalog.follower, catalog::scan, SCAN_MILLIS);
    schedule(catalog.surveyor, catalog::survey, POLL_MILLIS);
    return catalog;
  }

  private static ScheduledExecutorService thread(String name) {
    return Executors.newSingleThreadScheduledExecutor(
        task -> {
          Thread thread = new Thread(task, name);
          thread.setDaemon(true);
          return thread;
        });
  }

  /**
   * Adds a run of this process, which needs no log.
   *
   * @param info what is run; its name is the run's
   * @return takes the run's snapshots; one that is closed and was not told how the run ended takes
   *     it for failed
   * @throws IllegalArgumentException if there is a run of that name
   */
  public SnapshotSink add(RunInfo info) {
    Run run = Run.ofThisProcess(info.name(), clock);
    synchronized (runs) {
      if (runs.putIfAbsent(run.id(), run) != null) {
        throw new IllegalArgumentException(
            "name must be of no other run, got '" + info.name() + "'");
      }
    }
    run.store().started(info);
    return new LiveRun(run.store());
  }

  /** Ends the run when it is closed, unless it ended before. */
  private static final class LiveRun implements SnapshotSink {
    private final RunStore store;
    private boolean ended;

    LiveRun(RunStore store) {
      this.store = store;
    }

    @Override
    public synchronized void accept(Snapshot snapshot) {
      ended = false;
      store.snapshot(snapshot);
    }

    @Override
    public synchronized void ended(RunOutcome outcome) {
      ended = true;
      store.ended(outcome);
    }

    @Override
    public synchronized void close() {
      if (!ended) {
        ended(RunOutcome.untold());
      }
    }
  }

  private static void schedule(ScheduledExecutorService where, Runnable task, long millis) {
    var unused = where.scheduleWithFixedDelay(task, 0, millis, TimeUnit.MILLISECONDS);
  }

  /** A run that began a moment ago is found when it is asked for, but nobody makes this scan on. */
  private void scanIfNotJustNow() {
    if (System.nanoTime() - lastScan > TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS)) {
      scan();
    }
  }

  private synchronized void scan() {
    lastScan = System.nanoTime();
    List<Path> logs = new ArrayList<>();
    try {
      Files.walkFileTree(
          directory,
          EnumSet.noneOf(FileVisitOption.class),
          DEPTH + 1,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              if (file.endsWith(SnapshotLog.FILE) && attributes.isRegularFile()) {
                logs.add(file);
              }
              return logs.size() < MOST_RUNS ? FileVisitResult.CONTINUE : FileVisitResult.TERMINATE;
            }

            /** What is not for this user to read, or went away, hides nothing else. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) {
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) {
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // The directory itself is gone: there is another time.
    }
    synchronized (runs) {
      for (Path log : logs) {
        runs.computeIfAbsent(id(log), id -> Run.ofLog(id, log, clock));
      }
    }
  }

  private String id(Path log) {
    Path parent = log.toAbsolutePath().normalize().getParent();
    Path base = directory.toAbsolutePath().normalize();
    if (parent == null || parent.equals(base)) {
      return String.valueOf(base.getFileName());
    }
    return base.relativize(parent).toString().replace('\\', '/');
  }

  private void poll() {
    List<Run> read;
    synchronized (runs) {
      read = new ArrayList<>(runs.values());
    }
    read.removeIf(run -> !run.isAskedFor());
    read.sort(Comparator.comparingLong(Run::lastAsked).reversed());
    for (int i = 0; i < read.size(); i++) {
      if (i < MOST_READ) {
        read.get(i).poll();
      } else {
        read.get(i).forget();
      }
    }
  }

  /** While somebody has the list of runs before him. */
  private void survey() {
    if (lastListed == 0
        || System.nanoTime() - lastListed > TimeUnit.SECONDS.toNanos(LISTED_SECONDS)) {
      return;
    }
    List<Run> all;
    synchronized (runs) {
      all = List.copyOf(runs.values());
    }
    all.forEach(Run::survey);
  }

  /** All of them, by name. */
  Collection<Run> runs() {
    scanIfNotJustNow();
    synchronized (runs) {
      return List.copyOf(runs.values());
    }
  }

  /** The same, and how they fare, of each that can be read in a moment. */
  Collection<Run> surveyedRuns() throws InterruptedException {
    lastListed = System.nanoTime();
    Collection<Run> all = runs();
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(SURVEY_PATIENCE_MILLIS);
    while (!all.stream().allMatch(Run::isHealthKnown) && System.nanoTime() < end) {
      Thread.sleep(10);
    }
    return all;
  }

  /** One of them, which is read from now on. */
  Run run(String id) {
    Run run;
    synchronized (runs) {
      run = runs.get(id);
    }
    if (run == null) {
      scanIfNotJustNow();
      synchronized (runs) {
        run = runs.get(id);
      }
    }
    if (run == null) {
      throw new NoSuchElementException("no run of this name");
    }
    run.ask();
    return run;
  }

  /** Stops following logs. */
  @Override
  public void close() {
    follower.shutdownNow();
    surveyor.shutdownNow();
  }
}
