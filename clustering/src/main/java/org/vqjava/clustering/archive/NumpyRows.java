/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import org.tensorflow.ndarray.Shape;

/**
 * A {@code .npy} of any size, some rows at a time: read in order, and written in order. A row is
 * what one index of the first axis selects.
 *
 * <pre>{@code
 * try (NumpyRows rows = NumpyRows.open(Path.of("images.npy"))) {
 *   for (long left = rows.shape().get(0); left > 0; left -= 100) {
 *     float[] some = rows.next((int) Math.min(100, left)).floats();
 *   }
 * }
 * }</pre>
 */
public final class NumpyRows implements AutoCloseable {
  private final String name;
  private final NpyHeader header;
  private final InputStream in;

  private NumpyRows(String name, NpyHeader header, InputStream in) {
    if (header.shape().numDimensions() == 0) {
      throw new IllegalArgumentException(name + " must have rows, got a single number");
    }
    this.name = name;
    this.header = header;
    this.in = in;
  }

  /**
   * Opens a file. One whose columns are one after the other, or whose numbers begin with the
   * highest byte, is read whole.
   *
   * @param file a {@code .npy}
   * @return its rows; close them
   * @throws IllegalArgumentException if it is none, or has no rows of numbers
   * @throws IOException if it cannot be read
   */
  public static NumpyRows open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file));
    try {
      NpyHeader header = NpyHeader.read(file.toString(), in);
      boolean inOrder = !header.columnMajor() || header.shape().numDimensions() == 1;
      boolean little = !header.bigEndian() || header.type().bytes() == 1;
      if (inOrder && little) {
        return new NumpyRows(file.toString(), header, in);
      }
    } catch (IOException | RuntimeException e) {
      in.close();
      throw e;
    }
    in.close();
    return of(NumpyFiles.read(file, Integer.MAX_VALUE).values().iterator().next());
  }

  /**
   * The rows of an array.
   *
   * @param array is not copied
   * @return its rows
   * @throws IllegalArgumentException if it is a single number
   */
  public static NumpyRows of(NumpyArray array) {
    NpyHeader header = new NpyHeader(array.type(), false, false, array.shape());
    return new NumpyRows("array", header, new ByteArrayInputStream(array.bytes()));
  }

  /**
   * The shape of the whole array.
   *
   * @return N rows and the shape of a row
   */
  public Shape shape() {
    return header.shape();
  }

  /**
   * What its numbers are stored in.
   *
   * @return the type
   */
  public NumpyType type() {
    return header.type();
  }

  /**
   * The rows after those that were read before.
   *
   * @param rows how many, of those that are left
   * @return {@code [rows, ..]}
   * @throws IllegalArgumentException if the file ends before
   * @throws IOException if it cannot be read
   */
  public NumpyArray next(int rows) throws IOException {
    Shape shape = header.shape().tail().prepend(rows);
    int bytes = Math.toIntExact(Math.multiplyExact(shape.size(), header.type().bytes()));
    byte[] numbers = in.readNBytes(bytes);
    if (numbers.length < bytes) {
      throw new IllegalArgumentException(
          name + " must have the numbers of its shape " + header.shape() + ", but ends before");
    }
    return new NumpyArray(name, header.type(), shape, numbers);
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  /**
   * Writes a file, whole or not at all.
   *
   * @param file takes it, ends in {@code .npy}; one that is there is replaced
   * @param type of all parts
   * @param shape of all of them together
   * @param parts the rows in order; asked for one after the other, while the file is written
   * @throws IllegalArgumentException if the file's name ends otherwise, or a part is of another
   *     type, or all are more or fewer numbers
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, NumpyType type, Shape shape, Iterator<NumpyArray> parts)
      throws IOException {
    NumpyFiles.checkName(file, ".npy");
    WholeFile.write(
        file,
        channel -> {
          OutputStream out = Channels.newOutputStream(channel);
          out.write(new NpyHeader(type, false, false, shape).toBytes());
          long left = shape.size();
          while (parts.hasNext()) {
            NumpyArray part = parts.next();
            left -= part.shape().size();
            if (part.type() != type || left < 0) {
              throw wrong(type, shape, part);
            }
            out.write(part.bytes());
          }
          if (left > 0) {
            throw new IllegalArgumentException(
                "parts must have the numbers of " + shape + ", got " + left + " fewer");
          }
        });
  }

  private static IllegalArgumentException wrong(NumpyType type, Shape shape, NumpyArray part) {
    return new IllegalArgumentException(
        "parts must be "
            + type
            + " and have the numbers of "
            + shape
            + ", got "
            + part.type()
            + " of "
            + Arrays.toString(part.shape().asArray()));
  }
}
