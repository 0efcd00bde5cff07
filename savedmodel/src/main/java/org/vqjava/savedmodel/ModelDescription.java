/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * What is in a SavedModel. Reading it runs nothing of the model.
 *
 * <pre>{@code
 * ModelDescription model = ModelDescription.read(Path.of("model"));
 * model.signatures().get(0).inputs();
 * }</pre>
 *
 * @param directory where the model is
 * @param tags of the graph that is described
 * @param signatures what can be called, by name
 * @param variables what the graph holds, by name; each once, where Keras 3 has several handles
 */
public record ModelDescription(
    Path directory, Set<String> tags, List<Signature> signatures, List<Variable> variables) {

  /** The tag of what is to be served, which writers set if nothing else is said. */
  public static final String SERVE = "serve";

  /** Begins the names of what TensorFlow itself runs. */
  static final String INTERNAL = "__saved_model";

  static final String FLOAT32 = "float32";
  static final Set<String> VARIABLES = Set.of("VarHandleOp", "VariableV2", "Variable");

  private static final AttrValue NO_ATTRIBUTE = AttrValue.getDefaultInstance();

  /**
   * A function of the model.
   *
   * @param name its key
   * @param inputs by name
   * @param outputs by name
   * @param operations that it reaches, functions within functions too: type → how often
   * @param obstacles what stands in the way of training it further in Java
   */
  public record Signature(
      String name,
      List<Argument> inputs,
      List<Argument> outputs,
      Map<String, Integer> operations,
      List<Obstacle> obstacles) {
    /**
     * Copies lists and map.
     *
     * @param name its key
     * @param inputs by name
     * @param outputs by name
     * @param operations type → how often
     * @param obstacles what stands in the way
     */
    public Signature {
      inputs = List.copyOf(inputs);
      outputs = List.copyOf(outputs);
      operations = Map.copyOf(operations);
      obstacles = List.copyOf(obstacles);
    }

    /**
     * Those of the operations that draw random numbers: no gradient passes them, but by the
     * parameter of a gamma distribution.
     *
     * @return type → how often
     */
    public Map<String, Integer> random() {
      Map<String, Integer> random = new TreeMap<>(operations);
      random.keySet().removeIf(type -> !RandomLowerings.isRandom(type));
      return random;
    }
  }

  /**
   * An input or output.
   *
   * @param name its key
   * @param type of its numbers, {@code float32} say
   * @param shape as far as it is known
   */
  public record Argument(String name, String type, Shape shape) {}

  /**
   * A variable.
   *
   * @param name as the graph has it
   * @param type of its numbers, {@code float32} say
   * @param shape as far as it is known
   * @param trainable whether whoever saved the model trained it: {@link FlatModel#trainable}
   */
  public record Variable(String name, String type, Shape shape, boolean trainable) {
    /**
     * How many numbers it has.
     *
     * @return their number, 0 if the shape is not known
     */
    public long size() {
      return shape.hasUnknownDimension() ? 0 : shape.size();
    }
  }

  /**
   * Copies sets and lists.
   *
   * @param directory where the model is
   * @param tags of the graph that is described
   * @param signatures what can be called
   * @param variables what the graph holds
   */
  public ModelDescription {
    tags = Set.copyOf(tags);
    signatures = List.copyOf(signatures);
    variables = List.copyOf(variables);
  }

  /**
   * Reads what is to be served.
   *
   * @param directory with {@code saved_model.pb}
   * @return the description
   * @throws IllegalArgumentException if it is no SavedModel, is damaged, or has no graph with the
   *     tag {@value #SERVE}
   * @throws IOException if it cannot be read
   */
  public static ModelDescription read(Path directory) throws IOException {
    return read(directory, Set.of(SERVE));
  }

  /**
   * Reads the graph of some tags.
   *
   * @param directory with {@code saved_model.pb}
   * @param tags all of its tags
   * @return the description
   * @throws IllegalArgumentException if it is no SavedModel, is damaged, or has no such graph
   * @throws IOException if it cannot be read
   */
  public static ModelDescription read(Path directory, Set<String> tags) throws IOException {
    MetaGraphDef graph = SavedModelProto.graph(directory, tags);
    List<Signature> signatures = new ArrayList<>();
    for (String name : new TreeSet<>(graph.getSignatureDefMap().keySet())) {
      if (!name.startsWith(INTERNAL)) {
        signatures.add(signature(name, graph, Flattener.obstacles(graph, name)));
      }
    }
    List<Variable> variables = new ArrayList<>();
    ModelVariables said = ModelVariables.described(new Source(graph), Set.of());
    for (NodeDef node : graph.getGraphDef().getNodeList()) {
      if (VARIABLES.contains(node.getOp()) && !said.isSpare(node.getName())) {
        variables.add(variable(node, said));
      }
    }
    variables.sort(Comparator.comparing(Variable::name));
    return new ModelDescription(directory, tags, signatures, variables);
  }

  private static Variable variable(NodeDef node, ModelVariables said) {
    DataType type = node.getAttrOrDefault("dtype", NO_ATTRIBUTE).getType();
    String shared = node.getAttrOrDefault("shared_name", NO_ATTRIBUTE).getS().toStringUtf8();
    return new Variable(
        node.getName(),
        type(type),
        Shapes.of(node.getAttrOrDefault("shape", NO_ATTRIBUTE).getShape()),
        Types.isFloating(type) && said.isTrainable(node.getName(), shared));
  }

  static Signature signature(String name, MetaGraphDef graph, List<Obstacle> obstacles) {
    SignatureDef signature = graph.getSignatureDefOrThrow(name);
    List<String> outputs =
        signature.getOutputsMap().values().stream().map(TensorInfo::getName).toList();
    return new Signature(
        name,
        arguments(signature.getInputsMap()),
        arguments(signature.getOutputsMap()),
        new ReachedNodes(graph.getGraphDef()).from(outputs),
        obstacles);
  }

  private static List<Argument> arguments(Map<String, TensorInfo> infos) {
    List<Argument> arguments = new ArrayList<>();
    new TreeMap<>(infos)
        .forEach(
            (name, info) ->
                arguments.add(
                    new Argument(name, type(info.getDtype()), Shapes.of(info.getTensorShape()))));
    return arguments;
  }

  /**
   * The name that Python has for a type, {@code float32} say.
   *
   * @param type of numbers
   * @return its name
   */
  public static String type(DataType type) {
    String name = type.name().replaceFirst("^DT_", "").toLowerCase(Locale.ROOT);
    return switch (name) {
      case "float" -> FLOAT32;
      case "double" -> "float64";
      case "half" -> "float16";
      default -> name;
    };
  }
}
