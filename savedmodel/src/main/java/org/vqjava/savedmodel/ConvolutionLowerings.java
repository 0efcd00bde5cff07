/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * Convolutions that work or fail by processor, type and {@code TF_ENABLE_ONEDNN_OPTS}, or only
 * where XLA compiles them (as Keras has it do with groups), made of such that each processor runs
 * and differentiates: without groups, without gaps, channels last. Forward values are equal within
 * rounding.
 *
 * <ul>
 *   <li>Groups: split, convolved one by one and joined; groups of one channel are a depthwise
 *       convolution, one operation.
 *   <li>Gaps between what a window takes: see {@link Dilation}.
 *   <li>Channels first: transposed, see {@link LayoutLowerings}.
 *   <li>Paddings that are given: by an operation of their own.
 *   <li>Depthwise with strides that differ: convolved with strides of 1, of which some are taken.
 * </ul>
 *
 * <p>What hangs on a size that is not known stays as it is: how many groups there are, if the
 * number of channels is open; gaps or strides that differ, if {@code SAME} makes the padding hang
 * on the size of the image.
 */
final class ConvolutionLowerings {
  private static final AttrValue INT32 = Attributes.of(DataType.DT_INT32);
  private static final int CHANNELS = 3;

  private ConvolutionLowerings() {}

  static void register(Map<String, Lowering> table) {
    Lowering convolution = site -> Dilation.without(site, ConvolutionLowerings::padded);
    Lowering depthwise = site -> Dilation.without(site, ConvolutionLowerings::depthwise);
    Lowering transposed =
        site -> Dilation.withoutTransposed(site, ConvolutionLowerings::groupedTransposed);
    table.put("Conv2D", LayoutLowerings.channelsLast(convolution, 0));
    table.put("DepthwiseConv2dNative", LayoutLowerings.channelsLast(depthwise, 0));
    table.put("Conv2DBackpropInput", LayoutLowerings.channelsLast(transposed, 2, 0));
  }

  /** Padded before it: its gradient in TensorFlow Java loses explicit paddings. */
  private static Value[] padded(Site site) {
    Optional<Window> window =
        Window.of(site, site.graph().shape(site.tensor(1)))
            .filter(w -> w.padding().equals("EXPLICIT"));
    if (window.isEmpty()) {
      return grouped(site);
    }
    int[][] sides = {{0, 0}, window.get().side(0), window.get().side(1), {0, 0}};
    TensorRef image =
        site.emit(
            "padded",
            "Pad",
            List.of(site.tensor(0), site.constant("padded/sides", Attributes.matrix(sides))),
            Map.of("T", site.attribute("T"), "Tpaddings", INT32));
    return grouped(site.changed(Window::valid, List.of(image, site.tensor(1))));
  }

  private static Value[] grouped(Site site) {
    Shape image = site.graph().shape(site.tensor(0));
    Shape filter = site.graph().shape(site.tensor(1));
    long groups = image.numDimensions() == 4 ? groups(image.get(CHANNELS), filter) : 1;
    if (groups == 1) {
      return site.keep();
    }
    Window window = Window.of(site, filter).orElseThrow();
    boolean bySlices = !window.hasEvenStrides() && window.pads(image).isEmpty();
    if (filter.get(2) == 1 && !window.isDilated() && !bySlices) {
      return depthwise(asDepthwise(site, filter, groups));
    }
    List<TensorRef> images = split(site, "images", site.tensor(0), groups);
    List<TensorRef> filters = split(site, "filters", site.tensor(1), groups);
    List<TensorRef> each = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      List<TensorRef> from = List.of(images.get(i), filters.get(i));
      each.add((TensorRef) site.part("group_" + i, node -> node, from).keep()[0]);
    }
    return Site.values(joined(site, each));
  }

  /** In how many groups the channels of images are convolved; 1 if that is not known. */
  private static long groups(long channels, Shape filter) {
    boolean known = filter.numDimensions() == 4 && !filter.hasUnknownDimension();
    if (!known || filter.get(2) < 1 || channels <= filter.get(2)) {
      return 1;
    }
    long groups = channels / filter.get(2);
    if (channels % filter.get(2) != 0 || filter.get(CHANNELS) % groups != 0) {
      throw new IllegalArgumentException(
          "its groups must have as many channels each, got "
              + channels
              + " for a filter of "
              + filter);
    }
    return groups;
  }

  private static Site asDepthwise(Site site, Shape filter, long channels) {
    int[] sizes = {
      (int) filter.get(0),
      (int) filter.get(1),
      (int) channels,
      (int) (filter.get(CHANNELS) / channels)
    };
    TensorRef reshaped =
        site.emit(
            "filter",
            "Reshape",
            List.of(site.tensor(1), site.constant("filter/shape", sizes)),
            Map.of("T", site.attribute("T"), "Tshape", INT32));
    return site.changed(
        node -> node.setOp("DepthwiseConv2dNative").removeAttr("use_cudnn_on_gpu"),
        List.of(site.tensor(0), reshaped));
  }

  private static Value[] depthwise(Site site) {
    return Window.of(site, site.graph().shape(site.tensor(1)))
        .filter(window -> !window.hasEvenStrides())
        .flatMap(window -> window.pads(site.graph().shape(site.tensor(0))))
        .map(pads -> Dilation.unstrided(site, pads, Site::keep))
        .orElseGet(site::keep);
  }

  private static Value[] groupedTransposed(Site site) {
    Shape filter = site.graph().shape(site.tensor(1));
    Optional<List<OptionalLong>> sizes = site.inliner().constants().partly(site.tensor(0));
    long channels =
        sizes.filter(s -> s.size() == 4).map(s -> s.get(CHANNELS).orElse(-1)).orElse(-1L);
    long groups = groups(channels, filter);
    if (groups == 1) {
      return site.keep();
    }
    TensorRef size = sizeOfGroup(site, filter.get(2));
    List<TensorRef> filters = split(site, "filters", site.tensor(1), groups);
    List<TensorRef> images = split(site, "images", site.tensor(2), groups);
    List<TensorRef> each = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      List<TensorRef> from = List.of(size, filters.get(i), images.get(i));
      each.add((TensorRef) site.part("group_" + i, node -> node, from).keep()[0]);
    }
    return Site.values(joined(site, each));
  }

  private static TensorRef sizeOfGroup(Site site, long channels) {
    TensorRef image = Slices.of(site, "image", site.tensor(0), 0, CHANNELS);
    return site.emit(
        "size",
        "ConcatV2",
        List.of(
            image,
            site.constant("size/channels", new int[] {(int) channels}),
            site.constant("size/axis", 0)),
        Map.of("N", Attributes.of(2), "T", INT32, "Tidx", INT32));
  }

  private static List<TensorRef> split(Site site, String suffix, TensorRef tensor, long groups) {
    TensorRef split =
        site.emit(
            suffix,
            "Split",
            List.of(site.constant(suffix + "/axis", CHANNELS), tensor),
            Map.of("T", site.attribute("T"), "num_split", Attributes.of(groups)));
    List<TensorRef> parts = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      parts.add(new TensorRef(split.node(), i));
    }
    return parts;
  }

  private static TensorRef joined(Site site, List<TensorRef> parts) {
    List<TensorRef> inputs = new ArrayList<>(parts);
    inputs.add(site.constant("axis", CHANNELS));
    return site.emit(
        "ConcatV2",
        inputs,
        Map.of("N", Attributes.of(parts.size()), "T", site.attribute("T"), "Tidx", INT32));
  }
}
