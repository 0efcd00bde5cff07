/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps Micrometer meters of the newest snapshot of each codebook; needs {@code micrometer-core} on
 * the class path. Thread-safe.
 *
 * <p>Of several sinks that are bound to one registry, of one training after another say, the one
 * bound last is shown; closing a sink removes its meters, and those of an older one that still
 * records come back with its next snapshot.
 *
 * <p>Each meter has the tag {@code codebook}; none has a tag for each code, as 16,384 series help
 * nobody. A figure that was not recorded yet is NaN. With a Prometheus registry they are
 *
 * <pre>
 * vq_codebook_size_codes             K
 * vq_codebook_perplexity             1 .. K
 * vq_codebook_usage_ratio            0 .. 1
 * vq_codebook_dead_codes
 * vq_codebook_entropy                in bits
 * vq_codebook_gini_ratio
 * vq_codebook_nearest_distance       stat = min, median, mean; so the next two
 * vq_codebook_closest_spacing
 * vq_codebook_norm
 * vq_codebook_drift
 * vq_codebook_step                   of the newest snapshot
 * vq_codebook_loss                   term = the loss
 * vq_codebook_not_finite             kinds of figures that are NaN or infinite
 * vq_codebook_vectors_total          vectors looked up
 * vq_codebook_replaced_codes_total   codes replaced
 * </pre>
 *
 * <pre>{@code
 * PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
 * MicrometerSink meters = new MicrometerSink();
 * meters.bindTo(registry);
 * Recorder recorder = Recorder.open(RecorderOptions.every(100), List.of(meters));
 * }</pre>
 */
public final class MicrometerSink implements SnapshotSink, MeterBinder {
  private final Object lock = new Object(); // held wherever one of the following is used
  private final Map<MeterRegistry, Long> bindings = new HashMap<>();
  private final Map<String, State> states = new HashMap<>();

  /** Makes a sink without a registry; it keeps figures for those that come. */
  public MicrometerSink() {}

  /** What gauges read; they hold it weakly, so it is kept here. */
  private static final class State {
    private final Map<String, Double> losses = new ConcurrentHashMap<>();
    private volatile @Nullable Snapshot newest;
    private volatile @Nullable CodebookView view;
    private long vectors;
    private long replaced;
    private final Map<MeterRegistry, Counters> counters = new HashMap<>();

    double of(ToDoubleFunction<Snapshot> figure) {
      Snapshot snapshot = newest;
      return snapshot == null ? Double.NaN : figure.applyAsDouble(snapshot);
    }

    double ofView(ToDoubleFunction<CodebookView> figure) {
      CodebookView seen = view;
      return seen == null ? Double.NaN : figure.applyAsDouble(seen);
    }

    double loss(String term) {
      return losses.getOrDefault(term, Double.NaN);
    }
  }

  private record Counters(Counter vectors, Counter replaced) {}

  /**
   * Puts the meters into a registry: of the codebooks that are known, and of those that come. Of
   * several sinks with a codebook of one name the one that was bound last is shown.
   *
   * @param registry takes them; one that has them already is left as it is
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    synchronized (lock) {
      if (bindings.containsKey(registry)) {
        return;
      }
      bindings.put(registry, MeterOwners.nextBinding());
      states.forEach((codebook, state) -> claim(registry, codebook, state));
    }
  }

  /**
   * Takes the figures.
   *
   * @param snapshot of one codebook
   */
  @Override
  public void accept(Snapshot snapshot) {
    synchronized (lock) {
      String codebook = snapshot.codebook();
      State state = states.computeIfAbsent(codebook, name -> new State());
      Set<String> newTerms = new TreeSet<>(snapshot.losses().keySet());
      newTerms.removeAll(state.losses.keySet());
      state.losses.putAll(snapshot.losses());
      snapshot.view().ifPresent(view -> state.view = view);
      state.newest = snapshot;
      long vectors = snapshot.usage().summary().accesses();
      state.vectors += vectors;
      state.replaced += snapshot.replaced();
      for (MeterRegistry registry : bindings.keySet()) {
        Counters counters = state.counters.get(registry);
        if (counters == null || !MeterOwners.isOwner(registry, codebook, state)) {
          claim(registry, codebook, state); // a newer sink may have let go of them
        } else {
          counters.vectors.increment((double) vectors);
          counters.replaced.increment(snapshot.replaced());
          claim(
              registry,
              codebook,
              state,
              meters -> newTerms.forEach(t -> meters.accept(loss(registry, codebook, t, state))));
        }
      }
    }
  }

  /** Removes the meters from the registries and forgets the figures. */
  @Override
  public void close() {
    synchronized (lock) {
      for (MeterRegistry registry : bindings.keySet()) {
        states.forEach((codebook, state) -> MeterOwners.release(registry, codebook, state));
      }
      bindings.clear();
      states.clear();
    }
  }

  private void claim(MeterRegistry registry, String codebook, State state) {
    claim(
        registry,
        codebook,
        state,
        meters -> {
          register(registry, codebook, state, meters);
          state.losses.keySet().forEach(t -> meters.accept(loss(registry, codebook, t, state)));
        });
  }

  private void claim(
      MeterRegistry registry, String codebook, State state, Consumer<Consumer<Meter>> register) {
    long binding = Objects.requireNonNull(bindings.get(registry));
    MeterOwners.claim(registry, codebook, state, binding, register);
  }

  private static Meter loss(MeterRegistry registry, String codebook, String term, State state) {
    return Gauge.builder("vq.codebook.loss", state, s -> s.loss(term))
        .tags("codebook", codebook, "term", term)
        .description("Mean of a loss over the window of the newest snapshot")
        .register(registry);
  }

  private static void register(
      MeterRegistry registry, String codebook, State state, Consumer<Meter> meters) {
    Gauges gauges = new Gauges(registry, Tags.of("codebook", codebook), state, meters);
    gauges.add("vq.codebook.size", "codes", "Number of codes", Snapshot::codes);
    gauges.add(
        "vq.codebook.perplexity",
        null,
        "Exponential of the entropy of the codes taken, from 1 to the number of codes",
        s -> s.usage().summary().perplexity());
    gauges.add(
        "vq.codebook.usage",
        "ratio",
        "Part of the codes that were taken in the window",
        s -> s.usage().summary().usage());
    gauges.add(
        "vq.codebook.dead",
        "codes",
        "Codes that were not taken in the window",
        s -> s.usage().summary().dead());
    gauges.add(
        "vq.codebook.entropy",
        null,
        "Entropy of the codes taken, in bits",
        s -> s.usage().entropyBits());
    gauges.add(
        "vq.codebook.gini",
        "ratio",
        "Gini coefficient of the access counts, 0 for a uniform codebook",
        s -> s.usage().gini());
    gauges.add("vq.codebook.step", null, "Step of the newest snapshot", Snapshot::step);
    gauges.distribution(
        "vq.codebook.nearest.distance",
        "Distance of inputs to the code that each took",
        figure -> s -> s.nearestDistance().map(figure).orElse(Double.NaN));
    gauges.view(
        "vq.codebook.closest.spacing",
        "Distance of codes from the closest other one",
        figure -> v -> v.spacing().map(figure).orElse(Double.NaN));
    gauges.view("vq.codebook.norm", "Norm of the codes", figure -> v -> figure.apply(v.norms()));
    gauges.gauge(
        "vq.codebook.drift",
        Tags.empty(),
        null,
        "Mean distance of a code from where it was in the view before",
        s -> s.ofView(v -> v.drift().orElse(Double.NaN)));
    gauges.add(
        "vq.codebook.not.finite",
        null,
        "Losses and kinds of figures that are NaN or infinite in the newest snapshot",
        s -> s.notFinite().size());
    state.counters.put(
        registry,
        new Counters(
            gauges.counter("vq.codebook.vectors", null, "Vectors looked up", state.vectors),
            gauges.counter("vq.codebook.replaced", "codes", "Codes replaced", state.replaced)));
  }

  /** Meters of one codebook in one registry. */
  private record Gauges(MeterRegistry registry, Tags tags, State state, Consumer<Meter> meters) {
    private static final Map<String, Function<Distribution, Double>> STATS =
        Map.of(
            "min", Distribution::min,
            "median", Distribution::median,
            "mean", Distribution::mean);

    void add(String name, @Nullable String unit, String about, ToDoubleFunction<Snapshot> figure) {
      gauge(name, Tags.empty(), unit, about, s -> s.of(figure));
    }

    void gauge(
        String name,
        Tags more,
        @Nullable String unit,
        String about,
        ToDoubleFunction<State> figure) {
      meters.accept(
          Gauge.builder(name, state, figure)
              .tags(tags.and(more))
              .baseUnit(unit)
              .description(about)
              .register(registry));
    }

    void distribution(
        String name,
        String about,
        Function<Function<Distribution, Double>, ToDoubleFunction<Snapshot>> figure) {
      STATS.forEach(
          (stat, of) ->
              gauge(name, Tags.of("stat", stat), null, about, s -> s.of(figure.apply(of))));
    }

    void view(
        String name,
        String about,
        Function<Function<Distribution, Double>, ToDoubleFunction<CodebookView>> figure) {
      STATS.forEach(
          (stat, of) ->
              gauge(name, Tags.of("stat", stat), null, about, s -> s.ofView(figure.apply(of))));
    }

    Counter counter(String name, @Nullable String unit, String about, long soFar) {
      Counter counter =
          Counter.builder(name).tags(tags).baseUnit(unit).description(about).register(registry);
      counter.increment((double) soFar);
      meters.accept(counter);
      return counter;
    }
  }
}
