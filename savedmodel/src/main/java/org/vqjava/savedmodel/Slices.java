/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.tensorflow.proto.AttrValue;
import org.tensorflow.proto.DataType;

/** Parts of tensors, taken by {@code StridedSlice}. */
final class Slices {
  private static final AttrValue INT32 = Attributes.of(DataType.DT_INT32);

  private Slices() {}

  /** Of a vector. */
  static TensorRef of(Site site, String suffix, TensorRef vector, int begin, int end) {
    return site.emit(
        suffix,
        "StridedSlice",
        List.of(
            vector,
            site.constant(suffix + "/begin", new int[] {begin}),
            site.constant(suffix + "/end", new int[] {end}),
            site.constant(suffix + "/stride", new int[] {1})),
        Map.of("T", Attributes.of(site.graph().type(vector)), "Index", INT32));
  }

  /** Each so many of images {@code [N, H, W, C]}, under the name of the node. */
  static TensorRef eachOf(Site site, TensorRef images, List<Long> strides) {
    int[] zeros = new int[strides.size() + 2];
    int[] by =
        LongStream.concat(
                LongStream.of(1),
                LongStream.concat(strides.stream().mapToLong(s -> s), LongStream.of(1)))
            .mapToInt(s -> (int) s)
            .toArray();
    AttrValue all = Attributes.of((1L << zeros.length) - 1);
    return site.emit(
        "StridedSlice",
        List.of(
            images,
            site.constant("each/begin", zeros),
            site.constant("each/end", Arrays.copyOf(zeros, zeros.length)),
            site.constant("each/stride", by)),
        Map.of("T", site.attribute("T"), "Index", INT32, "begin_mask", all, "end_mask", all));
  }
}
