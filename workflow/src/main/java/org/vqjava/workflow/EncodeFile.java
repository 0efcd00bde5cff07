/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyRows;
import org.vqjava.clustering.archive.NumpyType;
import org.vqjava.layers.CodebookUsage;

/**
 * Encodes a file of images or vectors into a file of codes, some at a time: memory does not grow
 * with the file.
 */
public final class EncodeFile {
  private static final String STAGE = "encoding";
  private static final int CODES_AT_ONCE = 1 << 20;

  private EncodeFile() {}

  /**
   * Runs the job.
   *
   * @param model the folder of a run, or a SavedModel with signatures {@code encode} and {@code
   *     decode}
   * @param data a {@code .npy}, an {@code .npz}, an IDX or PNG file, or a folder of PNG files,
   *     whose rows are what the model takes
   * @param array which array of an {@code .npz}; empty if it has one
   * @param out a {@code .npy} that does not exist; takes the codes, {@code [N, ..]}, in the
   *     smallest type that holds each of the codebook
   * @param listener hears how far it is
   * @return what was encoded
   * @throws IllegalArgumentException if the model is none, or the data do not fit it; nothing is
   *     encoded then
   * @throws InterruptedException if the thread is interrupted; nothing is written then
   * @throws IOException if a file cannot be read or written
   */
  public static EncodingReport run(
      Path model, Path data, Optional<String> array, Path out, ProgressListener listener)
      throws IOException, InterruptedException {
    OutFile.check(out);
    long begun = System.nanoTime();
    try (Codec codec = Codec.open(model);
        Rows rows = Rows.open("data", data, array)) {
      rows.check("data", data, codec.input());
      Path spool = Files.createTempFile("codes", ".tmp");
      try {
        long[] counts = encode(codec, rows, spool, listener);
        int highest = counts.length - 1;
        NumpyType type = NumpyType.smallestFor(Math.max(0, codec.size().orElse(highest + 1) - 1));
        Shape shape = codec.codes().prepend(rows.count());
        write(spool, out, type, shape);
        return new EncodingReport(
            model,
            data,
            out,
            shape,
            type,
            codec.size(),
            CodebookUsage.Summary.of(Arrays.copyOf(counts, codec.size().orElse(counts.length))),
            (System.nanoTime() - begun) / 1e9);
      } catch (ClosedByInterruptException e) {
        Thread.interrupted(); // which it leaves pending
        throw Interruption.in(STAGE);
      } finally {
        Files.delete(spool);
      }
    }
  }

  /** Writes codes of 32 bits, and tells how often each was taken. */
  private static long[] encode(Codec codec, Rows rows, Path spool, ProgressListener listener)
      throws IOException, InterruptedException {
    long[] counts = {};
    Batches batches = Batches.of(rows.count(), codec);
    listener.stage(STAGE, batches.count());
    try (DataOutputStream spooled =
        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(spool)))) {
      for (int batch = 1; batch <= batches.count(); batch++) {
        int size = batches.size(batch);
        float[] numbers = codec.numbers().toModel(rows.rows().next(size).floats(), rows.scale());
        float[] fed = Arrays.copyOf(numbers, batches.fed(size) * (int) codec.input().size());
        int[] codes = codec.encode(fed);
        int own = codes.length / batches.fed(size) * size;
        for (int i = 0; i < own; i++) {
          counts = counts.length > codes[i] ? counts : Arrays.copyOf(counts, codes[i] + 1);
          counts[codes[i]]++;
          spooled.writeInt(codes[i]);
        }
        listener.stepped(batch, batches.told(batch));
        Interruption.check(STAGE);
      }
    }
    return counts;
  }

  private static void write(Path spool, Path out, NumpyType type, Shape shape) throws IOException {
    try (DataInputStream spooled =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(spool)))) {
      Iterator<NumpyArray> parts =
          new Iterator<>() {
            private long left = shape.size();

            @Override
            public boolean hasNext() {
              return left > 0;
            }

            @Override
            public NumpyArray next() {
              if (left == 0) {
                throw new NoSuchElementException();
              }
              int[] codes = new int[(int) Math.min(CODES_AT_ONCE, left)];
              left -= codes.length;
              try {
                for (int i = 0; i < codes.length; i++) {
                  codes[i] = spooled.readInt();
                }
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
              return NumpyArray.of(type, Shape.of(codes.length), codes);
            }
          };
      NumpyRows.write(out, type, shape, parts);
    }
  }
}
