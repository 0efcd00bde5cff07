/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchOrderTest {
  private static int[] epoch(BatchOrder order, int number) {
    int steps = order.stepsAnEpoch();
    return IntStream.rangeClosed((number - 1) * steps + 1, number * steps)
        .flatMap(step -> Arrays.stream(order.of(step)))
        .toArray();
  }

  @Test
  void everyEpochTakesEachImageOnceInAnotherOrder() {
    BatchOrder order = new BatchOrder(10, 4, 7);
    assertEquals(3, order.stepsAnEpoch());
    int[] first = epoch(order, 1);
    int[] second = epoch(order, 2);
    assertFalse(Arrays.equals(first, second));
    Arrays.sort(first);
    Arrays.sort(second);
    assertArrayEquals(IntStream.range(0, 10).toArray(), first);
    assertArrayEquals(first, second);
  }

  @Test
  void theLastBatchOfAnEpochHasWhatIsLeft() {
    assertEquals(2, new BatchOrder(10, 4, 7).of(3).length);
  }

  @Test
  void aStepTakesTheSameImagesWhereverATrainingBegins() {
    BatchOrder straight = new BatchOrder(10, 4, 7);
    for (int step = 1; step < 8; step++) {
      straight.of(step);
    }
    assertArrayEquals(straight.of(8), new BatchOrder(10, 4, 7).of(8));
    assertFalse(Arrays.equals(straight.of(9), new BatchOrder(10, 4, 8).of(9)));
  }

  @Test
  void imagesToStartFromAreDrawnBeforeTheFirstStep() {
    BatchOrder order = new BatchOrder(10, 4, 7);
    assertEquals(6, Arrays.stream(order.beforeFirst(6)).distinct().count());
    order.of(1);
    assertThrows(IllegalStateException.class, () -> order.beforeFirst(6));
  }
}
