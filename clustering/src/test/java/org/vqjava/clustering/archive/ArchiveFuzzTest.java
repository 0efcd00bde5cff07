/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vqjava.formats.ArchiveRecord;

/**
 * Mutants of an archive whose checksums are put right, so that they reach the code behind them.
 * Each is read or refused by an {@link IllegalArgumentException}; none takes much memory or time.
 *
 * <p>So many, not so long: a slow machine tries as many. {@code -Pfuzz} makes it thirty times as
 * many.
 */
class ArchiveFuzzTest {
  private static final int MUTANTS = Integer.getInteger("fuzz.mutants", 10_000);
  private static final long LIMIT = 1 << 20;
  private static final long MOST_ALLOCATED = (64L << 20) + LIMIT;

  @Test
  void mutantsAreReadOrRefused(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("mutant.vqa");
    Random random = new Random(1);
    List<byte[]> seeds = new ArrayList<>();
    for (boolean deflate : new boolean[] {false, true}) {
      ArchiveWriter.write(file, ArchiveTest.tensors(), new ArchiveOptions(deflate, deflate));
      seeds.add(Files.readAllBytes(file));
    }
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    int read = 0;
    int refused = 0;
    for (int mutant = 0; mutant < MUTANTS; mutant++) {
      byte[] bytes = mutant(seeds.get(random.nextInt(seeds.size())), random);
      Files.write(file, bytes);
      long before = threads.getCurrentThreadAllocatedBytes();
      try {
        ArchiveReader.read(file, LIMIT).forEach(ArchivedTensor::decode);
        read++;
      } catch (IllegalArgumentException e) {
        refused++;
      } catch (RuntimeException | Error e) {
        throw new AssertionError("mutant " + mutant + ": " + e, e);
      }
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      int number = mutant;
      assertTrue(
          allocated <= MOST_ALLOCATED + 8L * bytes.length,
          () -> "mutant " + number + " made it allocate " + allocated);
    }
    System.out.printf(Locale.ROOT, "%d mutants read, %d refused%n", read, refused);
    assertTrue(refused > 100 && read > 10, read + " read, " + refused + " refused");
  }

  /** One record is changed, as bytes or as a message cut into another, and framed anew. */
  private static byte[] mutant(byte[] archive, Random random) {
    List<byte[]> records = records(archive);
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      int victim = random.nextInt(records.size());
      byte[] bytes = records.get(victim).clone();
      switch (random.nextInt(5)) {
        case 0 -> bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[random.nextInt(Math.min(40, bytes.length))] = (byte) random.nextInt();
        case 2 -> bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length) + 1);
        case 3 -> bytes = merged(bytes, records.get(random.nextInt(records.size())));
        default -> records.add(random.nextInt(records.size()), bytes);
      }
      records.set(victim, bytes);
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(archive, 0, ArchiveFormat.HEADER_BYTES);
    for (byte[] record : records) {
      CRC32C checksum = new CRC32C();
      checksum.update(record);
      out.writeBytes(
          ByteBuffer.allocate(8)
              .order(ByteOrder.LITTLE_ENDIAN)
              .putInt(record.length)
              .putInt((int) checksum.getValue())
              .array());
      out.writeBytes(record);
    }
    return out.toByteArray();
  }

  /** Fields of one message in another. */
  private static byte[] merged(byte[] one, byte[] other) {
    try {
      return ArchiveRecord.parseFrom(one).toBuilder()
          .mergeFrom(ArchiveRecord.parseFrom(other))
          .build()
          .toByteArray();
    } catch (InvalidProtocolBufferException e) {
      return one;
    }
  }

  private static List<byte[]> records(byte[] archive) {
    List<byte[]> records = new ArrayList<>();
    ByteBuffer in = ByteBuffer.wrap(archive).order(ByteOrder.LITTLE_ENDIAN);
    in.position(ArchiveFormat.HEADER_BYTES);
    while (in.hasRemaining()) {
      byte[] record = new byte[in.getInt()];
      in.getInt();
      in.get(record);
      records.add(record);
    }
    return records;
  }
}
