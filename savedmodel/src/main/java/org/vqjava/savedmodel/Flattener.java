/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;

/**
 * Makes a signature a flat graph: functions inlined, resource variables plain ones, loops of a
 * known length unrolled, pruned to what the outputs need, with the names that the layers gave.
 */
final class Flattener implements AutoCloseable {
  private static final String DEFAULT_SIGNATURE = "serving_default";
  private static final String INIT_SIGNATURE = "__saved_model_init_op";

  private final Source source;
  private final FlattenOptions options;
  private final String key;
  private final SignatureDef signature;
  private final Inliner inliner;
  private final FlatGraph graph;
  private final Frame main;

  /** What became of a signature. */
  record Flat(
      String signature,
      List<NodeDef> nodes,
      Collection<FunctionDef> functions,
      Map<String, TensorRef> inputs,
      Map<String, TensorRef> outputs,
      Map<String, TensorRef> trainingOutputs,
      List<FlatVariable> variables,
      Set<String> written,
      Set<String> writtenAndRead,
      List<String> replacedGradients,
      List<String> tableFills) {}

  Flattener(Source source, FlattenOptions options) {
    this.source = source;
    this.options = options;
    this.key = key(source, options);
    this.signature = source.meta().getSignatureDefOrThrow(key);
    signature.getInputsMap().values().forEach(source::completeShape);
    source.takeDefaultsBut(
        signature.getInputsMap().values().stream()
            .map(input -> TensorRef.nodeOf(input.getName()))
            .collect(Collectors.toSet()));
    options
        .inputShapes()
        .forEach(
            (input, shape) ->
                source.fixShape(placeholder(signature, input, shape), Shapes.toProto(shape)));
    this.inliner = source.inliner();
    this.graph = inliner.graph();
    this.main = source.mainGraph();
  }

  private static String key(Source source, FlattenOptions options) {
    Set<String> all = new TreeSet<>(source.meta().getSignatureDefMap().keySet());
    all.removeIf(name -> name.startsWith(ModelDescription.INTERNAL));
    Optional<String> wanted =
        options.signature().isPresent() || all.contains(DEFAULT_SIGNATURE) || all.size() != 1
            ? Optional.of(options.signature().orElse(DEFAULT_SIGNATURE))
            : Optional.of(all.iterator().next());
    return wanted
        .filter(all::contains)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "signature must be one of " + all + ", got " + wanted.orElse("")));
  }

  /**
   * Refuses a signature or an input that is asked for and not there, where nothing is flattened.
   */
  static void checkIsThere(Source source, FlattenOptions options) {
    if (options.signature().isPresent() || !options.inputShapes().isEmpty()) {
      SignatureDef signature = source.meta().getSignatureDefOrThrow(key(source, options));
      options.inputShapes().forEach((input, shape) -> placeholder(signature, input, shape));
    }
  }

  private static String placeholder(SignatureDef signature, String input, Shape fixed) {
    TensorInfo info = signature.getInputsMap().get(input);
    if (info == null) {
      throw new IllegalArgumentException(
          "input must be one of "
              + new TreeSet<>(signature.getInputsMap().keySet())
              + ", got "
              + input);
    }
    Shape saved = Shapes.of(info.getTensorShape());
    if (!saved.isCompatibleWith(fixed)) {
      throw new IllegalArgumentException(
          "shape of input " + input + " must fit " + saved + ", got " + fixed);
    }
    return TensorRef.nodeOf(info.getName());
  }

  /** What stands in the way of training a signature further, by itself. */
  static List<Obstacle> obstacles(MetaGraphDef graph, String signature) {
    Source source = new Source(graph);
    FlattenOptions options = FlattenOptions.defaults().withSignature(signature);
    try (Flattener flattener = new Flattener(source, options)) {
      flattener.flatten(ModelVariables.of(source, Set.of()));
      return List.of();
    } catch (UnsupportedModelException e) {
      return e.obstacles();
    } catch (IllegalArgumentException e) {
      return List.of(
          new Obstacle("signature", signature, String.valueOf(e.getMessage()), "export it again"));
    }
  }

  /** The training function, if it is wanted, is found among the objects of the model. */
  Flat flatten(ModelVariables variables) {
    Map<String, String> inputNames = names("input", signature.getInputsMap());
    Map<String, String> outputNames = names("output", signature.getOutputsMap());
    List<String> wanted = new ArrayList<>(inputNames.values());
    wanted.addAll(outputNames.values());
    wanted.addAll(options.targets());
    for (String target : options.targets()) {
      if (!main.has(target)) {
        throw new IllegalArgumentException(
            "target must be an operation of the main graph, got " + target);
      }
    }
    inliner.run(main, wanted);
    refuseObstacles();

    Map<String, TensorRef> inputs = new TreeMap<>();
    inputNames.forEach((name, tensor) -> inputs.put(name, tensor(tensor)));
    Map<String, TensorRef> outputs = outputs(outputNames);
    Map<String, TensorRef> trainingOutputs =
        options.training() ? trainingOutputs(variables, inputs) : Map.of();
    refuseObstacles();

    Set<String> roots = new LinkedHashSet<>(options.targets());
    List.of(inputs, outputs, trainingOutputs)
        .forEach(tensors -> tensors.values().forEach(tensor -> roots.add(tensor.node())));
    Set<String> kept = graph.ancestors(roots);
    List<String> fills = tableFills(kept);
    kept.addAll(graph.ancestors(fills));
    List<FlatVariable> used = inTheModelsOrder(kept);
    for (FlatVariable variable : used) {
      kept.add(inliner.variables().read(variable, Set.of()).node());
    }
    if (options.gradients()) {
      refuseWithoutGradients(variables.describe(used, options.trained()), outputs, trainingOutputs);
    }
    List<NodeDef> nodes =
        graph.nodes().values().stream().filter(node -> kept.contains(node.getName())).toList();
    return new Flat(
        key,
        WriteOrder.of(nodes, inliner.variables().written()),
        List.copyOf(graph.functions(nodes)),
        inputs,
        outputs,
        trainingOutputs,
        used,
        written(kept),
        writtenAndRead(nodes),
        inliner.replacedGradients(),
        fills);
  }

  /** The variables that the forward pass writes. */
  private Set<String> written(Set<String> kept) {
    Map<String, String> variableOfWrite = inliner.variables().written();
    return variableOfWrite.keySet().stream()
        .filter(kept::contains)
        .map(write -> variableOfWrite.getOrDefault(write, ""))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** The variables that the forward pass writes and then reads. */
  private Set<String> writtenAndRead(List<NodeDef> nodes) {
    return nodes.stream()
        .filter(node -> inliner.variables().isReadAfterWrite(node.getName()))
        .map(node -> TensorRef.nodeOf(node.getInput(0)))
        .collect(Collectors.toUnmodifiableSet());
  }

  private List<FlatVariable> inTheModelsOrder(Set<String> kept) {
    Map<String, FlatVariable> left = new LinkedHashMap<>();
    inliner.variables().all().stream()
        .filter(variable -> kept.contains(variable.name()))
        .forEach(variable -> left.put(variable.name(), variable));
    List<FlatVariable> ordered = new ArrayList<>();
    for (String node : source.nodes().keySet()) {
      FlatVariable variable = left.remove(node);
      if (variable != null) {
        ordered.add(variable);
      }
    }
    ordered.addAll(left.values());
    return ordered;
  }

  private Map<String, String> names(String what, Map<String, TensorInfo> infos) {
    Map<String, String> names = new TreeMap<>();
    infos.forEach(
        (name, info) -> {
          if (info.getEncodingCase() != TensorInfo.EncodingCase.NAME
              || !main.has(TensorRef.nodeOf(info.getName()))) {
            throw new IllegalArgumentException(
                what
                    + " "
                    + name
                    + " must be a tensor of the graph, got "
                    + (info.getName().isEmpty() ? "a sparse or ragged one" : info.getName()));
          }
          names.put(name, info.getName());
        });
    return names;
  }

  private TensorRef tensor(String name) {
    try {
      return inliner.tensor(main.value(name, source.functions()));
    } catch (Refusal e) {
      throw new UnsupportedModelException(key, List.of(e.at("output", name)));
    }
  }

  /**
   * Each output gets an operation of its own: two may be one tensor, and an output that is fetched
   * has its side effects, as in Python.
   */
  private Map<String, TensorRef> outputs(Map<String, String> names) {
    Set<String> effects = new LinkedHashSet<>();
    names.values().forEach(name -> effects.addAll(main.effects(TensorRef.nodeOf(name))));
    Map<String, TensorRef> outputs = new TreeMap<>();
    names.forEach(
        (name, tensor) -> outputs.put(name, output("outputs/", name, tensor(tensor), effects)));
    return outputs;
  }

  private TensorRef output(String scope, String name, TensorRef tensor, Set<String> effects) {
    return graph.emit(
        scope + name.replaceAll("[^A-Za-z0-9_.-]", "_"),
        "Identity",
        List.of(tensor),
        effects,
        Map.of("T", Attributes.of(graph.type(tensor))));
  }

  private Map<String, TensorRef> trainingOutputs(
      ModelVariables variables, Map<String, TensorRef> inputs) {
    TrainingFunction function = TrainingFunction.find(variables.objects(), inputs.keySet());
    List<Value> arguments = new ArrayList<>();
    function.inputs().forEach(input -> arguments.add(function.argument(input, inputs)));
    Map<Integer, String> byObject = variables.byObject();
    for (int object : function.captures()) {
      String variable = byObject.get(object);
      if (variable == null) {
        throw new IllegalArgumentException(
            "the training function must use nothing but variables, got object " + object);
      }
      inliner.run(main, List.of(variable));
      arguments.add(main.value(variable, source.functions()));
    }
    refuseObstacles();
    Set<String> effects = new LinkedHashSet<>();
    Value[] results =
        inliner
            .enter(function.name(), arguments, "training/", effects)
            .orElseThrow(() -> new UnsupportedModelException(key, inliner.obstacles()));
    List<String> names =
        results.length == 1 && function.outputs().isEmpty()
            ? List.of(nameOfTheOnlyOutput())
            : function.outputs();
    if (names.size() != results.length) {
      throw new IllegalArgumentException(
          "the training function must name its outputs, got a list of " + results.length);
    }
    Map<String, TensorRef> outputs = new TreeMap<>();
    for (int i = 0; i < results.length; i++) {
      outputs.put(
          names.get(i),
          output("outputs/training/", names.get(i), inliner.tensor(results[i]), effects));
    }
    return outputs;
  }

  private String nameOfTheOnlyOutput() {
    Set<String> names = signature.getOutputsMap().keySet();
    return names.size() == 1 ? names.iterator().next() : "output";
  }

  /** What fills the look-up tables that are used, once in a session. */
  private List<String> tableFills(Set<String> kept) {
    Optional<String> initializer = initializer().filter(main::has);
    if (initializer.isEmpty()
        || kept.stream().map(graph::node).noneMatch(TableLowerings::isTable)) {
      return List.of();
    }
    inliner.run(main, List.of(initializer.get()));
    if (main.isBlocked(initializer.get())) {
      refuseObstacles();
    }
    List<String> fills = new ArrayList<>();
    for (String effect : main.effects(initializer.get())) {
      NodeDef node = graph.node(effect);
      if (TableLowerings.isFill(node) && kept.contains(TensorRef.nodeOf(node.getInput(0)))) {
        fills.add(effect);
        if (node.getOp().equals(TableLowerings.FILL_FROM_FILE)) {
          inliner.obstacle(TableLowerings.filledFromFile().at(node.getOp(), effect));
        }
      }
    }
    refuseObstacles();
    return fills;
  }

  private Optional<String> initializer() {
    SignatureDef init = source.meta().getSignatureDefMap().get(INIT_SIGNATURE);
    if (init != null) {
      TensorInfo output = init.getOutputsMap().get(INIT_SIGNATURE);
      return Optional.ofNullable(output).map(o -> TensorRef.nodeOf(o.getName()));
    }
    for (String name : List.of("saved_model_main_op", "legacy_init_op")) {
      CollectionDef collection = source.meta().getCollectionDefMap().get(name);
      if (collection != null && collection.getNodeList().getValueCount() > 0) {
        return Optional.of(TensorRef.nodeOf(collection.getNodeList().getValue(0)));
      }
    }
    return Optional.empty();
  }

  private void refuseObstacles() {
    if (!inliner.obstacles().isEmpty()) {
      throw new UnsupportedModelException(key, inliner.obstacles());
    }
  }

  /** Refused if no output is left by which the variables can be trained. */
  private void refuseWithoutGradients(
      List<ModelVariable> variables,
      Map<String, TensorRef> outputs,
      Map<String, TensorRef> trainingOutputs) {
    List<String> trainable =
        variables.stream()
            .filter(v -> v.trainable() && v.isFloating())
            .map(ModelVariable::name)
            .toList();
    List<TensorRef> all = new ArrayList<>(outputs.values());
    all.addAll(trainingOutputs.values());
    GradientPaths paths = new GradientPaths(graph);
    Map<String, String> blocked = new LinkedHashMap<>();
    boolean depends = false;
    for (TensorRef output : all) {
      if (paths.depends(output, trainable)) {
        depends = true;
        Map<String, String> found = paths.blockedBy(output, trainable);
        if (found.isEmpty()) {
          return;
        }
        blocked.putAll(found);
      }
    }
    if (!depends && !trainable.isEmpty()) {
      inliner.obstacle(Obstacles.withoutDependence().at("signature", key));
    }
    blocked.forEach(
        (node, type) -> inliner.obstacle(Obstacles.withoutGradient(type).at(type, node)));
    refuseObstacles();
  }

  /** Types and shapes of the tensors that a rewriting can replace. */
  Map<String, ModelDescription.Argument> tensors(List<NodeDef> nodes) {
    Map<String, ModelDescription.Argument> tensors = new LinkedHashMap<>();
    for (NodeDef node : nodes) {
      if (!graph.nodes().containsKey(node.getName())) {
        continue;
      }
      int outputs = Operations.outputs(node, Operations.definition(node.getOp()));
      for (int i = 0; i < outputs; i++) {
        TensorRef tensor = new TensorRef(node.getName(), i);
        boolean written = Types.isReference(graph.output(tensor).dataType());
        if (graph.type(tensor) == DataType.DT_FLOAT
            && (!written || node.getOp().equals("VariableV2"))) {
          tensors.put(
              tensor.toString(),
              new ModelDescription.Argument(
                  tensor.toString(), ModelDescription.FLOAT32, graph.shape(tensor)));
        }
      }
    }
    return tensors;
  }

  @Override
  public void close() {
    graph.close();
  }
}
