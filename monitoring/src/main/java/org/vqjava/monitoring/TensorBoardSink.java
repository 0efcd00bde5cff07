/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * Writes snapshots for TensorBoard: curves and histograms under {@code vq/<codebook>/}, a text for
 * each replacement. When it is closed it writes, of the newest view, the files of the Embedding
 * Projector beside the event file, as it does of the first view: {@code projector_config.pbtxt},
 * and for each codebook a table of the codes and one of their usage. TensorBoard reads them once.
 *
 * <p>Hyperparameters are the writer's: {@link EventFileWriter#hparams}. The writer stays the
 * caller's; each snapshot is flushed, so that TensorBoard sees it.
 *
 * <p>The projector gets at most {@value #MOST_POINTS} codes, as TensorBoard samples beyond that and
 * cuts at ten times as many; the first line of the metadata names the columns. Of several sinks in
 * one directory each adds its codebooks; of a codebook that several have, the newest is shown.
 *
 * <pre>{@code
 * try (EventFileWriter writer = EventFileWriter.open(directory);
 *     Recorder recorder = Recorder.open(options, List.of(new TensorBoardSink(writer)))) {
 *   ..
 * }
 * }</pre>
 */
public final class TensorBoardSink implements SnapshotSink {
  /** How many codes of a codebook the projector is given. */
  public static final int MOST_POINTS = 10_000;

  private static final String CODES = ".codes.tsv";
  private static final String USAGE = ".usage.tsv";

  private final EventFileWriter writer;
  private final Path directory;
  private final Map<String, Snapshot> newest = new LinkedHashMap<>(); // with a view, by codebook
  private final Map<String, FileTime> written = new HashMap<>(); // the codes' file, by codebook

  /**
   * Writes with a writer, and the projector's files into its directory.
   *
   * @param writer of the run; stays open when this sink is closed
   */
  public TensorBoardSink(EventFileWriter writer) {
    this.writer = Objects.requireNonNull(writer, "writer");
    this.directory = Objects.requireNonNull(writer.file().toAbsolutePath().getParent());
  }

  /**
   * Writes a snapshot.
   *
   * @param snapshot of one codebook
   * @throws UncheckedIOException if a file cannot be written
   */
  @Override
  public void accept(Snapshot snapshot) {
    String group = "vq/" + snapshot.codebook() + "/";
    long step = snapshot.step();
    UsageFigures usage = snapshot.usage();
    writer.scalar(group + "perplexity", step, usage.summary().perplexity());
    writer.scalar(group + "usage", step, usage.summary().usage());
    writer.scalar(group + "dead_codes", step, usage.summary().dead());
    writer.scalar(group + "entropy_bits", step, usage.entropyBits());
    writer.scalar(group + "gini", step, usage.gini());
    writer.scalar(group + "top_share", step, usage.topShare());
    writer.histogram(group + "access_count", step, byCode(snapshot.counts()));
    snapshot.losses().forEach((term, value) -> writer.scalar(group + "loss/" + term, step, value));
    snapshot.nearestDistance().ifPresent(d -> write(group + "nearest_distance", step, d));
    snapshot.similarity().ifPresent(d -> write(group + "similarity", step, d));
    for (Replacement replacement : snapshot.replacements()) {
      writer.text(group + "replacements", replacement.step(), text(replacement));
    }
    snapshot
        .view()
        .ifPresent(
            view -> {
              view.spacing().ifPresent(d -> write(group + "closest_spacing", step, d));
              write(group + "norms", step, view.norms());
              view.drift().ifPresent(drift -> writer.scalar(group + "drift", step, drift));
              view.images().ifPresent(i -> writer.image(group + "codes", step, i.png()));
              if (newest.put(snapshot.codebook(), snapshot) == null) {
                project(snapshot, view);
              }
            });
    writer.flush();
  }

  /**
   * Writes the projector's files; the event file stays open.
   *
   * @throws UncheckedIOException if a file cannot be written
   */
  @Override
  public void close() {
    for (Snapshot snapshot : newest.values()) {
      if (isStillOurs(snapshot.codebook())) {
        project(snapshot, snapshot.view().orElseThrow());
      }
    }
  }

  /** Another sink in this directory, of the training that followed, has newer codes. */
  private boolean isStillOurs(String codebook) {
    try {
      Path codes = directory.resolve(fileName(codebook) + CODES);
      return !Files.exists(codes) || Files.getLastModifiedTime(codes).equals(written.get(codebook));
    } catch (IOException e) {
      return true; // what cannot be looked at cannot be written either, which is told then
    }
  }

  private void write(String tag, long step, Distribution distribution) {
    writer.histogram(tag, step, distribution.bins());
    writer.scalar(tag + "_mean", step, distribution.mean());
    writer.scalar(tag + "_min", step, distribution.min());
  }

  /** A bar for each code: from k to k + 1, as high as the code is often taken. */
  private static HistogramBins byCode(long[] counts) {
    return new HistogramBins(
        IntStream.rangeClosed(0, counts.length).asDoubleStream().toArray(),
        Arrays.stream(counts).asDoubleStream().toArray());
  }

  private static String text(Replacement replacement) {
    String which =
        replacement.codes().length == 0 ? "" : ": " + Arrays.toString(replacement.codes());
    return "**" + replacement.count() + "** codes replaced by " + replacement.policy() + which;
  }

  private static String fileName(String codebook) {
    return codebook.replaceAll("[^A-Za-z0-9._-]", "-");
  }

  private static String entry(String codebook) {
    String quoted = codebook.replace("\\", "\\\\").replace("\"", "\\\"");
    String name = fileName(codebook);
    return "embeddings {\n  tensor_name: \""
        + quoted
        + "\"\n  tensor_path: \""
        + name
        + CODES
        + "\"\n  metadata_path: \""
        + name
        + USAGE
        + "\"\n}\n";
  }

  private void project(Snapshot snapshot, CodebookView view) {
    String name = fileName(snapshot.codebook());
    int rows = Math.min(MOST_POINTS, snapshot.codes());
    StringBuilder codes = new StringBuilder();
    StringBuilder metadata = new StringBuilder("code\ttaken\tlast_taken_at_step\n");
    for (int k = 0; k < rows; k++) {
      for (int i = 0; i < view.width(); i++) {
        codes.append(i == 0 ? "" : "\t").append(view.values()[k * view.width() + i]);
      }
      codes.append('\n');
      metadata
          .append(k)
          .append('\t')
          .append(snapshot.counts()[k])
          .append('\t')
          .append(snapshot.lastUsed()[k] < 0 ? "never" : Long.toString(snapshot.lastUsed()[k]))
          .append('\n');
    }
    try {
      Path file = directory.resolve(name + CODES);
      WholeFile.write(file, codes.toString());
      written.put(snapshot.codebook(), Files.getLastModifiedTime(file));
      WholeFile.write(directory.resolve(name + USAGE), metadata.toString());
      Path config = directory.resolve("projector_config.pbtxt");
      String known = Files.exists(config) ? Files.readString(config) : "";
      String entry = entry(snapshot.codebook());
      if (!known.contains(entry)) { // those of another sink in this directory stay
        WholeFile.write(config, known + entry);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write the projector's files in " + directory, e);
    }
  }
}
