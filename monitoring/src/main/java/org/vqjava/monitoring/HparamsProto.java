/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.google.protobuf.UnknownFieldSet.Field;
import com.google.protobuf.Value;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * The messages of TensorBoard's HParams plugin, field by field, as TensorFlow Java has no classes
 * for them.
 *
 * <pre>
 * HParamsPluginData { 1: int32 version = 0;  3: SessionStartInfo;  4: SessionEndInfo }
 * SessionStartInfo  { 1: map&lt;string, google.protobuf.Value&gt; hparams;  5: double start_time_secs }
 * SessionEndInfo    { 1: Status status;  2: double end_time_secs }
 * </pre>
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorboard/blob/2.18.0/tensorboard/plugins/hparams/plugin_data.proto">plugin_data.proto</a>
 */
final class HparamsProto {
  private static final int PLUGIN_SESSION_START = 3;
  private static final int PLUGIN_SESSION_END = 4;
  private static final int START_HPARAMS = 1;
  private static final int START_TIME = 5;
  private static final int ENTRY_KEY = 1;
  private static final int ENTRY_VALUE = 2;
  private static final int END_STATUS = 1;
  private static final int END_TIME = 2;

  private HparamsProto() {}

  /** The start of a session; names come in their natural order, whatever the map's. */
  static ByteString sessionStart(Map<String, ?> hparams, double seconds) {
    Field.Builder entries = Field.newBuilder();
    for (Map.Entry<String, ?> entry : new TreeMap<String, Object>(hparams).entrySet()) {
      String name = Check.notBlank("hparams name", entry.getKey());
      entries.addLengthDelimited(
          UnknownFieldSet.newBuilder()
              .addField(ENTRY_KEY, bytes(ByteString.copyFromUtf8(name)))
              .addField(ENTRY_VALUE, bytes(value(name, entry.getValue()).toByteString()))
              .build()
              .toByteString());
    }
    return plugin(
        PLUGIN_SESSION_START,
        UnknownFieldSet.newBuilder()
            .addField(START_HPARAMS, entries.build())
            .addField(START_TIME, number(seconds)));
  }

  /** The end of a session. */
  static ByteString sessionEnd(SessionStatus status, double seconds) {
    return plugin(
        PLUGIN_SESSION_END,
        UnknownFieldSet.newBuilder()
            .addField(END_STATUS, Field.newBuilder().addVarint(status.number()).build())
            .addField(END_TIME, number(seconds)));
  }

  private static Value value(String name, Object value) {
    Objects.requireNonNull(value, () -> "hparams value of '" + name + "'");
    Value.Builder builder = Value.newBuilder();
    if (value instanceof Boolean bool) {
      return builder.setBoolValue(bool).build();
    }
    if (value instanceof Number number) {
      return builder
          .setNumberValue(Check.finite("hparams value of '" + name + "'", number.doubleValue()))
          .build();
    }
    if (value instanceof CharSequence text) {
      return builder.setStringValue(text.toString()).build();
    }
    if (value instanceof Enum<?> constant) {
      return builder.setStringValue(constant.name()).build();
    }
    throw new IllegalArgumentException(
        "hparams value of '"
            + name
            + "' must be a Boolean, Number, CharSequence or Enum, got "
            + value.getClass().getName());
  }

  private static ByteString plugin(int field, UnknownFieldSet.Builder message) {
    return UnknownFieldSet.newBuilder()
        .addField(field, bytes(message.build().toByteString()))
        .build()
        .toByteString();
  }

  private static Field bytes(ByteString value) {
    return Field.newBuilder().addLengthDelimited(value).build();
  }

  private static Field number(double value) {
    return Field.newBuilder().addFixed64(Double.doubleToRawLongBits(value)).build();
  }
}
