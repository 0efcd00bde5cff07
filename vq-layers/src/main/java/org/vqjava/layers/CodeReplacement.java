/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.nn.TopK;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * The replacement of dead codes by distant inputs: its state, and the two ops that change it.
 *
 * <p>{@code update} takes in a batch: run it with each training step, as a target of the same run.
 * {@code replaceEmbeds} replaces: run it alone, every so many steps. The state is saved with the
 * model.
 *
 * @param accumulatedUsageCount how often each code was taken in the batches since the last
 *     replacement, {@code [K]}
 * @param distantInputs the R inputs that were farthest from their code since the last replacement,
 *     {@code [R, D]}; they keep their values in a replacement
 * @param inputDistances how far they were, descending, {@code [R]}; 0 for a slot that is free
 * @param replaceableCount how many codes {@code replaceEmbeds} replaces if it is run now, a scalar;
 *     may be fetched together with it
 * @param update takes in the batch that is fed
 * @param replaceEmbeds gives the R least used codes (the lowest index among equals) the values of
 *     the distant inputs, as far as the {@link ReplacementPolicy} allows, and sets usage and
 *     distances to 0
 * @param <T> float32 or float64
 */
public record CodeReplacement<T extends TFloating>(
    Operand<TInt64> accumulatedUsageCount,
    Operand<T> distantInputs,
    Operand<T> inputDistances,
    Operand<TInt32> replaceableCount,
    Op update,
    Op replaceEmbeds) {

  /**
   * Builds state and ops. The state's reads are copies, and each write waits for all of them, so
   * that an endpoint shows the value from before the write.
   *
   * @param pieces {@code [N, D]}
   * @param toCode how far each piece is from its code, {@code [N]}, without a gradient
   */
  static <T extends TFloating> CodeReplacement<T> build(
      Ops tf,
      Codebook<T> codebook,
      VqOptions options,
      Operand<T> pieces,
      Operand<T> toCode,
      Operand<TInt64> accessCount) {
    int replaced = options.replaced();
    if (replaced > codebook.size()) {
      throw new IllegalArgumentException(
          "replaced must be at most the codebook's size " + codebook.size() + ", got " + replaced);
    }
    StateVariables state = new StateVariables(Check.graph(tf), codebook.name());
    Operand<TInt64> usage = state.zeros("usage", TInt64.class, codebook.size());
    Operand<T> inputs = state.zeros("distant-inputs", codebook.type(), replaced, codebook.width());
    Operand<T> distances = state.zeros("input-distances", codebook.type(), replaced);
    Operand<TInt64> usageBefore = tf.deepCopy(usage);
    Operand<T> inputsBefore = tf.deepCopy(inputs);
    Operand<T> distancesBefore = tf.deepCopy(distances);

    TopK<T, TInt32> farthest =
        tf.nn.topK(
            tf.concat(List.of(distancesBefore, toCode), tf.constant(0)),
            tf.constant(replaced),
            TInt32.class);
    Operand<T> candidates = tf.concat(List.of(inputsBefore, pieces), tf.constant(0));
    Op update =
        write(
            tf,
            List.of(usage, inputs, distances),
            List.of(
                tf.math.add(usageBefore, accessCount),
                tf.gather(candidates, farthest.indices(), tf.constant(0)),
                farthest.values()),
            accessCount);

    TopK<T, TInt32> slots = tf.nn.topK(distancesBefore, tf.constant(replaced), TInt32.class);
    Operand<TInt32> leastUsed =
        tf.nn.topK(tf.math.neg(usageBefore), tf.constant(replaced), TInt32.class).indices();
    Operand<T> codes = codebook.values();
    Operand<TBool> allowed =
        allowed(tf, options.replacementPolicy(), slots.values(), usageBefore, leastUsed);
    Operand<TInt32> count = tf.sum(tf.dtypes.cast(allowed, TInt32.class), tf.constant(0));
    Operand<T> values =
        tf.select(
            tf.expandDims(allowed, tf.constant(1)),
            tf.gather(inputsBefore, slots.indices(), tf.constant(0)),
            tf.gather(codes, leastUsed, tf.constant(0)));
    Op replace =
        write(
            tf,
            List.of(codebook.variable(), usage, distances),
            List.of(
                tf.tensorScatterNdUpdate(codes, tf.expandDims(leastUsed, tf.constant(1)), values),
                tf.zerosLike(usageBefore),
                tf.zerosLike(distancesBefore)),
            count);
    return new CodeReplacement<>(
        usageBefore, inputsBefore, distancesBefore, count, update, replace);
  }

  /** Which of the R slots may be written over the code beside it, {@code [R]}. */
  private static <T extends TFloating> Operand<TBool> allowed(
      Ops tf,
      ReplacementPolicy policy,
      Operand<T> slotDistances,
      Operand<TInt64> usage,
      Operand<TInt32> leastUsed) {
    Operand<TBool> collected = tf.math.greater(slotDistances, tf.zerosLike(slotDistances));
    return switch (policy) {
      case REPLACE_ALL_SLOTS -> tf.onesLike(collected);
      case COLLECTED_INPUTS -> collected;
      case UNUSED_CODES ->
          tf.math.logicalAnd(
              collected,
              tf.math.equal(tf.gather(usage, leastUsed, tf.constant(0)), tf.constant(0L)));
    };
  }

  /** Writes each value to its variable, after all of them and {@code figure} are computed. */
  private static Op write(
      Ops tf, List<Operand<?>> variables, List<Operand<?>> values, Operand<?> figure) {
    List<Op> reads = new ArrayList<>(values);
    reads.add(figure);
    Ops gated = tf.withControlDependencies(reads);
    List<Op> writes = new ArrayList<>();
    for (int i = 0; i < variables.size(); i++) {
      writes.add(assign(gated, variables.get(i), values.get(i)));
    }
    return tf.withControlDependencies(writes).noOp();
  }

  @SuppressWarnings("unchecked")
  private static <V extends TType> Op assign(Ops tf, Operand<V> variable, Operand<?> value) {
    return tf.assign(variable, (Operand<V>) value);
  }
}
