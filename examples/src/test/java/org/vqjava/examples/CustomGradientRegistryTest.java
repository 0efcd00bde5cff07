/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Field;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.framework.optimizers.Adam;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.vqjava.layers.Codebook;
import org.vqjava.layers.CodebookInitializer;
import org.vqjava.layers.VectorQuantization;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.layers.VqOptions;
import org.vqjava.ops.Norm;
import org.vqjava.ops.SearchMode;
import org.vqjava.ops.Training;

/**
 * The budget of ten custom gradients a process is left to the user. TensorFlow Java tells nobody
 * which are registered, but keeps them in a private set, as native code refers to them.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CustomGradientRegistryTest {
  @Test
  @Order(1)
  void layersThatTrainRegisterNone() throws ReflectiveOperationException {
    for (Norm norm : Norm.values()) {
      for (SearchMode mode : SearchMode.values()) {
        train(VqOptions.defaults().withGamma(0.1).withNorm(norm).withMode(mode).withReplaced(1));
      }
    }
    assertEquals(Set.of(), registered());
  }

  /** Else the test above would pass whatever the layers did. */
  @Test
  @Order(2)
  @DisabledOnOs(value = OS.WINDOWS, disabledReason = "TensorFlow Java registers no gradient there")
  void theRegistryIsWhereARegistrationShows() throws ReflectiveOperationException {
    assertTrue(TensorFlow.registerCustomGradient("NthElement", (tf, op, arriving) -> List.of()));
    assertEquals(1, registered().size());
  }

  private static void train(VqOptions options) {
    try (Graph graph = new Graph()) {
      Ops tf = Ops.create(graph);
      Operand<TFloat32> x = tf.constant(new float[][] {{1, 2}, {3, 4}, {5, 7}});
      Codebook<TFloat32> codebook =
          Codebook.create(tf, "codebook", 4, 2, CodebookInitializer.normal(1, 7));
      VqEndpoints<TFloat32> vq = VectorQuantization.vectorQuantization(tf, x, codebook, options);
      Op step =
          Training.minimize(
              tf, vq.losses().total(), List.of(codebook.variable()), new Adam(graph, 0.1f));
      try (Session session = new Session(graph)) {
        session.initialize();
        session.runner().addTarget(step).run().close();
      }
    }
  }

  private static Set<?> registered() throws ReflectiveOperationException {
    Field registry = TensorFlow.class.getDeclaredField("gradientFuncs");
    registry.setAccessible(true);
    return Set.copyOf((Set<?>) Objects.requireNonNull(registry.get(null)));
  }
}
