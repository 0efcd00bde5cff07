/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.NameAttrList;

/**
 * Calls are inlined, branches that constants decide are taken, loops whose number of steps is known
 * are unrolled. Other branches and loops stay as they are: they run, and have no gradient.
 */
final class FlowLowerings {
  private static final int MOST_STEPS = 4096;

  /** What Python names its own calls: no scope that a person would look for. */
  private static final Pattern UNNAMED_CALL = Pattern.compile("(Stateful)?PartitionedCall(_\\d+)?");

  private FlowLowerings() {}

  static void register(Map<String, Lowering> table) {
    table.put("PartitionedCall", FlowLowerings::call);
    table.put("StatefulPartitionedCall", FlowLowerings::call);
    table.put("If", FlowLowerings::branch);
    table.put("StatelessIf", FlowLowerings::branch);
    table.put("While", FlowLowerings::loop);
    table.put("StatelessWhile", FlowLowerings::loop);
    table.put("NoOp", FlowLowerings::wait);
    for (String type : List.of("Assert", "Print", "PrintV2")) {
      table.put(type, site -> site.node().getOp().equals("Print") ? passed(site) : Site.values());
    }
  }

  private static Value[] passed(Site site) {
    return Site.values(site.input(0));
  }

  /** What waits for it waits for all that it waits for, by one edge. */
  private static Value[] wait(Site site) {
    return site.frame().isMainGraph() && !site.after().isEmpty()
        ? site.keepWithEffect()
        : Site.values();
  }

  private static Value[] call(Site site) {
    return call(site, "f", site.inputs(), scope(site.name()));
  }

  private static String scope(String call) {
    int last = call.lastIndexOf('/') + 1;
    return UNNAMED_CALL.matcher(call.substring(last)).matches()
        ? call.substring(0, last)
        : call + "/";
  }

  private static Value[] call(Site site, String attribute, List<Value> inputs, String scope) {
    NameAttrList function = site.attribute(attribute).getFunc();
    return site.inliner().call(site, function.getName(), function.getAttrMap(), inputs, scope);
  }

  private static Value[] branch(Site site) {
    OptionalLong condition = site.inliner().constants().truth(site.input(0));
    if (condition.isEmpty()) {
      return kept(site, Obstacles.branch());
    }
    String taken = condition.getAsLong() == 1 ? "then_branch" : "else_branch";
    List<Value> inputs = site.inputs().subList(1, site.inputs().size());
    return call(site, taken, inputs, site.name() + "/");
  }

  private static Value[] loop(Site site) {
    List<Value> values = site.inputs();
    for (int step = 0; step <= MOST_STEPS; step++) {
      String scope = site.name() + "/";
      Value[] condition = call(site, "cond", values, scope + "cond" + step + "/");
      OptionalLong goesOn =
          condition.length == 1
              ? site.inliner().constants().truth(condition[0])
              : OptionalLong.empty();
      if (goesOn.isEmpty()) {
        return kept(site, Obstacles.loop());
      }
      if (goesOn.getAsLong() == 0) {
        return Site.values(values);
      }
      values = Arrays.asList(call(site, "body", values, scope + step + "/"));
    }
    throw new Refusal(
        "the loop has more than " + MOST_STEPS + " steps", "export it with fewer, or unrolled");
  }

  /**
   * Where it works on variables, or on lists that were followed, it cannot stay either; nor where
   * something in it cannot.
   */
  private static Value[] kept(Site site, Refusal otherwise) {
    for (Value value : site.inputs()) {
      if (value instanceof Value.Variable
          || (value instanceof Value.TensorList list && list.unchanged() == null)) {
        throw otherwise;
      }
    }
    for (FunctionDef function : site.graph().functions(List.of(site.node()))) {
      site.inliner().checkNodes(function);
    }
    return site.keep();
  }
}
