/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import org.tensorflow.Result;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.vqjava.clustering.archive.ArchiveOptions;
import org.vqjava.clustering.archive.ArchiveWriter;
import org.vqjava.clustering.archive.ArchivedTensor;
import org.vqjava.savedmodel.ModelDescription;
import org.vqjava.savedmodel.ModelVariable;
import org.vqjava.savedmodel.NewFolder;
import org.vqjava.savedmodel.TrainableModel;

/** Where a compressed model is: the SavedModel, the archive, the report. */
final class CompressedFolder {
  static final String MODEL = "model";
  static final String ARCHIVE = "weights.vqa";
  static final String REPORT = "report.txt";

  private static final String WRITING = "writing";

  private final Path directory;

  /**
   * Says no before the work, not after it.
   *
   * @throws IllegalArgumentException if there is something in the folder, or it is in the model's
   */
  CompressedFolder(Path directory, Path model) throws IOException {
    this.directory = directory;
    NewFolder.checkIsFree(directory);
    NewFolder.checkIsOutside(directory, model);
  }

  /**
   * Writes all three, which appear together.
   *
   * @param report of the bytes of the archive
   */
  CompressionReport write(
      TrainableModel model,
      Map<String, ? extends ArchivedTensor> compressed,
      LongFunction<CompressionReport> report)
      throws IOException, InterruptedException {
    Interruption.check(WRITING);
    List<CompressionReport> written = new ArrayList<>();
    try {
      NewFolder.write(
          directory,
          folder -> {
            model.writeBack(folder.resolve(MODEL));
            Path archive = folder.resolve(ARCHIVE);
            ArchiveWriter.write(archive, tensors(model, compressed), ArchiveOptions.defaults());
            written.add(report.apply(Files.size(archive)));
            Files.writeString(folder.resolve(REPORT), written.get(0).toString());
          });
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw Interruption.in(WRITING);
    }
    return written.get(0);
  }

  private static List<ArchivedTensor> tensors(
      TrainableModel model, Map<String, ? extends ArchivedTensor> compressed) {
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
    return tensors;
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

  private static String reason(ModelVariable variable) {
    return variable.type() == DataType.DT_FLOAT
        ? "has no numbers"
        : "is " + ModelDescription.type(variable.type());
  }

  /** What the archive leaves out. */
  static List<String> notes(TrainableModel model) {
    return model.flat().variables().stream()
        .filter(variable -> !isArchived(variable))
        .map(variable -> "not in the archive, as it " + reason(variable) + ": " + variable.name())
        .toList();
  }
}
