/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.family.TFloating;
import org.vqjava.ops.Scopes;
import org.vqjava.ops.Variables;

/**
 * A codebook of K codes of width D: one trainable variable {@code [K, D]} of a graph.
 *
 * <p>Several layers may share it. It is saved with the model as any variable is. It is created at
 * the root of the graph under the name that it is given, whatever the scope of {@code tf}, as
 * optimizers with slots (Adam) refuse names with a slash.
 *
 * <pre>{@code
 * Codebook<TFloat32> codebook =
 *     Codebook.create(tf, "codebook", 512, 64, CodebookInitializer.normal(1, 7));
 * }</pre>
 *
 * @param <T> float32 or float64
 */
public final class Codebook<T extends TFloating> {
  private final Operand<T> variable;
  private final Operand<T> stored;
  private final Operand<T> values;
  private final CodebookInitializer initializer;

  private Codebook(Ops root, Operand<T> variable, CodebookInitializer initializer) {
    this.variable = variable;
    this.stored = Variables.snapshot(root.withName(variable.op().name() + "-values"), variable);
    this.values = initializer.mayNeedStart() ? started(root) : stored;
    this.initializer = initializer;
  }

  /** What is stored, once it is certain that a start was made: one number of it is looked at. */
  private Operand<T> started(Ops root) {
    Ops tf = Scopes.of(root, variable.op().name() + "-started");
    Operand<TInt32> first = tf.constant(new int[] {0, 0});
    Operand<T> number = tf.slice(tf.identity(variable), first, tf.constant(new int[] {1, 1}));
    Operand<T> mark = CodebookInitializer.unstarted(tf, type());
    var made =
        tf.assertThat(
            tf.math.notEqual(tf.reshape(number, tf.constant(new int[0])), mark),
            List.of(
                tf.constant(
                    "codebook "
                        + name()
                        + " must be started before it is read: run embSpaceBatchInit of its layer with"
                        + " a batch, or restore a checkpoint; its first code is"),
                number));
    return tf.withControlDependencies(List.of(made)).identity(stored);
  }

  /**
   * Creates a codebook of float32.
   *
   * @param tf builds in the graph that the codebook becomes part of
   * @param name name of the variable, without a slash, not yet taken in the graph
   * @param size K, how many codes, at least 1
   * @param width D, how many numbers a code has, at least 1
   * @param initializer gives the first values; one that reads a batch gives none, until {@link
   *     VqEndpoints#embSpaceBatchInit} is run
   * @return the codebook
   * @throws IllegalArgumentException if a number is out of range, the name is malformed or taken,
   *     or {@code tf} builds no graph
   */
  public static Codebook<TFloat32> create(
      Ops tf, String name, int size, int width, CodebookInitializer initializer) {
    return create(tf, name, size, width, TFloat32.class, initializer);
  }

  /**
   * Creates a codebook.
   *
   * @param tf builds in the graph that the codebook becomes part of
   * @param name name of the variable, without a slash, not yet taken in the graph
   * @param size K, how many codes, at least 1
   * @param width D, how many numbers a code has, at least 1
   * @param type {@code TFloat32.class} or {@code TFloat64.class}
   * @param initializer gives the first values; one that reads a batch gives none, until {@link
   *     VqEndpoints#embSpaceBatchInit} is run
   * @param <T> float32 or float64
   * @return the codebook
   * @throws IllegalArgumentException if a number is out of range, the name is malformed or taken,
   *     the type is another one, or {@code tf} builds no graph
   */
  public static <T extends TFloating> Codebook<T> create(
      Ops tf, String name, int size, int width, Class<T> type, CodebookInitializer initializer) {
    Scopes.requireAsciiDigits();
    Objects.requireNonNull(initializer, "initializer");
    Check.atLeast("size", 1, size);
    Check.atLeast("width", 1, width);
    Check.floating("type", type);
    Graph graph = Check.graph(tf);
    if (graph.operation(Check.variableName(name)) != null) {
      throw new IllegalArgumentException("name must not be taken in the graph yet, got " + name);
    }
    Ops root = Ops.create(graph);
    Operand<T> first = initializer.first(root.withInitScope(), type, size, width);
    return new Codebook<>(root, root.withName(name).variable(first), initializer);
  }

  /**
   * Takes a variable of the graph for a codebook: one of a loaded SavedModel, say.
   *
   * <pre>{@code
   * try (SavedModelBundle model = SavedModelBundle.load("runs/digits/model")) {
   *   Ops tf = Ops.create(model.graph());
   *   Codebook<TFloat32> codebook = Codebook.of(tf, "codebook", TFloat32.class);
   * }
   * }</pre>
   *
   * @param tf builds in the graph of the variable
   * @param name name of a variable {@code [K, D]} of the graph
   * @param type its type
   * @param <T> float32 or float64
   * @return the codebook, with an initializer that keeps what the variable holds
   * @throws IllegalArgumentException if the graph has no such variable
   */
  @SuppressWarnings("unchecked")
  public static <T extends TFloating> Codebook<T> of(Ops tf, String name, Class<T> type) {
    Check.floating("type", type);
    Graph graph = Check.graph(tf);
    GraphOperation op = graph.operation(name);
    if (op == null || !op.type().equals("VariableV2")) {
      throw new IllegalArgumentException("name must be that of a variable, got " + name);
    }
    Output<?> variable = op.output(0);
    Shape shape = variable.shape();
    if (shape.isUnknown() || shape.numDimensions() != 2 || shape.hasUnknownDimension()) {
      throw new IllegalArgumentException(
          "variable " + name + " must have shape [K, D], got " + shape);
    }
    if (!variable.type().equals(type)) {
      throw new IllegalArgumentException(
          "variable "
              + name
              + " must have type "
              + type.getSimpleName()
              + ", got "
              + variable.type().getSimpleName());
    }
    return new Codebook<>(Ops.create(graph), (Output<T>) variable, CodebookInitializer.kept());
  }

  /**
   * The variable itself, to be listed in a {@linkplain org.vqjava.ops.Training#minimize step}. Read
   * {@link #values} instead of it.
   *
   * @return {@code [K, D]}
   */
  public Operand<T> variable() {
    return variable;
  }

  /**
   * The codes, read from the variable into a buffer of their own; gradient to the variable.
   *
   * <p>Of a codebook that is to be set from a batch, and was not yet, a run that reads them fails
   * with an error that says so.
   *
   * @return {@code [K, D]}
   */
  public Operand<T> values() {
    return values;
  }

  /**
   * The name that the variable has in the graph and in a checkpoint.
   *
   * @return the name
   */
  public String name() {
    return variable.op().name();
  }

  /**
   * How many codes it has.
   *
   * @return K
   */
  public int size() {
    return Math.toIntExact(variable.shape().get(0));
  }

  /**
   * How many numbers a code has.
   *
   * @return D
   */
  public int width() {
    return Math.toIntExact(variable.shape().get(1));
  }

  /**
   * The type of its numbers.
   *
   * @return {@code TFloat32.class} or {@code TFloat64.class}
   */
  public Class<T> type() {
    return variable.type();
  }

  /**
   * How it gets its first values.
   *
   * @return the initializer
   */
  public CodebookInitializer initializer() {
    return initializer;
  }

  /**
   * An op that gives the codebook new values, once they and its old ones have been read. Run it
   * without a training step.
   *
   * @param tf builds the op
   * @param codes the new values, {@code [K, D]}
   * @return the op; run it as a target
   * @throws IllegalArgumentException if the shape is known to be another one
   */
  public Op assign(Ops tf, Operand<T> codes) {
    Shape shape = variable.shape();
    if (!codes.shape().isCompatibleWith(shape)) {
      throw new IllegalArgumentException(
          "codes must have shape " + shape + ", got " + codes.shape());
    }
    return tf.withControlDependencies(List.of(codes, stored)).assign(variable, codes);
  }

  /** Sets the codes from pieces {@code [N, D]}, if the initializer reads a batch. */
  Optional<Op> batchInit(Ops tf, Operand<T> pieces) {
    return initializer.fromPieces(tf, pieces, size()).map(first -> assign(tf, first));
  }

  @Override
  public String toString() {
    return "Codebook[" + name() + ", " + type().getSimpleName() + ", " + variable.shape() + "]";
  }
}
