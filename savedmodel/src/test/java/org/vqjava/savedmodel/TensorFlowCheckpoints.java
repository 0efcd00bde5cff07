/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TBfloat16;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat16;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TString;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TType;

/** Checkpoints as TensorFlow writes and reads them. */
final class TensorFlowCheckpoints {
  static final Map<DataType, Class<? extends TType>> TYPES =
      Map.of(
          DataType.DT_FLOAT, TFloat32.class,
          DataType.DT_DOUBLE, TFloat64.class,
          DataType.DT_HALF, TFloat16.class,
          DataType.DT_BFLOAT16, TBfloat16.class,
          DataType.DT_UINT8, TUint8.class,
          DataType.DT_INT32, TInt32.class,
          DataType.DT_INT64, TInt64.class,
          DataType.DT_BOOL, TBool.class,
          DataType.DT_STRING, TString.class);

  private TensorFlowCheckpoints() {}

  static Operand<TString> strings(Ops tf, String... values) {
    return tf.constantOf(TString.vectorOf(values));
  }

  /** A tensor, read by TensorFlow, which refuses another type than that of the file. */
  static TType restored(Ops tf, Path prefix, CheckpointIndex.Entry entry) {
    return tf.train
        .restore(
            tf.constant(prefix.toString()),
            strings(tf, entry.key()),
            strings(tf, ""),
            List.of(TYPES.getOrDefault(entry.type(), TFloat32.class)))
        .tensors()
        .get(0)
        .asTensor();
  }

  /** Each name with what it is a slice of, or nothing if it is whole. */
  static void save(
      Ops tf, Path prefix, List<String> names, List<String> slices, List<Operand<?>> values) {
    tf.train.save(
        tf.constant(prefix.toString()),
        strings(tf, names.toArray(new String[0])),
        strings(tf, slices.toArray(new String[0])),
        values);
  }

  static void merge(Ops tf, List<Path> parts, Path prefix) {
    tf.train.mergeV2Checkpoints(
        strings(tf, parts.stream().map(Path::toString).toArray(String[]::new)),
        tf.constant(prefix.toString()));
  }
}
