/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.ConfigProto;
import org.tensorflow.proto.DataType;

/**
 * A signature of a SavedModel, of Java or of Python, as a flat graph that can be differentiated:
 * without functions, over plain variables, pruned to what the outputs need. Nothing is loaded yet.
 *
 * <p>Names are those that the layers gave: the kernel of the layer {@code dense} is {@code
 * dense/kernel}, what it computes {@code sequential/dense/BiasAdd}; {@link #tensors} lists them.
 *
 * <p>Immutable: the methods that rewrite return another model.
 *
 * <p>Cost: MobileNetV2 (688 operations, 262 variables) is read in about a second, besides the start
 * of TensorFlow.
 *
 * <pre>{@code
 * FlatModel flat =
 *     FlatModel.read(Path.of("model")).rewrite("dense/kernel", (tf, w) -> quantized(tf, w));
 * try (TrainableModel model = flat.load()) {
 *   // build a loss from model.output("probs"), train model.trainable()
 *   model.export(Path.of("exported"));
 * }
 * }</pre>
 *
 * @see <a href="https://www.tensorflow.org/guide/saved_model">The SavedModel format</a>
 */
public final class FlatModel {
  private final Path directory;
  private final Set<String> tags;
  private final Flattener.Flat flat;
  private final List<ModelVariable> variables;
  private final List<LeftOut> leftOut;
  private final FoundUses uses;
  private final Map<String, ModelDescription.Argument> tensors;
  private final ModelDescription.Signature signature;
  private final Map<String, Replacement> replacements;

  /**
   * A rewriting of a tensor.
   *
   * @param ofVariable whether it is given the variable itself
   * @param rewrite builds what replaces it
   */
  record Replacement(boolean ofVariable, Rewrite rewrite) {}

  /**
   * A variable that the model has and this has not.
   *
   * @param name as the graph has it
   * @param shape as far as the graph says it
   * @param reason why
   */
  public record LeftOut(String name, Shape shape, String reason) {}

  private FlatModel(
      Path directory,
      Set<String> tags,
      Flattener.Flat flat,
      List<ModelVariable> variables,
      List<LeftOut> leftOut,
      FoundUses uses,
      Map<String, ModelDescription.Argument> tensors,
      ModelDescription.Signature signature,
      Map<String, Replacement> replacements) {
    this.directory = directory;
    this.tags = tags;
    this.flat = flat;
    this.variables = variables;
    this.leftOut = leftOut;
    this.uses = uses;
    this.tensors = tensors;
    this.signature = signature;
    this.replacements = replacements;
  }

  /**
   * Reads a model with {@linkplain FlattenOptions#defaults default options}.
   *
   * @param directory with {@code saved_model.pb} and {@code variables}
   * @return the flat model
   * @throws UnsupportedModelException if something stands in the way of training it, with all that
   *     does
   * @throws IllegalArgumentException if it is no SavedModel, or a damaged one
   * @throws IOException if it cannot be read
   */
  public static FlatModel read(Path directory) throws IOException {
    return read(directory, FlattenOptions.defaults());
  }

  /**
   * Reads a model.
   *
   * @param directory with {@code saved_model.pb} and {@code variables}
   * @param options what of it
   * @return the flat model
   * @throws UnsupportedModelException if something stands in the way of training it, with all that
   *     does
   * @throws IllegalArgumentException if it is no SavedModel, or a damaged one, or if the options
   *     ask for what it has not
   * @throws IOException if it cannot be read
   */
  public static FlatModel read(Path directory, FlattenOptions options) throws IOException {
    Objects.requireNonNull(options, "options");
    Source source = new Source(SavedModelProto.graph(directory, options.tags()));
    Checkpoint checkpoint = Checkpoint.ofModel(directory);
    ModelVariables described = ModelVariables.of(source, checkpoint.keys());
    try (Flattener flattener = new Flattener(source, options)) {
      Flattener.Flat flat = flattener.flatten(described);
      List<ModelVariable> variables = described.describe(flat.variables(), options.trained());
      checkTrainable(options, variables);
      checkpoint.checkHolds(variables);
      return new FlatModel(
          directory,
          options.tags(),
          flat,
          variables,
          List.of(),
          described.uses(variables),
          flattener.tensors(flat.nodes()),
          ModelDescription.signature(flat.signature(), source.meta(), List.of()),
          Map.of());
    }
  }

  private static void checkTrainable(FlattenOptions options, List<ModelVariable> variables) {
    if (options.trainable().isPresent()
        && variables.stream().noneMatch(v -> v.trainable() && v.isFloating())) {
      throw new IllegalArgumentException(
          "a float variable must match "
              + options.trainable().get()
              + ", got "
              + variables.stream()
                  .filter(ModelVariable::isFloating)
                  .map(ModelVariable::name)
                  .toList());
    }
  }

  /**
   * Reads nothing but the variables, with what computes with them, of a model that need not be such
   * that it can be flattened or run here: weights are compressed so, and {@linkplain
   * TrainableModel#writeBack written back}. It has no signature, inputs or outputs.
   *
   * <p>Of a model with signatures or functions it has the variables that these use, not those of an
   * optimizer; else all of them. What the checkpoint does not hold as a whole is left out.
   *
   * @param directory with {@code saved_model.pb} and {@code variables}
   * @param options of which the tags count; a signature or an input that it names must be there
   * @return a flat model of variables alone
   * @throws IllegalArgumentException if it is no SavedModel, or a damaged one, or has not what the
   *     options ask for
   * @throws IOException if it cannot be read
   */
  public static FlatModel readVariables(Path directory, FlattenOptions options) throws IOException {
    Source source = new Source(SavedModelProto.graph(directory, options.tags()));
    Flattener.checkIsThere(source, options);
    StoredVariables stored = StoredVariables.of(source, Checkpoint.ofModel(directory));
    return new FlatModel(
        directory,
        options.tags(),
        stored.flat(),
        stored.variables(),
        stored.leftOut(),
        stored.uses(),
        stored.tensors(),
        new ModelDescription.Signature("", List.of(), List.of(), Map.of(), List.of()),
        Map.of());
  }

  /**
   * Where it was read from.
   *
   * @return the directory
   */
  public Path directory() {
    return directory;
  }

  /**
   * Its signature, inputs and outputs as they were saved.
   *
   * @return the signature
   */
  public ModelDescription.Signature signature() {
    return signature;
  }

  /**
   * The variables that the signature uses.
   *
   * @return in the model's own order
   */
  public List<ModelVariable> variables() {
    return variables;
  }

  /**
   * The variables that are trained: those that {@link FlattenOptions#withTrainable} names, else
   * those that whoever saved the model trained. Keras lists these, without frozen layers and
   * without states; where there is no such list, the flag of each variable says it, in TensorFlow 1
   * a collection, and where there is nothing all are.
   *
   * @return variables of float32 or float64, in the model's own order, one or more
   * @throws IllegalArgumentException if there is none: all are frozen
   */
  public List<ModelVariable> trainable() {
    List<ModelVariable> trained =
        variables.stream().filter(v -> v.trainable() && v.isFloating()).toList();
    if (trained.isEmpty()) {
      throw new IllegalArgumentException(
          "nothing to train: "
              + (variables.isEmpty()
                  ? "the signature uses no variable"
                  : "all "
                      + variables.size()
                      + " variables are frozen; `--train REGEX` or `trainable(regex)` unfreezes"));
    }
    return trained;
  }

  /**
   * The variables that can be compressed, frozen or not: those of float32 that the forward pass
   * reads and does not write, as it writes states and counters.
   *
   * @return in the model's own order
   */
  public List<ModelVariable> weights() {
    return variables.stream()
        .filter(v -> v.type() == DataType.DT_FLOAT && !flat.written().contains(v.name()))
        .toList();
  }

  /**
   * The variables that {@link #readVariables} cannot read.
   *
   * @return with reasons; none of a model that was read as a whole
   */
  public List<LeftOut> leftOut() {
    return leftOut;
  }

  /**
   * Where Python code defines a gradient of its own, {@code tf.custom_gradient}, which is not kept:
   * the derivative of what is computed takes its place. That is the same for Keras' activations,
   * which define theirs to save memory, and another for a straight-through estimator.
   *
   * @return places, in their order
   */
  public List<String> replacedGradients() {
    return flat.replacedGradients();
  }

  /**
   * The float32 tensors that can be rewritten, each after what it is computed from.
   *
   * @return their names, {@code node} or {@code node:1}, and shapes as far as they are known
   */
  public Collection<ModelDescription.Argument> tensors() {
    return tensors.values();
  }

  /**
   * What computes with a variable: whatever its numbers meet first that depends on data, behind
   * casts, transposes, masks and the like, in functions, loops and branches too.
   *
   * @param variable its name
   * @return each use once: those of signatures first, by name, then those of other functions that
   *     objects have
   */
  public List<VariableUse> usedBy(String variable) {
    return uses.of(variable);
  }

  /**
   * The {@linkplain #weights weights} that are kernels or embeddings, whatever their names are: a
   * product, a convolution that is not depthwise, or a look-up of vectors computes with them.
   *
   * @return their names, in the model's order
   */
  public List<String> kernels() {
    return weights().stream()
        .map(ModelVariable::name)
        .filter(name -> usedBy(name).stream().anyMatch(VariableUse::isKernel))
        .toList();
  }

  /**
   * How many operations it has.
   *
   * @return their number
   */
  public int size() {
    return flat.nodes().size();
  }

  /**
   * Replaces a tensor, or the value of a variable, for all that computes with it.
   *
   * <p>The gradient goes through what is built; a replacement without a gradient cuts it. In a loop
   * that was unrolled each step has tensors of its own, {@code lstm/while/3/mul} say.
   *
   * @param name of a variable, {@code dense/kernel}, or of a tensor, {@code dense/Relu}
   * @param rewrite builds what replaces it
   * @return another model
   * @throws IllegalArgumentException if there is no such float32 tensor or it is rewritten already
   */
  public FlatModel rewrite(String name, Rewrite rewrite) {
    String read = FlatVariable.readOf(name);
    return with(tensors.containsKey(read) ? read : name, new Replacement(false, rewrite));
  }

  /**
   * Replaces the value of a variable by what is built from the variable itself, for functions that
   * want it so: weight clustering, product quantization. It must be read through {@code
   * tf.identity}.
   *
   * @param name of the variable
   * @param rewrite builds what replaces its value, given the variable
   * @return another model
   * @throws IllegalArgumentException if there is no such float32 variable or it is rewritten
   *     already
   */
  public FlatModel rewriteVariable(String name, Rewrite rewrite) {
    return with(FlatVariable.readOf(name), new Replacement(true, rewrite));
  }

  /**
   * Does so for all float32 variables whose names match.
   *
   * @param regex matches whole names, {@code .*kernel} say
   * @param rewrite builds what replaces the value, given the variable
   * @return another model
   * @throws IllegalArgumentException if none matches or one is rewritten already
   */
  public FlatModel rewriteVariables(String regex, Rewrite rewrite) {
    Predicate<String> matches = Pattern.compile(regex).asMatchPredicate();
    List<String> names =
        variables.stream()
            .map(ModelVariable::name)
            .filter(name -> matches.test(name) && tensors.containsKey(FlatVariable.readOf(name)))
            .toList();
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "regex must match a float32 variable, got "
              + regex
              + " for "
              + variables.stream().map(ModelVariable::name).toList());
    }
    FlatModel model = this;
    for (String name : names) {
      model = model.rewriteVariable(name, rewrite);
    }
    return model;
  }

  /**
   * Does so for all {@linkplain #kernels kernels and embeddings}.
   *
   * @param rewrite builds what replaces the value, given the variable
   * @return another model
   * @throws IllegalArgumentException if it has none, or one is rewritten already
   */
  public FlatModel rewriteKernels(Rewrite rewrite) {
    List<String> names = kernels();
    if (names.isEmpty()) {
      throw new IllegalArgumentException(
          "the model must have a kernel or an embedding, got "
              + variables.stream().map(ModelVariable::name).toList());
    }
    FlatModel model = this;
    for (String name : names) {
      model = model.rewriteVariable(name, rewrite);
    }
    return model;
  }

  private FlatModel with(String tensor, Replacement replacement) {
    Objects.requireNonNull(replacement.rewrite(), "rewrite");
    if (!tensors.containsKey(tensor)) {
      throw new IllegalArgumentException(
          "name must be a float32 tensor or variable of the model, got "
              + tensor
              + similar(tensor));
    }
    for (String variable : flat.writtenAndRead()) {
      if (tensor.equals(FlatVariable.readOf(variable))) {
        throw new IllegalArgumentException(
            "name must be a variable that the forward pass does not write and read again, got "
                + variable);
      }
    }
    Map<String, Replacement> all = new LinkedHashMap<>(replacements);
    if (all.put(tensor, replacement) != null) {
      throw new IllegalArgumentException("name must be rewritten once, got " + tensor + " twice");
    }
    return new FlatModel(directory, tags, flat, variables, leftOut, uses, tensors, signature, all);
  }

  /** Those that end alike: a layer's scope is what is forgotten most. */
  private String similar(String tensor) {
    String last = tensor.replaceFirst("/read$", "").replaceFirst(".*/", "");
    List<String> alike =
        tensors.keySet().stream().filter(name -> name.contains(last)).limit(5).toList();
    return alike.isEmpty()
        ? ""
        : "; similar are " + alike.stream().collect(Collectors.joining(", "));
  }

  /**
   * Builds the graph, with what was rewritten, in a session with the values of the checkpoint.
   *
   * @return the model, to be closed
   * @throws IllegalArgumentException if the checkpoint cannot be read, or a rewriting returns what
   *     does not fit
   */
  public TrainableModel load() {
    return load(ConfigProto.getDefaultInstance());
  }

  /**
   * Builds the graph in a session of a configuration: threads, say.
   *
   * @param configuration of the session
   * @return the model, to be closed
   * @throws IllegalArgumentException if the checkpoint cannot be read, or a rewriting returns what
   *     does not fit
   */
  public TrainableModel load(ConfigProto configuration) {
    return TrainableModel.of(this, configuration);
  }

  Set<String> tags() {
    return tags;
  }

  Flattener.Flat flat() {
    return flat;
  }

  Map<String, Replacement> replacements() {
    return new LinkedHashMap<>(replacements);
  }

  /** Names of variables, of what is rewritten, in order. */
  List<String> rewrittenVariables() {
    List<String> names = new ArrayList<>();
    for (ModelVariable variable : variables) {
      if (replacements.containsKey(FlatVariable.readOf(variable.name()))) {
        names.add(variable.name());
      }
    }
    return names;
  }
}
