/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * 1,797 handwritten digits of 8 × 8 pixels with 17 levels of grey: the test part of "Optical
 * Recognition of Handwritten Digits" (E. Alpaydin, C. Kaynak, UCI Machine Learning Repository, CC
 * BY 4.0). The first 1,437 train, the last 360 test.
 */
public final class Digits {
  private static final int SIDE = 8;
  private static final int COUNT = 1797;
  private static final int TRAIN = 1437;
  private static final float LEVELS = 16;

  private Digits() {}

  /**
   * Those to train on.
   *
   * @return the first 1,437, pixels from 0 to 1
   */
  public static LabelledImages train() {
    return read().range(0, TRAIN);
  }

  /**
   * Those to test with.
   *
   * @return the last 360, pixels from 0 to 1
   */
  public static LabelledImages test() {
    return read().range(TRAIN, COUNT);
  }

  private static LabelledImages read() {
    List<String> lines;
    try (InputStream in = Digits.class.getResourceAsStream("digits.csv")) {
      if (in == null) {
        throw new IllegalStateException("digits.csv is missing from the jar");
      }
      lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII)).lines().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    float[] pixels = new float[lines.size() * SIDE * SIDE];
    int[] labels = new int[lines.size()];
    for (int i = 0; i < lines.size(); i++) {
      String[] fields = lines.get(i).split(",", -1);
      for (int p = 0; p < SIDE * SIDE; p++) {
        pixels[i * SIDE * SIDE + p] = Integer.parseInt(fields[p]) / LEVELS;
      }
      labels[i] = Integer.parseInt(fields[SIDE * SIDE]);
    }
    return new LabelledImages(new ImageSet(pixels, ImageFormat.ink(SIDE, SIDE)), labels);
  }
}
