/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.Optional;
import java.util.regex.Pattern;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;

/** Refuses what a layer cannot be built from, before an op is added. */
final class Check {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9.][A-Za-z0-9_.\\-]*");

  private Check() {}

  static int atLeast(String name, int least, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ", got " + value);
    }
    return value;
  }

  static double finite(String name, double value) {
    if (!Double.isFinite(value)) {
      throw new IllegalArgumentException(name + " must be finite, got " + value);
    }
    return value;
  }

  static double positive(String name, double value) {
    if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(name + " must be positive and finite, got " + value);
    }
    return value;
  }

  /** Sums of squares need more digits than float16 and bfloat16 have. */
  static void floating(String name, Class<?> type) {
    if (!type.equals(TFloat32.class) && !type.equals(TFloat64.class)) {
      throw new IllegalArgumentException(
          name + " must be float32 or float64, got " + type.getSimpleName());
    }
  }

  /** A slash would put a variable into a scope, where optimizers with slots refuse it. */
  static String variableName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException(
          "name must be letters, digits, '_', '-' and '.' without a slash, got '" + name + "'");
    }
    return name;
  }

  static Graph graph(Ops tf) {
    if (tf.scope().env() instanceof Graph graph) {
      return graph;
    }
    throw new IllegalArgumentException("tf must build a graph, got an eager session");
  }

  static void reduction(Optional<PcaReduction> reduction, Codebook<?> codebook) {
    reduction.ifPresent(
        r -> {
          if (r.components() > codebook.width()) {
            throw new IllegalArgumentException(
                "components must be at most the width of the codebook "
                    + codebook.width()
                    + ", got "
                    + r.components());
          }
        });
  }

  /** The input of a layer: any rank from 2 on, only the last size must be known. */
  static void input(Operand<?> x, Codebook<?> codebook, int splits) {
    floating("x", x.type());
    if (!x.type().equals(codebook.type())) {
      throw new IllegalArgumentException(
          "x must have the type of the codebook, "
              + codebook.type().getSimpleName()
              + ", got "
              + x.type().getSimpleName());
    }
    Shape shape = x.shape();
    if (shape.isUnknown() || shape.numDimensions() < 2) {
      throw new IllegalArgumentException(
          "x must have rank at least 2, got shape " + (shape.isUnknown() ? "unknown" : shape));
    }
    long expected = (long) codebook.width() * splits;
    long width = shape.get(shape.numDimensions() - 1);
    if (width != expected) {
      throw new IllegalArgumentException(
          "x must have last size "
              + expected
              + " ("
              + splits
              + (splits == 1 ? " split" : " splits")
              + " of width "
              + codebook.width()
              + "), got shape "
              + shape);
    }
  }
}
