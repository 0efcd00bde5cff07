/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Which images each step takes: all of them once an epoch, in another random order each time. The
 * order is a function of the seed and the step, so that a training may begin at any step.
 */
final class BatchOrder {
  private final int batch;
  private final Random random;
  private final int[] order;
  private int epoch;

  BatchOrder(int count, int batch, long seed) {
    this.batch = batch;
    this.random = new Random(seed);
    this.order = IntStream.range(0, count).toArray();
    shuffle();
  }

  int stepsAnEpoch() {
    return (order.length + batch - 1) / batch;
  }

  /** Some images at random, before the first step. */
  int[] beforeFirst(int count) {
    if (epoch > 0) {
      throw new IllegalStateException("steps have been taken");
    }
    return Arrays.copyOf(order, count);
  }

  /** The images of a step, from 1; of a later one than asked for before. */
  int[] of(int step) {
    int wanted = (step - 1) / stepsAnEpoch() + 1;
    for (; epoch < wanted; epoch++) {
      shuffle();
    }
    int from = (step - 1) % stepsAnEpoch() * batch;
    return Arrays.copyOfRange(order, from, Math.min(from + batch, order.length));
  }

  /** Fisher and Yates's. */
  private void shuffle() {
    for (int i = order.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int other = order[j];
      order[j] = order[i];
      order[i] = other;
    }
  }
}
