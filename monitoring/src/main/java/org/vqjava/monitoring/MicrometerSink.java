/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Keeps Micrometer meters of the newest snapshot of each codebook; needs {@code micrometer-core} on
 * the class path. Thread-safe.
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
  private final List<MeterRegistry> registries = new ArrayList<>();
  private final Map<String, State> states = new HashMap<>();

  /** Makes a sink without a registry; it keeps figures for those that come. */
  public MicrometerSink() {}

  /** What gauges read; they hold it weakly, so it is kept here. */
  private static final class State {
    private final Map<String, Double> losses = new HashMap<>();
    private volatile @Nullable Snapshot newest;
    private volatile @Nullable CodebookView view;
    private long vectors;
    private long replaced;
    private final List<Counter> vectorCounters = new ArrayList<>();
    private final List<Counter> replacedCounters = new ArrayList<>();

    double of(ToDoubleFunction<Snapshot> figure) {
      Snapshot snapshot = newest;
      return snapshot == null ? Double.NaN : figure.applyAsDouble(snapshot);
    }

    double ofView(ToDoubleFunction<CodebookView> figure) {
      CodebookView seen = view;
      return seen == null ? Double.NaN : figure.applyAsDouble(seen);
    }
  }

  /**
   * Puts the meters into a registry: of the codebooks that are known, and of those that come.
   *
   * @param registry takes them
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    synchronized (lock) {
      registries.add(registry);
      states.forEach(
          (codebook, state) -> {
            register(registry, codebook, state);
            state.losses.keySet().forEach(term -> registerLoss(registry, codebook, term, state));
          });
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
      State state = states.get(codebook);
      if (state == null) {
        state = new State();
        states.put(codebook, state);
        for (MeterRegistry registry : registries) {
          register(registry, codebook, state);
        }
      }
      for (Map.Entry<String, Double> loss : snapshot.losses().entrySet()) {
        if (state.losses.put(loss.getKey(), loss.getValue()) == null) {
          for (MeterRegistry registry : registries) {
            registerLoss(registry, codebook, loss.getKey(), state);
          }
        }
      }
      if (snapshot.view().isPresent()) {
        state.view = snapshot.view().get();
      }
      state.newest = snapshot;
      long vectors = snapshot.usage().summary().accesses();
      state.vectors += vectors;
      state.replaced += snapshot.replaced();
      state.vectorCounters.forEach(c -> c.increment((double) vectors));
      state.replacedCounters.forEach(c -> c.increment(snapshot.replaced()));
    }
  }

  private void registerLoss(MeterRegistry registry, String codebook, String term, State state) {
    Gauge.builder("vq.codebook.loss", state, s -> loss(s, term))
        .tags("codebook", codebook, "term", term)
        .description("Mean of a loss over the window of the newest snapshot")
        .register(registry);
  }

  private double loss(State state, String term) {
    synchronized (lock) {
      return state.losses.getOrDefault(term, Double.NaN);
    }
  }

  private static void register(MeterRegistry registry, String codebook, State state) {
    Gauges gauges = new Gauges(registry, Tags.of("codebook", codebook), state);
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
    Gauge.builder("vq.codebook.drift", state, s -> s.ofView(v -> v.drift().orElse(Double.NaN)))
        .tags(gauges.tags)
        .description("Mean distance of a code from where it was in the view before")
        .register(registry);
    state.vectorCounters.add(
        gauges.counter("vq.codebook.vectors", null, "Vectors looked up", state.vectors));
    state.replacedCounters.add(
        gauges.counter("vq.codebook.replaced", "codes", "Codes replaced", state.replaced));
  }

  /** Meters of one codebook in one registry. */
  private record Gauges(MeterRegistry registry, Tags tags, State state) {
    private static final Map<String, Function<Distribution, Double>> STATS =
        Map.of(
            "min", Distribution::min,
            "median", Distribution::median,
            "mean", Distribution::mean);

    void add(String name, @Nullable String unit, String about, ToDoubleFunction<Snapshot> figure) {
      Gauge.builder(name, state, s -> s.of(figure))
          .tags(tags)
          .baseUnit(unit)
          .description(about)
          .register(registry);
    }

    void distribution(
        String name,
        String about,
        Function<Function<Distribution, Double>, ToDoubleFunction<Snapshot>> figure) {
      STATS.forEach(
          (stat, of) ->
              Gauge.builder(name, state, s -> s.of(figure.apply(of)))
                  .tags(tags.and("stat", stat))
                  .description(about)
                  .register(registry));
    }

    void view(
        String name,
        String about,
        Function<Function<Distribution, Double>, ToDoubleFunction<CodebookView>> figure) {
      STATS.forEach(
          (stat, of) ->
              Gauge.builder(name, state, s -> s.ofView(figure.apply(of)))
                  .tags(tags.and("stat", stat))
                  .description(about)
                  .register(registry));
    }

    Counter counter(String name, @Nullable String unit, String about, long soFar) {
      Counter counter =
          Counter.builder(name).tags(tags).baseUnit(unit).description(about).register(registry);
      counter.increment((double) soFar);
      return counter;
    }
  }
}
