/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/**
 * Convolutions whose windows have gaps, without them: what is as far apart as the gaps say is moved
 * into an image of its own, these are convolved, and what comes out is moved back. As many
 * multiplications, two more copies of the images; so Python's {@code tf.nn.convolution} does it.
 *
 * @see <a href="https://arxiv.org/abs/1511.07122">Yu and Koltun, Multi-scale context aggregation by
 *     dilated convolutions</a>
 */
final class Dilation {
  private static final AttrValue INT32 = Attributes.of(DataType.DT_INT32);
  private static final int AXES = 2;

  private Dilation() {}

  /** Lowers a convolution or a depthwise one, {@code [N, H, W, C]}, without gaps. */
  static Value[] without(Site site, Lowering lowering) {
    TensorRef image = site.tensor(0);
    Shape shape = site.graph().shape(image);
    Optional<Window> window = dilated(site);
    Optional<List<Window.Pad>> pads = window.flatMap(w -> w.pads(shape));
    if (pads.isEmpty()) {
      return lowering.lower(site);
    }
    if (window.get().isStrided()) {
      return unstrided(site, pads.get(), inner -> without(inner, lowering));
    }
    int[] gaps = window.get().gaps();
    Edges edges =
        shape.get(1) < 0 || shape.get(2) < 0
            ? computed(site, image, pads.get(), gaps)
            : constant(site, new long[] {shape.get(1), shape.get(2)}, pads.get(), gaps);
    TensorRef apart = apart(site, image, gaps, edges.padded());
    Site inner = site.part("undilated", Window::plain, List.of(apart, site.tensor(1)));
    TensorRef convolved = (TensorRef) lowering.lower(inner)[0];
    return Site.values(together(site, convolved, gaps, edges.missing()));
  }

  /** Lowers a transposed convolution without gaps, where the size of what it makes is known. */
  static Value[] withoutTransposed(Site site, Lowering lowering) {
    Optional<Window> window = dilated(site).filter(w -> !w.isStrided());
    Optional<List<OptionalLong>> sizes =
        site.inliner()
            .constants()
            .partly(site.tensor(0))
            .filter(s -> s.size() == 4 && s.stream().skip(1).allMatch(OptionalLong::isPresent));
    if (window.isEmpty() || sizes.isEmpty()) {
      return lowering.lower(site);
    }
    long[] image = sizes.get().stream().skip(1).mapToLong(OptionalLong::getAsLong).toArray();
    int[] gaps = window.get().gaps();
    List<Window.Pad> pads = window.get().pads(Shape.of(-1, image[0], image[1], -1)).orElseThrow();
    int[] part = {0, 0, (int) image[AXES]};
    for (int i = 0; i < AXES; i++) {
      part[i] = (int) -Math.floorDiv(-pads.get(i).added(image[i]), (long) gaps[i]);
    }
    Edges edges = constant(site, image, pads, gaps);
    TensorRef batch =
        site.emit(
            "batch",
            "Mul",
            List.of(
                Slices.of(site, "images", site.tensor(0), 0, 1),
                site.constant("batch/blocks", gaps[0] * gaps[1])),
            Map.of("T", INT32));
    TensorRef size =
        site.emit(
            "size",
            "ConcatV2",
            List.of(batch, site.constant("size/image", part), site.constant("size/axis", 0)),
            Map.of("N", Attributes.of(2), "T", INT32, "Tidx", INT32));
    TensorRef apart = apart(site, site.tensor(2), gaps, edges.missing());
    Site undilated = site.part("undilated", Window::plain, List.of(size, site.tensor(1), apart));
    TensorRef convolved = (TensorRef) lowering.lower(undilated)[0];
    return Site.values(together(site, convolved, gaps, edges.padded()));
  }

  /** Lowers a convolution with strides of 1, and takes each so many of what it gives. */
  static Value[] unstrided(Site site, List<Window.Pad> pads, Lowering lowering) {
    Site each = site.part("each", node -> Window.unstrided(node, pads), site.inputs());
    Window window = Window.of(site, site.graph().shape(site.tensor(1))).orElseThrow();
    TensorRef all = (TensorRef) lowering.lower(each)[0];
    return Site.values(Slices.eachOf(site, all, window.strides()));
  }

  private static Optional<Window> dilated(Site site) {
    return Window.of(site, site.graph().shape(site.tensor(1)))
        .filter(window -> window.isDilated() && window.sizes().size() == AXES);
  }

  /**
   * What is added to images, {@code [2, 2]}.
   *
   * @param padded the padding, and what is missing to whole blocks
   * @param missing the latter alone
   */
  private record Edges(TensorRef padded, TensorRef missing) {}

  private static Edges constant(Site site, long[] image, List<Window.Pad> pads, int[] gaps) {
    int[][] padded = new int[AXES][];
    int[][] missing = new int[AXES][];
    for (int i = 0; i < AXES; i++) {
      int less = (int) Math.floorMod(-pads.get(i).added(image[i]), (long) gaps[i]);
      padded[i] = new int[] {(int) pads.get(i).before(), (int) pads.get(i).behind() + less};
      missing[i] = new int[] {0, less};
    }
    return new Edges(
        site.constant("padded", Attributes.matrix(padded)),
        site.constant("missing", Attributes.matrix(missing)));
  }

  private static Edges computed(Site site, TensorRef image, List<Window.Pad> pads, int[] gaps) {
    TensorRef shape =
        site.emit(
            "shape", "Shape", List.of(image), Map.of("T", site.attribute("T"), "out_type", INT32));
    int[] before = pads.stream().mapToInt(pad -> (int) pad.before()).toArray();
    int[] behind = pads.stream().mapToInt(pad -> (int) pad.behind()).toArray();
    int[] both = pads.stream().mapToInt(pad -> (int) pad.added(0)).toArray();
    TensorRef sizes = Slices.of(site, "sizes", shape, 1, 1 + AXES);
    TensorRef all = integers(site, "all", "AddV2", sizes, site.constant("both", both));
    TensorRef negative = site.emit("negative", "Neg", List.of(all), Map.of("T", INT32));
    TensorRef less = integers(site, "less", "FloorMod", negative, site.constant("gaps", gaps));
    TensorRef end = integers(site, "end", "AddV2", less, site.constant("behind", behind));
    return new Edges(
        columns(site, "padded", site.constant("before", before), end),
        columns(site, "missing", site.constant("nothing", new int[AXES]), less));
  }

  private static TensorRef integers(
      Site site, String suffix, String type, TensorRef x, TensorRef y) {
    return site.emit(suffix, type, List.of(x, y), Map.of("T", INT32));
  }

  private static TensorRef columns(Site site, String suffix, TensorRef left, TensorRef right) {
    return site.emit(
        suffix,
        "Pack",
        List.of(left, right),
        Map.of("T", INT32, "N", Attributes.of(2), "axis", Attributes.of(1)));
  }

  private static TensorRef apart(Site site, TensorRef images, int[] gaps, TensorRef added) {
    return site.emit(
        "apart",
        "SpaceToBatchND",
        List.of(images, site.constant("apart/gaps", gaps), added),
        Map.of("T", site.attribute("T"), "Tblock_shape", INT32, "Tpaddings", INT32));
  }

  private static TensorRef together(Site site, TensorRef images, int[] gaps, TensorRef taken) {
    return site.emit(
        "BatchToSpaceND",
        List.of(images, site.constant("together/gaps", gaps), taken),
        Map.of("T", site.attribute("T"), "Tblock_shape", INT32, "Tcrops", INT32));
  }
}
