/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.tensorflow.Graph;
import org.tensorflow.Output;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.proto.CollectionDef;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.VariableDef;

/**
 * The part of a graph that computes some outputs, in a graph of its own, as a SavedModel. What the
 * exporter of TensorFlow Java leaves out is added: the collections by which Python finds variables,
 * and the operation that fills look-up tables.
 */
final class ModelExport {
  private static final String FILL_TABLES = "fill_tables";

  private final FlatModel flat;
  private final Graph graph;
  private final VariableStore store;
  private final Map<String, Output<?>> inputs;
  private final Map<String, Output<?>> outputs;
  private final Map<String, Output<?>> stripped;

  /** In place of what replaces a variable, the stripped ones are written with its values. */
  ModelExport(
      FlatModel flat,
      Graph graph,
      VariableStore store,
      Map<String, Output<?>> inputs,
      Map<String, Output<?>> outputs,
      Map<String, Output<?>> stripped) {
    this.flat = flat;
    this.graph = graph;
    this.store = store;
    this.inputs = inputs;
    this.outputs = outputs;
    this.stripped = stripped;
  }

  void to(Path directory) throws IOException {
    GraphDef part = part();
    List<String> variables =
        part.getNodeList().stream()
            .filter(node -> node.getOp().equals("VariableV2"))
            .map(NodeDef::getName)
            .toList();
    List<Output<?>> sources = new ArrayList<>();
    for (String name : variables) {
      Output<?> replaced = stripped.get(name);
      sources.add(replaced == null ? graph.operationOrThrow(name).output(0) : replaced);
    }
    NewFolder.checkIsOutside(directory, flat.directory());
    NewFolder.write(
        directory,
        folder -> {
          try (Graph own = new Graph();
              Session session = new Session(own)) {
            own.importGraphDef(part);
            store.read(
                sources,
                values -> {
                  Map<String, Tensor> byName = new LinkedHashMap<>();
                  variables.forEach(name -> byName.put(name, values.get(byName.size())));
                  new VariableStore(own, session).write(byName);
                });
            SavedModelBundle.exporter(folder.toString())
                .withTags(flat.tags().toArray(new String[0]))
                .withSession(session)
                .withSignature(signature(own))
                .export();
          }
          complete(folder.resolve("saved_model.pb"), part, variables);
        });
  }

  private Signature signature(Graph own) {
    Signature.Builder signature =
        Signature.builder(flat.signature().name()).methodName("tensorflow/serving/predict");
    inputs.forEach((name, output) -> signature.input(name, own.outputOrThrow(name(output))));
    outputs.forEach((name, output) -> signature.output(name, own.outputOrThrow(name(output))));
    return signature.build();
  }

  private static String name(Output<?> output) {
    return output.op().name() + ":" + output.index();
  }

  private GraphDef part() {
    GraphDef whole = graph.toGraphDef();
    Map<String, NodeDef> byName = new LinkedHashMap<>();
    whole.getNodeList().forEach(node -> byName.put(node.getName(), plain(node)));
    Set<String> kept = new LinkedHashSet<>();
    Deque<String> open = new ArrayDeque<>(flat.flat().tableFills());
    outputs.values().forEach(output -> open.push(output.op().name()));
    inputs.values().forEach(input -> open.push(input.op().name()));
    while (!open.isEmpty()) {
      String name = open.pop();
      if (kept.add(name)) {
        NodeDef node = Objects.requireNonNull(byName.get(name), name);
        node.getInputList().forEach(input -> open.push(TensorRef.nodeOf(input)));
      }
    }
    GraphDef.Builder part = GraphDef.newBuilder().setVersions(whole.getVersions());
    byName.values().stream().filter(node -> kept.contains(node.getName())).forEach(part::addNode);
    Map<String, FunctionDef> library = new HashMap<>();
    whole.getLibrary().getFunctionList().forEach(f -> library.put(f.getSignature().getName(), f));
    part.getLibraryBuilder()
        .addAllFunction(CalledFunctions.of(part.getNodeList(), library).values());
    if (!flat.flat().tableFills().isEmpty()) {
      NodeDef.Builder fill = NodeDef.newBuilder().setName(FILL_TABLES).setOp("NoOp");
      flat.flat().tableFills().forEach(name -> fill.addInput("^" + name));
      part.addNode(fill);
    }
    return part.build();
  }

  /** With the variable's own read in place of what replaces it, where that is stripped. */
  private NodeDef plain(NodeDef node) {
    Map<String, String> reads = new HashMap<>();
    stripped.forEach(
        (name, output) ->
            reads.put(
                new TensorRef(output.op().name(), output.index()).toString(),
                FlatVariable.readOf(name)));
    NodeDef.Builder plain = node.toBuilder().clearInput();
    for (String input : node.getInputList()) {
      String read =
          TensorRef.isControl(input) ? null : reads.get(TensorRef.parse(input).toString());
      plain.addInput(read == null ? input : read);
    }
    return plain.build();
  }

  private void complete(Path file, GraphDef part, List<String> variables) throws IOException {
    Set<String> nodes = new LinkedHashSet<>();
    part.getNodeList().forEach(node -> nodes.add(node.getName()));
    Map<String, Boolean> trainable = new HashMap<>();
    flat.variables().forEach(v -> trainable.put(v.name(), v.trainable()));
    CollectionDef.BytesList.Builder all = CollectionDef.BytesList.newBuilder();
    CollectionDef.BytesList.Builder trained = CollectionDef.BytesList.newBuilder();
    for (String name : variables) {
      boolean isTrained = trainable.getOrDefault(name, true);
      String read = FlatVariable.readOf(name);
      VariableDef definition =
          VariableDef.newBuilder()
              .setVariableName(name + ":0")
              .setInitialValueName(VariableStore.initialValueName(name) + ":0")
              .setInitializerName(VariableStore.initializerName(name))
              .setSnapshotName((nodes.contains(read) ? read : name) + ":0")
              .setTrainable(isTrained)
              .build();
      all.addValue(definition.toByteString());
      if (isTrained) {
        trained.addValue(definition.toByteString());
      }
    }
    SavedModel.Builder model = SavedModel.parseFrom(Files.readAllBytes(file)).toBuilder();
    MetaGraphDef.Builder meta = model.getMetaGraphsBuilder(0);
    meta.putCollectionDef("variables", CollectionDef.newBuilder().setBytesList(all).build());
    meta.putCollectionDef(
        "trainable_variables", CollectionDef.newBuilder().setBytesList(trained).build());
    if (nodes.contains(FILL_TABLES)) {
      meta.putCollectionDef(
          "saved_model_main_op",
          CollectionDef.newBuilder()
              .setNodeList(CollectionDef.NodeList.newBuilder().addValue(FILL_TABLES))
              .build());
    }
    Files.write(file, model.build().toByteArray());
  }
}
