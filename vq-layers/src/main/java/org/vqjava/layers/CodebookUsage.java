/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.stream.IntStream;
import org.tensorflow.Tensor;
import org.tensorflow.types.TInt64;

/**
 * How much of a codebook is in use, over the batches of a window: it takes the access counts that a
 * run returned, as a tensor or as an array.
 *
 * <p>Adding costs O(K), a summary O(K); memory is 8·K bytes a batch of the window. Not safe for
 * several threads at once.
 *
 * <pre>{@code
 * CodebookUsage usage = new CodebookUsage(512, 100);
 * try (Result result = session.runner().addTarget(step).fetch(vq.accessCount()).run()) {
 *   usage.add(result.get(0)); // after each step
 * }
 * usage.summary().perplexity();
 * }</pre>
 */
public final class CodebookUsage {
  private final int window;
  private final Deque<long[]> batches = new ArrayDeque<>();
  private final long[] counts;

  /**
   * Starts with an empty window.
   *
   * @param size K, how many codes
   * @param window over how many of the last batches to count, at least 1
   * @throws IllegalArgumentException if a number is below 1
   */
  public CodebookUsage(int size, int window) {
    this.counts = new long[Check.atLeast("size", 1, size)];
    this.window = Check.atLeast("window", 1, window);
  }

  /**
   * Adds a batch; the oldest one leaves the window once it is full.
   *
   * @param accessCount how often each code was taken, {@code [K]}; copied
   * @throws IllegalArgumentException if there are not K counts or one is negative
   */
  public void add(long[] accessCount) {
    if (accessCount.length != counts.length) {
      throw new IllegalArgumentException(
          "accessCount must have a count for each of the "
              + counts.length
              + " codes, got "
              + accessCount.length);
    }
    for (long count : accessCount) {
      if (count < 0) {
        throw new IllegalArgumentException("accessCount must not be negative, got " + count);
      }
    }
    long[] batch = accessCount.clone();
    batches.addLast(batch);
    Arrays.setAll(counts, k -> counts[k] + batch[k]);
    if (batches.size() > window) {
      long[] oldest = batches.removeFirst();
      Arrays.setAll(counts, k -> counts[k] - oldest[k]);
    }
  }

  /**
   * Adds a batch as a run returned it: the endpoint {@code accessCount}.
   *
   * @param accessCount how often each code was taken, int64 {@code [K]}; copied, and stays the
   *     caller's to close
   * @throws IllegalArgumentException if it is of another type, there are not K counts or one is
   *     negative
   */
  public void add(Tensor accessCount) {
    add(counts(accessCount));
  }

  private static long[] counts(Tensor accessCount) {
    if (!(accessCount instanceof TInt64)) {
      throw new IllegalArgumentException(
          "accessCount must be int64, got " + accessCount.dataType());
    }
    long[] counts = new long[Math.toIntExact(accessCount.shape().size())];
    accessCount.asRawTensor().data().asLongs().read(counts);
    return counts;
  }

  /** Forgets all batches, after a replacement of codes say. */
  public void clear() {
    batches.clear();
    Arrays.fill(counts, 0);
  }

  /**
   * The figures over the window.
   *
   * @return the figures; all 0 for an empty window
   */
  public Summary summary() {
    return Summary.of(counts);
  }

  /**
   * The codes that no batch of the window took.
   *
   * @return their indices, ascending
   */
  public int[] deadCodes() {
    return IntStream.range(0, counts.length).filter(k -> counts[k] == 0).toArray();
  }

  /**
   * How much of a codebook is in use.
   *
   * @param accesses how many vectors were looked up; 2⁶³ − 1 for more than that
   * @param codes K
   * @param used how many codes were taken at least once
   * @param entropy of the distribution over the codes, in nats
   * @param perplexity exp of the entropy: as many codes, all equally often taken, would have it;
   *     from 1 to K, 0 if nothing was looked up
   */
  public record Summary(long accesses, int codes, int used, double entropy, double perplexity) {
    /**
     * The figures of counts.
     *
     * @param counts how often each code was taken, not negative
     * @return the figures
     */
    public static Summary of(long[] counts) {
      double total = Arrays.stream(counts).asDoubleStream().sum(); // counts may be of any size
      double entropy = 0;
      int used = 0;
      for (long count : counts) {
        if (count > 0) {
          double p = count / total;
          entropy -= p * Math.log(p);
          used++;
        }
      }
      long accesses = total < Long.MAX_VALUE ? Arrays.stream(counts).sum() : Long.MAX_VALUE;
      return new Summary(
          accesses, counts.length, used, entropy, total == 0 ? 0 : Math.exp(entropy));
    }

    /**
     * The figures of counts as a run returned them: the endpoint {@code accessCount}.
     *
     * @param accessCount how often each code was taken, int64 {@code [K]}
     * @return the figures
     * @throws IllegalArgumentException if it is of another type
     */
    public static Summary of(Tensor accessCount) {
      return of(counts(accessCount));
    }

    /**
     * How many codes were never taken.
     *
     * @return K − used
     */
    public int dead() {
      return codes - used;
    }

    /**
     * The part of the codebook that is in use.
     *
     * @return used / K, from 0 to 1
     */
    public double usage() {
      return (double) used / codes;
    }
  }
}
