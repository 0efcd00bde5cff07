/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * What stands before the numbers of a {@code .npy}.
 *
 * @param type of the numbers
 * @param bigEndian whether the first byte of a number is the highest
 * @param columnMajor whether the first index moves fastest
 * @param shape known
 */
record NpyHeader(NumpyType type, boolean bigEndian, boolean columnMajor, Shape shape) {
  static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
  private static final int ALIGNMENT = 64;
  private static final int LONGEST = 1 << 16;
  private static final int SHOWN = 200;

  byte[] toBytes() {
    String sizes =
        Arrays.stream(shape.asArray()).mapToObj(Long::toString).collect(Collectors.joining(", "));
    String text =
        "{'descr': '"
            + type.descriptor()
            + "', 'fortran_order': False, 'shape': ("
            + (shape.numDimensions() == 1 ? sizes + "," : sizes)
            + "), }";
    int before = MAGIC.length + 2 + Short.BYTES;
    int padding = (ALIGNMENT - (before + text.length() + 1) % ALIGNMENT) % ALIGNMENT;
    byte[] padded = (text + " ".repeat(padding) + "\n").getBytes(US_ASCII);
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
   * Reads one, of any version, and leaves the stream at the first number.
   *
   * @param name of the array, for messages
   * @throws IllegalArgumentException if there is none, or it is not of plain numbers
   */
  static NpyHeader read(String name, InputStream in) throws IOException {
    byte[] start = in.readNBytes(MAGIC.length + 2);
    if (start.length < MAGIC.length + 2
        || !Arrays.equals(Arrays.copyOf(start, MAGIC.length), MAGIC)) {
      throw new IllegalArgumentException(name + " must be a .npy, but its first bytes are not");
    }
    int major = start[MAGIC.length];
    int minor = start[MAGIC.length + 1];
    if (major < 1 || major > 3 || minor != 0) {
      throw new IllegalArgumentException(
          name + " must be a .npy of version 1.0, 2.0 or 3.0, got " + major + "." + minor);
    }
    byte[] lengths = Arrays.copyOf(in.readNBytes(major == 1 ? 2 : 4), Integer.BYTES);
    long length =
        Integer.toUnsignedLong(ByteBuffer.wrap(lengths).order(ByteOrder.LITTLE_ENDIAN).getInt());
    if (length > LONGEST) {
      throw new IllegalArgumentException(
          name + " must have a header of at most " + LONGEST + " bytes, got " + length);
    }
    byte[] bytes = in.readNBytes((int) length);
    String text = new String(bytes, major == 3 ? UTF_8 : ISO_8859_1);
    if (bytes.length < length) {
      throw noHeader(name, text, "cut short");
    }
    return of(name, text);
  }

  private static NpyHeader of(String name, String text) {
    Object parsed;
    try {
      parsed = PythonLiteral.parse(text);
    } catch (IllegalArgumentException e) {
      throw noHeader(name, text, String.valueOf(e.getMessage()));
    }
    if (!(parsed instanceof Map<?, ?> map)
        || map.size() != 3
        || !(map.get("fortran_order") instanceof Boolean columnMajor)
        || !(map.get("shape") instanceof PythonLiteral.Tuple sizes)
        || !map.containsKey("descr")) {
      throw noHeader(name, text, "its keys and their values are others");
    }
    if (!(map.get("descr") instanceof String descriptor)) {
      throw structured(name, map.get("descr"));
    }
    NumpyDescriptor type = NumpyDescriptor.of(name, descriptor);
    return new NpyHeader(
        type.type(), type.bigEndian(), columnMajor, Shape.of(sizes(name, text, sizes.items())));
  }

  private static long[] sizes(String name, String text, List<?> items) {
    long[] sizes = new long[items.size()];
    for (int axis = 0; axis < sizes.length; axis++) {
      if (!(items.get(axis) instanceof BigInteger size)
          || size.signum() < 0
          || size.bitLength() >= Long.SIZE) {
        throw noHeader(name, text, "its shape is none");
      }
      sizes[axis] = size.longValue();
    }
    return sizes;
  }

  private static IllegalArgumentException structured(String name, @Nullable Object descriptor) {
    if (descriptor instanceof List<?> fields) {
      return NumpyDescriptor.refused(
          name,
          "a structured array of the fields "
              + fields.stream().map(NpyHeader::fieldName).collect(Collectors.joining(", "))
              + "; save each field as an array of its own");
    }
    return NumpyDescriptor.refused(
        name, "elements that are arrays; save them as one array of numbers");
  }

  private static String fieldName(Object field) {
    return field instanceof PythonLiteral.Tuple tuple && !tuple.items().isEmpty()
        ? String.valueOf(tuple.items().get(0))
        : String.valueOf(field);
  }

  private static IllegalArgumentException noHeader(String name, String text, String reason) {
    String shown = text.strip();
    return new IllegalArgumentException(
        name
            + " must have a header of descr, fortran_order and shape, got "
            + (shown.length() > SHOWN ? shown.substring(0, SHOWN) + ".." : shown)
            + ": "
            + reason);
  }
}
