/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.tensorflow.ndarray.Shape;

/** The images, and the container that they come in. */
class DigitsTest {
  @Test
  void theFirst1437TrainAndTheLast360Test() {
    assertEquals(1437, Digits.train().images().count());
    assertEquals(360, Digits.test().images().count());
  }

  @Test
  void pixelsAreSixteenthsFromGroundToInk() {
    for (ImageSet images : new ImageSet[] {Digits.train().images(), Digits.test().images()}) {
      assertEquals(64, images.imageSize());
      for (int i = 0; i < images.count(); i++) {
        for (float pixel : images.image(i)) {
          assertTrue(pixel >= 0 && pixel <= 1 && pixel * 16 == Math.rint(pixel * 16));
        }
      }
    }
  }

  @Test
  void theFirstImageIsTheZeroThatTheDataSetBeginsWith() {
    float[] row = new float[8];
    System.arraycopy(Digits.train().images().image(0), 0, row, 0, 8);
    for (int i = 0; i < 8; i++) {
      row[i] *= 16;
    }
    assertArrayEquals(new float[] {0, 0, 5, 13, 9, 1, 0, 0}, row);
  }

  @Test
  void theMeanImageHasTheErrorThatTheReferenceReports() {
    assertEquals(0.0737, Digits.train().images().meanImageError(Digits.test().images()), 0.00005);
  }

  @Test
  void aBatchTakesImagesInTheirOrder() {
    ImageSet images = new ImageSet(new float[] {0, 1, 2, 3, 4, 5}, ImageFormat.ink(1, 2));
    try (var batch = images.batch(new int[] {2, 0})) {
      assertEquals(Shape.of(2, 1, 2, 1), batch.shape());
      assertEquals(4, batch.getFloat(0, 0, 0, 0));
      assertEquals(5, batch.getFloat(0, 0, 1, 0));
      assertEquals(0, batch.getFloat(1, 0, 0, 0));
    }
    assertArrayEquals(new float[] {2, 3}, images.range(1, 3).image(0));
  }

  @Test
  void theLargestDifferenceTellsNotANumberToo() {
    ImageSet images = new ImageSet(new float[] {0, 1}, ImageFormat.ink(1, 2));
    assertEquals(
        0.5,
        images.largestDifference(new ImageSet(new float[] {0.5f, 1.25f}, ImageFormat.ink(1, 2))));
    assertTrue(
        Double.isNaN(
            images.largestDifference(
                new ImageSet(new float[] {Float.NaN, 9}, ImageFormat.ink(1, 2)))));
  }

  @Test
  void refusesPartsOfImages() {
    assertEquals(
        "pixels must be whole images of 2 x 2, got 6",
        assertThrows(
                IllegalArgumentException.class,
                () -> new ImageSet(new float[6], ImageFormat.ink(2, 2)))
            .getMessage());
  }
}
