/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.savedmodel.ModelVariable;
import org.vqjava.savedmodel.VariableUse;

/**
 * A variable that is a part of the model worth a word and was not compressed.
 *
 * @param variable its name
 * @param shape of it
 * @param share its part of the bytes of all variables, from 0 to 1
 * @param reason why it was left alone
 */
public record LeftAlone(String variable, Shape shape, double share, String reason) {
  /** From which part of the bytes on a variable is named. */
  private static final double WORTH_A_WORD = 0.01;

  /**
   * Those of a model.
   *
   * @param compressed names of variables
   * @param reasons name → reason, where compression itself had one
   * @param candidates those that might have been compressed
   */
  static List<LeftAlone> of(
      FlatModel model,
      Set<String> compressed,
      Map<String, String> reasons,
      List<ModelVariable> candidates) {
    double sum = 0;
    for (ModelVariable variable : model.variables()) {
      sum += bytes(variable.type(), variable.shape());
    }
    for (FlatModel.LeftOut variable : model.leftOut()) {
      sum += bytes(DataType.DT_FLOAT, variable.shape());
    }
    List<LeftAlone> all = new ArrayList<>();
    for (ModelVariable variable : model.variables()) {
      String name = variable.name();
      if (!compressed.contains(name)) {
        String reason = reasons.getOrDefault(name, reason(model, variable, candidates));
        double share = bytes(variable.type(), variable.shape()) / sum;
        all.add(new LeftAlone(name, variable.shape(), share, reason));
      }
    }
    for (FlatModel.LeftOut variable : model.leftOut()) {
      double share = bytes(DataType.DT_FLOAT, variable.shape()) / sum;
      all.add(new LeftAlone(variable.name(), variable.shape(), share, variable.reason()));
    }
    all.removeIf(variable -> !(variable.share() > WORTH_A_WORD));
    return all;
  }

  private static double bytes(DataType type, Shape shape) {
    double size = shape.hasUnknownDimension() ? 0 : shape.size();
    return size
        * switch (type) {
          case DT_DOUBLE, DT_INT64, DT_UINT64, DT_COMPLEX64 -> 8;
          case DT_HALF, DT_BFLOAT16, DT_INT16, DT_UINT16 -> 2;
          case DT_INT8, DT_UINT8, DT_BOOL -> 1;
          default -> 4;
        };
  }

  private static String reason(
      FlatModel model, ModelVariable variable, List<ModelVariable> candidates) {
    if (variable.type() != DataType.DT_FLOAT) {
      return "it is " + ModelDescription.type(variable.type());
    }
    if (!candidates.contains(variable)) {
      return model.weights().contains(variable)
          ? "it is not trained; --train REGEX trains what is frozen"
          : "the model writes it itself";
    }
    List<VariableUse> uses = model.usedBy(variable.name());
    if (uses.isEmpty()) {
      return "nothing was found that computes with it; --variables REGEX names it";
    }
    if (uses.stream().anyMatch(VariableUse::isKernel)) {
      return "it was not selected";
    }
    if (uses.stream().anyMatch(u -> u.kind() == VariableUse.Kind.DEPTHWISE_CONVOLUTION)) {
      return "it is the filter of a depthwise convolution, which has few weights for each channel";
    }
    Set<String> operations = new TreeSet<>();
    uses.forEach(use -> operations.add(use.operation()));
    return "it is no factor of a product or convolution and no table, but used by "
        + String.join(", ", operations);
  }

  @Override
  public String toString() {
    return String.format(
        Locale.ROOT,
        "left alone: %s %s, %.1f %% of the bytes: %s",
        variable,
        shape,
        100 * share,
        reason);
  }
}
