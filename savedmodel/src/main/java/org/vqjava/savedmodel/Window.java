/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.NodeDef;

/**
 * How the window of a convolution moves over an image with channels last.
 *
 * @param sizes of the filter, {@code [height, width]}, with depth before them for volumes
 * @param strides as long
 * @param dilations as long, 1 where the filter's size is 1
 * @param padding {@code SAME}, {@code VALID} or {@code EXPLICIT}
 * @param explicit before and behind each axis, as long twice
 */
record Window(
    List<Long> sizes,
    List<Long> strides,
    List<Long> dilations,
    String padding,
    List<Long> explicit) {

  /** Zeros that are added before and behind an axis. */
  record Pad(long before, long behind) {
    /** The size with them. */
    long added(long size) {
      return size + before + behind;
    }
  }

  /** Empty where the shape of the filter is not known. */
  static Optional<Window> of(Site site, Shape filter) {
    if (filter.isUnknown() || filter.hasUnknownDimension()) {
      return Optional.empty();
    }
    int axes = filter.numDimensions() - 2;
    List<Long> sizes = new ArrayList<>();
    List<Long> dilations = new ArrayList<>();
    List<Long> given = inner(site.attribute("dilations").getList().getIList(), axes);
    for (int i = 0; i < axes; i++) {
      sizes.add(filter.get(i));
      dilations.add(filter.get(i) == 1 ? 1 : given.get(i));
    }
    List<Long> explicit = // volumes have none
        site.node()
            .getAttrOrDefault("explicit_paddings", AttrValue.getDefaultInstance())
            .getList()
            .getIList();
    return Optional.of(
        new Window(
            sizes,
            inner(site.attribute("strides").getList().getIList(), axes),
            dilations,
            site.attribute("padding").getS().toStringUtf8(),
            explicit.isEmpty()
                ? Collections.nCopies(2 * axes, 0L)
                : List.copyOf(explicit.subList(2, 2 + 2 * axes))));
  }

  /** Of one number an axis, those between batch and channels. */
  private static List<Long> inner(List<Long> numbers, int axes) {
    return numbers.isEmpty()
        ? Collections.nCopies(axes, 1L)
        : List.copyOf(numbers.subList(1, 1 + axes));
  }

  boolean isDilated() {
    return dilations.stream().anyMatch(d -> d != 1);
  }

  boolean isStrided() {
    return strides.stream().anyMatch(s -> s != 1);
  }

  boolean hasEvenStrides() {
    return strides.stream().distinct().count() == 1;
  }

  int[] gaps() {
    return dilations.stream().mapToInt(Math::toIntExact).toArray();
  }

  /** From the first to the last number that a window at one place takes. */
  long extent(int axis) {
    return (sizes.get(axis) - 1) * dilations.get(axis) + 1;
  }

  /**
   * What is added to an axis of an image: known for windows that move by 1, whatever the image;
   * with {@code SAME} and larger strides it hangs on its size.
   */
  Optional<Pad> pad(int axis, long size) {
    long stride = strides.get(axis);
    return switch (padding) {
      case "VALID" -> Optional.of(new Pad(0, 0));
      case "EXPLICIT" -> Optional.of(new Pad(explicit.get(2 * axis), explicit.get(2 * axis + 1)));
      default -> {
        if (stride != 1 && size < 0) {
          yield Optional.empty();
        }
        long rest = stride == 1 ? 1 : size % stride == 0 ? stride : size % stride;
        long all = Math.max(extent(axis) - rest, 0);
        yield Optional.of(new Pad(all / 2, all - all / 2));
      }
    };
  }

  /** The explicit padding of an axis, before and behind. */
  int[] side(int axis) {
    return new int[] {
      Math.toIntExact(explicit.get(2 * axis)), Math.toIntExact(explicit.get(2 * axis + 1))
    };
  }

  /** What is added to all axes of an image, where it is known. */
  Optional<List<Pad>> pads(Shape image) {
    List<Pad> pads = new ArrayList<>();
    for (int i = 0; i < sizes.size(); i++) {
      Optional<Pad> pad = pad(i, image.isUnknown() ? -1 : image.get(1 + i));
      if (pad.isEmpty()) {
        return Optional.empty();
      }
      pads.add(pad.get());
    }
    return Optional.of(pads);
  }

  /** Attributes of a node whose window moves by 1, without gaps and without padding. */
  static NodeDef.Builder plain(NodeDef.Builder node) {
    int rank = node.getAttrOrThrow("strides").getList().getICount();
    List<Long> ones = Collections.nCopies(rank, 1L);
    return valid(node)
        .putAttr("strides", Attributes.of(ones))
        .putAttr("dilations", Attributes.of(ones));
  }

  /** Attributes of a node without padding. */
  static NodeDef.Builder valid(NodeDef.Builder node) {
    return node.putAttr("padding", Attributes.of("VALID"))
        .putAttr("explicit_paddings", Attributes.of(List.of()));
  }

  /** Attributes of a node whose window moves by 1, over an image with what is added to it. */
  static NodeDef.Builder unstrided(NodeDef.Builder node, List<Pad> pads) {
    List<Long> sides = new ArrayList<>(List.of(0L, 0L));
    pads.forEach(pad -> sides.addAll(List.of(pad.before(), pad.behind())));
    sides.addAll(List.of(0L, 0L));
    int rank = node.getAttrOrThrow("strides").getList().getICount();
    return node.putAttr("strides", Attributes.of(Collections.nCopies(rank, 1L)))
        .putAttr("padding", Attributes.of("EXPLICIT"))
        .putAttr("explicit_paddings", Attributes.of(sides));
  }
}
