/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.archive;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.DataFormatException;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.ndarray.buffer.FloatDataBuffer;
import org.tensorflow.ndarray.buffer.layout.DataLayouts;
import org.vqjava.clustering.pq.Assignments;

/** Numbers and indices as bytes, and back. */
final class Packing {
  private Packing() {}

  /** Bits of an index into k, ⌈log₂ k⌉; 0 for one centroid alone. */
  static int bits(int k) {
    return 32 - Integer.numberOfLeadingZeros(k - 1);
  }

  static long packedBytes(long count, int bits) {
    return (count * bits + 7) / 8;
  }

  /** The lowest bits of a byte first. */
  static byte[] pack(Assignments indices) {
    int bits = bits(indices.centroids());
    byte[] packed = new byte[Math.toIntExact(packedBytes(indices.count(), bits))];
    long position = 0;
    for (int i = 0; i < indices.count(); i++) {
      int value = indices.get(i);
      for (int done = 0; done < bits; ) {
        int inByte = (int) (position & 7);
        int taken = Math.min(8 - inByte, bits - done);
        int part = value >>> done & (1 << taken) - 1;
        packed[(int) (position >>> 3)] |= (byte) (part << inByte);
        done += taken;
        position += taken;
      }
    }
    return packed;
  }

  /** Refuses an index that is out of range. */
  static Assignments unpack(byte[] packed, int count, int centroids) {
    int bits = bits(centroids);
    int[] values = new int[count];
    long position = 0;
    for (int i = 0; i < count; i++) {
      int value = 0;
      for (int done = 0; done < bits; ) {
        int inByte = (int) (position & 7);
        int taken = Math.min(8 - inByte, bits - done);
        int part = (packed[(int) (position >>> 3)] & 0xFF) >>> inByte & (1 << taken) - 1;
        value |= part << done;
        done += taken;
        position += taken;
      }
      values[i] = value;
    }
    return new Assignments(values, centroids);
  }

  static byte[] floats(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Float.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes.array();
  }

  static float[] floats(byte[] bytes) {
    float[] values = new float[bytes.length / Float.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(values);
    return values;
  }

  static byte[] halves(float[] values) {
    short[] narrow = new short[values.length];
    FloatDataBuffer buffer = DataLayouts.FLOAT16.applyTo(DataBuffers.of(narrow));
    buffer.write(values);
    ByteBuffer bytes =
        ByteBuffer.allocate(Math.multiplyExact(values.length, Short.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    bytes.asShortBuffer().put(narrow);
    return bytes.array();
  }

  static float[] fromHalves(byte[] bytes) {
    short[] narrow = new short[bytes.length / Short.BYTES];
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asShortBuffer().get(narrow);
    float[] values = new float[narrow.length];
    DataLayouts.FLOAT16.applyTo(DataBuffers.of(narrow)).read(values);
    return values;
  }

  static byte[] deflate(byte[] bytes) {
    Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, true);
    try {
      deflater.setInput(bytes);
      deflater.finish();
      byte[] shorter = new byte[bytes.length];
      int length = deflater.deflate(shorter);
      // What does not fit into as many bytes is not worth coding.
      return deflater.finished() ? Arrays.copyOf(shorter, length) : bytes;
    } finally {
      deflater.end();
    }
  }

  /** Inflates to a known length; more or less is refused, so that nothing grows. */
  static byte[] inflate(byte[] bytes, int length) {
    Inflater inflater = new Inflater(true);
    try {
      inflater.setInput(bytes);
      byte[] inflated = new byte[length];
      int got = 0;
      while (got < length) {
        int some = inflater.inflate(inflated, got, length - got);
        if (some == 0) {
          break;
        }
        got += some;
      }
      boolean more = !inflater.finished() && inflater.inflate(new byte[1]) > 0;
      if (got < length || more || !inflater.finished()) {
        throw new IllegalArgumentException(
            "packed bytes must come to " + length + ", got " + (more ? "more" : got));
      }
      return inflated;
    } catch (DataFormatException e) {
      throw new IllegalArgumentException("packed bytes must be deflated, got others", e);
    } finally {
      inflater.end();
    }
  }
}
