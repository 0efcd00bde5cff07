/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Operation;
import org.tensorflow.Result;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.train.Restore;
import org.tensorflow.op.train.Save;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TString;
import org.tensorflow.types.family.TType;
import org.vqjava.ops.Scopes;

/** The values that a model or a training saved, read by TensorFlow once their index is checked. */
final class Checkpoint {
  /** Where models have it. */
  static final String FOLDER = "variables";

  private static final String PREFIX = "variables";

  private final Path prefix;
  private final @Nullable CheckpointIndex index;

  private Checkpoint(Path prefix, @Nullable CheckpointIndex index) {
    this.prefix = prefix;
    this.index = index;
  }

  /** That of a model; without entries if it has none. */
  static Checkpoint ofModel(Path directory) throws IOException {
    return in(directory.resolve(FOLDER));
  }

  static Checkpoint in(Path folder) throws IOException {
    Path prefix = folder.resolve(PREFIX);
    return Files.exists(folder.resolve(PREFIX + ".index"))
        ? new Checkpoint(prefix, CheckpointIndex.read(prefix))
        : new Checkpoint(prefix, null);
  }

  private List<CheckpointIndex.Entry> entries() {
    return index == null ? List.of() : index.entries();
  }

  Set<String> keys() {
    Set<String> keys = new LinkedHashSet<>();
    entries().forEach(entry -> keys.add(entry.key()));
    return keys;
  }

  Optional<CheckpointIndex.Entry> find(String key) {
    return index == null ? Optional.empty() : index.find(key);
  }

  /** Refuses variables that it does not hold as they are. */
  void checkHolds(Collection<ModelVariable> variables) {
    for (ModelVariable variable : variables) {
      if (variable.checkpointKeys().isEmpty()) {
        throw new IllegalArgumentException(
            prefix
                + " must hold variable "
                + variable.name()
                + ", got no key for it: neither what the model restores nor its objects name one");
      }
      for (String key : variable.checkpointKeys()) {
        checkHolds(key, variable.type(), variable.shape());
      }
    }
  }

  void checkHolds(String key, DataType type, Shape shape) {
    CheckpointIndex.Entry entry =
        find(key)
            .orElseThrow(
                () -> new IllegalArgumentException(prefix + " must hold " + key + ", got none"));
    if (entry.type() != type || !entry.shape().equals(shape) || entry.partitioned()) {
      throw new IllegalArgumentException(
          prefix
              + " must hold "
              + key
              + " as "
              + type
              + shape
              + ", got "
              + entry.type()
              + entry.shape()
              + (entry.partitioned() ? " in parts" : ""));
    }
  }

  /** Key → value, of some keys that it holds; the caller closes the result. */
  Result read(Collection<String> keys) {
    List<DataType> types = new ArrayList<>();
    keys.forEach(key -> types.add(find(key).orElseThrow().type()));
    Scopes.requireAsciiDigits();
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      Operation restore =
          graph
              .opBuilder(Restore.OP_NAME, "Restore", graph.baseScope())
              .addInput(tf.constant(prefix.toString()).asOutput())
              .addInput(texts(tf, keys).asOutput())
              .addInput(texts(tf, wholes(keys.size())).asOutput())
              .setAttr("dtypes", types.toArray(new DataType[0]))
              .build();
      Session.Runner runner = session.runner();
      for (int i = 0; i < types.size(); i++) {
        runner.fetch(restore.output(i));
      }
      return runner.run();
    } catch (RuntimeException e) {
      throw new IllegalArgumentException(
          prefix + " must be a checkpoint that can be read, got: " + e.getMessage(), e);
    }
  }

  /** Reads all that it holds, and writes it to another folder with some values replaced. */
  void copy(Path folder, Map<String, Tensor> replaced) throws IOException {
    Set<String> keys = keys();
    if (keys.isEmpty()) {
      return;
    }
    try (Result result = read(keys)) {
      Map<String, Tensor> values = new LinkedHashMap<>();
      for (String key : keys) {
        Tensor value = replaced.get(key);
        values.put(key, value == null ? result.get(values.size()) : value);
      }
      write(folder, values);
    }
  }

  /** Writes a checkpoint into a folder that is there and has none; nothing for no values. */
  static void write(Path folder, Map<String, ? extends Tensor> values) throws IOException {
    if (values.isEmpty()) {
      return;
    }
    Scopes.requireAsciiDigits();
    try (Graph graph = new Graph();
        Session session = new Session(graph)) {
      Ops tf = Ops.create(graph);
      List<Operand<?>> tensors = new ArrayList<>();
      Session.Runner runner = session.runner();
      for (Tensor value : values.values()) {
        Operand<?> tensor = tf.placeholder(((TType) value).type());
        tensors.add(tensor);
        runner.feed(tensor, value);
      }
      Save save =
          tf.train.save(
              tf.constant(folder.resolve(PREFIX).toString()),
              texts(tf, values.keySet()),
              texts(tf, wholes(values.size())),
              tensors);
      runner.addTarget(save).run().close();
    } catch (TensorFlowException e) {
      throw e; // the new folder tells what the system said
    } catch (RuntimeException e) {
      throw new IOException(folder + " cannot be written: " + e.getMessage(), e);
    }
  }

  private static Operand<TString> texts(Ops tf, Collection<String> texts) {
    return tf.constantOf(TString.vectorOf(texts.toArray(new String[0])));
  }

  /** What says that a tensor is no part of a larger one. */
  private static List<String> wholes(int size) {
    String[] wholes = new String[size];
    Arrays.fill(wholes, "");
    return List.of(wholes);
  }
}
