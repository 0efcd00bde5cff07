/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.LongFunction;
import org.tensorflow.Result;
import org.tensorflow.Session;
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
    List<ModelVariable> archived =
        model.flat().variables().stream().filter(CompressedFolder::isArchived).toList();
    Map<String, float[]> plain =
        values(
            model,
            archived.stream()
                .map(ModelVariable::name)
                .filter(name -> !compressed.containsKey(name))
                .toList());
    List<ArchivedTensor> tensors = new ArrayList<>();
    for (ModelVariable variable : archived) {
      ArchivedTensor tensor = compressed.get(variable.name());
      tensors.add(
          tensor != null
              ? tensor
              : new ArchivedTensor.Plain(
                  variable.name(),
                  variable.shape(),
                  Objects.requireNonNull(plain.get(variable.name()))));
    }
    return tensors;
  }

  static boolean isArchived(ModelVariable variable) {
    return variable.type() == DataType.DT_FLOAT && variable.shape().size() > 0;
  }

  /** What the model computes with for float32 variables, in one run of its session. */
  static Map<String, float[]> values(TrainableModel model, List<String> variables) {
    Map<String, float[]> values = new LinkedHashMap<>();
    if (!variables.isEmpty()) {
      Session.Runner runner = model.session().runner();
      variables.forEach(variable -> runner.fetch(model.weight(variable)));
      try (Result result = runner.run()) {
        for (String variable : variables) {
          TFloat32 tensor = (TFloat32) result.get(values.size());
          float[] numbers = new float[Math.toIntExact(tensor.size())];
          tensor.asRawTensor().data().asFloats().read(numbers);
          values.put(variable, numbers);
        }
      }
    }
    return values;
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
