/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.tensorflow.proto.DataType;

/**
 * A convolution and what it is to compute, by its definition: the form {@code B(x, f, z) = Σ z[n,
 * p, o] · f[k, c, o] · x[n, stride · p + dilation · k − before, c + first of the group of o]}, of
 * which each derivative is an operation. Images are channels last here.
 *
 * @param type of the operation
 * @param size of the image, {@code [N, H, W, C]}
 * @param filter {@code [h, w, C / groups, O]}
 * @param strides of height and width
 * @param dilations of height and width
 * @param padding {@code SAME}, {@code VALID}, or {@code EXPLICIT} by {@link #SIDES}
 * @param channelsFirst whether the model has them so
 * @param unknown axes, of those named NHWC, whose size the model does not know
 * @param number the type of the numbers
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record ConvolutionCase(
    String type,
    int[] size,
    int[] filter,
    int[] strides,
    int[] dilations,
    String padding,
    boolean channelsFirst,
    String unknown,
    DataType number) {
  /** Before and behind height, before and behind width. */
  static final int[] SIDES = {1, 2, 0, 1};

  private static final int[] ONES = {1, 1};
  private static final Set<DataType> HALVES = Set.of(DataType.DT_HALF, DataType.DT_BFLOAT16);

  static final String CONVOLUTION = "Conv2D";
  static final String DEPTHWISE = "DepthwiseConv2dNative";
  static final String TRANSPOSED = "Conv2DBackpropInput";

  static ConvolutionCase of(String type, int channels, int groups, int outputs) {
    return new ConvolutionCase(
        type,
        new int[] {2, 7, 6, channels},
        new int[] {3, 2, channels / groups, outputs},
        ONES,
        ONES,
        "SAME",
        false,
        "N",
        DataType.DT_FLOAT);
  }

  ConvolutionCase strides(int height, int width) {
    int[] by = {height, width};
    return new ConvolutionCase(
        type, size, filter, by, dilations, padding, channelsFirst, unknown, number);
  }

  ConvolutionCase dilations(int height, int width) {
    int[] by = {height, width};
    return new ConvolutionCase(
        type, size, filter, strides, by, padding, channelsFirst, unknown, number);
  }

  ConvolutionCase padding(String other) {
    return new ConvolutionCase(
        type, size, filter, strides, dilations, other, channelsFirst, unknown, number);
  }

  ConvolutionCase first() {
    return new ConvolutionCase(
        type, size, filter, strides, dilations, padding, true, unknown, number);
  }

  ConvolutionCase unknown(String axes) {
    return new ConvolutionCase(
        type, size, filter, strides, dilations, padding, channelsFirst, axes, number);
  }

  ConvolutionCase number(DataType other) {
    return new ConvolutionCase(
        type, size, filter, strides, dilations, padding, channelsFirst, unknown, other);
  }

  /** Of each kind some, and what goes together. */
  static List<ConvolutionCase> all() {
    List<ConvolutionCase> cases = new ArrayList<>();
    for (String padding : List.of("SAME", "VALID", "EXPLICIT")) {
      for (int[] groups : new int[][] {{4, 1}, {4, 2}, {6, 3}, {4, 4}}) {
        ConvolutionCase plain =
            of(CONVOLUTION, groups[0], groups[1], 2 * groups[0]).padding(padding);
        cases.addAll(
            List.of(
                plain,
                plain.strides(2, 2),
                plain.strides(2, 1),
                plain.dilations(2, 3),
                plain.first(),
                plain.first().strides(1, 2).unknown("NHW"),
                plain.first().dilations(2, 1),
                plain.unknown("NHW"),
                plain.unknown("").strides(2, 3),
                plain.unknown("NW").dilations(2, 2),
                plain.unknown("NHW").dilations(1, 3)));
        if (!padding.equals("SAME")) {
          cases.add(plain.strides(2, 1).dilations(1, 2).unknown("NHW"));
        }
        ConvolutionCase transposed =
            of(TRANSPOSED, groups[0], groups[1], 2 * groups[0]).padding(padding);
        cases.addAll(
            List.of(
                transposed,
                transposed.strides(2, 2),
                transposed.dilations(2, 3),
                transposed.first(),
                transposed.first().dilations(2, 1),
                transposed.unknown("")));
      }
      ConvolutionCase depthwise = of(DEPTHWISE, 3, 3, 6).padding(padding);
      cases.addAll(
          List.of(
              depthwise,
              depthwise.strides(2, 2),
              depthwise.strides(1, 2),
              depthwise.dilations(2, 2),
              depthwise.first(),
              depthwise.first().dilations(1, 3).unknown("NHW")));
    }
    for (DataType number : List.of(DataType.DT_DOUBLE, DataType.DT_HALF, DataType.DT_BFLOAT16)) {
      for (int groups : new int[] {1, 2, 4}) {
        ConvolutionCase plain = of(CONVOLUTION, 4, groups, 4).number(number);
        cases.addAll(List.of(plain, plain.first(), plain.dilations(2, 2), plain.strides(2, 1)));
        cases.add(of(TRANSPOSED, 4, groups, 4).number(number));
      }
    }
    return cases;
  }

  double tolerance() {
    return HALVES.contains(number) ? 0.05 : 1e-4;
  }

  int groups() {
    return size[3] / filter[2];
  }

  private int extent(int axis) {
    return (filter[axis] - 1) * dilations[axis] + 1;
  }

  private int before(int axis) {
    return switch (padding) {
      case "VALID" -> 0;
      case "EXPLICIT" -> SIDES[2 * axis];
      default -> {
        int places = places(axis);
        int all = (places - 1) * strides[axis] + extent(axis) - size[1 + axis];
        yield Math.max(all, 0) / 2;
      }
    };
  }

  private int places(int axis) {
    int given = size[1 + axis];
    if (padding.equals("SAME")) {
      return (given + strides[axis] - 1) / strides[axis];
    }
    int added = padding.equals("VALID") ? 0 : SIDES[2 * axis] + SIDES[2 * axis + 1];
    return (given + added - extent(axis)) / strides[axis] + 1;
  }

  /** Of what a convolution gives. */
  int[] convolved() {
    return new int[] {size[0], places(0), places(1), filter[3]};
  }

  /** The derivatives of B by x, f and z; numbers are multiplied with the two others. */
  double[][] derivatives(double[] x, double[] f, double[] z) {
    double[][] by = {new double[x.length], new double[f.length], new double[z.length]};
    int[] places = convolved();
    for (int n = 0; n < size[0]; n++) {
      for (int row = 0; row < places[1]; row++) {
        for (int column = 0; column < places[2]; column++) {
          add(n, row, column, x, f, z, by);
        }
      }
    }
    return by;
  }

  private void add(int n, int row, int column, double[] x, double[] f, double[] z, double[][] by) {
    int[] places = convolved();
    int perGroup = filter[3] / groups();
    for (int k = 0; k < filter[0] * filter[1]; k++) {
      int height = row * strides[0] + k / filter[1] * dilations[0] - before(0);
      int width = column * strides[1] + k % filter[1] * dilations[1] - before(1);
      if (height < 0 || height >= size[1] || width < 0 || width >= size[2]) {
        continue;
      }
      for (int o = 0; o < filter[3]; o++) {
        for (int c = 0; c < filter[2]; c++) {
          int i =
              ((n * size[1] + height) * size[2] + width) * size[3] + o / perGroup * filter[2] + c;
          int j = (k * filter[2] + c) * filter[3] + o;
          int m = ((n * places[1] + row) * places[2] + column) * places[3] + o;
          by[0][i] += f[j] * z[m];
          by[1][j] += x[i] * z[m];
          by[2][m] += x[i] * f[j];
        }
      }
    }
  }

  @Override
  public String toString() {
    return String.join(
        " ",
        type,
        Arrays.toString(size),
        Arrays.toString(filter),
        "strides",
        Arrays.toString(strides),
        "dilations",
        Arrays.toString(dilations),
        padding,
        channelsFirst ? "NCHW" : "NHWC",
        "unknown " + unknown,
        number.toString());
  }
}
