/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.util.Comparator;
import java.util.stream.IntStream;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.vqjava.layers.CodeReplacement;

/** Replaces codes and tells which. */
final class ReplacedCodes {
  private ReplacedCodes() {}

  static int[] replace(Session session, CodeReplacement<TFloat32> replacement) {
    try (Result result =
        session
            .runner()
            .addTarget(replacement.replaceEmbeds())
            .fetch(replacement.replaceableCount())
            .fetch(replacement.accumulatedUsageCount())
            .run()) {
      int count = ((TInt32) result.get(0)).getInt();
      long[] usage = new long[Math.toIntExact(result.get(1).shape().size())];
      ((TInt64) result.get(1)).asRawTensor().data().asLongs().read(usage);
      return leastUsed(usage, count);
    }
  }

  /** The layer replaces those that are least used, the lowest index among equals. */
  static int[] leastUsed(long[] usage, int count) {
    return IntStream.range(0, usage.length)
        .boxed()
        .sorted(Comparator.comparingLong(k -> usage[k]))
        .limit(count)
        .mapToInt(Integer::intValue)
        .toArray();
  }
}
