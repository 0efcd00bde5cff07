/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.benchmarks.overhead;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.tensorflow.SavedModelBundle;
import org.vqjava.savedmodel.FlatModel;

/** A convolutional network of Keras, loaded by TensorFlow as it is, and read and flattened. */
@State(Scope.Thread)
public class ImportOverhead {
  private static final String MODEL = "/models/keras3-cnn-export/model/";
  private static final List<String> FILES =
      List.of(
          "saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001");

  private @Nullable Path directory;

  /**
   * Puts the model where files are.
   *
   * @throws IOException if it cannot be written
   */
  @Setup
  public void unpack() throws IOException {
    Path folder = Files.createTempDirectory("vq-bench");
    Files.createDirectory(folder.resolve("variables"));
    for (String file : FILES) {
      try (InputStream in = ImportOverhead.class.getResourceAsStream(MODEL + file)) {
        Files.copy(Objects.requireNonNull(in, file), folder.resolve(file));
      }
    }
    directory = folder;
  }

  /**
   * Removes it.
   *
   * @throws IOException if it cannot be removed
   */
  @TearDown
  public void remove() throws IOException {
    Path folder = Objects.requireNonNull(directory);
    for (String file : FILES) {
      Files.delete(folder.resolve(file));
    }
    Files.delete(folder.resolve("variables"));
    Files.delete(folder);
  }

  /**
   * TensorFlow's own way: functions stay, nothing can be trained.
   *
   * @return how many signatures it has
   */
  @Benchmark
  public int loadAsItIs() {
    try (SavedModelBundle bundle =
        SavedModelBundle.load(Objects.requireNonNull(directory).toString())) {
      return bundle.signatures().size();
    }
  }

  /**
   * Checked, with its functions inlined.
   *
   * @return the number of variables
   * @throws IOException if it cannot be read
   */
  @Benchmark
  public int readAndFlatten() throws IOException {
    return FlatModel.read(Objects.requireNonNull(directory)).variables().size();
  }
}
