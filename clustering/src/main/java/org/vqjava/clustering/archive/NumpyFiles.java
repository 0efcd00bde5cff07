/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import org.tensorflow.ndarray.Shape;

/**
 * Arrays of floats as NumPy stores them: {@code .npz}, a zip file with a {@code .npy} for each
 * name. Written: float32, row-major. Read: float32, float64, and whole numbers of 8, 32 and 64 bits
 * and truth values, row-major or column-major; narrowed to float32 and turned.
 *
 * @see <a href="https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html">the
 *     format</a>
 */
public final class NumpyFiles {
  private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final long LARGEST_WHOLE = 1L << 24;
  private static final int LONGEST_HEADER = 1 << 16;
  private static final Pattern HEADER =
      Pattern.compile(
          "\\{'descr': '(<f4|<f8|<i4|<i8|\\|u1|\\|i1|\\|b1)', 'fortran_order': (True|False), 'shape': \\(([0-9, ]*)\\),? *\\}\\s*");

  private NumpyFiles() {}

  /**
   * An array.
   *
   * @param shape its shape
   * @param values its numbers, row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // handed over, never compared
  public record Array(Shape shape, float[] values) {}

  /**
   * Writes a {@code .npz}, whole or not at all.
   *
   * @param file takes it, ends in {@code .npz}; one that is there is replaced
   * @param arrays by name
   * @throws IllegalArgumentException if the file's name ends otherwise
   * @throws IOException if it cannot be written
   */
  public static void write(Path file, Map<String, Array> arrays) throws IOException {
    if (!file.getFileName().toString().endsWith(".npz")) {
      throw new IllegalArgumentException(
          "the file must end in .npz, as NumPy tells what it is by that, got " + file);
    }
    WholeFile.write(
        file,
        channel -> {
          // Not closed here: the channel is forced to the disk first.
          ZipOutputStream zip =
              new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
          for (Map.Entry<String, Array> entry : arrays.entrySet()) {
            ZipEntry member = new ZipEntry(entry.getKey() + ".npy");
            member.setTime(0); // same arrays, same bytes
            zip.putNextEntry(member);
            Array array = entry.getValue();
            zip.write(header(array.shape()));
            zip.write(Packing.floats(array.values()));
            zip.closeEntry();
          }
          zip.finish();
          zip.flush();
        });
  }

  private static byte[] header(Shape shape) {
    String sizes =
        Arrays.stream(shape.asArray()).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String tuple = shape.numDimensions() == 1 ? sizes + "," : sizes;
    String text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + tuple + "), }";
    int before = MAGIC.length + 2 + Short.BYTES;
    int padding = (ALIGNMENT - (before + text.length() + 1) % ALIGNMENT) % ALIGNMENT;
    byte[] padded = (text + " ".repeat(padding) + "\n").getBytes(StandardCharsets.US_ASCII);
    return ByteBuffer.allocate(before + padded.length)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .put((byte) 1)
        .put((byte) 0)
        .putShort((short) padded.length)
        .put(padded)
        .array();
  }

  /**
   * Reads a {@code .npz}, or a {@code .npy} under the name of the file.
   *
   * @param file NumPy's
   * @param limit the most bytes that all arrays may have as float32
   * @return arrays by name, in their order
   * @throws IllegalArgumentException if it is none, is damaged, has numbers of another type, or
   *     more
   * @throws IOException if it cannot be read
   */
  public static Map<String, Array> read(Path file, long limit) throws IOException {
    String fileName = file.getFileName().toString();
    if (fileName.endsWith(".npy")) {
      try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
        return Map.of(strip(fileName), array(file, fileName, in, limit));
      }
    }
    Map<String, Array> arrays = new LinkedHashMap<>();
    long left = limit;
    try (ZipFile zip = new ZipFile(file.toFile())) {
      for (ZipEntry member : Collections.list(zip.entries())) {
        CRC32 checksum = new CRC32();
        try (InputStream in =
            new CheckedInputStream(new BufferedInputStream(zip.getInputStream(member)), checksum)) {
          Array array = array(file, member.getName(), in, left);
          left -= (long) array.values().length * Float.BYTES;
          arrays.put(strip(member.getName()), array);
        }
        if (checksum.getValue() != member.getCrc()) {
          throw new IllegalArgumentException(
              file + ", " + member.getName() + " must be what its checksum confirms, got others");
        }
      }
    } catch (ZipException | EOFException e) {
      throw new IllegalArgumentException(file + " must be a whole .npz, got a damaged one", e);
    }
    if (arrays.isEmpty()) {
      throw new IllegalArgumentException(file + " must be an .npz with arrays, got none");
    }
    return arrays;
  }

  private static String strip(String name) {
    return name.endsWith(".npy") ? name.substring(0, name.length() - ".npy".length()) : name;
  }

  private static Array array(Path file, String name, InputStream raw, long limit)
      throws IOException {
    String what = file + ", " + name;
    DataInputStream in = new DataInputStream(raw);
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2
        || !Arrays.equals(Arrays.copyOf(start, MAGIC.length), MAGIC)) {
      throw new IllegalArgumentException(what + " must be a .npy, but its first bytes are not");
    }
    int lengthBytes = start[MAGIC.length] == 1 ? Short.BYTES : Integer.BYTES;
    byte[] lengths = in.readNBytes(lengthBytes);
    long length = 0;
    for (int i = lengths.length - 1; i >= 0; i--) {
      length = (length << 8) | (lengths[i] & 0xFF);
    }
    if (lengths.length < lengthBytes || length > LONGEST_HEADER) {
      throw new IllegalArgumentException(what + " must have a short header, got " + length);
    }
    String text = new String(in.readNBytes((int) length), StandardCharsets.ISO_8859_1);
    Matcher header = HEADER.matcher(text);
    if (!header.matches()) {
      throw new IllegalArgumentException(
          what
              + " must be little-endian numbers of float32, float64, int32, int64, 8 bits or truth"
              + " values, got "
              + text.strip());
    }
    Shape shape = shape(what, header.group(3));
    long count = count(what, shape, limit);
    int width = header.group(1).charAt(2) - '0';
    if (count * width > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(what + " must have below 2^31 bytes");
    }
    byte[] bytes = in.readNBytes((int) (count * width));
    if (bytes.length < count * width || in.read() >= 0) {
      throw new IllegalArgumentException(
          what + " must have the " + count + " numbers of its shape " + shape);
    }
    float[] values = narrowed(what, header.group(1), bytes);
    return new Array(shape, header.group(2).equals("True") ? turned(values, shape) : values);
  }

  private static Shape shape(String what, String tuple) {
    try {
      return Shape.of(
          Pattern.compile(",")
              .splitAsStream(tuple)
              .map(String::strip)
              .filter(size -> !size.isEmpty())
              .mapToLong(Long::parseLong)
              .toArray());
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(what + " must have a shape, got (" + tuple + ")", e);
    }
  }

  private static long count(String what, Shape shape, long limit) {
    long count = 1;
    for (long size : shape.asArray()) {
      count = size > Integer.MAX_VALUE ? Long.MAX_VALUE : count * size;
      if (count > limit / Float.BYTES) {
        throw new IllegalArgumentException(
            what + " must have at most " + limit + " bytes as float32, got shape " + shape);
      }
    }
    return count;
  }

  private static float[] narrowed(String what, String type, byte[] bytes) {
    ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    float[] values = new float[bytes.length / (type.charAt(2) - '0')];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          switch (type) {
            case "<f4" -> in.getFloat();
            case "<f8" -> (float) in.getDouble();
            case "<i4" -> exact(what, in.getInt());
            case "<i8" -> exact(what, in.getLong());
            case "|i1" -> in.get();
            default -> Byte.toUnsignedInt(in.get());
          };
    }
    return values;
  }

  private static float exact(String what, long value) {
    if (value > LARGEST_WHOLE || value < -LARGEST_WHOLE) {
      throw new IllegalArgumentException(
          what + " must have whole numbers of at most 2^24, which a float32 holds, got " + value);
    }
    return value;
  }

  /** From column-major, as Fortran has it. */
  private static float[] turned(float[] columns, Shape shape) {
    long[] sizes = shape.asArray();
    float[] rows = new float[columns.length];
    for (int i = 0; i < rows.length; i++) {
      int rest = i;
      long place = 0;
      long stride = columns.length;
      for (int axis = sizes.length - 1; axis >= 0; axis--) {
        stride /= sizes[axis];
        place += rest % sizes[axis] * stride;
        rest /= (int) sizes[axis];
      }
      rows[i] = columns[(int) place];
    }
    return rows;
  }
}
