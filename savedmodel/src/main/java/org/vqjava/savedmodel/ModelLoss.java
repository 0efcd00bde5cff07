/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.ops.Scopes;

/**
 * What an output of a model is trained for.
 *
 * <pre>{@code
 * Operand<TFloat32> loss = ModelLoss.XENT_PROBS.of(tf, model.output("probs"), labels);
 * }</pre>
 */
public enum ModelLoss {
  /** Mean over all elements of {@code (y − t)²}. */
  MSE {
    @Override
    Operand<TFloat32> build(Ops tf, Operand<TFloat32> output, Operand<TFloat32> target) {
      return tf.math.mean(
          tf.math.squaredDifference(output, target), axes(tf, output.shape().numDimensions()));
    }
  },

  /** Cross entropy of probabilities: mean over rows of {@code −Σ t · log(max(y, 1e-7))}. */
  XENT_PROBS {
    @Override
    Operand<TFloat32> build(Ops tf, Operand<TFloat32> output, Operand<TFloat32> target) {
      Operand<TFloat32> log = tf.math.log(tf.math.maximum(output, tf.constant(1e-7f)));
      return meanOfRows(tf, output, tf.math.neg(tf.sum(tf.math.mul(target, log), tf.constant(-1))));
    }
  },

  /** Cross entropy of logits: mean over rows of {@code −Σ t · log softmax(y)}. */
  XENT_LOGITS {
    @Override
    Operand<TFloat32> build(Ops tf, Operand<TFloat32> output, Operand<TFloat32> target) {
      Operand<TFloat32> log = tf.nn.logSoftmax(output);
      return meanOfRows(tf, output, tf.math.neg(tf.sum(tf.math.mul(target, log), tf.constant(-1))));
    }
  };

  abstract Operand<TFloat32> build(Ops tf, Operand<TFloat32> output, Operand<TFloat32> target);

  /**
   * Builds the loss.
   *
   * @param tf builds the ops
   * @param output of the model, {@code [.., classes]} for the cross entropies, of a known rank
   * @param target of the same shape: what it should be, or the probabilities of classes
   * @return a scalar; NaN for an empty batch
   * @throws IllegalArgumentException if the output's rank is not known, or is 0 for a cross entropy
   */
  public Operand<TFloat32> of(Ops tf, Operand<TFloat32> output, Operand<TFloat32> target) {
    if (output.shape().isUnknown() || (this != MSE && output.shape().isScalar())) {
      throw new IllegalArgumentException(
          "output must be of a known rank"
              + (this == MSE ? "" : ", at least 1")
              + ", got "
              + output.op().name());
    }
    Ops scoped = Scopes.of(tf, "Loss");
    return build(scoped, output, scoped.ensureShape(target, output.shape()));
  }

  /**
   * By its name, in small letters: {@code mse}, {@code xent_probs}, {@code xent_logits}.
   *
   * @param name its name
   * @return the loss
   * @throws IllegalArgumentException if there is none of this name
   */
  public static ModelLoss named(String name) {
    return Arrays.stream(values())
        .filter(loss -> loss.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "loss must be one of "
                        + Arrays.stream(values())
                            .map(ModelLoss::toString)
                            .collect(Collectors.joining(", "))
                        + ", got "
                        + name));
  }

  private static Operand<TFloat32> meanOfRows(
      Ops tf, Operand<TFloat32> output, Operand<TFloat32> rows) {
    return tf.math.mean(rows, axes(tf, output.shape().numDimensions() - 1));
  }

  private static Operand<TInt32> axes(Ops tf, int rank) {
    return tf.constant(IntStream.range(0, rank).toArray());
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
