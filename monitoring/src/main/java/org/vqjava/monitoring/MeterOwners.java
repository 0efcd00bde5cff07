/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.function.Consumer;

/**
 * Whose meters a registry has of a codebook. A registry gives the meter that it has already to who
 * registers a second one of its name, so that a second training would be seen nowhere: the newest
 * takes the place of the one before.
 *
 * <p>Held weakly, both the registry and the owner; what is kept of a meter is its identity, as a
 * filter of the registry may have changed its name.
 */
final class MeterOwners {
  private static final Map<MeterRegistry, Map<String, Owned>> BY_REGISTRY = new WeakHashMap<>();
  private static long bindings;

  private record Owned(WeakReference<Object> owner, long binding, List<Meter.Id> meters) {}

  private MeterOwners() {}

  /** A number that grows, by which the newest is known. */
  static synchronized long nextBinding() {
    return ++bindings;
  }

  /**
   * Registers the meters of an owner, unless there are those of a newer one that is there still.
   *
   * @param register puts meters into the registry, and hands over what it got
   * @return whether the registry has the owner's meters now
   */
  static synchronized boolean claim(
      MeterRegistry registry,
      String codebook,
      Object owner,
      long binding,
      Consumer<Consumer<Meter>> register) {
    Map<String, Owned> owned = BY_REGISTRY.computeIfAbsent(registry, r -> new HashMap<>());
    Owned before = owned.get(codebook);
    if (before != null) {
      Object other = before.owner.get();
      if (other != null && other != owner && before.binding > binding) {
        return false;
      }
      if (other != owner) {
        before.meters.forEach(registry::remove);
        before = null;
      }
    }
    List<Meter.Id> meters = before == null ? new ArrayList<>() : before.meters;
    register.accept(meter -> meters.add(meter.getId()));
    owned.put(codebook, new Owned(new WeakReference<>(owner), binding, meters));
    return true;
  }

  static synchronized boolean isOwner(MeterRegistry registry, String codebook, Object owner) {
    Map<String, Owned> owned = BY_REGISTRY.get(registry);
    Owned now = owned == null ? null : owned.get(codebook);
    return now != null && now.owner.get() == owner;
  }

  /** Removes the owner's meters; those of a newer owner stay. */
  static synchronized void release(MeterRegistry registry, String codebook, Object owner) {
    Map<String, Owned> owned = BY_REGISTRY.get(registry);
    Owned now = owned == null ? null : owned.get(codebook);
    if (owned != null && now != null && now.owner.get() == owner) {
      now.meters.forEach(registry::remove);
      owned.remove(codebook);
    }
  }
}
