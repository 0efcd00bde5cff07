/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ConcreteFunction;
import org.tensorflow.DeviceSpec;
import org.tensorflow.ExecutionEnvironment;
import org.tensorflow.Graph;
import org.tensorflow.Operation;
import org.tensorflow.OperationBuilder;
import org.tensorflow.op.Ops;
import org.tensorflow.op.Scope;

/**
 * A scope whose names nobody else gives, so that each of its own is counted and none is looked up.
 * Each sub scope of TensorFlow Java goes through all operations of the graph, which for a hundred
 * rewritten kernels takes longer than all else. The names are the same.
 */
final class RewriteScope implements Scope {
  private final Scope scope;
  private final String prefix;
  private final @Nullable String name;
  private final Map<String, Integer> given;

  private RewriteScope(
      Scope scope, String prefix, @Nullable String name, Map<String, Integer> given) {
    this.scope = scope;
    this.prefix = prefix;
    this.name = name;
    this.given = given;
  }

  /** Builds ops whose names begin with a prefix that is given once in the graph. */
  static Ops ops(Graph graph, String prefix) {
    String unique = graph.baseScope().makeUnique(prefix);
    Scope root = new RewriteScope(graph.baseScope(), unique, null, new HashMap<>());
    return Ops.create(new Environment(graph, root));
  }

  private RewriteScope with(Scope other) {
    return new RewriteScope(other, prefix, name, given);
  }

  private String qualified(String unique) {
    return prefix + "/" + unique;
  }

  @Override
  public ExecutionEnvironment env() {
    return scope.env();
  }

  @Override
  public Scope withSubScope(String child) {
    String unique = makeUnique(name != null ? name : child);
    return new RewriteScope(scope, qualified(unique), null, new HashMap<>());
  }

  @Override
  public Scope withName(String op) {
    return new RewriteScope(scope, prefix, op, given);
  }

  @Override
  public Scope withNameAsSubScope(String fallback) {
    return withSubScope(fallback);
  }

  @Override
  public Scope withDevice(DeviceSpec device) {
    return with(scope.withDevice(device));
  }

  @Override
  public Scope withInitScope() {
    return with(scope.withInitScope());
  }

  @Override
  public Scope withControlDependencyOps(Iterable<Operation> controls) {
    return with(scope.withControlDependencyOps(controls));
  }

  @Override
  public String makeOpName(String type) {
    return qualified(makeUnique(name != null ? name : type));
  }

  @Override
  public String makeUnique(String id) {
    int before = given.merge(id, 1, Integer::sum) - 1;
    return before == 0 ? id : id + "_" + before;
  }

  @Override
  public void refreshNames() {
    // nobody else gives names here
  }

  @Override
  public OperationBuilder apply(OperationBuilder builder) {
    return scope.apply(builder);
  }

  @Override
  public String getDeviceString() {
    return scope.getDeviceString();
  }

  @Override
  public boolean isInit() {
    return scope.isInit();
  }

  /** By which ops begin with a scope; they build in the graph itself. */
  private record Environment(Graph graph, Scope baseScope) implements ExecutionEnvironment {
    @Override
    public OperationBuilder opBuilder(String type, String name, Scope scope) {
      return graph.opBuilder(type, name, scope);
    }

    @Override
    public void attachFunction(ConcreteFunction function) {
      graph.attachFunction(function);
    }

    @Override
    public void checkInput(Operation input) {
      graph.checkInput(input);
    }

    @Override
    public Types environmentType() {
      return graph.environmentType();
    }

    @Override
    public boolean isInitializer(Operation operation) {
      return graph.isInitializer(operation);
    }
  }
}
