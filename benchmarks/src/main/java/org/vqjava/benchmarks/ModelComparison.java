/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.framework.optimizers.GradientDescent;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TFloat64;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;
import org.tensorflow.types.TUint8;
import org.tensorflow.types.family.TFloating;
import org.tensorflow.types.family.TNumber;
import org.tensorflow.types.family.TType;
import org.vqjava.ops.Training;
import org.vqjava.savedmodel.FlatModel;
import org.vqjava.savedmodel.TrainableModel;

/**
 * Runs a SavedModel on what Python ran it on, and writes down the same figures: its outputs, the
 * norm of each gradient of the mean squares of its outputs, and its outputs after a step, with the
 * model written back. {@code models.py} is what calls it and compares.
 */
final class ModelComparison {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final float RATE = 1e-3f;

  private ModelComparison() {}

  /**
   * Compares one model.
   *
   * @param arguments the model's folder, the JSON of its inputs, the JSON to write, and the folder
   *     to write the model back into
   * @throws IOException if one cannot be read or written
   */
  public static void main(String[] arguments) throws IOException {
    Path model = Path.of(arguments[0]);
    JsonNode asked = JSON.readTree(Path.of(arguments[1]).toFile());
    ObjectNode told = JSON.createObjectNode();
    try (TrainableModel loaded = FlatModel.read(model).load()) {
      loaded.session().initialize();
      Map<String, Tensor> inputs = inputs(asked.get("inputs"));
      write(told.putObject("outputs"), run(loaded, inputs));
      Operand<TFloat32> loss = meanSquares(loaded);
      gradients(told, loaded, loss, inputs);
      Op step =
          Training.minimize(
              loaded.tf(), loss, loaded.trainable(), new GradientDescent(loaded.graph(), RATE));
      runner(loaded, inputs).addTarget(step).run().close();
      loaded.writeBack(Path.of(arguments[3]));
      write(told.putObject("outputs_after"), run(loaded, inputs));
      inputs.values().forEach(Tensor::close);
    }
    JSON.writeValue(Path.of(arguments[2]).toFile(), told);
  }

  private static Operand<TFloat32> meanSquares(TrainableModel loaded) {
    Ops tf = loaded.tf();
    List<Operand<TFloat32>> terms = new ArrayList<>();
    for (Operand<?> output : floats(loaded).values()) {
      Operand<TFloat32> values = output.asOutput().expect(TFloat32.class);
      terms.add(
          tf.math.mean(
              tf.reshape(tf.math.square(values), tf.constant(new int[] {-1})), tf.constant(0)));
    }
    return terms.size() == 1 ? terms.get(0) : tf.math.addN(terms);
  }

  private static Map<String, Operand<?>> floats(TrainableModel loaded) {
    Map<String, Operand<?>> found = new LinkedHashMap<>(loaded.outputs());
    found.values().removeIf(output -> !output.type().equals(TFloat32.class));
    return found;
  }

  /** One whose gradient does not exist stands as 0, as Python's None does there. */
  private static void gradients(
      ObjectNode told, TrainableModel loaded, Operand<TFloat32> loss, Map<String, Tensor> inputs) {
    Ops tf = loaded.tf();
    Graph graph = loaded.graph();
    List<Operand<? extends TFloating>> variables = loaded.trainable();
    Output<?>[] wanted = variables.stream().map(Operand::asOutput).toArray(Output<?>[]::new);
    Output<?>[] found = graph.addGradients(loss.asOutput(), wanted);
    ArrayNode all = told.putArray("gradients");
    Session.Runner runner = runner(loaded, inputs);
    for (Output<?> gradient : found) {
      Operand<TFloat32> flat =
          tf.reshape(tf.dtypes.cast(number(gradient), TFloat32.class), tf.constant(new int[] {-1}));
      runner.fetch(tf.math.sqrt(tf.sum(tf.math.square(flat), tf.constant(0))));
    }
    try (Result result = runner.run()) {
      for (int i = 0; i < found.length; i++) {
        ObjectNode one = all.addObject();
        ArrayNode shape = one.putArray("shape");
        for (long size : wanted[i].shape().asArray()) {
          shape.add(size);
        }
        one.put("norm", ((TFloat32) result.get(i)).getFloat());
      }
    }
  }

  @SuppressWarnings("unchecked") // a gradient is of numbers
  private static Operand<? extends TNumber> number(Output<?> gradient) {
    return (Operand<? extends TNumber>) gradient;
  }

  private static Session.Runner runner(TrainableModel loaded, Map<String, Tensor> inputs) {
    Session.Runner runner = loaded.session().runner();
    inputs.forEach((name, tensor) -> runner.feed(loaded.input(name), tensor));
    return runner;
  }

  private static Map<String, float[]> run(TrainableModel loaded, Map<String, Tensor> inputs) {
    Map<String, Operand<?>> outputs = floats(loaded);
    Session.Runner runner = runner(loaded, inputs);
    outputs.values().forEach(runner::fetch);
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Result result = runner.run()) {
      for (String name : outputs.keySet()) {
        TFloat32 tensor = (TFloat32) result.get(values.size());
        float[] flat = new float[Math.toIntExact(tensor.size())];
        tensor.copyTo(DataBuffers.of(flat, false, false));
        values.put(name, flat);
      }
    }
    return values;
  }

  private static void write(ObjectNode node, Map<String, float[]> values) {
    values.forEach(
        (name, flat) -> {
          ArrayNode array = node.putArray(name);
          for (float value : flat) {
            array.add(value);
          }
        });
  }

  private static Map<String, Tensor> inputs(JsonNode described) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    described.properties().forEach(input -> tensors.put(input.getKey(), tensor(input.getValue())));
    return tensors;
  }

  private static TType tensor(JsonNode described) {
    long[] sizes = JSON.convertValue(described.get("shape"), long[].class);
    double[] values = JSON.convertValue(described.get("values"), double[].class);
    Shape shape = Shape.of(sizes);
    String type = described.get("dtype").asText();
    return switch (type) {
      case "float32" -> TFloat32.tensorOf(shape, DataBuffers.of(floats(values)));
      case "float64" -> TFloat64.tensorOf(shape, DataBuffers.of(values));
      case "int32" -> {
        int[] whole = new int[values.length];
        for (int i = 0; i < whole.length; i++) {
          whole[i] = (int) values[i];
        }
        yield TInt32.tensorOf(shape, DataBuffers.of(whole));
      }
      case "int64" -> {
        long[] whole = new long[values.length];
        for (int i = 0; i < whole.length; i++) {
          whole[i] = (long) values[i];
        }
        yield TInt64.tensorOf(shape, DataBuffers.of(whole));
      }
      case "uint8" -> {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
          bytes[i] = (byte) (int) values[i];
        }
        yield TUint8.tensorOf(shape, DataBuffers.of(bytes));
      }
      case "bool" -> {
        boolean[] flags = new boolean[values.length];
        for (int i = 0; i < flags.length; i++) {
          flags[i] = values[i] != 0;
        }
        yield TBool.tensorOf(shape, DataBuffers.of(flags));
      }
      default -> throw new IllegalArgumentException("dtype must be numeric, got " + type);
    };
  }

  private static float[] floats(double[] values) {
    float[] narrow = new float[values.length];
    for (int i = 0; i < narrow.length; i++) {
      narrow[i] = (float) values[i];
    }
    return narrow;
  }
}
