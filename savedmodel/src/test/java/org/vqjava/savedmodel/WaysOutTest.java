/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.vqjava.savedmodel.SyntheticModel.FLOAT;
import static org.vqjava.savedmodel.SyntheticModel.constant;
import static org.vqjava.savedmodel.SyntheticModel.node;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.Result;
import org.tensorflow.types.TFloat32;
import org.vqjava.testing.TensorValues;

/** Folders that are written: where they may be, what of the original is in them. */
class WaysOutTest {
  private final Path directory;
  private final Path dense = ModelFolders.model("dense-digits");

  WaysOutTest(@TempDir Path directory) throws IOException {
    this.directory = directory.toRealPath();
  }

  private static void refused(String message, Executable executable) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, executable).getMessage());
  }

  private Path copy(String name) throws IOException {
    Path copy = directory.resolve(name);
    try (TrainableModel loaded = FlatModel.read(dense).load()) {
      loaded.writeBack(copy);
    }
    return copy;
  }

  /** As a folder of versions has one, {@code latest} say. */
  @Test
  void aModelThatALinkNamesIsWrittenBackWhole() throws IOException {
    Path link = Files.createSymbolicLink(directory.resolve("latest"), copy("v1"));
    try (TrainableModel loaded = FlatModel.read(link).load()) {
      loaded.writeBack(directory.resolve("v2"));
    }
    assertArrayEquals(
        Files.readAllBytes(directory.resolve("v1/saved_model.pb")),
        Files.readAllBytes(directory.resolve("v2/saved_model.pb")));
    FlatModel.read(directory.resolve("v2")).load().close();
  }

  @Test
  void aLinkToAFileOfTheModelIsCopiedAndOneToAFolderIsRefused() throws IOException {
    Path model = copy("model");
    Path assets = Files.createDirectory(model.resolve("assets"));
    Files.writeString(assets.resolve("words"), "oak");
    Files.createSymbolicLink(assets.resolve("again"), assets.resolve("words"));
    try (TrainableModel loaded = FlatModel.read(model).load()) {
      loaded.writeBack(directory.resolve("out"));
      assertEquals("oak", Files.readString(directory.resolve("out/assets/again")));
      assertFalse(Files.isSymbolicLink(directory.resolve("out/assets/again")));
      Files.createSymbolicLink(model.resolve("assets.extra"), assets);
      refused(
          model.resolve("assets.extra")
              + " must be a file or a folder of its own, got a link to the folder "
              + assets,
          () -> loaded.writeBack(directory.resolve("other")));
      assertFalse(Files.exists(directory.resolve("other")));
    }
  }

  @Test
  void aModelIsNotWrittenIntoItself() throws IOException {
    Path model = copy("model");
    Path link = Files.createSymbolicLink(directory.resolve("link"), model);
    try (TrainableModel loaded = FlatModel.read(model).load()) {
      for (Path inside : List.of(model.resolve("new/out"), link.resolve("out"), model)) {
        for (Executable way :
            List.<Executable>of(() -> loaded.writeBack(inside), () -> loaded.export(inside))) {
          refused(inside + " must be outside of the model's folder, got one in " + model, way);
        }
      }
      loaded.writeBack(directory.resolve("model-2"));
    }
    assertFalse(Files.exists(model.resolve("new")));
  }

  /** Such a one can be rewritten, and keeps what a rewriting trains. */
  @Test
  void aModelWithoutVariablesGoesAllWays() throws IOException {
    Path model =
        new SyntheticModel()
            .output("y:0")
            .add(constant("x", 2f), node("y", "Neg", Map.of("T", FLOAT), "x"))
            .write(directory.resolve("model"));
    try (TrainableModel loaded = FlatModel.read(model).load()) {
      loaded.export(directory.resolve("exported"));
      loaded.writeBack(directory.resolve("back"));
      loaded.saveCheckpoint(directory.resolve("steps"), 3);
      assertEquals(OptionalLong.of(3), loaded.restoreCheckpoint(directory.resolve("steps")));
      loaded.copyFrom(loaded);
    }
    for (String way : List.of("exported", "back")) {
      try (TrainableModel again = FlatModel.read(directory.resolve(way)).load();
          Result result = again.session().runner().fetch(again.outputs().get("y")).run()) {
        assertEquals(-2, TensorValues.doubles(result.get(0))[0], way);
      }
    }
    try (TrainableModel rewritten =
        FlatModel.read(model)
            .rewrite("x", (tf, x) -> tf.math.mul(x, tf.variable(tf.constant(3f)).asOutput()))
            .load()) {
      rewritten.export(directory.resolve("rewritten"));
    }
    try (TrainableModel again = FlatModel.read(directory.resolve("rewritten")).load();
        Result result = again.session().runner().fetch(again.outputs().get("y")).run()) {
      assertEquals(-6, ((TFloat32) result.get(0)).getFloat());
    }
  }

  @Test
  void aFileLargerThanProtobufTakesIsRefusedBeforeItIsRead() throws IOException {
    Path file = directory.resolve("saved_model.pb");
    long size = 3L << 30;
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(size);
    }
    refused(
        file + " must be of less than 2 GB, as Protobuf has it, got " + size + " B",
        () -> FlatModel.read(directory));
    assertTrue(Files.exists(file));
  }
}
