/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.EagerSession;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.op.Ops;
import org.tensorflow.types.family.TType;

/**
 * Mutants of an index, many with checksums that are put right, so that they reach the code behind
 * them. Each is refused, or TensorFlow finds in it what was found here.
 */
class CheckpointIndexMutantTest {
  private static final int MUTANTS = 2000;
  private static final long MOST_ALLOCATED = 4 << 20;
  private static final int FOOTER_BYTES = 48;
  private static final int TRAILER_BYTES = 5;
  private static final String DATA = "variables.data-00000-of-00001";

  private final Path directory;

  CheckpointIndexMutantTest(@TempDir Path directory) {
    this.directory = directory;
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.MINUTES)
  void mutantsAreRefusedOrReadAsTensorFlowReadsThem() throws IOException {
    Random random = new Random(1);
    int read = 0;
    int alike = 0;
    try (EagerSession session = EagerSession.create()) {
      Ops tf = Ops.create(session);
      for (String model : new String[] {"tf1-reference-variables", "cnn-batchnorm"}) {
        Path variables = ModelDescriptionTest.model(model).resolve("variables");
        Files.copy(
            variables.resolve(DATA), directory.resolve(DATA), StandardCopyOption.REPLACE_EXISTING);
        byte[] whole = Files.readAllBytes(variables.resolve("variables.index"));
        for (int i = 0; i < MUTANTS / 2; i++) {
          byte[] mutant = mutant(whole, random, i % 8);
          Files.write(directory.resolve("variables.index"), mutant);
          Optional<CheckpointIndex> index = readOrRefused(model + " " + i);
          read += index.isPresent() ? 1 : 0;
          List<CheckpointIndex.Entry> entries = index.map(x -> x.entries()).orElse(List.of());
          if (!entries.isEmpty() && readAlike(tf, entries.get(random.nextInt(entries.size())))) {
            alike++;
          }
        }
      }
    }
    System.out.printf(
        Locale.ROOT, "%d of %d mutants read, %d by TensorFlow%n", read, MUTANTS, alike);
    assertTrue(read > 100 && read < MUTANTS / 2 && alike > 50, read + " read, " + alike + " alike");
  }

  private Optional<CheckpointIndex> readOrRefused(String mutant) throws IOException {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      return Optional.of(CheckpointIndex.read(directory.resolve("variables")));
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      assertTrue(
          message.startsWith(directory.resolve("variables.").toString())
              && message.contains(" must ")
              && message.contains(", got "),
          message);
      return Optional.empty();
    } catch (RuntimeException | Error e) {
      throw new AssertionError("mutant " + mutant + ": " + e, e);
    } finally {
      long allocated = threads.getCurrentThreadAllocatedBytes() - before;
      assertTrue(allocated <= MOST_ALLOCATED, "mutant " + mutant + " took " + allocated);
    }
  }

  /** False if the bytes of the tensor are not those of its checksum, which is not looked at. */
  private boolean readAlike(Ops tf, CheckpointIndex.Entry entry) {
    if (entry.partitioned() || !TensorFlowCheckpoints.TYPES.containsKey(entry.type())) {
      return false;
    }
    try {
      TType tensor = TensorFlowCheckpoints.restored(tf, directory.resolve("variables"), entry);
      assertEquals(entry.type(), tensor.dataType(), entry.key());
      assertEquals(entry.shape(), tensor.shape(), entry.key());
      return true;
    } catch (TensorFlowException e) {
      String message = String.valueOf(e.getMessage());
      assertTrue(
          message.contains("Checksum does not match") || message.contains("string"), message);
      return false;
    }
  }

  /** Cut, or with bits flipped or bytes replaced, anywhere or in a block with its checksum. */
  private static byte[] mutant(byte[] whole, Random random, int kind) throws IOException {
    byte[] bytes = whole.clone();
    if (kind == 0) {
      return Arrays.copyOf(whole, random.nextInt(whole.length));
    }
    int from = 0;
    int size = bytes.length;
    if (kind > 1) {
      int[] blocks = blocks(whole);
      int block = kind == 2 ? 2 : kind == 3 ? 4 : 0;
      from = blocks[block];
      size = blocks[block + 1];
    }
    int times = 1 + random.nextInt(3);
    for (int i = 0; i < times; i++) {
      int at = from + random.nextInt(size);
      bytes[at] =
          random.nextInt(3) == 0
              ? (byte) random.nextInt()
              : (byte) (bytes[at] ^ (1 << random.nextInt(8)));
    }
    if (kind > 1) {
      ByteBuffer.wrap(bytes)
          .order(ByteOrder.LITTLE_ENDIAN)
          .putInt(from + size + 1, TableBytes.maskedCrc(bytes, from, size + 1));
    }
    return bytes;
  }

  /** Start and size of the block of data, the empty one and the index. */
  private static int[] blocks(byte[] table) throws IOException {
    CodedInputStream footer =
        CodedInputStream.newInstance(table, table.length - FOOTER_BYTES, FOOTER_BYTES);
    int empty = footer.readUInt32();
    return new int[] {
      0, empty - TRAILER_BYTES, empty, footer.readUInt32(), footer.readUInt32(), footer.readUInt32()
    };
  }
}
