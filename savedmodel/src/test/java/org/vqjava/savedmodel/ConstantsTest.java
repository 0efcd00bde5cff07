/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/** What follows from shapes, and what does not. */
class ConstantsTest {
  private static final AttrValue INT = Attributes.of(DataType.DT_INT32);

  private final FlatGraph graph = new FlatGraph(Map.of());
  private final Constants constants = new Constants(graph);

  @AfterEach
  void close() {
    graph.close();
  }

  private TensorRef emit(String type, Map<String, AttrValue> attributes, TensorRef... inputs) {
    return graph.emit(type, type, List.of(inputs), Set.of(), attributes);
  }

  private TensorRef number(int value) {
    return emit("Const", Map.of("dtype", INT, "value", Attributes.scalar(value)));
  }

  private TensorRef input(long... sizes) {
    return emit(
        "Placeholder",
        Map.of("dtype", Attributes.of(DataType.DT_FLOAT), "shape", SyntheticModel.shape(sizes)));
  }

  private TensorRef shapeOf(TensorRef tensor, DataType type) {
    return emit(
        "Shape",
        Map.of("T", Attributes.of(DataType.DT_FLOAT), "out_type", Attributes.of(type)),
        tensor);
  }

  private TensorRef binary(String type, TensorRef a, TensorRef b) {
    return emit(type, Map.of("T", INT), a, b);
  }

  @ParameterizedTest
  @CsvSource({
    "AddV2, 12",
    "Add, 12",
    "Sub, 2",
    "Mul, 35",
    "Maximum, 7",
    "Minimum, 5",
    "Less, 0",
    "LessEqual, 0",
    "Greater, 1",
    "GreaterEqual, 1"
  })
  void numbersAreFoldedAsTensorFlowComputesThem(String type, long expected) {
    TensorRef result = binary(type, number(7), number(5));
    assertEquals(OptionalLong.of(expected), constants.number(result));
    assertEquals(OptionalLong.of(expected == 0 ? 0 : 1), constants.truth(result));
    assertEquals(OptionalLong.of(expected), constants.number(result), "again");
  }

  @Test
  void truthsAreFolded() {
    TensorRef yes = binary("Less", number(1), number(2));
    TensorRef no = binary("Less", number(2), number(1));
    assertEquals(OptionalLong.of(0), constants.truth(emit("LogicalAnd", Map.of(), yes, no)));
    assertEquals(OptionalLong.of(1), constants.truth(emit("LogicalOr", Map.of(), yes, no)));
    assertEquals(OptionalLong.of(1), constants.truth(emit("LogicalNot", Map.of(), no)));
    TensorRef same = emit("Identity", Map.of("T", Attributes.of(DataType.DT_BOOL)), yes);
    assertEquals(OptionalLong.of(1), constants.truth(same));
    AttrValue truth =
        AttrValue.newBuilder()
            .setTensor(
                TensorProto.newBuilder()
                    .setDtype(DataType.DT_BOOL)
                    .setTensorShape(TensorShapeProto.getDefaultInstance())
                    .addBoolVal(true))
            .build();
    assertEquals(
        OptionalLong.of(1),
        constants.truth(
            emit("Const", Map.of("dtype", Attributes.of(DataType.DT_BOOL), "value", truth))));
  }

  /** What a size is at most, at least or as a remainder does not make it known: it may be any. */
  @Test
  void sizesAreKnownOneByOne() {
    TensorRef x = input(-1, 6);
    for (DataType type : List.of(DataType.DT_INT32, DataType.DT_INT64)) {
      assertEquals(
          Optional.of(List.of(OptionalLong.empty(), OptionalLong.of(6))),
          constants.partly(shapeOf(x, type)));
    }
    assertTrue(constants.number(size(x)).isEmpty());
    assertEquals(OptionalLong.of(12), constants.number(size(input(2, 6))));
    TensorRef sizes = shapeOf(x, DataType.DT_INT32);
    for (String type : List.of("Minimum", "Maximum", "FloorMod", "FloorDiv")) {
      assertEquals(
          Optional.of(List.of(OptionalLong.empty(), OptionalLong.empty())),
          constants.partly(binary(type, sizes, number(2))),
          type);
    }
    assertEquals(
        Optional.of(List.of(OptionalLong.empty(), OptionalLong.of(12))),
        constants.partly(binary("Mul", sizes, number(2))));
    assertTrue(constants.partly(shapeOf(input(-1, -1), DataType.DT_INT32)).isPresent());
    TensorRef none = binary("Sub", sizes, sizes);
    assertEquals(
        Optional.of(List.of(OptionalLong.of(0), OptionalLong.of(0))), constants.partly(none));
  }

  /** The sizes of two tensors may be one or may not. */
  @Test
  void unknownSizesAreNotTakenForEqualNorForDifferentNorForSmall() {
    TensorRef one = shapeOf(input(-1), DataType.DT_INT32);
    TensorRef other = shapeOf(input(-1), DataType.DT_INT32);
    assertTrue(constants.number(binary("Equal", one, other)).isEmpty());
    assertTrue(constants.number(binary("Sub", one, other)).isEmpty());
    for (int size : new int[] {0, 2000, Integer.MAX_VALUE}) {
      assertTrue(constants.truth(binary("Greater", one, number(size))).isEmpty());
    }
    TensorRef known = shapeOf(input(3), DataType.DT_INT32);
    assertEquals(
        OptionalLong.of(1),
        constants.truth(binary("Equal", known, shapeOf(input(3), DataType.DT_INT32))));
    TensorRef chosen =
        emit(
            "SelectV2",
            Map.of("T", INT),
            binary("Greater", one, number(2000)),
            number(7),
            number(9));
    assertTrue(constants.number(chosen).isEmpty());
  }

  @Test
  void numbersOverflowAsInTensorFlow() {
    TensorRef large = number(Integer.MAX_VALUE);
    assertEquals(
        OptionalLong.of(Integer.MIN_VALUE), constants.number(binary("AddV2", large, number(1))));
  }

  /** Asked for at once, what is far is not known; step by step, as a loop asks, it is. */
  @Test
  void whatIsComputedInManyStepsEndsNothing() {
    TensorRef sum = number(0);
    List<TensorRef> sums = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      sum = binary("Maximum", sum, number(i + 1));
      sums.add(sum);
    }
    assertTrue(constants.number(sum).isEmpty());
    sums.forEach(constants::number);
    Constants again = new Constants(graph);
    for (int i = 0; i < sums.size(); i++) {
      assertEquals(OptionalLong.of(i + 1), again.number(sums.get(i)));
    }
  }

  private TensorRef size(TensorRef tensor) {
    return emit("Size", Map.of("T", Attributes.of(DataType.DT_FLOAT), "out_type", INT), tensor);
  }

  @Test
  void whatDependsOnDataOrIsTooLargeIsNotKnown() {
    TensorRef data = emit("Placeholder", Map.of("dtype", INT, "shape", SyntheticModel.shape()));
    assertTrue(constants.number(data).isEmpty());
    assertTrue(constants.number(binary("AddV2", data, number(1))).isEmpty());
    assertTrue(constants.number(new Value.Variable("v")).isEmpty());
    TensorRef unknown = emit("Placeholder", Map.of("dtype", Attributes.of(DataType.DT_FLOAT)));
    assertTrue(constants.partly(shapeOf(unknown, DataType.DT_INT32)).isEmpty());
    TensorRef large =
        emit(
            "Fill",
            Map.of("T", INT, "index_type", INT),
            emit("Const", Map.of("dtype", INT, "value", Attributes.vector(1 << 20))),
            number(1));
    assertTrue(constants.partly(large).isEmpty());
    TensorRef random =
        emit(
            "RandomUniformInt",
            Map.of("Tout", INT, "T", INT),
            shapeOf(input(2), DataType.DT_INT32),
            number(0),
            number(9));
    assertTrue(constants.number(random).isEmpty());
    TensorRef packed = emit("Pack", Map.of("T", INT, "N", Attributes.of(2)), data, number(4));
    assertEquals(
        Optional.of(List.of(OptionalLong.empty(), OptionalLong.of(4))), constants.partly(packed));
  }

  @Test
  void whatIsShapedByAnUnknownSizeIsNotKnown() {
    TensorRef x = input(-1, 6);
    TensorRef reshaped =
        emit(
            "Reshape",
            Map.of("T", INT, "Tshape", INT),
            shapeOf(x, DataType.DT_INT32),
            shapeOf(input(-1), DataType.DT_INT32));
    assertTrue(constants.all(reshaped).isEmpty());
  }
}
