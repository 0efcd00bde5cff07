/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.testing.PeerPython;

/** What TensorBoard itself reads from our files. */
class TensorBoardPeerTest {
  private static final Clock NOON =
      Clock.fixed(Instant.ofEpochSecond(1_700_000_000, 250_000_000), ZoneOffset.UTC);
  private static final String TIME = "1700000000.25";

  private final Path scratch;

  TensorBoardPeerTest(@TempDir Path scratch) {
    this.scratch = scratch;
  }

  @BeforeEach
  void pythonIsThere() {
    PeerPython.assumeThere();
  }

  @Test
  void readsEveryKindOfValue() throws Exception {
    Path run = scratch.resolve("run");
    byte[] png = Png.of(new BufferedImage(5, 4, BufferedImage.TYPE_INT_RGB)).file().toByteArray();
    try (EventFileWriter writer = EventFileWriter.open(run, NOON)) {
      writer.hparams(Map.of("codes", 512, "beta", 0.25, "ema", true, "metric", "Euklid\u00e4isch"));
      writer.scalar("vq/perplexity", 0, 311.5);
      writer.scalar("vq/perplexity", 7, Double.NaN);
      writer.scalar("vq/perplexity", 1L << 40, -0.25);
      writer.histogram(
          "vq/access", 3, new HistogramBins(new double[] {0, 1, 10}, new double[] {7, 0.5}));
      writer.text("notes", 1, "**\u03b2** = 0.25");
      writer.image("codes/png", 2, png);
      writer.sessionEnd(SessionStatus.SUCCESS);
    }

    String sha = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(png));
    assertEquals(
        List.of(
            "file_version\t2.0",
            "_hparams_/session_end_info\thparams\t2",
            "_hparams_/session_end_info\t0\t" + TIME + "\tfloat32\t(0,)",
            "session_end_info\tversion\t0",
            "session_end_info\tseconds\t" + TIME,
            "session_end_info\tstatus\t1",
            "_hparams_/session_start_info\thparams\t2",
            "_hparams_/session_start_info\t0\t" + TIME + "\tfloat32\t(0,)",
            "session_start_info\tversion\t0",
            "session_start_info\tseconds\t" + TIME,
            "session_start_info\tbeta\tnumber_value\t0.25",
            "session_start_info\tcodes\tnumber_value\t512.0",
            "session_start_info\tema\tbool_value\tTrue",
            "session_start_info\tmetric\tstring_value\t'Euklid\u00e4isch'",
            "codes/png\timages\t3",
            "codes/png\t2\t" + TIME + "\t5\t4\t" + sha,
            "notes\ttext\t2",
            "notes\t1\t" + TIME + "\t()\t'**\\u03b2** = 0.25'",
            "vq/access\thistograms\t2",
            "vq/access\t3\t" + TIME + "\tfloat64\t(2, 3)\t0.0,1.0,7.0\t1.0,10.0,0.5",
            "vq/perplexity\tscalars\t1",
            "vq/perplexity\t0\t" + TIME + "\tfloat32\t()\t311.5",
            "vq/perplexity\t7\t" + TIME + "\tfloat32\t()\tnan",
            "vq/perplexity\t1099511627776\t" + TIME + "\tfloat32\t()\t-0.25"),
        readBack(run));
  }

  @Test
  void readsWhatPrecedesARecordCutShort() throws Exception {
    Path run = scratch.resolve("run");
    EventFileWriter writer = EventFileWriter.open(run, NOON);
    writer.scalar("loss", 0, 1);
    writer.scalar("loss", 1, 2);
    writer.close();
    byte[] bytes = Files.readAllBytes(writer.file());
    Files.write(writer.file(), Arrays.copyOf(bytes, bytes.length - 3));

    assertEquals(
        List.of("file_version\t2.0", "loss\tscalars\t1", "loss\t0\t" + TIME + "\tfloat32\t()\t1.0"),
        readBack(run));
  }

  @Test
  void readsTwoWritersOfOneRunAsOne() throws Exception {
    Path run = scratch.resolve("run");
    for (int part = 0; part < 2; part++) {
      try (EventFileWriter writer = EventFileWriter.open(run, NOON)) {
        writer.scalar("loss", part, 1);
      }
    }

    assertEquals(
        List.of(
            "file_version\t2.0",
            "loss\tscalars\t1",
            "loss\t0\t" + TIME + "\tfloat32\t()\t1.0",
            "loss\t1\t" + TIME + "\tfloat32\t()\t1.0"),
        readBack(run));
  }

  private List<String> readBack(Path run) throws IOException, InterruptedException {
    return PeerPython.run(TensorBoardPeerTest.class, "read_events.py", scratch, run.toString());
  }
}
