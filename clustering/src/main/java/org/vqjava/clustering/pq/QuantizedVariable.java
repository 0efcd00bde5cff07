/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.clustering.pq;

import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.vqjava.clustering.GradientAggregation;
import org.vqjava.ops.GradientAveraging;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.Variables;

/**
 * A quantized weight in a graph: the network computes with the decoded weight, whose centroids are
 * trained; the assignments stay as they are.
 *
 * <p>Adds two variables at the root: {@code <name>-centroids}, which is trained, and {@code
 * <name>-assignments}. Savers save them.
 *
 * <p>Gradient of a centroid: the sum over its blocks, or their mean; 0 for one that no block takes.
 * Cost of a run: O(weights), and twice the weight's memory.
 *
 * <pre>{@code
 * var kernel = QuantizedVariable.create(tf, "kernel", quantized, GradientAggregation.AVG);
 * Operand<TFloat32> y = tf.linalg.matMul(x, kernel.weight());
 * }</pre>
 */
public final class QuantizedVariable {
  private final QuantizedWeight start;
  private final Variable<TFloat32> centroids;
  private final Variable<TInt32> assignments;
  private final Operand<TFloat32> weight;

  private QuantizedVariable(
      QuantizedWeight start,
      Variable<TFloat32> centroids,
      Variable<TInt32> assignments,
      Operand<TFloat32> weight) {
    this.start = start;
    this.centroids = centroids;
    this.assignments = assignments;
    this.weight = weight;
  }

  /**
   * Adds a quantized weight to a graph.
   *
   * @param tf builds the ops
   * @param name of the variables, before a hyphen; without a slash, as slot optimizers refuse it
   * @param quantized its centroids and assignments, the variables' initial values
   * @param aggregation of the centroids' gradients: fairseq takes the sum for dense and embedding
   *     weights, the mean for convolutions
   * @return the quantized weight
   */
  public static QuantizedVariable create(
      Ops tf, String name, QuantizedWeight quantized, GradientAggregation aggregation) {
    Ops root = Ops.create(tf.scope().env());
    Ops init = root.withInitScope();
    int k = quantized.assignments().centroids();
    int width = quantized.blockSize();
    Variable<TFloat32> centroids =
        root.withName(name + "-centroids")
            .variable(
                init.reshape(
                    init.constant(quantized.centroids().clone()),
                    init.constant(new int[] {k, width})));
    Variable<TInt32> assignments =
        root.withName(name + "-assignments")
            .variable(init.constant(quantized.assignments().toInts()));
    Ops scoped = Scopes.of(tf, "QuantizedVariable");
    Operand<TFloat32> values = Variables.snapshot(scoped, centroids);
    Operand<TInt32> indices = scoped.identity(assignments);
    Operand<TFloat32> shared =
        aggregation == GradientAggregation.AVG
            ? GradientAveraging.byMembers(scoped, values, indices)
            : values;
    Operand<TFloat32> blocks = scoped.gather(shared, indices, scoped.constant(0));
    Operand<TFloat32> weight =
        quantized.layout().toWeight(scoped, blocks, quantized.shape(), width);
    return new QuantizedVariable(quantized, centroids, assignments, weight);
  }

  /**
   * What the network computes with.
   *
   * @return the decoded weight, in its shape
   */
  public Operand<TFloat32> weight() {
    return weight;
  }

  /**
   * What an optimizer is to move.
   *
   * @return the variable of the centroids, {@code [k, blockSize]}
   */
  public Operand<TFloat32> centroids() {
    return centroids;
  }

  /**
   * Which centroid each block takes.
   *
   * @return a variable that nothing moves, {@code [n]}
   */
  public Operand<TInt32> assignments() {
    return assignments;
  }

  /**
   * The weight as it stands, after training say.
   *
   * @param session of the graph
   * @return centroids and assignments
   */
  public QuantizedWeight read(Session session) {
    return readAll(List.of(this), session).get(0);
  }

  /**
   * Weights as they stand, in one run of the session.
   *
   * @param variables of a graph
   * @param session of the graph
   * @return centroids and assignments of each
   */
  public static List<QuantizedWeight> readAll(List<QuantizedVariable> variables, Session session) {
    List<QuantizedWeight> weights = new ArrayList<>();
    if (!variables.isEmpty()) {
      Session.Runner runner = session.runner();
      variables.forEach(variable -> runner.fetch(variable.centroids));
      try (Result result = runner.run()) {
        for (int i = 0; i < variables.size(); i++) {
          QuantizedWeight start = variables.get(i).start;
          float[] values = new float[start.centroids().length];
          result.get(i).asRawTensor().data().asFloats().read(values);
          weights.add(start.withCentroids(values));
        }
      }
    }
    return weights;
  }

  /**
   * An op that stores the decoded weight in a plain variable of its shape, so that inference does
   * not decode it at each run. Nothing runs it but the caller.
   *
   * @param tf builds the op
   * @param plain a float32 variable of the weight's shape
   * @return the op
   * @throws IllegalArgumentException if the variable has another shape
   */
  public Op materialize(Ops tf, Operand<TFloat32> plain) {
    Shape shape = start.shape();
    if (!plain.shape().equals(shape)) {
      throw new IllegalArgumentException(
          "plain must have shape " + shape + ", got " + plain.shape());
    }
    return tf.assign(plain, weight);
  }
}
