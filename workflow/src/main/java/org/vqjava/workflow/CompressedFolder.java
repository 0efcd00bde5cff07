/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.tensorflow.Result;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.archive.ArchiveOptions;
import org.vqjava.clustering.archive.ArchiveWriter;
import org.vqjava.clustering.archive.ArchivedTensor;
import org.vqjava.savedmodel.ModelVariable;
import org.vqjava.savedmodel.TrainableModel;

/** Where a compressed model is: the SavedModel, the archive, the report. */
final class CompressedFolder {
  static final String MODEL = "model";
  static final String ARCHIVE = "weights.vqa";
  static final String REPORT = "report.txt";

  private final Path directory;

  /**
   * Says no before the work, not after it.
   *
   * @throws IllegalArgumentException if there is something in the folder
   */
  CompressedFolder(Path directory) throws IOException {
    this.directory = directory;
    if (Files.isDirectory(directory)) {
      try (Stream<Path> entries = Files.list(directory)) {
        if (entries.findAny().isPresent()) {
          throw new IllegalArgumentException(
              "out must be a new or empty folder, got " + directory + " with files in it");
        }
      }
    } else if (Files.exists(directory)) {
      throw new IllegalArgumentException("out must be a folder, got the file " + directory);
    }
  }

  /** Writes model and archive; tells the bytes of the archive. */
  long write(TrainableModel model, Map<String, ? extends ArchivedTensor> compressed)
      throws IOException {
    Files.createDirectories(directory);
    model.writeBack(directory.resolve(MODEL));
    List<ArchivedTensor> tensors = new ArrayList<>();
    for (ModelVariable variable : model.flat().variables()) {
      ArchivedTensor tensor = compressed.get(variable.name());
      if (tensor != null) {
        tensors.add(tensor);
      } else if (isArchived(variable)) {
        tensors.add(
            new ArchivedTensor.Plain(
                variable.name(), variable.shape(), values(model, variable.name())));
      }
    }
    Path archive = directory.resolve(ARCHIVE);
    ArchiveWriter.write(archive, tensors, ArchiveOptions.defaults());
    return Files.size(archive);
  }

  void write(CompressionReport report) throws IOException {
    Files.writeString(directory.resolve(REPORT), report.toString());
  }

  static boolean isArchived(ModelVariable variable) {
    return variable.type() == DataType.DT_FLOAT && variable.shape().size() > 0;
  }

  /** What the model computes with for a variable. */
  static float[] values(TrainableModel model, String variable) {
    try (Result result = model.session().runner().fetch(model.weight(variable)).run()) {
      TFloat32 tensor = (TFloat32) result.get(0);
      float[] values = new float[Math.toIntExact(tensor.size())];
      tensor.asRawTensor().data().asFloats().read(values);
      return values;
    }
  }

  static long bytes(TrainableModel model) {
    return model.flat().variables().stream()
        .filter(CompressedFolder::isArchived)
        .mapToLong(variable -> variable.shape().size() * Float.BYTES)
        .sum();
  }

  /** What the archive leaves out. */
  static List<String> notes(TrainableModel model) {
    return model.flat().variables().stream()
        .filter(variable -> !isArchived(variable))
        .map(variable -> "not in the archive, as it is " + variable.type() + ": " + variable.name())
        .toList();
  }
}
