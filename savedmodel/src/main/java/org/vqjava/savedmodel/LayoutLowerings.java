/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.NodeDef;

/**
 * Images whose channels come first are transposed where an operation cannot take them on each
 * processor: which ones can depends on TensorFlow's build, on the processor, on the type and on
 * {@code TF_ENABLE_ONEDNN_OPTS}. Where XLA compiled the function in Python all could. On GPUs
 * TensorFlow itself takes such transpositions away again.
 */
final class LayoutLowerings {
  private static final String FORMAT = "data_format";
  private static final Map<String, String> LAST = Map.of("NCHW", "NHWC", "NCDHW", "NDHWC");
  private static final List<String> BY_AXIS = List.of("strides", "dilations", "ksize");
  private static final String BY_SIDE = "explicit_paddings";

  private static final AttrValue INT32 = Attributes.of(DataType.DT_INT32);

  private LayoutLowerings() {}

  static void register(Map<String, Lowering> table) {
    for (String type :
        List.of("MaxPool", "AvgPool", "MaxPool3D", "AvgPool3D", "DepthToSpace", "SpaceToDepth")) {
      table.put(type, channelsLast(Site::keep, 0));
    }
  }

  /** The operation on images with channels last, {@code image} being the input that is one. */
  static Lowering channelsLast(Lowering lowering, int image) {
    return site -> channelsLast(site, lowering, image, OptionalInt.empty());
  }

  /** The same where an input holds the sizes of an image. */
  static Lowering channelsLast(Lowering lowering, int image, int sizes) {
    return site -> channelsLast(site, lowering, image, OptionalInt.of(sizes));
  }

  private static Value[] channelsLast(Site site, Lowering lowering, int image, OptionalInt sizes) {
    String format = site.attribute(FORMAT).getS().toStringUtf8();
    String last = LAST.get(format);
    if (last == null) {
      return lowering.lower(site);
    }
    int rank = format.length();
    List<Value> inputs = new ArrayList<>(site.inputs());
    inputs.set(
        image,
        site.emit(
            "last",
            "Transpose",
            List.of(site.tensor(image), site.constant("last/axes", toLast(rank))),
            permutation(site)));
    if (sizes.isPresent()) {
      inputs.set(sizes.getAsInt(), sizesLast(site, site.tensor(sizes.getAsInt()), rank));
    }
    Site inner = site.part("channels_last", node -> permuted(node, last), inputs);
    TensorRef y = (TensorRef) lowering.lower(inner)[0];
    return Site.values(
        site.emit(
            "Transpose",
            List.of(y, site.constant("first/axes", toFirst(rank))),
            permutation(site)));
  }

  private static TensorRef sizesLast(Site site, TensorRef sizes, int rank) {
    Optional<List<Long>> known = site.inliner().constants().all(sizes);
    if (known.isPresent() && known.get().size() == rank) {
      int[] moved = IntStream.of(toLast(rank)).map(i -> known.get().get(i).intValue()).toArray();
      return site.constant("sizes", moved);
    }
    AttrValue type = Attributes.of(site.graph().type(sizes));
    return site.emit(
        "sizes",
        "GatherV2",
        List.of(sizes, site.constant("sizes/axes", toLast(rank)), site.constant("sizes/axis", 0)),
        Map.of("Tparams", type, "Tindices", INT32, "Taxis", INT32));
  }

  private static Map<String, AttrValue> permutation(Site site) {
    return Map.of("T", site.attribute("T"), "Tperm", INT32);
  }

  private static int[] toLast(int rank) {
    return IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == rank - 1 ? 1 : i + 1).toArray();
  }

  private static int[] toFirst(int rank) {
    return IntStream.range(0, rank).map(i -> i == 0 ? 0 : i == 1 ? rank - 1 : i - 1).toArray();
  }

  private static NodeDef.Builder permuted(NodeDef.Builder node, String format) {
    node.putAttr(FORMAT, Attributes.of(format));
    for (String name : BY_AXIS) {
      permute(node, name, 1);
    }
    permute(node, BY_SIDE, 2);
    return node;
  }

  private static void permute(NodeDef.Builder node, String attribute, int each) {
    AttrValue value = node.getAttrMap().get(attribute);
    if (value == null || value.getList().getICount() == 0) {
      return;
    }
    List<Long> numbers = value.getList().getIList();
    List<Long> moved = new ArrayList<>();
    for (int axis : toLast(numbers.size() / each)) {
      moved.addAll(numbers.subList(axis * each, axis * each + each));
    }
    node.putAttr(attribute, Attributes.of(moved));
  }
}
