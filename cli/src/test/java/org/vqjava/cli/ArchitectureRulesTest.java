/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.tensorflow.EagerSession;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.TensorFlow;
import org.tensorflow.op.CustomGradient;
import org.tensorflow.op.Ops;
import org.tensorflow.op.RawCustomGradient;
import org.tensorflow.op.math.Square;
import org.vqjava.ops.Training;
import org.vqjava.testing.Tolerance;

/** Each rule fails for a class that breaks it. Nothing here is ever run. */
class ArchitectureRulesTest {
  static final class RegistersByLambda {
    static boolean register() {
      return TensorFlow.registerCustomGradient("NthElement", (tf, op, gradients) -> List.of());
    }
  }

  static final class RegistersByMethodReference {
    interface Registration {
      boolean register(String type, RawCustomGradient gradient);
    }

    static Registration register() {
      return TensorFlow::registerCustomGradient;
    }
  }

  static final class IsACustomGradient implements RawCustomGradient {
    @Override
    public List<Operand<?>> call(Ops tf, GraphOperation op, List<Output<?>> gradients) {
      return List.of();
    }
  }

  static final class IsATypedCustomGradient implements CustomGradient<Square.Inputs<?>> {
    @Override
    public List<Operand<?>> call(Ops tf, Square.Inputs<?> inputs, List<Output<?>> gradients) {
      return List.of();
    }
  }

  static final class ReadsTheInputsOfAnOp {
    static Object of(GraphOperation op) {
      return new Square.Inputs<>(op);
    }
  }

  static final class OpensASession {
    static void open(Graph graph) {
      new Session(graph).close();
    }
  }

  static final class OpensAnEagerSession {
    static void open() {
      EagerSession.create().close();
    }
  }

  static final class RunsASession {
    static Session.Runner fetch(Session.Runner runner, Operand<?> operand) {
      return runner.fetch(operand);
    }
  }

  static final class OpensABlock {
    static Ops block(Ops tf) {
      return tf.withSubScope("Block");
    }
  }

  static final class Prints {
    static void print() {
      System.out.println();
    }
  }

  static final class Logs {
    static Logger logger() {
      return Logger.getGlobal();
    }
  }

  static final class UsesTestTools {
    static Tolerance tolerance() {
      return Tolerance.EXACT;
    }
  }

  @Test
  void aCustomGradientIsFoundInWhateverWayItIsMade() {
    broken(ArchitectureRules.noCustomGradient(), RegistersByLambda.class);
    broken(ArchitectureRules.noCustomGradient(), RegistersByMethodReference.class);
    broken(ArchitectureRules.noCustomGradient(), IsACustomGradient.class);
    broken(ArchitectureRules.noCustomGradient(), IsATypedCustomGradient.class);
    broken(ArchitectureRules.noCustomGradient(), ReadsTheInputsOfAnOp.class);
  }

  @Test
  void aSessionIsFound() {
    broken(ArchitectureRules.noSession(), OpensASession.class);
    broken(ArchitectureRules.noSession(), OpensAnEagerSession.class);
    broken(ArchitectureRules.noSession(), RunsASession.class);
  }

  @Test
  void tensorFlowIsFound() {
    broken(ArchitectureRules.noTensorFlowButItsMessages(), OpensASession.class);
    broken(ArchitectureRules.noTensorFlowFramework(), Training.class);
  }

  @Test
  void aBlockOfNamesIsFound() {
    broken(ArchitectureRules.noBlockOfNamesButByScopes(), OpensABlock.class);
  }

  @Test
  void outputIsFound() {
    broken(ArchitectureRules.noStandardStreams(), Prints.class);
    broken(ArchitectureRules.noJavaUtilLogging(), Logs.class);
  }

  @Test
  void testToolsAreFound() {
    broken(ArchitectureRules.noTestTools(), UsesTestTools.class);
  }

  private static void broken(ArchRule rule, Class<?> byClass) {
    var result = rule.evaluate(new ClassFileImporter().importClasses(byClass));
    assertTrue(
        result.getFailureReport().getDetails().stream()
            .anyMatch(line -> line.contains(byClass.getName())),
        result.getFailureReport().toString());
  }
}
