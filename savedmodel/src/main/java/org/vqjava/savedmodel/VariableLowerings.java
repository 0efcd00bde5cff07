/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/** Resource variables, which have no gradient in TensorFlow Java, become plain ones. */
final class VariableLowerings {
  private static final String ASSIGN = "Assign";

  private VariableLowerings() {}

  static void register(Map<String, Lowering> table) {
    for (String type : ModelDescription.VARIABLES) {
      table.put(type, s -> Site.values(s.inliner().variables().declare(s.name(), s.node())));
    }
    table.put("ReadVariableOp", site -> Site.values(read(site)));
    table.put("ResourceGather", VariableLowerings::gather);
    table.put("ResourceGatherNd", VariableLowerings::gatherNd);
    table.put("VariableShape", VariableLowerings::shape);
    table.put("AssignVariableOp", site -> write(site, ASSIGN));
    table.put("AssignAddVariableOp", site -> write(site, "AssignAdd"));
    table.put("AssignSubVariableOp", site -> write(site, "AssignSub"));
    table.put("Identity", VariableLowerings::identity);
    table.put("Snapshot", VariableLowerings::identity);
    table.put(ASSIGN, VariableLowerings::writeByReference);
    table.put("AssignAdd", VariableLowerings::writeByReference);
    table.put("AssignSub", VariableLowerings::writeByReference);
  }

  private static TensorRef read(Site site) {
    return site.inliner().variables().read(site.variable(0), site.before());
  }

  private static Value[] gather(Site site) {
    AttrValue batch = site.attribute("batch_dims");
    TensorRef axis = site.constant("axis", (int) batch.getI());
    return Site.values(
        site.emit(
            "GatherV2",
            List.of(read(site), site.tensor(1), axis),
            Map.of(
                "Tparams", Attributes.of(site.variable(0).type()),
                "Tindices", site.attribute("Tindices"),
                "Taxis", Attributes.of(DataType.DT_INT32),
                "batch_dims", batch)));
  }

  private static Value[] gatherNd(Site site) {
    return Site.values(
        site.emit(
            "GatherNd",
            List.of(read(site), site.tensor(1)),
            Map.of(
                "Tparams", Attributes.of(site.variable(0).type()),
                "Tindices", site.attribute("Tindices"))));
  }

  private static Value[] shape(Site site) {
    return Site.values(
        site.emit(
            "Shape",
            List.of(read(site)),
            Map.of(
                "T", Attributes.of(site.variable(0).type()),
                "out_type", site.attribute("out_type"))));
  }

  private static Value[] write(Site site, String type) {
    FlatVariable variable = site.variable(0);
    site.hasEffect(
        site.inliner()
            .variables()
            .write(variable, site.name(), type, site.tensor(1), site.before()));
    return Site.values();
  }

  /** The main graph says itself what waits for the write, and is not to be changed in that. */
  private static Value[] writeByReference(Site site) {
    site.keepWithEffect();
    return Site.values(site.input(0));
  }

  private static Value[] identity(Site site) {
    Value value = site.input(0);
    boolean handle = site.attribute("T").getType() == DataType.DT_RESOURCE;
    if (value instanceof Value.Variable && !handle) {
      return Site.values(
          site.after().isEmpty() || !site.frame().isMainGraph() ? read(site) : site.keep()[0]);
    }
    boolean passed = !site.frame().isMainGraph() && site.after().isEmpty();
    return handle || passed || value instanceof Value.TensorList ? Site.values(value) : site.keep();
  }
}
