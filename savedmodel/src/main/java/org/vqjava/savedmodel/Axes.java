/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.tensorflow.ndarray.Shape;

/**
 * Which axes of a variable the axes of a tensor are that holds its numbers.
 *
 * @param of for each axis of the tensor the axes of the variable that it runs over, none for an
 *     axis of its own
 * @param sizes of the axes of the tensor, −1 where not known
 */
record Axes(List<List<Integer>> of, List<Long> sizes) {
  /** Of a tensor whose axes cannot be followed. */
  static final Axes UNKNOWN = new Axes(List.of(), List.of());

  static Axes ofVariable(Shape shape) {
    if (shape.isUnknown()) {
      return UNKNOWN;
    }
    List<List<Integer>> of = new ArrayList<>();
    List<Long> sizes = new ArrayList<>();
    for (int i = 0; i < shape.numDimensions(); i++) {
      of.add(List.of(i));
      sizes.add(shape.get(i));
    }
    return new Axes(of, sizes);
  }

  int rank() {
    return of.size();
  }

  /** The axes of the variable in some axes of the tensor; negative ones count from the end. */
  List<Integer> in(int... axes) {
    TreeSet<Integer> found = new TreeSet<>();
    for (int axis : axes) {
      int i = axis < 0 ? rank() + axis : axis;
      if (i < 0 || i >= rank()) {
        return List.of();
      }
      found.addAll(of.get(i));
    }
    return List.copyOf(found);
  }

  /** The axes of the variable in all axes of the tensor but one. */
  List<Integer> allBut(int axis) {
    int left = axis < 0 ? rank() + axis : axis;
    int[] others = new int[Math.max(0, rank() - 1)];
    for (int i = 0; i < others.length; i++) {
      others[i] = i < left ? i : i + 1;
    }
    return left < 0 || left >= rank() ? List.of() : in(others);
  }

  Axes transposed(List<Long> permutation) {
    if (permutation.size() != rank()) {
      return UNKNOWN;
    }
    List<List<Integer>> moved = new ArrayList<>();
    List<Long> movedSizes = new ArrayList<>();
    for (long from : permutation) {
      if (from < 0 || from >= rank()) {
        return UNKNOWN;
      }
      moved.add(of.get((int) from));
      movedSizes.add(sizes.get((int) from));
    }
    return new Axes(moved, movedSizes);
  }

  Axes expanded(long axis) {
    long at = axis < 0 ? rank() + 1 + axis : axis;
    if (this.equals(UNKNOWN) || at < 0 || at > rank()) {
      return UNKNOWN;
    }
    List<List<Integer>> more = new ArrayList<>(of);
    List<Long> moreSizes = new ArrayList<>(sizes);
    more.add((int) at, List.of());
    moreSizes.add((int) at, 1L);
    return new Axes(more, moreSizes);
  }

  /** Without some axes, or those of size 1 if none is said. */
  Axes squeezed(List<Long> axes) {
    List<List<Integer>> less = new ArrayList<>();
    List<Long> lessSizes = new ArrayList<>();
    for (int i = 0; i < rank(); i++) {
      boolean left =
          axes.isEmpty()
              ? sizes.get(i) == 1
              : axes.contains((long) i) || axes.contains((long) i - rank());
      if (!left) {
        less.add(of.get(i));
        lessSizes.add(sizes.get(i));
      }
    }
    return new Axes(less, lessSizes);
  }

  /** The same axes of which a part is taken, or that were joined with others. */
  Axes resized() {
    return new Axes(of, sizes.stream().map(size -> -1L).toList());
  }

  /** Axes may be joined; one that is split in two cannot be followed. */
  Axes reshaped(List<Long> target) {
    List<Long> wanted = resolved(target);
    if (this.equals(UNKNOWN) || wanted.isEmpty()) {
      return UNKNOWN;
    }
    List<List<Integer>> joined = new ArrayList<>();
    int next = 0;
    for (long size : wanted) {
      List<Integer> group = new ArrayList<>();
      long product = 1;
      if (size == 1 && next < rank() && sizes.get(next) == 1) {
        group.addAll(of.get(next++));
      }
      while (product < size && next < rank()) {
        product *= sizes.get(next);
        group.addAll(of.get(next++));
      }
      if (product != size) {
        return UNKNOWN;
      }
      joined.add(group);
    }
    return new Axes(joined, wanted);
  }

  private List<Long> resolved(List<Long> target) {
    long total = sizes.stream().reduce(1L, (a, b) -> a * b);
    long known = target.stream().filter(size -> size >= 0).reduce(1L, (a, b) -> a * b);
    boolean open = target.contains(-1L);
    if (sizes.contains(-1L) || known < 1 || (open ? total % known != 0 : total != known)) {
      return List.of();
    }
    return target.stream().map(size -> size == -1 ? total / known : size).toList();
  }
}
