/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.dashboard;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
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

  private final Path directory;
  private volatile long lastScan;
  private final Map<String, Run> runs = new TreeMap<>();
  private final ScheduledExecutorService follower =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "dashboard-follower");
            thread.setDaemon(true);
            return thread;
          });

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
    catalog.schedule(catalog::poll, POLL_MILLIS);
    catalog.schedule(catalog::scan, SCAN_MILLIS);
    return catalog;
  }

  /**
   * Adds a run of this process, which needs no log.
   *
   * @param info what is run; its name is the run's
   * @return takes the run's snapshots; closing it ends the run
   * @throws IllegalArgumentException if there is a run of that name
   */
  public SnapshotSink add(RunInfo info) {
    Run run = Run.ofThisProcess(info.name());
    synchronized (runs) {
      if (runs.putIfAbsent(run.id(), run) != null) {
        throw new IllegalArgumentException(
            "name must be of no other run, got '" + info.name() + "'");
      }
    }
    run.store().started(info);
    return new SnapshotSink() {
      @Override
      public void accept(Snapshot snapshot) {
        run.store().snapshot(snapshot);
      }

      @Override
      public void close() {
        run.store().ended(true);
      }
    };
  }

  private void schedule(Runnable task, long millis) {
    var unused = follower.scheduleWithFixedDelay(task, 0, millis, TimeUnit.MILLISECONDS);
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
        runs.computeIfAbsent(id(log), id -> Run.ofLog(id, log));
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

  /** All of them, by name. */
  Collection<Run> runs() {
    scanIfNotJustNow();
    synchronized (runs) {
      return List.copyOf(runs.values());
    }
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
  }
}
