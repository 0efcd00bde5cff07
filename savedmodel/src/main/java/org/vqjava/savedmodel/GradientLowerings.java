/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * Operations that TensorFlow Java has no gradient for, made of such that have one. Forward values
 * are the same bits, unless said otherwise.
 */
final class GradientLowerings {
  private GradientLowerings() {}

  static void register(Map<String, Lowering> table) {
    table.put("IdentityN", GradientLowerings::passed);
    table.put("PreventGradient", site -> Site.values(site.input(0)));
    table.put("EnsureShape", GradientLowerings::ensureShape);
    table.put("Gather", GradientLowerings::gather);
    table.put("TopKV2", GradientLowerings::topK);
    table.put("EuclideanNorm", GradientLowerings::euclideanNorm);
    table.put("TensorScatterAdd", GradientLowerings::scatterAdd);
    for (String type : List.of("OnesLike", "Round", "Rint", "FloorDiv")) {
      table.put(type, GradientLowerings::constant);
    }
  }

  /** Where Python code defines a gradient, the derivative takes its place. */
  private static Value[] passed(Site site) {
    if (site.node().containsAttr("_gradient_op_type")) {
      site.inliner().replacesGradient(site.name());
    }
    return Site.values(site.inputs());
  }

  private static boolean isFloating(AttrValue type) {
    return Types.isFloating(type.getType());
  }

  /** Behind it, not before it: the search for gradients goes by edges, and would arrive at it. */
  private static Value[] constant(Site site) {
    AttrValue type = site.attribute("T");
    TensorRef kept = (TensorRef) site.keep()[0];
    return isFloating(type)
        ? Site.values(site.emit("stop", "StopGradient", List.of(kept), Map.of("T", type)))
        : Site.values(kept);
  }

  /**
   * Without the check, which has no gradient: an input of another shape fails further on, or not.
   */
  private static Value[] ensureShape(Site site) {
    AttrValue type = site.attribute("T");
    return isFloating(type)
        ? Site.values(site.emit("Identity", List.of(site.tensor(0)), Map.of("T", type)))
        : site.keep();
  }

  private static Value[] gather(Site site) {
    return Site.values(
        site.emit(
            "GatherV2",
            List.of(site.tensor(0), site.tensor(1), site.constant("axis", 0)),
            Map.of(
                "Tparams", site.attribute("Tparams"),
                "Tindices", site.attribute("Tindices"),
                "Taxis", Attributes.of(DataType.DT_INT32))));
  }

  /**
   * The values are gathered by their indices, and the search for these is left without gradient.
   */
  private static Value[] topK(Site site) {
    AttrValue type = site.attribute("T");
    TensorRef x = site.tensor(0);
    Shape shape = site.graph().shape(x);
    if (!isFloating(type) || shape.isUnknown() || shape.numDimensions() == 0) {
      return site.keep();
    }
    int last = shape.numDimensions() - 1;
    TensorRef fixed = site.emit("fixed", "StopGradient", List.of(x), Map.of("T", type));
    TensorRef found =
        site.emit(
            "TopKV2",
            List.of(fixed, site.tensor(1)),
            Map.of(
                "T", type,
                "Tk", site.attribute("Tk"),
                "index_type", site.attribute("index_type"),
                "sorted", site.attribute("sorted")));
    TensorRef indices = new TensorRef(found.node(), 1);
    TensorRef values =
        site.emit(
            "values",
            "GatherV2",
            List.of(x, indices, site.constant("last", last)),
            Map.of(
                "Tparams", type,
                "Tindices", site.attribute("index_type"),
                "Taxis", Attributes.of(DataType.DT_INT32),
                "batch_dims", Attributes.of(last)));
    return Site.values(values, indices);
  }

  /** √Σx²; equal within rounding, and not differentiable at 0, as the original. */
  private static Value[] euclideanNorm(Site site) {
    AttrValue type = site.attribute("T");
    if (!isFloating(type)) {
      return site.keep();
    }
    TensorRef squares = site.emit("squares", "Square", List.of(site.tensor(0)), Map.of("T", type));
    TensorRef sum =
        site.emit(
            "sum",
            "Sum",
            List.of(squares, site.tensor(1)),
            Map.of(
                "T", type,
                "Tidx", site.attribute("Tidx"),
                "keep_dims", site.attribute("keep_dims")));
    return Site.values(site.emit("Sqrt", List.of(sum), Map.of("T", type)));
  }

  private static Value[] scatterAdd(Site site) {
    AttrValue type = site.attribute("T");
    AttrValue indexType = site.attribute("Tindices");
    if (!isFloating(type)) {
      return site.keep();
    }
    TensorRef shape =
        site.emit(
            "shape", "Shape", List.of(site.tensor(0)), Map.of("T", type, "out_type", indexType));
    TensorRef added =
        site.emit(
            "added",
            "ScatterNd",
            List.of(site.tensor(1), site.tensor(2), shape),
            Map.of("T", type, "Tindices", indexType));
    return Site.values(site.emit("AddV2", List.of(site.tensor(0), added), Map.of("T", type)));
  }
}
