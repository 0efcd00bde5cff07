/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.vqjava.formats.DeflatedSnapshot;
import org.vqjava.formats.LogRecord;
import org.vqjava.formats.ReplacementMessage;
import org.vqjava.formats.SnapshotMessage;

class SnapshotLogTest {
  private static final RunInfo INFO =
      new RunInfo("digits", Instant.EPOCH, Map.of("codes", "64", "rate", "0.001"));

  private final Path file;

  SnapshotLogTest(@TempDir Path directory) {
    this.file = directory.resolve(SnapshotLog.FILE);
  }

  /** What a log tells, in its order. */
  private static final class Heard implements SnapshotLogReader.Listener {
    final List<Object> all = new ArrayList<>();

    @Override
    public void started(RunInfo info) {
      all.add(info);
    }

    @Override
    public void snapshot(Snapshot snapshot) {
      all.add(snapshot);
    }

    @Override
    public void ended(RunOutcome outcome) {
      all.add(outcome);
    }

    List<Snapshot> snapshots() {
      return all.stream().filter(Snapshot.class::isInstance).map(Snapshot.class::cast).toList();
    }
  }

  private static Heard read(Path file) throws IOException {
    Heard heard = new Heard();
    new SnapshotLogReader(file).poll(heard);
    return heard;
  }

  private void write(List<Snapshot> snapshots) {
    try (SnapshotLog log = SnapshotLog.open(file, INFO, Samples.NOON)) {
      snapshots.forEach(log::accept);
      log.ended(RunOutcome.finished());
    }
  }

  @Test
  void everythingComesBack() throws IOException {
    List<Snapshot> written = Samples.run(10, 3, 7, 1);
    write(written);
    Heard heard = read(file);
    assertEquals(INFO, heard.all.get(0));
    assertEquals(RunOutcome.finished(), heard.all.get(8));
    List<Snapshot> read = heard.snapshots();
    assertEquals(7, read.size());
    for (int i = 0; i < 7; i++) {
      same(written.get(i), read.get(i));
    }
    assertTrue(read.stream().anyMatch(s -> s.view().isPresent() && s.replaced() > 0));
  }

  private static void same(Snapshot a, Snapshot b) {
    assertEquals(a.codebook(), b.codebook());
    assertEquals(a.step(), b.step());
    assertEquals(a.time(), b.time());
    assertEquals(a.batches(), b.batches());
    assertArrayEquals(a.counts(), b.counts());
    assertArrayEquals(a.lastUsed(), b.lastUsed());
    assertEquals(a.usage(), b.usage());
    assertEquals(a.nearestDistance(), b.nearestDistance());
    assertEquals(a.similarity(), b.similarity());
    assertEquals(a.losses(), b.losses());
    assertEquals(a.replacements(), b.replacements());
    assertEquals(a.view().isPresent(), b.view().isPresent());
    if (a.view().isPresent()) {
      CodebookView v = a.view().get();
      CodebookView w = b.view().orElseThrow();
      assertArrayEquals(v.values(), w.values());
      assertArrayEquals(v.points(), w.points());
      assertEquals(v.explained(), w.explained());
      assertEquals(v.spacing(), w.spacing());
      assertEquals(v.norms(), w.norms());
      assertEquals(v.drift(), w.drift());
      assertArrayEquals(v.images().orElseThrow().png(), w.images().orElseThrow().png());
      assertEquals(v.images().get().columns(), w.images().orElseThrow().columns());
    }
  }

  /** Wherever a writer is killed, what was whole is read, and the next writer goes on after it. */
  @Test
  void aRecordCutShortIsIgnoredAndThenRemoved() throws IOException {
    write(Samples.run(4, 2, 3, 2));
    byte[] whole = Files.readAllBytes(file);
    int most = 0;
    for (int length = 0; length < whole.length; length += 1 + length % 7) {
      Files.write(file, Arrays.copyOf(whole, length));
      int before = read(file).all.size();
      assertTrue(before >= most, "shorter files have no more records");
      most = before;
      try (SnapshotLog log = SnapshotLog.open(file, INFO, Samples.NOON)) {
        log.ended(RunOutcome.failed("why"));
      }
      Heard after = read(file);
      assertEquals(before + 2, after.all.size(), "cut at " + length);
      assertEquals(INFO, after.all.get(before));
      assertEquals(RunOutcome.failed("why"), after.all.get(before + 1));
    }
    assertEquals(4, most);
  }

  @Test
  void aLogThatGrowsIsReadAsItGrows() throws IOException {
    List<Snapshot> snapshots = Samples.run(4, 2, 3, 3);
    Heard heard = new Heard();
    SnapshotLogReader reader = new SnapshotLogReader(file);
    try (SnapshotLog log = SnapshotLog.open(file, INFO)) {
      assertEquals(1, reader.poll(heard));
      assertEquals(0, reader.poll(heard));
      for (Snapshot snapshot : snapshots) {
        log.accept(snapshot);
        assertEquals(1, reader.poll(heard));
      }
      assertEquals(file, log.file());
    }
    assertEquals(1, reader.poll(heard), "its end");
    assertEquals(Files.size(file), reader.position());
    same(snapshots.get(2), heard.snapshots().get(2));

    Files.write(file, new byte[3]);
    assertTrue(
        String.valueOf(assertThrows(IOException.class, () -> reader.poll(heard)).getMessage())
            .startsWith(file + " was replaced or cut: it has 3 bytes, of which "));
    Files.delete(file);
    assertThrows(IOException.class, () -> reader.poll(heard));
  }

  /** A run that goes on from an earlier step takes back what came after that. */
  @Test
  void codesTakenAfterAStepThatIsTakenAgainAreForgotten() throws IOException {
    try (Recorder recorder =
        Recorder.open(RecorderOptions.every(1), List.of(SnapshotLog.open(file, INFO)))) {
      CodebookRecorder codes = recorder.codebook("a", 3);
      codes.record(Observation.at(5).assignments(new int[] {0}));
      codes.record(Observation.at(9).assignments(new int[] {1}));
    }
    try (Recorder recorder =
        Recorder.open(RecorderOptions.every(1), List.of(SnapshotLog.open(file, INFO)))) {
      recorder.codebook("a", 3).record(Observation.at(6).assignments(new int[] {2}));
      recorder.codebook("b", 2).record(Observation.at(6).assignments(new int[] {0}));
    }
    List<Snapshot> read = read(file).snapshots();
    assertArrayEquals(new long[] {5, 9, -1}, read.get(1).lastUsed());
    assertArrayEquals(new long[] {5, 5, 6}, read.get(2).lastUsed());
    assertArrayEquals(new long[] {6, -1}, read.get(3).lastUsed());
  }

  @Test
  void aLogThatIsDeletedIsToldOnce() throws IOException {
    List<Snapshot> snapshots = Samples.run(4, 2, 3, 4);
    List<String> failures = new ArrayList<>();
    SnapshotLog log = SnapshotLog.open(file, INFO);
    try (Recorder recorder =
        Recorder.open(
            RecorderOptions.every(1),
            List.of(log),
            (sink, failure) -> failures.add(String.valueOf(failure.getMessage())))) {
      CodebookRecorder codes = recorder.codebook("a", 1);
      codes.record(Observation.at(1));
      Files.delete(file);
      codes.record(Observation.at(2));
      codes.record(Observation.at(3));
    }
    assertEquals(
        List.of(
            "cannot write "
                + file
                + " (it was deleted or moved while it was written); what it has stays readable, see"
                + " that there is space"),
        failures);
    assertThrows(IllegalStateException.class, () -> log.accept(snapshots.get(0)), "closed");
  }

  static List<RunOutcome> outcomes() {
    return List.of(
        RunOutcome.finished(),
        RunOutcome.failed("the loss is NaN at step 7"),
        RunOutcome.stopped("stopped after step 20 of 40"),
        RunOutcome.failed(""));
  }

  @ParameterizedTest
  @MethodSource("outcomes")
  void howARunEndedIsKept(RunOutcome outcome) throws IOException {
    try (SnapshotLog log = SnapshotLog.open(file, INFO, Samples.NOON);
        Recorder recorder = Recorder.open(RecorderOptions.every(10), List.of(log))) {
      recorder.codebook("a", 1).record(Observation.at(3));
      recorder.end(outcome);
    }
    List<Object> heard = read(file).all;
    assertEquals(3, heard.size(), "the window that was not full comes before the end");
    assertEquals(outcome, heard.get(2));
  }

  @Test
  void aRunThatThrowsIsNoneThatWentWell() throws IOException {
    assertThrows(
        IllegalStateException.class,
        () -> {
          try (SnapshotLog log = SnapshotLog.open(file, INFO, Samples.NOON);
              Recorder recorder = Recorder.open(RecorderOptions.every(10), List.of(log))) {
            recorder.codebook("a", 1).record(Observation.at(3));
            throw new IllegalStateException("out of luck");
          }
        });
    List<Object> heard = read(file).all;
    assertEquals(RunOutcome.failed("it was closed before its end was told"), heard.get(2));
    try (SnapshotLog log = SnapshotLog.open(file, INFO, Samples.NOON)) {
      log.ended(RunOutcome.finished());
      log.accept(Samples.run(4, 2, 1, 1).get(0));
    }
    assertEquals(RunOutcome.untold(), read(file).all.get(6), "what came after the end had none");
  }

  @Test
  void aThrowableSaysHowTheRunEnded() {
    assertEquals(RunOutcome.failed("no"), RunOutcome.of(new IllegalStateException("no")));
    assertEquals(RunOutcome.stopped("^C"), RunOutcome.of(new InterruptedException("^C")));
    assertEquals(
        RunOutcome.failed("java.lang.OutOfMemoryError"), RunOutcome.of(new OutOfMemoryError()));
    assertEquals(1000, RunOutcome.failed("x".repeat(5000)).reason().length());
  }

  @Test
  void afterAFailureNothingFollows() throws IOException {
    SnapshotLog log = SnapshotLog.open(file, INFO);
    Files.delete(file);
    assertThrows(UncheckedIOException.class, () -> log.ended(RunOutcome.finished()));
    Files.createFile(file);
    assertTrue(
        String.valueOf(
                assertThrows(UncheckedIOException.class, () -> log.ended(RunOutcome.finished()))
                    .getMessage())
            .contains("an earlier record could not be written"));
    log.close();
    log.close();
    assertEquals(0, Files.size(file));
  }

  @Test
  void whatIsNoLogIsLeftAlone() throws IOException {
    Files.writeString(file, "a letter to my grandmother");
    String message = file + " must be a snapshot log, but its first bytes are not a log's";
    refused(message, () -> SnapshotLog.open(file, INFO));
    refused(message, () -> read(file));
    Files.writeString(file, "a");
    refused(message, () -> read(file));
    Files.write(file, new byte[] {(byte) 0x89, 'V', 'Q', 'L', '\r', '\n', 0x1A, '\n', 2, 0, 0, 0});
    refused(file + " must be of version 1; a newer release may read it", () -> read(file));
    Path nowhere = file.resolveSibling("none").resolve("log");
    assertTrue(
        String.valueOf(
                assertThrows(UncheckedIOException.class, () -> SnapshotLog.open(nowhere, INFO))
                    .getMessage())
            .startsWith("cannot write " + nowhere));
    refused("name must not be blank, got ''", () -> new RunInfo("", Instant.EPOCH, Map.of()));
  }

  /** A byte that is changed anywhere is found, or is in a length, so that the rest is missing. */
  @Test
  void damageIsFound() throws IOException {
    write(Samples.run(4, 2, 2, 5));
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(1);
    for (int i = 0; i < 300; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(whole.length)] ^= (byte) (1 << random.nextInt(8));
      Files.write(file, damaged);
      Heard heard = new Heard();
      try {
        new SnapshotLogReader(file).poll(heard);
      } catch (IllegalArgumentException e) {
        assertTrue(String.valueOf(e.getMessage()).startsWith(file + " must "), e::getMessage);
      }
      assertTrue(heard.all.size() < 4, "all four records would be whole");
    }
  }

  /** Records with good checksums and bad numbers, as somebody might make them. */
  @Test
  void numbersAreCheckedBeforeTheyAreBelieved() throws IOException {
    SnapshotMessage good = SnapshotMessages.message(Samples.run(4, 2, 1, 6).get(0));
    record Bad(SnapshotMessage message, String says) {}
    List<Bad> all =
        List.of(
            new Bad(
                good.toBuilder().setCodes(0).build(), "codes must be from 1 to 16777216, got 0"),
            new Bad(good.toBuilder().setCodes(-1).build(), "got 4294967295"),
            new Bad(
                good.toBuilder().clearCounts().build(), "counts must be as many as codes taken"),
            new Bad(good.toBuilder().setTaken(0, 9).build(), "codes taken must be ascending"),
            new Bad(good.toBuilder().setTaken(1, 0).build(), "codes taken must be ascending"),
            new Bad(good.toBuilder().setCounts(0, -1).build(), "counts must be at least 1"),
            new Bad(good.toBuilder().setStep(-1).build(), "step must be at least 0"),
            new Bad(good.toBuilder().setCodebook("").build(), "codebook must not be blank"),
            new Bad(
                good.toBuilder()
                    .setCodebookView(good.getCodebookView().toBuilder().setWidth(3))
                    .build(),
                "values must have 48 bytes, got 32"),
            new Bad(
                good.toBuilder()
                    .setCodebookView(good.getCodebookView().toBuilder().setWidth(-1))
                    .build(),
                "width must be at least 1"),
            new Bad(
                good.toBuilder()
                    .setNearestDistance(good.getNearestDistance().toBuilder().setEdges(0, 9))
                    .build(),
                "edges must be ascending"),
            new Bad(
                good.toBuilder()
                    .addReplacements(ReplacementMessage.newBuilder().setCount(1).addCodes(7))
                    .build(),
                "codes must be below 4, got 7"));
    for (Bad bad : all) {
      byte[] message = bad.message().toByteArray();
      refusedRecord(deflated(message, message.length), bad.says());
    }
    byte[] message = good.toByteArray();
    refusedRecord(deflated(message, message.length - 1), "snapshot must unpack to");
    refusedRecord(deflated(message, message.length + 1), "snapshot must unpack to");
    refusedRecord(deflated(message, -1), "length must be at most 268435456, got 4294967295");
    refusedRecord(
        LogRecord.newBuilder()
            .setSnapshot(
                DeflatedSnapshot.newBuilder()
                    .setLength(3)
                    .setMessage(ByteString.copyFrom(new byte[] {7, 7, 7})))
            .build()
            .toByteArray(),
        "must have records in order; at byte 12");
    refusedRecord(new byte[] {1, 2, 3}, "must have records in order");
    Files.write(file, LogFormat.header());
    Files.write(file, new byte[] {-1, -1, -1, -1, 0, 0, 0, 0}, StandardOpenOption.APPEND);
    refused(
        file + " must have records of at most 268435456 bytes, got 4294967295 at byte 12",
        () -> read(file));
    Files.write(file, LogFormat.header());
    Files.write(file, LogFormat.frame(new byte[0]), StandardOpenOption.APPEND);
    assertEquals(List.of(), read(file).all, "a kind of record that a newer release may have");
  }

  private void refusedRecord(byte[] record, String says) throws IOException {
    Files.write(file, LogFormat.header());
    Files.write(file, LogFormat.frame(record), StandardOpenOption.APPEND);
    String message =
        String.valueOf(
            assertThrows(IllegalArgumentException.class, () -> read(file), says).getMessage());
    assertTrue(message.contains(says), message);
  }

  private static byte[] deflated(byte[] message, int length) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var deflater = new Deflater(9, true);
    try (var out = new DeflaterOutputStream(bytes, deflater)) {
      out.write(message);
    } finally {
      deflater.end();
    }
    return LogRecord.newBuilder()
        .setSnapshot(
            DeflatedSnapshot.newBuilder()
                .setLength(length)
                .setMessage(ByteString.copyFrom(bytes.toByteArray())))
        .build()
        .toByteArray();
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
