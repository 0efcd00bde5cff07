/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import com.google.protobuf.InvalidProtocolBufferException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.SavedModel;

/** The file {@code saved_model.pb}. */
final class SavedModelProto {
  private static final String FILE = "saved_model.pb";
  private static final long LARGEST = Integer.MAX_VALUE - 16;
  private static final String TEXT_FILE = "saved_model.pbtxt";

  private SavedModelProto() {}

  static MetaGraphDef graph(Path directory, Set<String> tags) throws IOException {
    Path file = directory.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw new IllegalArgumentException(
          directory
              + " must be a folder with "
              + FILE
              + (Files.exists(directory.resolve(TEXT_FILE)) ? ", got a text SavedModel" : ""));
    }
    if (Files.size(file) > LARGEST) {
      throw new IllegalArgumentException(
          file + " must be of less than 2 GB, as Protobuf has it, got " + Files.size(file) + " B");
    }
    SavedModel model;
    try {
      model = SavedModel.parseFrom(Files.readAllBytes(file));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          file + " must be a whole SavedModel, got one that cannot be parsed: " + e.getMessage(),
          e);
    }
    for (MetaGraphDef graph : model.getMetaGraphsList()) {
      if (Set.copyOf(graph.getMetaInfoDef().getTagsList()).equals(tags)) {
        return graph;
      }
    }
    throw new IllegalArgumentException(
        file
            + " must have a graph with the tags "
            + new TreeSet<>(tags)
            + ", got "
            + model.getMetaGraphsList().stream()
                .map(graph -> graph.getMetaInfoDef().getTagsList().toString())
                .toList());
  }
}
