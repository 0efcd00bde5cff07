/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.Locale;
import java.util.Objects;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** Refuses what a function cannot work with, before an op is added. */
final class Check {
  private Check() {}

  /** {@code operand} as a matrix {@code [rows, columns]}, as far as its shape is known. */
  static Shape matrix(String name, Operand<?> operand, String form) {
    Objects.requireNonNull(operand, name);
    floating(name, operand);
    Shape shape = operand.shape();
    if (!shape.isUnknown() && shape.numDimensions() != 2) {
      throw new IllegalArgumentException(name + " must have shape " + form + ", got " + shape);
    }
    if (shape.isUnknown() || shape.get(1) == Shape.UNKNOWN_SIZE) {
      throw new IllegalArgumentException(name + " must have a known last size, got shape " + shape);
    }
    if (shape.get(1) == 0) {
      throw new IllegalArgumentException(name + " must have width at least 1, got shape " + shape);
    }
    return shape;
  }

  /** A codebook: a matrix of known size with at least one row. */
  static Shape codes(Operand<?> codes) {
    Shape shape = matrix("codes", codes, "[K, D]");
    if (shape.get(0) == Shape.UNKNOWN_SIZE || shape.get(0) == 0) {
      throw new IllegalArgumentException(
          "codes must have a known number of rows, at least 1, got shape " + shape);
    }
    return shape;
  }

  /** Vectors of the width of the codes. */
  static void vectorsMatchCodes(Operand<?> vectors, Operand<?> codes) {
    Shape book = codes(codes);
    Shape shape = matrix("vectors", vectors, "[N, D]");
    if (shape.get(1) != book.get(1)) {
      throw new IllegalArgumentException(
          "vectors must have shape [N, "
              + book.get(1)
              + "] to match codes "
              + book
              + ", got "
              + shape);
    }
    sameType("vectors", vectors, "codes", codes);
  }

  static void sameType(String name, Operand<?> operand, String otherName, Operand<?> other) {
    if (!operand.type().equals(other.type())) {
      throw new IllegalArgumentException(
          name
              + " must have the type of "
              + otherName
              + ", "
              + other.type().getSimpleName()
              + ", got "
              + operand.type().getSimpleName());
    }
  }

  /** Only float32 and float64 carry the sums of squares that distances are made of. */
  static void floating(String name, Operand<?> operand) {
    Class<?> type = operand.type();
    if (!type.equals(TFloat32.class) && !type.equals(TFloat64.class)) {
      throw new IllegalArgumentException(
          name + " must be float32 or float64, got " + lower(type.getSimpleName()));
    }
  }

  private static String lower(String type) {
    return type.replaceFirst("^T", "").toLowerCase(Locale.ROOT);
  }
}
