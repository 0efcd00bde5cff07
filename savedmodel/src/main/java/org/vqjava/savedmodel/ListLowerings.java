/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.tensorflow.ndarray.Shape;

/**
 * Lists of tensors, by which loops hand on what their steps computed, are followed element by
 * element where their lengths are known; where not, they stay as they are.
 */
final class ListLowerings {
  private static final int LONGEST = 65_536;

  private ListLowerings() {}

  static void register(Map<String, Lowering> table) {
    table.put("TensorListFromTensor", ListLowerings::fromTensor);
    table.put("TensorListReserve", ListLowerings::reserve);
    table.put("EmptyTensorList", site -> made(List.of(), site.keep()[0]));
    table.put("TensorListGetItem", site -> onKnown(site, ListLowerings::get));
    table.put("TensorListSetItem", site -> onKnown(site, ListLowerings::set));
    table.put("TensorListPushBack", site -> onKnown(site, ListLowerings::push));
    table.put("TensorListPopBack", site -> onKnown(site, ListLowerings::pop));
    table.put("TensorListLength", site -> onKnown(site, ListLowerings::length));
    table.put("TensorListStack", site -> onKnown(site, ListLowerings::stack));
  }

  private static Value[] onKnown(Site site, Lowering lowering) {
    return site.input(0) instanceof Value.TensorList ? lowering.lower(site) : site.keep();
  }

  private static Value[] made(List<? extends @Nullable Value> elements, @Nullable Value unchanged) {
    return Site.values(
        new Value.TensorList(
            Collections.unmodifiableList(new ArrayList<>(elements)), (TensorRef) unchanged));
  }

  private static Value[] fromTensor(Site site) {
    TensorRef tensor = site.tensor(0);
    Shape shape = site.graph().shape(tensor);
    TensorRef kept = (TensorRef) site.keep()[0];
    if (shape.isUnknown() || shape.get(0) < 0 || shape.get(0) > LONGEST) {
      return Site.values(kept);
    }
    TensorRef elements =
        site.emit(
            "elements",
            "Unpack",
            List.of(tensor),
            Map.of(
                "T", Attributes.of(site.graph().type(tensor)),
                "num", Attributes.of(shape.get(0)),
                "axis", Attributes.of(0)));
    List<Value> list = new ArrayList<>();
    for (int i = 0; i < shape.get(0); i++) {
      list.add(new TensorRef(elements.node(), i));
    }
    return made(list, kept);
  }

  private static Value[] reserve(Site site) {
    Value kept = site.keep()[0];
    long length = site.inliner().constants().number(site.input(1)).orElse(-1);
    return length < 0 || length > LONGEST
        ? Site.values(kept)
        : made(Collections.nCopies((int) length, (Value) null), kept);
  }

  private static Value[] get(Site site) {
    List<@Nullable Value> elements = site.list(0).elements();
    int index = site.index(1);
    return Site.values(written(index < 0 || index >= elements.size() ? null : elements.get(index)));
  }

  private static Value written(@Nullable Value element) {
    if (element == null) {
      throw new IllegalArgumentException("an element of a list must be written before it is read");
    }
    return element;
  }

  private static Value[] set(Site site) {
    List<@Nullable Value> elements = new ArrayList<>(site.list(0).elements());
    int index = site.index(1);
    if (index < 0 || index >= LONGEST) {
      throw new IllegalArgumentException("an element of a list must be in it, got " + index);
    }
    while (elements.size() <= index) {
      elements.add(null);
    }
    elements.set(index, site.tensor(2));
    return made(elements, null);
  }

  private static Value[] push(Site site) {
    List<@Nullable Value> elements = new ArrayList<>(site.list(0).elements());
    elements.add(site.tensor(1));
    return made(elements, null);
  }

  private static Value[] pop(Site site) {
    List<@Nullable Value> elements = new ArrayList<>(site.list(0).elements());
    if (elements.isEmpty()) {
      throw new IllegalArgumentException("a list must have an element to be removed, got none");
    }
    Value last = written(elements.remove(elements.size() - 1));
    return new Value[] {made(elements, null)[0], last};
  }

  private static Value[] length(Site site) {
    return Site.values(site.constant("length", site.list(0).elements().size()));
  }

  private static Value[] stack(Site site) {
    List<TensorRef> elements = new ArrayList<>();
    for (Value element : site.list(0).elements()) {
      elements.add(site.inliner().tensor(written(element)));
    }
    return Site.values(
        site.emit(
            "Pack",
            elements,
            Map.of(
                "T", site.attribute("element_dtype"),
                "N", Attributes.of(elements.size()),
                "axis", Attributes.of(0))));
  }
}
