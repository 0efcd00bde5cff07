/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TInt32;

class ScopesTest {
  private final Locale before = Locale.getDefault(Locale.Category.FORMAT);

  @AfterEach
  void restore() {
    Locale.setDefault(Locale.Category.FORMAT, before);
  }

  private static void format(String tag) {
    Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag(tag));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "fa-IR",
        "ar-EG",
        "ckb",
        "ne",
        "mr",
        "my",
        "bn",
        "hi-u-nu-deva",
        "th-TH-u-nu-thai",
        "en-u-nu-arab"
      })
  void aLocaleOfOtherDigitsIsRefused(String tag) {
    format(tag);
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      assertEquals(
          "the default locale for formatting must have the digits 0 to 9, as TensorFlow Java names"
              + " operations by it, got "
              + tag
              + ": call Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT) or start with"
              + " -Duser.language.format=en",
          assertThrows(IllegalStateException.class, () -> Scopes.of(tf, "Block")).getMessage());
    }
  }

  /** What the refusal spares the caller. */
  @Test
  void tensorFlowRefusesTheNamesThatComeOut() {
    format("fa-IR");
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      tf.constant(1);
      Operand<TInt32> second = tf.constant(1);
      assertThrows(
          IllegalArgumentException.class,
          () -> {
            try (Session session = new Session(graph)) {
              session.runner().fetch(second).run();
            }
          });
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"und", "en", "de", "tr-TR", "az", "lt", "hi-IN", "ja-JP-u-ca-japanese"})
  void anyOtherIsTaken(String tag) {
    format(tag);
    try (Graph graph = new Graph()) {
      Ops tf = Scopes.of(Ops.create(graph), "Block");
      tf.constant(1);
      assertEquals("Block/Const_1", tf.constant(1).op().name());
    }
  }
}
