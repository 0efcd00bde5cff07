/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.testing;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.tensorflow.Graph;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Jackson stands for a library. */
class RefusalTest {
  @Test
  void whatALibraryRefusesPasses() {
    assertDoesNotThrow(() -> expect(() -> new ObjectMapper().convertValue("x", Integer.class)));
  }

  @Test
  void whatTensorFlowRefusesWhileItRunsPasses() {
    assertDoesNotThrow(
        () ->
            expect(
                () -> {
                  try (Graph graph = new Graph();
                      Session session = new Session(graph)) {
                    Ops tf = Ops.create(graph);
                    session.runner().fetch(tf.placeholder(TFloat32.class)).run();
                  }
                }));
  }

  @Test
  void nothingRefusedFails() {
    assertEquals("a case: nothing was refused", failure(() -> {}));
  }

  @Test
  void aReaderThatFailsIsNoRefusal() {
    String expected = "a case: the reader failed before anything was refused";
    assertEquals(
        expected,
        failure(
            () -> {
              throw new IllegalArgumentException("of the reader");
            }));
    assertEquals(expected, failure(() -> Integer.parseInt("x"))); // of the machine, for the reader
    assertEquals(
        expected,
        failure(
            () ->
                new GoldenNode("case/inputs", new ObjectMapper().createObjectNode()).tensor("x")));
    assertEquals(
        expected,
        failure(
            () -> {
              try (Graph graph = new Graph()) {
                Ops tf = Ops.create(graph);
                tf.reshape(tf.constant(new float[3]), tf.constant(new int[] {2}));
              }
            }));
  }

  @Test
  void whateverElseIsThrownIsAFailure() {
    assertThrows(ArithmeticException.class, () -> expect(() -> Math.floorDiv(1, 0)));
  }

  @Test
  void aCaseWithAnErrorPassesIfItIsRefusedWhateverItLacks() {
    GoldenCases.Check library =
        golden -> new ObjectMapper().convertValue(golden.name(), Integer.class);
    assertDoesNotThrow(() -> changed(library));
    assertEquals(
        "reader/one-step: nothing was refused",
        assertThrows(AssertionError.class, () -> changed(golden -> {})).getMessage());
  }

  private static void changed(GoldenCases.Check check) throws Throwable {
    GoldenCases.runChanged(
        "reader/one-step",
        RefusalTest.class,
        root -> {
          root.set("expected", root.objectNode().put("error", "ValueError"));
          ((ObjectNode) root.get("inputs")).removeAll();
        },
        check);
  }

  private static void expect(Executable action) throws Throwable {
    Refusal.expect("a case", RefusalTest.class, action);
  }

  private static String failure(Executable action) {
    return String.valueOf(assertThrows(AssertionError.class, () -> expect(action)).getMessage());
  }
}
