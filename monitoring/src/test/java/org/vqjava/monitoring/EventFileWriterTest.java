/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.proto.DataClass;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.Summary;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

class EventFileWriterTest {
  private static final Clock NOON =
      Clock.fixed(Instant.ofEpochSecond(1_700_000_000, 250_000_000), ZoneOffset.UTC);
  private static final HistogramBins BINS =
      new HistogramBins(new double[] {0, 1, 10}, new double[] {7, 0.5});

  private final Path directory;

  EventFileWriterTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  void fileStartsWithItsVersion() {
    EventFileWriter writer = EventFileWriter.open(directory, NOON);
    List<Event> beforeAnyFlush = EventFileReader.events(writer.file());
    writer.close();

    assertEquals(
        List.of(
            Event.newBuilder()
                .setWallTime(1_700_000_000.25)
                .setFileVersion("brain.Event:2")
                .build()),
        beforeAnyFlush);
    assertEquals(beforeAnyFlush, EventFileReader.events(writer.file()));
  }

  @Test
  void wallTimeIsThatOfTheSystemUnlessAClockIsGiven() {
    Instant before = Instant.now();
    EventFileWriter writer = EventFileWriter.open(directory);
    writer.scalar("loss", 0, 1);
    writer.close();
    Instant after = Instant.now();

    for (Event event : EventFileReader.events(writer.file())) {
      assertTrue(event.getWallTime() >= before.toEpochMilli() / 1e3 - 1e-3, event::toString);
      assertTrue(event.getWallTime() <= after.toEpochMilli() / 1e3 + 2e-3, event::toString);
    }
  }

  @Test
  void scalarIsAFloat32WithoutDimensions() {
    Event event = onlyEvent(writer -> writer.scalar("codebook/perplexity", 42, 311.5));

    assertEquals(42, event.getStep());
    assertEquals(1_700_000_000.25, event.getWallTime());
    assertEquals(
        value("codebook/perplexity", "scalars", DataClass.DATA_CLASS_SCALAR)
            .setTensor(tensor(DataType.DT_FLOAT).addFloatVal(311.5f))
            .build(),
        onlyValue(event));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 1e300})
  void scalarNeedNotBeFinite(double value) {
    Event event = onlyEvent(writer -> writer.scalar("loss", 0, value));

    assertEquals((float) value, onlyValue(event).getTensor().getFloatVal(0));
  }

  @Test
  void histogramIsRowsOfLeftRightCount() {
    Event event = onlyEvent(writer -> writer.histogram("codebook/access", 3, BINS));

    assertEquals(3, event.getStep());
    assertEquals(
        value("codebook/access", "histograms", DataClass.DATA_CLASS_TENSOR)
            .setTensor(
                tensor(DataType.DT_DOUBLE, 2, 3)
                    .addAllDoubleVal(List.of(0.0, 1.0, 7.0, 1.0, 10.0, 0.5)))
            .build(),
        onlyValue(event));
  }

  @Test
  void textIsUtf8() {
    Event event = onlyEvent(writer -> writer.text("notes", 1, "**\u03b2** = 0.25 \ud83d\ude00"));

    assertEquals(1, event.getStep());
    assertEquals(
        value("notes", "text", DataClass.DATA_CLASS_TENSOR)
            .setTensor(
                tensor(DataType.DT_STRING)
                    .addStringVal(
                        ByteString.copyFrom(
                            HexFormat.of().parseHex("2a2aceb22a2a203d20302e323520f09f9880"))))
            .build(),
        onlyValue(event));
  }

  @Test
  void imageIsWidthHeightAndFile() {
    BufferedImage image = new BufferedImage(5, 4, BufferedImage.TYPE_BYTE_GRAY);
    ByteString png = Png.of(image).file();
    Summary.Value expected =
        value("codes", "images", DataClass.DATA_CLASS_BLOB_SEQUENCE)
            .setTensor(
                tensor(DataType.DT_STRING, 3)
                    .addStringVal(ByteString.copyFromUtf8("5"))
                    .addStringVal(ByteString.copyFromUtf8("4"))
                    .addStringVal(png))
            .build();

    Event drawn = onlyEvent(writer -> writer.image("codes", 9, image));
    Event encoded = onlyEvent(writer -> writer.image("codes", 9, png.toByteArray()));

    assertEquals(9, drawn.getStep());
    assertEquals(expected, onlyValue(drawn));
    assertEquals(drawn, encoded);
  }

  @Test
  void hparamsAreContentOfTheMetadataAndStartTheSession() {
    Map<String, ?> hparams = Map.of("codes", 512, "ema", true);
    Event event = onlyEvent(writer -> writer.hparams(hparams));

    Summary.Value.Builder expected =
        value("_hparams_/session_start_info", "hparams", DataClass.DATA_CLASS_TENSOR)
            .setTensor(tensor(DataType.DT_FLOAT, 0));
    expected
        .getMetadataBuilder()
        .getPluginDataBuilder()
        .setContent(HparamsProto.sessionStart(hparams, 1_700_000_000.25));
    assertEquals(expected.build(), onlyValue(event));
  }

  @Test
  void sessionEndCarriesStatusAndTime() {
    List<Event> events =
        events(
            writer -> {
              writer.hparams(Map.of());
              writer.sessionEnd(SessionStatus.FAILURE);
            });

    Summary.Value value = onlyValue(events.get(2));
    assertEquals("_hparams_/session_end_info", value.getTag());
    assertEquals(
        HparamsProto.sessionEnd(SessionStatus.FAILURE, 1_700_000_000.25),
        value.getMetadata().getPluginData().getContent());
  }

  @Test
  void sessionStartsAndEndsOnce() {
    try (EventFileWriter writer = EventFileWriter.open(directory, NOON)) {
      assertState(
          "hparams must be written before the end of the session",
          () -> writer.sessionEnd(SessionStatus.SUCCESS));
      writer.hparams(Map.of("codes", 512));
      assertState(
          "_hparams_/session_start_info must be written once, TensorBoard reads the first only: "
              + writer.file(),
          () -> writer.hparams(Map.of("codes", 256)));
      writer.sessionEnd(SessionStatus.SUCCESS);
      assertState(
          "_hparams_/session_end_info must be written once, TensorBoard reads the first only: "
              + writer.file(),
          () -> writer.sessionEnd(SessionStatus.FAILURE));
    }
  }

  @Test
  void hparamsThatAreRefusedMayBeWrittenRight() {
    List<Event> events =
        events(
            writer -> {
              assertRefused(
                  "hparams value of 'beta' must be finite, got NaN",
                  () -> writer.hparams(Map.of("beta", Double.NaN)));
              writer.hparams(Map.of("beta", 0.25));
            });

    assertEquals(2, events.size());
  }

  @Test
  void wrongArgumentsAreRefusedAndNothingIsWritten() {
    List<Event> events =
        events(
            writer -> {
              assertRefused("tag must not be blank, got ''", () -> writer.scalar("", 0, 1));
              assertRefused("tag must not be blank, got ' '", () -> writer.histogram(" ", 0, BINS));
              assertRefused("tag must not be blank, got ''", () -> writer.text("", 0, "text"));
              assertRefused("tag must not be blank, got ''", () -> writer.image("", 0, picture()));
              assertRefused(
                  "tag must not start with '_hparams_/', got '_hparams_/session_start_info'",
                  () -> writer.text("_hparams_/session_start_info", 0, "text"));
              String step = "step must be at least 0, got -1";
              assertRefused(step, () -> writer.scalar("loss", -1, 1));
              assertRefused(step, () -> writer.histogram("access", -1, BINS));
              assertRefused(step, () -> writer.text("notes", -1, "text"));
              assertRefused(step, () -> writer.image("codes", -1, picture()));
              assertRefused(
                  "png must start with the signature and header of a PNG file, got 3 other bytes",
                  () -> writer.image("codes", 0, new byte[3]));
            });

    assertEquals(1, events.size(), "the version only");
  }

  @Test
  void tagKeepsTheKindOfItsFirstValue() {
    List<Event> events =
        events(
            writer -> {
              writer.scalar("loss", 0, 1);
              assertRefused(
                  "tag 'loss' must keep the kind of its first value, scalars, got text",
                  () -> writer.text("loss", 1, "text"));
              writer.scalar("loss", 1, 1);
            });

    assertEquals(3, events.size());
  }

  @Test
  void refusedValueDoesNotFixTheKindOfItsTag() {
    List<Event> events =
        events(
            writer -> {
              assertRefused("step must be at least 0, got -1", () -> writer.scalar("loss", -1, 1));
              writer.text("loss", 1, "text");
            });

    assertEquals(2, events.size());
  }

  @Test
  void writersOfOneDirectoryNeverShareAFile() {
    try (EventFileWriter first = EventFileWriter.open(directory, NOON);
        EventFileWriter second = EventFileWriter.open(directory, NOON)) {
      first.scalar("loss", 0, 1);
      second.scalar("loss", 0, 2);
      first.flush();
      second.flush();

      assertNotEquals(first.file(), second.file());
      assertEquals(
          1f, onlyValue(EventFileReader.events(first.file()).get(1)).getTensor().getFloatVal(0));
      assertEquals(
          2f, onlyValue(EventFileReader.events(second.file()).get(1)).getTensor().getFloatVal(0));
    }
  }

  @Test
  void threadsWriteWholeRecordsEachInItsOrder() throws Exception {
    int threads = 8;
    int steps = 500;
    EventFileWriter writer = EventFileWriter.open(directory);
    CyclicBarrier start = new CyclicBarrier(threads);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try (writer) {
      List<Future<?>> done =
          IntStream.range(0, threads)
              .<Future<?>>mapToObj(
                  thread ->
                      pool.submit(
                          () -> {
                            start.await();
                            for (int step = 0; step < steps; step++) {
                              writer.text(
                                  "thread/" + thread, step, "x".repeat(thread * step % 997));
                              if (step % 50 == 0) {
                                writer.flush();
                              }
                            }
                            return null;
                          }))
              .toList();
      for (Future<?> future : done) {
        future.get();
      }
    } finally {
      pool.shutdownNow();
    }

    List<Event> events = EventFileReader.events(writer.file());
    assertEquals(1 + threads * steps, events.size());
    Map<String, Long> next = new HashMap<>();
    for (Event event : events.subList(1, events.size())) {
      Summary.Value value = onlyValue(event);
      int thread = Integer.parseInt(value.getTag().substring("thread/".length()));
      assertEquals(next.getOrDefault(value.getTag(), 0L), event.getStep());
      assertEquals(
          thread * event.getStep() % 997, value.getTensor().getStringVal(0).size(), "text length");
      next.put(value.getTag(), event.getStep() + 1);
    }
  }

  @Test
  void recordCutShortLeavesThoseBeforeItReadable() throws IOException {
    EventFileWriter writer = EventFileWriter.open(directory, NOON);
    writer.scalar("loss", 0, 1);
    writer.scalar("loss", 1, 2);
    writer.flush();
    List<Event> before = EventFileReader.events(writer.file());
    int whole = Math.toIntExact(Files.size(writer.file()));
    writer.text("notes", 2, "the last one");
    writer.close();
    byte[] bytes = Files.readAllBytes(writer.file());
    assertTrue(bytes.length > whole);

    for (int length = whole; length < bytes.length; length++) {
      Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(bytes, length));

      assertEquals(before, EventFileReader.events(cut), "cut to " + length + " bytes");
    }
  }

  @Test
  void closedWriterRefusesValues() {
    EventFileWriter writer = EventFileWriter.open(directory, NOON);
    writer.close();

    assertEquals(
        "writer must be open, was closed: " + writer.file(),
        assertThrows(IllegalStateException.class, () -> writer.scalar("loss", 0, 1)).getMessage());
    writer.close();
  }

  @Test
  void fileThatCannotBeStartedIsClosed() {
    boolean[] closed = new boolean[1];
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int value) throws IOException {
            throw new IOException("no space");
          }

          @Override
          public void close() {
            closed[0] = true;
          }
        };
    RecordFile records = new RecordFile(Path.of("run", "events"), full);

    assertThrows(UncheckedIOException.class, () -> new EventFileWriter(records, NOON));
    assertArrayEquals(new boolean[] {true}, closed);
  }

  /** What {@code write} wrote after the version, in a directory of its own. */
  private Event onlyEvent(Consumer<EventFileWriter> write) {
    List<Event> events = events(write);
    assertEquals(2, events.size());
    return events.get(1);
  }

  private List<Event> events(Consumer<EventFileWriter> write) {
    EventFileWriter writer = EventFileWriter.open(directory, NOON);
    try (writer) {
      write.accept(writer);
    }
    return EventFileReader.events(writer.file());
  }

  private static Summary.Value onlyValue(Event event) {
    assertEquals(1, event.getSummary().getValueCount());
    return event.getSummary().getValue(0);
  }

  private static Summary.Value.Builder value(String tag, String plugin, DataClass dataClass) {
    Summary.Value.Builder value = Summary.Value.newBuilder().setTag(tag);
    value.getMetadataBuilder().setDataClass(dataClass).getPluginDataBuilder().setPluginName(plugin);
    return value;
  }

  private static TensorProto.Builder tensor(DataType type, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (long size : shape) {
      dimensions.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorProto.newBuilder().setDtype(type).setTensorShape(dimensions);
  }

  private static BufferedImage picture() {
    return new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB);
  }

  private static void assertRefused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  private static void assertState(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalStateException.class, call).getMessage());
  }
}
