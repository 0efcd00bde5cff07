/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TType;

/**
 * A model in a graph and a session, to be run, trained and saved.
 *
 * <p>Training and inference differ by what is fetched. Losses and optimizers are the caller's:
 *
 * <pre>{@code
 * Ops tf = model.tf();
 * Placeholder<TFloat32> labels = tf.placeholder(TFloat32.class);
 * Operand<TFloat32> loss = ModelLoss.XENT_PROBS.of(tf, model.output("probs"), labels);
 * Op step = Training.minimize(tf, loss, model.trainable(), new Adam(model.graph(), 1e-3f));
 * model.session().initialize();
 * model.session().runner().feed(model.input("image"), images).feed(labels, truth)
 *     .addTarget(step).fetch(loss).run();
 * }</pre>
 *
 * <p>{@code session().initialize()} gives the variables of optimizers and rewritings their first
 * values, and leaves those of the model. Not for several threads at once, but for runs of the
 * session.
 *
 * <p>Two ways out: {@link #writeBack} keeps the model as it was saved, functions and layers of
 * Python included, with new values; {@link #export} writes the graph as it is now, for inference.
 */
public final class TrainableModel implements AutoCloseable {
  private final FlatModel flat;
  private final Graph graph;
  private final Session session;
  private final VariableStore store;
  private final BuiltModel built;

  private TrainableModel(FlatModel flat, Graph graph, Session session, BuiltModel built) {
    this.flat = flat;
    this.graph = graph;
    this.session = session;
    this.built = built;
    this.store = new VariableStore(graph, session);
  }

  static TrainableModel of(FlatModel flat, ConfigProto configuration) {
    Graph graph = new Graph();
    @Nullable Session session = null;
    boolean loaded = false;
    try {
      session = new Session(graph, configuration);
      TrainableModel model = new TrainableModel(flat, graph, session, BuiltModel.in(graph, flat));
      model.restoreOriginal();
      session.initialize();
      loaded = true;
      return model;
    } catch (IOException e) {
      throw new IllegalArgumentException(flat.directory() + " must be readable, got " + e, e);
    } finally {
      if (!loaded) {
        if (session != null) {
          session.close();
        }
        graph.close();
      }
    }
  }

  private void restoreOriginal() throws IOException {
    Checkpoint checkpoint = Checkpoint.ofModel(flat.directory());
    List<String> keys = flat.variables().stream().map(v -> v.checkpointKeys().get(0)).toList();
    if (!keys.isEmpty()) {
      try (Result values = checkpoint.read(keys)) {
        Map<String, Tensor> byName = new LinkedHashMap<>();
        for (ModelVariable variable : flat.variables()) {
          byName.put(variable.name(), values.get(byName.size()));
        }
        store.write(byName);
      }
    }
    if (!flat.flat().tableFills().isEmpty()) {
      Session.Runner runner = session.runner();
      flat.flat().tableFills().forEach(runner::addTarget);
      runner.run().close();
    }
  }

  /**
   * What it was built from.
   *
   * @return the flat model
   */
  public FlatModel flat() {
    return flat;
  }

  /**
   * The graph, to which losses and optimizers are added.
   *
   * @return the graph
   */
  public Graph graph() {
    return graph;
  }

  /**
   * The session that holds the variables' values.
   *
   * @return the session, closed with this model
   */
  public Session session() {
    return session;
  }

  /**
   * Builds ops in its graph.
   *
   * @return at the root
   */
  public Ops tf() {
    return Ops.create(graph);
  }

  /**
   * What is fed for an input.
   *
   * @param name in the signature
   * @return its placeholder
   * @throws IllegalArgumentException if there is none
   */
  public Operand<?> input(String name) {
    return get("input", built.inputs(), name);
  }

  /**
   * A float32 output of the forward pass for inference.
   *
   * @param name in the signature
   * @return the output
   * @throws IllegalArgumentException if there is none, or it is of another type
   */
  public Operand<TFloat32> output(String name) {
    return floats("output", built.outputs(), name);
  }

  /**
   * A float32 output of the forward pass for training; fetching it updates moving averages.
   *
   * @param name in the signature
   * @return the output
   * @throws IllegalArgumentException if there is none: it is asked for by {@link
   *     FlattenOptions#withTraining}
   */
  public Operand<TFloat32> trainingOutput(String name) {
    return floats("training output", built.trainingOutputs(), name);
  }

  /**
   * All inputs.
   *
   * @return name in the signature → placeholder
   */
  public Map<String, Operand<?>> inputs() {
    return new TreeMap<>(built.inputs());
  }

  /**
   * All outputs of the forward pass for inference, of whatever type.
   *
   * @return name in the signature → output
   */
  public Map<String, Operand<?>> outputs() {
    return new TreeMap<>(built.outputs());
  }

  /**
   * A variable itself.
   *
   * @param name of the variable
   * @return as {@code tf.variable} returns one, to be read through {@code tf.identity}
   * @throws IllegalArgumentException if there is none
   */
  public Operand<?> variable(String name) {
    get("variable", built.weights(), name);
    return graph.operationOrThrow(name).output(0);
  }

  /**
   * What the model computes with for a variable: its value, or what replaces it.
   *
   * @param name of the variable
   * @return its weight
   * @throws IllegalArgumentException if there is none
   */
  public Operand<?> weight(String name) {
    return get("variable", built.weights(), name);
  }

  private static Output<?> get(String what, Map<String, Output<?>> all, String name) {
    Output<?> output = all.get(name);
    if (output == null) {
      throw new IllegalArgumentException(
          what + " must be one of " + all.keySet() + ", got " + name);
    }
    return output;
  }

  private static Operand<TFloat32> floats(String what, Map<String, Output<?>> all, String name) {
    Output<?> output = get(what, all, name);
    if (!output.type().equals(TFloat32.class)) {
      throw new IllegalArgumentException(
          what + " " + name + " must be float32, got " + output.dataType());
    }
    return output.expect(TFloat32.class);
  }

  /**
   * The variables that are trained, {@link FlatModel#trainable}: what an optimizer is given.
   *
   * @return variables of float32 or float64, in the model's order, one or more
   * @throws IllegalArgumentException if there is none: all are frozen
   */
  public List<Operand<? extends TFloating>> trainable() {
    return operands(flat.trainable());
  }

  /**
   * The float variables whose names match, frozen or not.
   *
   * @param regex matches whole names, {@code head/.*} say
   * @return variables, in the model's order
   * @throws IllegalArgumentException if none matches
   */
  public List<Operand<? extends TFloating>> trainable(String regex) {
    Predicate<String> matches = Pattern.compile(regex).asMatchPredicate();
    List<ModelVariable> found =
        flat.variables().stream().filter(v -> v.isFloating() && matches.test(v.name())).toList();
    if (found.isEmpty()) {
      throw new IllegalArgumentException(
          "regex must match a float variable, got " + regex + " for " + built.weights().keySet());
    }
    return operands(found);
  }

  @SuppressWarnings("unchecked")
  private List<Operand<? extends TFloating>> operands(Collection<ModelVariable> variables) {
    List<Operand<? extends TFloating>> found = new ArrayList<>();
    for (ModelVariable variable : variables) {
      found.add((Operand<? extends TFloating>) variable(variable.name()));
    }
    return found;
  }

  /**
   * Gives variables values.
   *
   * @param values name of a variable → value of its type and shape
   * @throws IllegalArgumentException if a value does not fit its variable, or there is no such
   *     variable
   */
  public void set(Map<String, ? extends Tensor> values) {
    values.forEach(
        (name, value) -> {
          Output<?> variable = (Output<?>) variable(name);
          if (!variable.type().equals(((TType) value).type())
              || !variable.shape().equals(value.shape())) {
            throw new IllegalArgumentException(
                "value of "
                    + name
                    + " must be "
                    + Types.valueType(variable.dataType())
                    + variable.shape()
                    + ", got "
                    + value.dataType()
                    + value.shape());
          }
        });
    store.write(values);
  }

  /**
   * Gives the model's variables the values that they have in another one of the same directory:
   * rewritten in another way, say.
   *
   * @param other is read
   * @throws IllegalArgumentException if it has other variables
   */
  public void copyFrom(TrainableModel other) {
    List<Output<?>> variables = new ArrayList<>();
    built.weights().keySet().forEach(name -> variables.add((Output<?>) other.variable(name)));
    try {
      other.store.read(
          variables,
          values -> {
            Map<String, Tensor> byName = new LinkedHashMap<>();
            built.weights().keySet().forEach(name -> byName.put(name, values.get(byName.size())));
            set(byName);
          });
    } catch (IOException e) {
      throw new AssertionError("nothing is read from a file", e);
    }
  }

  /**
   * Writes the values of all variables of the graph, those of optimizers and rewritings too, into
   * {@code folder/step-N}, and deletes what was there before: of other steps, and of the same one,
   * which is written beside it. It appears whole or not at all.
   *
   * @param folder made if it is not there
   * @param step the number of the step that was taken last
   * @throws IOException if it cannot be written
   */
  public void saveCheckpoint(Path folder, long step) throws IOException {
    new StepCheckpoints(folder).save(store, step);
  }

  /**
   * Reads the newest of the checkpoints. Variables that are in the graph and not initialized are
   * initialized before, so that nothing is lost later. A graph that was built as it was before goes
   * on as if it had never stopped; only draws of random operations begin anew.
   *
   * @param folder where they are
   * @return the step after which it was written, empty if there is none
   * @throws IllegalArgumentException if it is of another graph, or damaged
   * @throws IOException if it cannot be read
   */
  public OptionalLong restoreCheckpoint(Path folder) throws IOException {
    session.initialize();
    return new StepCheckpoints(folder).restore(store);
  }

  /**
   * Writes the model as it was saved, with the values that its variables have now: the functions,
   * Keras' layers and all the rest as they were, so that Python can load it as what it was, and
   * train it further. A rewritten weight is written as the values that it is now, clustered ones
   * say. Cost: memory for the model's checkpoint twice.
   *
   * @param directory that is made; what is there already must be an empty folder
   *     <p>A link in the model's folder is copied as the file that it names; one that leads out of
   *     the folder, or to a folder, is refused.
   * @throws IllegalStateException if a tensor is rewritten, which the original cannot compute
   * @throws IllegalArgumentException if there is something in the directory, or it is in the
   *     model's own folder, or a link is refused
   * @throws IOException if it cannot be written; nothing is left then
   */
  public void writeBack(Path directory) throws IOException {
    new WriteBack(flat, built.weights(), store).to(directory);
  }

  /**
   * Writes what inference needs of the graph as it is now, codebooks included, as a SavedModel with
   * the original's signature, for Java and for Python's {@code tf.saved_model.load}, which can run
   * it. Losses, optimizers and the forward pass for training stay behind.
   *
   * @param directory that is made; what is there already must be an empty folder
   * @throws IllegalStateException if its variables alone were read
   * @throws IllegalArgumentException if there is something in the directory, or it is in the
   *     model's own folder
   * @throws IOException if it cannot be written; nothing is left then
   */
  public void export(Path directory) throws IOException {
    exporter(Map.of()).to(directory);
  }

  /**
   * The same with plain weights: a rewritten variable is written as the values that it is now.
   *
   * @param directory that is made; what is there already must be an empty folder
   * @throws IllegalStateException if its variables alone were read
   * @throws IllegalArgumentException if there is something in the directory, or it is in the
   *     model's own folder
   * @throws IOException if it cannot be written; nothing is left then
   */
  public void exportStripped(Path directory) throws IOException {
    Map<String, Output<?>> rewritten = new LinkedHashMap<>();
    flat.rewrittenVariables().forEach(name -> rewritten.put(name, built.weights().get(name)));
    exporter(rewritten).to(directory);
  }

  private ModelExport exporter(Map<String, Output<?>> stripped) {
    if (built.outputs().isEmpty()) {
      throw new IllegalStateException(
          "the model must be written back, as it was read without a signature to export");
    }
    return new ModelExport(flat, graph, store, built.inputs(), built.outputs(), stripped);
  }

  @Override
  public void close() {
    session.close();
    graph.close();
  }
}
