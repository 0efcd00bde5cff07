/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.OpDef;

/**
 * Walks what some nodes of the main graph are computed from, functions within functions too, and
 * lowers each node to the flat graph. What cannot be lowered becomes an {@link Obstacle}, and the
 * walk goes on with what does not depend on it, so that all obstacles are found at once.
 *
 * <p>A node that only waits for another by control waits for the side effects alone that this other
 * and its inputs have: between functions that is what TensorFlow's own order is for.
 */
final class Inliner {
  private static final int DEEPEST_CALL = 100;
  private static final int MOST_NODES = 2_000_000;

  private final FlatGraph graph;
  private final Map<String, FunctionDef> functions;
  private final Map<String, Lowering> lowerings;
  private final FlatVariables variables;
  private final Constants constants;
  private final Map<String, Obstacle> obstacles = new LinkedHashMap<>();
  private final Set<String> replacedGradients = new LinkedHashSet<>();
  private final Deque<String> calls = new ArrayDeque<>();
  private int visited;

  Inliner(FlatGraph graph, Map<String, FunctionDef> functions, Map<String, Lowering> lowerings) {
    this.graph = graph;
    this.functions = functions;
    this.lowerings = lowerings;
    this.variables = new FlatVariables(graph);
    this.constants = new Constants(graph);
  }

  FlatGraph graph() {
    return graph;
  }

  FlatVariables variables() {
    return variables;
  }

  Constants constants() {
    return constants;
  }

  /** What was found to stand in the way so far. */
  List<Obstacle> obstacles() {
    return new ArrayList<>(obstacles.values());
  }

  /** Says that a gradient of Python's is not kept. */
  void replacesGradient(String node) {
    replacedGradients.add(node);
  }

  List<String> replacedGradients() {
    return List.copyOf(replacedGradients);
  }

  void obstacle(Obstacle obstacle) {
    obstacles.putIfAbsent(obstacle.operation() + " " + obstacle.node(), obstacle);
  }

  /** A value as a tensor of the flat graph. */
  TensorRef tensor(Value value) {
    if (value instanceof TensorRef tensor) {
      return tensor;
    }
    if (value instanceof Value.Variable variable) {
      return variables.read(variables.get(variable), Set.of());
    }
    TensorRef unchanged = value instanceof Value.TensorList list ? list.unchanged() : null;
    if (unchanged == null) {
      throw new Refusal(
          "a list of tensors that was changed leaves its loop",
          "export the loop with a fixed number of steps, or unrolled");
    }
    return unchanged;
  }

  /**
   * Lowers nodes of a frame, by names of nodes or inputs, and what they need: without recursion.
   */
  void run(Frame frame, Collection<String> wanted) {
    Set<String> entered = new HashSet<>();
    Deque<String> stack = new ArrayDeque<>();
    for (String root : wanted) {
      push(frame, TensorRef.nodeOf(root), stack);
      while (!stack.isEmpty()) {
        String name = stack.peek();
        if (frame.isDone(name)) {
          stack.pop();
        } else if (entered.add(name)) {
          for (String input : frame.node(name).getInputList()) {
            String source = TensorRef.nodeOf(input);
            if (entered.contains(source) && !frame.isDone(source)) {
              cycle(frame, source);
            } else {
              push(frame, source, stack);
            }
          }
        } else {
          stack.pop();
          process(frame, name);
        }
      }
    }
  }

  private static void push(Frame frame, String node, Deque<String> stack) {
    if (frame.has(node) && !frame.isDone(node)) {
      stack.push(node);
    }
  }

  private void cycle(Frame frame, String node) {
    obstacle(
        new Obstacle(
            frame.node(node).getOp(),
            frame.place(node),
            "the graph has a cycle there",
            "convert loops of TensorFlow 1 to TensorFlow 2, which writes While"));
    frame.block(node);
  }

  private void process(Frame frame, String name) {
    if (++visited > MOST_NODES) {
      throw new IllegalArgumentException("functions must have at most " + MOST_NODES + " nodes");
    }
    NodeDef node = frame.node(name);
    List<Value> inputs = new ArrayList<>();
    Set<String> after = new LinkedHashSet<>();
    Set<String> effects = new LinkedHashSet<>();
    boolean waitsForObstacle = false;
    try {
      for (String input : node.getInputList()) {
        String source = TensorRef.nodeOf(input);
        effects.addAll(frame.effects(source));
        if (!TensorRef.isControl(input)) {
          inputs.add(frame.value(input, functions));
        } else if (frame.isBlocked(source)) {
          waitsForObstacle = true;
        } else {
          after.addAll(frame.effects(source));
          if (frame.isMainGraph()) {
            after.addAll(frame.flatNodes(source));
          }
        }
      }
      boolean blocked = waitsForObstacle || inputs.contains(new Value.Unknown());
      Value[] outputs = lower(new Site(this, frame, node, inputs, after, effects), blocked);
      if (blocked) {
        throw new Blocked();
      }
      frame.done(name, outputs, effects);
    } catch (Blocked e) {
      frame.block(name);
    } catch (Refusal e) {
      obstacle(e.at(node.getOp(), frame.place(name)));
      frame.block(name);
    } catch (RuntimeException e) {
      obstacle(Obstacles.damaged(node.getOp(), frame.place(name), e));
      frame.block(name);
    }
  }

  /** Of what depends on an obstacle calls are entered all the same: more may be in them. */
  private Value[] lower(Site site, boolean blocked) {
    String type = site.node().getOp();
    if (functions.containsKey(type)) {
      return call(site, type, site.node().getAttrMap(), site.inputs(), site.name() + "/");
    }
    Obstacles.ofType(type)
        .ifPresent(
            refusal -> {
              throw refusal;
            });
    Lowering lowering = lowerings.get(type);
    if (blocked && !type.endsWith("PartitionedCall")) {
      throw new Blocked();
    }
    return lowering == null ? site.keep() : lowering.lower(site);
  }

  /** Refuses a function that stays as it is for what is in it. */
  void checkNodes(FunctionDef function) {
    function.getNodeDefList().stream()
        .map(NodeDef::getOp)
        .filter(type -> !functions.containsKey(type))
        .flatMap(type -> Obstacles.ofType(type).stream())
        .findFirst()
        .ifPresent(
            refusal -> {
              throw refusal;
            });
  }

  /** Lowers a function's body in place of a node, after what the node waits for. */
  Value[] call(
      Site site,
      String name,
      Map<String, AttrValue> attributes,
      List<Value> inputs,
      String prefix) {
    return call(name, attributes, inputs, prefix, site.before(), site.effects());
  }

  /** Lowers the body of a function that no node calls; empty if obstacles stand in the way. */
  Optional<Value[]> enter(String name, List<Value> inputs, String prefix, Set<String> effects) {
    try {
      return Optional.of(call(name, Map.of(), inputs, prefix, Set.of(), effects));
    } catch (Blocked e) {
      return Optional.empty();
    }
  }

  /**
   * Lowers a function's body.
   *
   * @param before the effects that are over when it begins
   * @param effects those that it has are added
   */
  private Value[] call(
      String name,
      Map<String, AttrValue> attributes,
      List<Value> inputs,
      String prefix,
      Set<String> before,
      Set<String> effects) {
    FunctionDef function = functions.get(name);
    if (function == null) {
      throw new IllegalArgumentException("a function must be in the model, got " + name);
    }
    if (calls.contains(name) || calls.size() == DEEPEST_CALL) {
      throw new IllegalArgumentException("a function must not call itself, got " + name);
    }
    Frame frame = Frame.ofCall(function, prefix, inputs, attributes, before);
    List<String> returned = new ArrayList<>();
    for (OpDef.ArgDef output : function.getSignature().getOutputArgList()) {
      returned.add(function.getRetOrDefault(output.getName(), ""));
    }
    List<String> wanted = new ArrayList<>(returned);
    wanted.addAll(function.getControlRetMap().values());
    calls.push(name);
    try {
      run(frame, wanted);
    } finally {
      calls.pop();
    }
    if (wanted.stream().map(TensorRef::nodeOf).anyMatch(frame::isBlocked)) {
      throw new Blocked();
    }
    wanted.forEach(node -> effects.addAll(frame.effects(TensorRef.nodeOf(node))));
    List<Value> values = returned.stream().map(r -> frame.value(r, functions)).toList();
    if (values.contains(new Value.Unknown())) {
      throw new Blocked();
    }
    return Site.values(values);
  }

  /** Of what depends on an obstacle that is told already. */
  private static final class Blocked extends RuntimeException {
    private static final long serialVersionUID = 1;

    Blocked() {
      super(null, null, false, false);
    }
  }
}
