/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import com.google.protobuf.ByteString;
import org.tensorflow.proto.DataClass;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Summary;
import org.tensorflow.proto.SummaryMetadata;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/**
 * The values of one tag in the form of TensorFlow 2: a tensor, and metadata that name the
 * TensorBoard plugin which shows it.
 *
 * <p>TensorBoard needs the metadata with a tag's first value only. They are written with each, as
 * of two threads either may come first.
 */
final class SummaryValues {
  static final String HPARAMS_PREFIX = "_hparams_/";
  static final String SESSION_START_TAG = HPARAMS_PREFIX + "session_start_info";
  static final String SESSION_END_TAG = HPARAMS_PREFIX + "session_end_info";

  private SummaryValues() {}

  static Summary.Value scalar(String tag, double value) {
    TensorProto.Builder tensor = tensor(DataType.DT_FLOAT).addFloatVal((float) value);
    return value(tag, metadata("scalars", DataClass.DATA_CLASS_SCALAR), tensor);
  }

  /** Rows of left edge, right edge, count. */
  static Summary.Value histogram(String tag, HistogramBins bins) {
    double[] edges = bins.edges();
    double[] counts = bins.counts();
    TensorProto.Builder tensor = tensor(DataType.DT_DOUBLE, counts.length, 3);
    for (int i = 0; i < counts.length; i++) {
      tensor.addDoubleVal(edges[i]).addDoubleVal(edges[i + 1]).addDoubleVal(counts[i]);
    }
    return value(tag, metadata("histograms", DataClass.DATA_CLASS_TENSOR), tensor);
  }

  static Summary.Value text(String tag, String markdown) {
    TensorProto.Builder tensor =
        tensor(DataType.DT_STRING).addStringVal(ByteString.copyFromUtf8(markdown));
    return value(tag, metadata("text", DataClass.DATA_CLASS_TENSOR), tensor);
  }

  /** Width and height as decimal text, then the file. */
  static Summary.Value image(String tag, Png png) {
    TensorProto.Builder tensor =
        tensor(DataType.DT_STRING, 3)
            .addStringVal(ByteString.copyFromUtf8(Integer.toString(png.width())))
            .addStringVal(ByteString.copyFromUtf8(Integer.toString(png.height())))
            .addStringVal(png.file());
    return value(tag, metadata("images", DataClass.DATA_CLASS_BLOB_SEQUENCE), tensor);
  }

  /** All content is in the metadata; the tensor is an empty one, the shortest there is. */
  static Summary.Value hparams(String tag, ByteString content) {
    SummaryMetadata.Builder metadata = metadata("hparams", DataClass.DATA_CLASS_TENSOR);
    metadata.getPluginDataBuilder().setContent(content);
    return value(tag, metadata, tensor(DataType.DT_FLOAT, 0));
  }

  private static Summary.Value value(
      String tag, SummaryMetadata.Builder metadata, TensorProto.Builder tensor) {
    return Summary.Value.newBuilder().setTag(tag).setMetadata(metadata).setTensor(tensor).build();
  }

  private static SummaryMetadata.Builder metadata(String plugin, DataClass dataClass) {
    return SummaryMetadata.newBuilder()
        .setPluginData(SummaryMetadata.PluginData.newBuilder().setPluginName(plugin))
        .setDataClass(dataClass);
  }

  private static TensorProto.Builder tensor(DataType type, long... shape) {
    TensorShapeProto.Builder dimensions = TensorShapeProto.newBuilder();
    for (long size : shape) {
      dimensions.addDim(TensorShapeProto.Dim.newBuilder().setSize(size));
    }
    return TensorProto.newBuilder().setDtype(type).setTensorShape(dimensions);
  }
}
