/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.NdArray;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint16;
import org.tensorflow.types.TUint8;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyType;

/** Examples in the type that a model takes: each number as it is, or none. */
class ExampleRowsTest {
  static Stream<Arguments> typesAndTheirLargest() {
    return Stream.of(
        Arguments.of(TFloat32.class, NumpyType.INT32, 1L << 30, (1L << 24) + 1),
        Arguments.of(TFloat64.class, NumpyType.INT64, 1L << 53, (1L << 53) + 1),
        Arguments.of(TFloat16.class, NumpyType.INT32, 65504L, 65520L),
        Arguments.of(TBfloat16.class, NumpyType.INT32, 256L, (1L << 24) + 1),
        Arguments.of(TInt64.class, NumpyType.INT64, Long.MAX_VALUE, null),
        Arguments.of(TInt32.class, NumpyType.INT64, (long) Integer.MAX_VALUE, 1L << 31),
        Arguments.of(TUint16.class, NumpyType.INT32, 65535L, 65536L),
        Arguments.of(TUint8.class, NumpyType.UINT16, 255L, 256L),
        Arguments.of(TBool.class, NumpyType.UINT8, 1L, 2L));
  }

  @ParameterizedTest
  @MethodSource("typesAndTheirLargest")
  void everyTypeTakesWhatItHoldsAndNoMore(
      Class<?> type, NumpyType stored, long largest, @Nullable Long beyond) {
    NumpyArray array = NumpyArray.of(stored, Shape.of(3, 1), 0, 1, largest);
    try (Tensor tensor = ExampleRows.of(array, type).of(new int[] {2, 0, 2}, Shape.of(1))) {
      assertEquals(Shape.of(3, 1), tensor.shape());
      assertTrue(type.isInstance(tensor), tensor.dataType().toString());
      List<Long> values = new ArrayList<>();
      ((NdArray<?>) tensor).scalars().forEach(s -> values.add(number(type, s.getObject())));
      assertEquals(List.of(largest, 0L, largest), values);
    }
    if (beyond != null) {
      assertThrows(
          IllegalArgumentException.class,
          () -> ExampleRows.of(NumpyArray.of(stored, Shape.of(1), beyond), type));
    }
  }

  private static long number(Class<?> type, Object value) {
    if (value instanceof Boolean truth) {
      return truth ? 1 : 0;
    }
    long number = ((Number) value).longValue();
    return type == TUint8.class ? number & 0xFF : type == TUint16.class ? number & 0xFFFF : number;
  }

  @Test
  void rowsKeepTheirNumbers() {
    NumpyArray array = NumpyArray.of(NumpyType.FLOAT64, Shape.of(2, 2), 0.1, 0.2, 0.3, 0.4);
    try (TFloat64 tensor =
        (TFloat64) ExampleRows.of(array, TFloat64.class).of(new int[] {1}, Shape.of(2))) {
      assertArrayEquals(
          new double[] {0.3, 0.4},
          tensor.streamOfObjects().mapToDouble(Double::doubleValue).toArray());
    }
  }

  @Test
  void theTypeOfTheModelIsTold() {
    NumpyArray array = NumpyArray.of(NumpyType.FLOAT64, Shape.of(1), 1e39);
    assertEquals(
        "array must have numbers that a float32 holds, got 1.0E39; the model takes float32",
        assertThrows(IllegalArgumentException.class, () -> ExampleRows.of(array, TFloat32.class))
            .getMessage());
    assertEquals(
        "numbers must be below 65520.0, got 65520.0; the model takes float16",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    ExampleRows.of(
                        NumpyArray.of(NumpyType.FLOAT32, Shape.of(1), 65520f), TFloat16.class))
            .getMessage());
    assertEquals(
        "the model must take numbers or truth values, but takes string",
        assertThrows(IllegalArgumentException.class, () -> ExampleRows.of(array, TString.class))
            .getMessage());
  }
}
