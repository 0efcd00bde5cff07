/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.monitoring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.google.protobuf.ByteString;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The expected bytes were made with TensorBoard 2.18:
 *
 * <pre>
 * from tensorboard.plugins.hparams import plugin_data_pb2 as p
 * d = p.HParamsPluginData(); s = d.session_start_info
 * s.hparams['codes'].number_value = 512
 * s.hparams['ema'].bool_value = True
 * s.hparams['metric'].string_value = 'EUCLIDEAN'
 * s.start_time_secs = 1700000000.25
 * print(d.SerializeToString(deterministic=True).hex())
 * d = p.HParamsPluginData(); d.session_end_info.status = 2
 * d.session_end_info.end_time_secs = 1700000001.5
 * print(d.SerializeToString(deterministic=True).hex())
 * </pre>
 */
class HparamsProtoTest {
  private static final String START =
      "1a3f0a120a05636f64657312091100000000000080400a090a03656d61120220010a150a066d6574726963120b1a"
          + "094555434c494445414e2900001040fc54d941";
  private static final String END = "220b08021100006040fc54d941";

  private enum Metric {
    EUCLIDEAN
  }

  @Test
  void sessionStartIsThatOfTensorBoard() {
    Map<String, Object> hparams = new LinkedHashMap<>();
    hparams.put("metric", "EUCLIDEAN");
    hparams.put("ema", true);
    hparams.put("codes", 512);

    assertEquals(START, hex(HparamsProto.sessionStart(hparams, 1700000000.25)));
  }

  @Test
  void enumIsWrittenAsItsName() {
    Map<String, Object> hparams = Map.of("metric", Metric.EUCLIDEAN, "ema", true, "codes", 512f);

    assertEquals(START, hex(HparamsProto.sessionStart(hparams, 1700000000.25)));
  }

  @Test
  void sessionEndIsThatOfTensorBoard() {
    assertEquals(END, hex(HparamsProto.sessionEnd(SessionStatus.FAILURE, 1700000001.5)));
  }

  @Test
  void valueOfAnotherTypeIsRefused() {
    assertRefused(
        "hparams value of 'sizes' must be a Boolean, Number, CharSequence or Enum, got "
            + List.of(1).getClass().getName(),
        Map.of("sizes", List.of(1)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void numberThatIsNotFiniteIsRefused(double value) {
    assertRefused("hparams value of 'beta' must be finite, got " + value, Map.of("beta", value));
  }

  @Test
  void blankNameIsRefused() {
    assertRefused("hparams name must not be blank, got ' '", Map.of(" ", 1));
  }

  @Test
  void missingValueIsNamed() {
    Map<String, Object> hparams = new HashMap<>();
    hparams.put("beta", null);

    var error =
        assertThrows(NullPointerException.class, () -> HparamsProto.sessionStart(hparams, 0));
    assertEquals("hparams value of 'beta'", error.getMessage());
  }

  private static void assertRefused(String message, Map<String, ?> hparams) {
    var error =
        assertThrows(IllegalArgumentException.class, () -> HparamsProto.sessionStart(hparams, 0));
    assertEquals(message, error.getMessage());
  }

  private static String hex(ByteString bytes) {
    return HexFormat.of().formatHex(bytes.toByteArray());
  }
}
