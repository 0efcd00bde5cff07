/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.GraphOperation;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.family.TFloating;
import org.vqjava.clustering.ClusteredWeight;
import org.vqjava.layers.CosineKnnEndpoints;
import org.vqjava.layers.CosineVqEndpoints;
import org.vqjava.layers.VqEndpoints;
import org.vqjava.monitoring.Observation;

/**
 * What is recorded of a layer or a clustered weight: fetched in one run, and made an {@link
 * Observation}. Immutable. It stands between TensorFlow and the recorder, which knows arrays alone.
 *
 * <pre>{@code
 * LayerFigures figures = LayerFigures.of(vq).withLoss("reconstruction", loss);
 * Op step = Training.minimize(tf, total, variables, optimizer, figures.operands());
 * ..
 * codes.record(figures.observe(i, session.runner().addTarget(step), codes.viewIsDue()));
 * }</pre>
 */
public final class LayerFigures {
  private final Operand<TInt64> accessCount;
  private final Operand<? extends TFloating> codebook;
  private final @Nullable Operand<? extends TFloating> distance;
  private final @Nullable Operand<? extends TFloating> closestSpacing;
  private final @Nullable Operand<? extends TFloating> similarity;
  private final Map<String, Operand<? extends TFloating>> losses;

  private LayerFigures(
      Operand<TInt64> accessCount,
      Operand<? extends TFloating> codebook,
      @Nullable Operand<? extends TFloating> distance,
      @Nullable Operand<? extends TFloating> closestSpacing,
      @Nullable Operand<? extends TFloating> similarity,
      Map<String, Operand<? extends TFloating>> losses) {
    this.accessCount = accessCount;
    this.codebook = codebook;
    this.distance = distance;
    this.closestSpacing = closestSpacing;
    this.similarity = similarity;
    this.losses = losses;
  }

  /**
   * Access counts, distances, spacing and codebook of a layer, and its losses, but those whose
   * weight is the number 0.
   *
   * @param vq what the layer gave
   * @return its figures
   */
  public static LayerFigures of(VqEndpoints<?> vq) {
    Map<String, Operand<? extends TFloating>> losses = new LinkedHashMap<>();
    putUnlessConstant(losses, "alpha", vq.losses().alpha());
    putUnlessConstant(losses, "beta", vq.losses().beta());
    putUnlessConstant(losses, "coulomb", vq.losses().coulomb());
    putUnlessConstant(losses, "commitment", vq.losses().commitment());
    losses.put("total", vq.losses().total());
    return new LayerFigures(
        vq.accessCount(), vq.embSpace(), vq.distance(), vq.embClosestSpacing(), null, losses);
  }

  /**
   * Access counts, similarities and codebook of a layer that looks up by the cosine.
   *
   * @param vq what the layer gave
   * @return its figures
   */
  public static LayerFigures of(CosineVqEndpoints<?> vq) {
    return new LayerFigures(
        vq.accessCount(), vq.embSpace(), null, null, vq.similarityValues(), Map.of());
  }

  /**
   * The same of a layer with a vote; pieces that pass are not counted, their similarities are.
   *
   * @param vq what the layer gave
   * @return its figures
   */
  public static LayerFigures of(CosineKnnEndpoints<?> vq) {
    return new LayerFigures(
        vq.accessCount(), vq.embSpace(), null, null, vq.similarityValues(), Map.of());
  }

  /**
   * The sizes of a weight's clusters and its centroids, codes of width 1: k of them, or C · k per
   * channel.
   *
   * @param weight that is clustered
   * @return its figures
   */
  public static LayerFigures of(ClusteredWeight<?> weight) {
    return new LayerFigures(weight.clusterSizes(), weight.centroids(), null, null, null, Map.of());
  }

  private static void putUnlessConstant(
      Map<String, Operand<? extends TFloating>> losses,
      String name,
      Operand<? extends TFloating> loss) {
    if (!isConstant(loss.op())) {
      losses.put(name, loss);
    }
  }

  /** The loss of a weight that is the number 0: a constant, cast to the layer's type. */
  private static boolean isConstant(Operation operation) {
    return operation.type().equals("Const")
        || (operation.type().equals("Cast")
            && operation instanceof GraphOperation cast
            && isConstant(cast.input(0).op()));
  }

  /**
   * The same with a loss of the caller's.
   *
   * @param name of its own
   * @param loss a scalar
   * @return more figures
   */
  public LayerFigures withLoss(String name, Operand<? extends TFloating> loss) {
    Map<String, Operand<? extends TFloating>> more = new LinkedHashMap<>(losses);
    more.put(Objects.requireNonNull(name, "name"), Objects.requireNonNull(loss, "loss"));
    return new LayerFigures(accessCount, codebook, distance, closestSpacing, similarity, more);
  }

  /**
   * All that may be fetched, for {@code Training.minimize}: then what is seen is from before the
   * step.
   *
   * @return operands of the graph
   */
  public List<Operand<?>> operands() {
    List<Operand<?>> all = new ArrayList<>(always());
    all.add(codebook);
    return all;
  }

  private List<Operand<?>> always() {
    List<Operand<?>> all = new ArrayList<>();
    all.add(accessCount);
    for (Operand<?> one : new Operand<?>[] {distance, closestSpacing, similarity}) {
      if (one != null) {
        all.add(one);
      }
    }
    all.addAll(losses.values());
    return all;
  }

  /**
   * Runs, and makes an observation of what was fetched. Cost: the run, and a copy of each figure.
   *
   * @param step number of the step, at least 0
   * @param runner with the step as a target and what it is fed; what it fetches besides must be
   *     other than these, and is not handed out
   * @param withCodebook whether the codebook is looked at, as {@link
   *     org.vqjava.monitoring.CodebookRecorder#viewIsDue} tells
   * @return to be recorded
   * @throws IllegalArgumentException if {@code step} is negative; nothing is run then
   */
  public Observation observe(long step, Session.Runner runner, boolean withCodebook) {
    Observation seen = Observation.at(step);
    List<Operand<?>> fetched = withCodebook ? operands() : always();
    Set<String> names = new HashSet<>(); // a runner refuses to fetch twice
    for (Operand<?> one : fetched) {
      if (names.add(name(one))) {
        runner.fetch(one);
      }
    }
    try (Result result = runner.run()) {
      Tensor counts = tensor(result, accessCount);
      int codes = Math.toIntExact(counts.shape().size());
      seen.accessCount(longs(counts));
      if (distance != null) {
        seen.distance(floats(tensor(result, distance)), codes);
      }
      if (closestSpacing != null) {
        seen.closestSpacing(floats(tensor(result, closestSpacing)));
      }
      if (similarity != null) {
        seen.similarity(floats(tensor(result, similarity)));
      }
      losses.forEach((name, loss) -> seen.loss(name, number(tensor(result, loss))));
      if (withCodebook) {
        Tensor values = tensor(result, codebook);
        seen.codebook(floats(values), Math.toIntExact(values.shape().size() / codes));
      }
    }
    return seen;
  }

  private static String name(Operand<?> operand) {
    return operand.op().name() + ":" + operand.asOutput().index();
  }

  private static Tensor tensor(Result result, Operand<?> operand) {
    return result.get(name(operand)).orElseThrow();
  }

  private static long[] longs(Tensor tensor) {
    long[] values = new long[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asLongs().read(values);
    return values;
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.shape().size())];
    if (tensor instanceof TFloat32) {
      tensor.asRawTensor().data().asFloats().read(values);
    } else {
      double[] wide = doubles((TFloat64) tensor);
      for (int i = 0; i < wide.length; i++) {
        values[i] = (float) wide[i];
      }
    }
    return values;
  }

  private static double[] doubles(TFloat64 tensor) {
    double[] values = new double[Math.toIntExact(tensor.shape().size())];
    tensor.asRawTensor().data().asDoubles().read(values);
    return values;
  }

  private static double number(Tensor scalar) {
    return scalar instanceof TFloat64 wide ? doubles(wide)[0] : floats(scalar)[0];
  }
}
