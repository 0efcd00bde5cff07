/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** The weights of a network, each of which starts uniform in ±1/√fan-in. */
final class UniformWeights {
  private final Ops tf;
  private final long seed;
  private final List<Variable<TFloat32>> variables = new ArrayList<>();

  UniformWeights(Ops tf, long seed) {
    this.tf = tf;
    this.seed = seed;
  }

  /** Adds a variable and gives its value. */
  Operand<TFloat32> add(String name, int fanIn, int... sizes) {
    Ops init = tf.withInitScope();
    float bound = (float) (1 / Math.sqrt(fanIn));
    Operand<TFloat32> unit =
        init.random.statelessRandomUniform(
            init.constant(sizes),
            init.constant(new long[] {seed, variables.size() + 1}),
            TFloat32.class);
    Variable<TFloat32> variable =
        tf.withName(name)
            .variable(
                init.math.sub(init.math.mul(unit, init.constant(2 * bound)), init.constant(bound)));
    variables.add(variable);
    return tf.identity(variable);
  }

  List<Variable<TFloat32>> variables() {
    return List.copyOf(variables);
  }
}
