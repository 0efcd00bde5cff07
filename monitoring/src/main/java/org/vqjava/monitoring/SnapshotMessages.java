/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.vqjava.formats.CodebookMessage;
import org.vqjava.formats.DistributionMessage;
import org.vqjava.formats.ImagesMessage;
import org.vqjava.formats.ReplacementMessage;
import org.vqjava.formats.SnapshotMessage;

/** Snapshots as protobuf messages, and back with every number checked. */
final class SnapshotMessages {
  /** A log of unknown origin may not declare a codebook that fills the memory. */
  static final int MOST_CODES = 1 << 24;

  private SnapshotMessages() {}

  static SnapshotMessage message(Snapshot snapshot) {
    long[] counts = snapshot.counts();
    SnapshotMessage.Builder message =
        SnapshotMessage.newBuilder()
            .setCodebook(snapshot.codebook())
            .setStep(snapshot.step())
            .setTimeMillis(snapshot.time().toEpochMilli())
            .setBatches(snapshot.batches())
            .setCodes(counts.length)
            .putAllLosses(snapshot.losses());
    int before = 0;
    for (int k = 0; k < counts.length; k++) {
      if (counts[k] > 0) {
        message.addTaken(k - before).addCounts(counts[k]);
        before = k;
      }
    }
    snapshot
        .nearestDistance()
        .map(SnapshotMessages::message)
        .ifPresent(message::setNearestDistance);
    snapshot.similarity().map(SnapshotMessages::message).ifPresent(message::setSimilarity);
    for (Replacement replacement : snapshot.replacements()) {
      ReplacementMessage.Builder one =
          message
              .addReplacementsBuilder()
              .setStep(replacement.step())
              .setCount(replacement.count())
              .setPolicy(replacement.policy());
      for (int code : replacement.codes()) {
        one.addCodes(code);
      }
    }
    snapshot.view().ifPresent(view -> message.setCodebookView(message(view)));
    return message.build();
  }

  private static DistributionMessage message(Distribution distribution) {
    DistributionMessage.Builder message =
        DistributionMessage.newBuilder()
            .setFinite(distribution.finite())
            .setNotFinite(distribution.notFinite())
            .setMin(distribution.min())
            .setMean(distribution.mean())
            .setMax(distribution.max());
    for (double edge : distribution.bins().edges()) {
      message.addEdges(edge);
    }
    for (double count : distribution.bins().counts()) {
      message.addCounts(count);
    }
    return message.build();
  }

  private static CodebookMessage message(CodebookView view) {
    CodebookMessage.Builder message =
        CodebookMessage.newBuilder()
            .setWidth(view.width())
            .setValues(bytes(view.values()))
            .setPoints(bytes(view.points()))
            .setExplained(view.explained())
            .setNorms(message(view.norms()));
    view.spacing().map(SnapshotMessages::message).ifPresent(message::setSpacing);
    view.drift().ifPresent(message::setDrift);
    view.images()
        .ifPresent(
            images ->
                message.setImages(
                    ImagesMessage.newBuilder()
                        .setPng(ByteString.copyFrom(images.png()))
                        .setColumns(images.columns())
                        .setTileWidth(images.tileWidth())
                        .setTileHeight(images.tileHeight())));
    return message.build();
  }

  /**
   * The snapshot in a message.
   *
   * @param lastUsed of the codes before, {@code [K]}; takes this snapshot's step where a code was
   *     taken
   */
  static Snapshot snapshot(SnapshotMessage message, long[] lastUsed) {
    long[] counts = new long[codes(message)];
    if (message.getTakenCount() != message.getCountsCount()) {
      throw new IllegalArgumentException(
          "counts must be as many as codes taken, "
              + message.getTakenCount()
              + ", got "
              + message.getCountsCount());
    }
    long code = 0;
    for (int i = 0; i < message.getTakenCount(); i++) {
      code += Integer.toUnsignedLong(message.getTaken(i));
      if (code >= counts.length || (i > 0 && message.getTaken(i) == 0)) {
        throw new IllegalArgumentException(
            "codes taken must be ascending and below " + counts.length + ", got " + code);
      }
      counts[(int) code] = Check.atLeast("counts", 1, message.getCounts(i));
      lastUsed[(int) code] = message.getStep();
    }
    return new Snapshot(
        message.getCodebook(),
        message.getStep(),
        Instant.ofEpochMilli(message.getTimeMillis()),
        message.getBatches(),
        counts,
        lastUsed.clone(),
        UsageFigures.of(counts),
        message.hasNearestDistance()
            ? Optional.of(distribution(message.getNearestDistance()))
            : Optional.empty(),
        message.hasSimilarity()
            ? Optional.of(distribution(message.getSimilarity()))
            : Optional.empty(),
        message.getLossesMap(),
        message.getReplacementsList().stream().map(r -> replacement(r, counts.length)).toList(),
        message.hasCodebookView()
            ? Optional.of(view(message.getCodebookView(), counts.length))
            : Optional.empty());
  }

  static int codes(SnapshotMessage message) {
    int codes = message.getCodes();
    if (codes < 1 || codes > MOST_CODES) {
      throw new IllegalArgumentException(
          "codes must be from 1 to " + MOST_CODES + ", got " + Integer.toUnsignedString(codes));
    }
    return codes;
  }

  private static Distribution distribution(DistributionMessage message) {
    return new Distribution(
        message.getFinite(),
        message.getNotFinite(),
        message.getMin(),
        message.getMean(),
        message.getMax(),
        new HistogramBins(doubles(message.getEdgesList()), doubles(message.getCountsList())));
  }

  private static double[] doubles(List<Double> list) {
    return list.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static Replacement replacement(ReplacementMessage message, int codes) {
    int[] which = message.getCodesList().stream().mapToInt(Integer::intValue).toArray();
    for (int code : which) {
      if (code >= codes) {
        throw new IllegalArgumentException("codes must be below " + codes + ", got " + code);
      }
    }
    return new Replacement(message.getStep(), message.getCount(), which, message.getPolicy());
  }

  private static CodebookView view(CodebookMessage message, int codes) {
    int width = message.getWidth();
    Check.atLeast("width", 1, width);
    return new CodebookView(
        width,
        floats("values", message.getValues(), (long) codes * width),
        floats("points", message.getPoints(), 2L * codes),
        message.getExplained(),
        message.hasSpacing() ? Optional.of(distribution(message.getSpacing())) : Optional.empty(),
        distribution(message.getNorms()),
        message.hasDrift() ? OptionalDouble.of(message.getDrift()) : OptionalDouble.empty(),
        message.hasImages() ? Optional.of(images(message.getImages())) : Optional.empty());
  }

  private static CodeImages images(ImagesMessage message) {
    return new CodeImages(
        message.getPng().toByteArray(),
        message.getColumns(),
        message.getTileWidth(),
        message.getTileHeight());
  }

  private static ByteString bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return UnsafeByteOperations.unsafeWrap(bytes.array());
  }

  private static float[] floats(String name, ByteString bytes, long count) {
    if (bytes.size() != count * Float.BYTES) {
      throw new IllegalArgumentException(
          name + " must have " + count * Float.BYTES + " bytes, got " + bytes.size());
    }
    float[] values = new float[(int) count];
    bytes.asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }
}
