/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.ops;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.framework.optimizers.Optimizer;
import org.tensorflow.framework.optimizers.Optimizer.GradAndVar;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.Scope;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/** One step of an optimizer over an explicit list of variables. */
public final class Training {
  private Training() {}

  /**
   * An op that moves the variables one step down the loss; see {@link #minimize(Ops, Operand, List,
   * Optimizer, List)}. Fetch nothing together with it but the loss and what the loss is computed
   * from.
   *
   * @param tf builds the ops, under its name if it has one, else {@code Training}
   * @param loss a scalar
   * @param variables what is moved
   * @param optimizer how it is moved
   * @return the step; run it as a target
   * @throws IllegalArgumentException as the longer form
   */
  public static Op minimize(
      Ops tf,
      Operand<? extends TFloating> loss,
      List<? extends Operand<? extends TFloating>> variables,
      Optimizer optimizer) {
    return minimize(tf, loss, variables, optimizer, List.of());
  }

  /**
   * An op that moves the variables one step down the loss.
   *
   * <p>It differs from {@link Optimizer#minimize} in three ways. Only the listed variables are
   * moved, where the optimizer's own takes every variable of the graph, counters too. A variable
   * that no gradient can reach is named. And no update overtakes a read: a variable's buffer is
   * shared by whoever reads it, so that without a gate an endpoint may show the values from after
   * the step, and a gradient may be computed from a mixture (measured: losses off by 6e-2 within
   * five steps). Here every update waits for the loss, for all gradients and for {@code
   * fetchedTogether}.
   *
   * <p>Cost: that of the gradients. State (Adam's moments) is held in variables of the graph, which
   * the graph's initializers set to zero.
   *
   * <pre>{@code
   * Op step = Training.minimize(tf, loss, List.of(weights), new Adam(graph, 1e-3f), List.of(figure));
   * session.runner().addTarget(step).fetch(loss).fetch(figure).run();
   * }</pre>
   *
   * @param tf builds the ops, under its name if it has one, else {@code Training}
   * @param loss a floating-point scalar
   * @param variables what is moved: the variables themselves, as {@code tf.variable} returned them,
   *     each read through {@code tf.identity} wherever it is used
   * @param optimizer how it is moved, made for the same graph
   * @param fetchedTogether what else may be fetched in the same run and must show the values from
   *     before the step
   * @return the step; run it as a target
   * @throws IllegalArgumentException if the loss is no floating-point scalar, the list is empty or
   *     names a variable twice, an operand of it is no variable, no gradient reaches one, or one is
   *     differentiated in a way that would end the process
   */
  public static Op minimize(
      Ops tf,
      Operand<? extends TFloating> loss,
      List<? extends Operand<? extends TFloating>> variables,
      Optimizer optimizer,
      List<? extends Operand<?>> fetchedTogether) {
    Objects.requireNonNull(tf, "tf");
    Objects.requireNonNull(loss, "loss");
    Objects.requireNonNull(optimizer, "optimizer");
    if (!(tf.scope().env() instanceof Graph graph)) {
      throw new IllegalArgumentException("tf must build a graph, got an eager session");
    }
    Check.floating("loss", loss);
    if (!loss.shape().isScalar()) {
      throw new IllegalArgumentException("loss must be a scalar, got shape " + loss.shape());
    }
    checkVariables(variables);
    Differentiation.check(loss, variables);

    Ops scoped = Scopes.of(tf, "Training");
    Output<?>[] gradients =
        graph.addGradients(
            loss.asOutput(), variables.stream().map(Operand::asOutput).toArray(Output<?>[]::new));
    List<Op> gate = new ArrayList<>(List.of(loss));
    gate.addAll(List.of(gradients));
    gate.addAll(fetchedTogether);
    Ops gated = scoped.withControlDependencies(gate);
    List<GradAndVar<?>> updates = new ArrayList<>();
    List<Output<? extends TFloating>> moved = new ArrayList<>();
    for (int i = 0; i < gradients.length; i++) {
      Output<? extends TFloating> variable = rootNamed(graph, variables.get(i));
      moved.add(variable);
      updates.add(update(gated, gradients[i], variable));
    }
    Op applied = optimizer.applyGradients(updates, name(scoped));
    return ordered(scoped, (GraphOperation) applied.op(), moved);
  }

  /**
   * The step with the optimizer's own state moving last. Adam of tensorflow-framework 1.0.0 moves
   * its powers of beta while the variables' updates read them: as the threads had it, a first step
   * of 0.074 or of 0.1, which is the right one.
   */
  private static Op ordered(Ops tf, GraphOperation applied, List<? extends Output<?>> variables) {
    List<Op> moves = new ArrayList<>();
    List<GraphOperation> state = new ArrayList<>();
    for (GraphOperation update : applied.controlInputs()) {
      if (variables.contains(update.input(0))) {
        moves.add(update.output(0));
      } else if (update.type().equals("Assign")) {
        state.add(update);
      } else {
        throw new IllegalArgumentException(
            "optimizer must move its state by assignments, which can be ordered, got "
                + update.type()
                + " "
                + update.name());
      }
    }
    Ops afterwards = tf.withControlDependencies(moves);
    List<Op> all = new ArrayList<>(moves);
    state.forEach(s -> all.add(reassign(afterwards, s)));
    return tf.withName("Step").withControlDependencies(all).noOp();
  }

  @SuppressWarnings("unchecked")
  private static <T extends TType> Op reassign(Ops tf, GraphOperation assign) {
    return tf.assign((Output<T>) assign.input(0), (Output<T>) assign.input(1));
  }

  /** The framework names one op so, at the root, where a slash is refused. */
  private static String name(Ops scoped) {
    return scoped.scope().makeOpName("Step").replace('/', '-');
  }

  private static void checkVariables(List<? extends Operand<? extends TFloating>> variables) {
    if (variables.isEmpty()) {
      throw new IllegalArgumentException("variables must not be empty");
    }
    Set<Output<?>> seen = new HashSet<>();
    for (Operand<? extends TFloating> variable : variables) {
      String name = variable.op().name();
      if (!variable.op().type().equals("VariableV2")) {
        throw new IllegalArgumentException(
            "variables must hold what tf.variable returned, got "
                + variable.op().type()
                + " "
                + name);
      }
      Check.floating("variable " + name, variable);
      if (!seen.add(variable.asOutput())) {
        throw new IllegalArgumentException("variables must be distinct, got " + name + " twice");
      }
    }
  }

  /**
   * The variable, under a name that an optimizer can name its moments by: they are at the root,
   * where a slash is refused.
   */
  @SuppressWarnings("unchecked")
  private static <T extends TType> Output<T> rootNamed(Graph graph, Operand<T> variable) {
    String name = variable.op().name();
    if (!name.contains("/")) {
      return variable.asOutput();
    }
    Scope root = Ops.create(graph).scope();
    return graph
        .opBuilder("RefIdentity", root.makeUnique(name.replace('/', '-')), root)
        .addInput(variable.asOutput())
        .build()
        .output(0);
  }

  @SuppressWarnings("unchecked")
  private static <T extends TType> GradAndVar<T> update(
      Ops gated, Output<?> gradient, Output<T> variable) {
    return new GradAndVar<>(gated.identity((Output<T>) gradient).asOutput(), variable);
  }
}
