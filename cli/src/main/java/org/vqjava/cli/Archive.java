/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.vqjava.clustering.archive.ArchiveConversion;
import org.vqjava.clustering.archive.ArchiveOptions;
import org.vqjava.clustering.archive.ArchiveReader;
import org.vqjava.clustering.archive.ArchivedTensor;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vq archive}. */
@Command(
    name = "archive",
    description = {"Codebook archives: what is in one, and to NumPy's files and back.", ""},
    mixinStandardHelpOptions = true,
    versionProvider = Vq.Version.class,
    synopsisSubcommandLabel = "COMMAND")
final class Archive implements Runnable {
  @Spec private CommandSpec spec;

  /** Without a command of its own: what there is. */
  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  @Command(
      name = "inspect",
      description = "Lists the tensors of an archive.",
      mixinStandardHelpOptions = true)
  int inspect(
      @Parameters(paramLabel = "FILE", description = "an archive") Path file,
      @Option(names = Json.OPTION, description = Json.DESCRIPTION) boolean json)
      throws IOException {
    List<ArchiveReader.Entry> entries = ArchiveReader.entries(file, ArchiveReader.DEFAULT_LIMIT);
    if (json) {
      Json.print(spec.commandLine().getOut(), asMap(file, entries));
      return 0;
    }
    Columns columns =
        new Columns("tensor", "shape", "kind", "centroids", "stored", "float32", "ratio");
    long plain = 0;
    for (ArchiveReader.Entry entry : entries) {
      ArchivedTensor tensor = entry.tensor();
      long bytes = tensor.shape().size() * Float.BYTES;
      plain += bytes;
      columns.row(
          tensor.name(),
          tensor.shape().toString(),
          kind(tensor),
          centroids(tensor),
          number(entry.storedBytes()),
          number(bytes),
          ratio(bytes, entry.storedBytes()));
    }
    long size = Files.size(file);
    columns.row("file", "", "", "", number(size), number(plain), ratio(plain, size));
    PrintWriter out = spec.commandLine().getOut();
    out.print(columns);
    out.flush();
    return 0;
  }

  private static Map<String, Object> asMap(Path file, List<ArchiveReader.Entry> entries)
      throws IOException {
    List<Map<String, Object>> tensors = new ArrayList<>();
    long plain = 0;
    for (ArchiveReader.Entry entry : entries) {
      ArchivedTensor tensor = entry.tensor();
      long bytes = tensor.shape().size() * Float.BYTES;
      plain += bytes;
      Map<String, Object> named = new LinkedHashMap<>();
      named.put("name", tensor.name());
      named.put("shape", Json.sizes(tensor.shape()));
      named.put("kind", kind(tensor));
      String centroids = centroids(tensor);
      named.put("centroids", centroids.isEmpty() ? null : Integer.valueOf(centroids));
      named.put("storedBytes", entry.storedBytes());
      named.put("float32Bytes", bytes);
      tensors.add(named);
    }
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("archive", file.toString());
    root.put("tensors", tensors);
    root.put("storedBytes", Files.size(file));
    root.put("float32Bytes", plain);
    return root;
  }

  private static String kind(ArchivedTensor tensor) {
    if (tensor instanceof ArchivedTensor.Clustered clustered) {
      return clustered.channels() == 0 ? "clustered" : "clustered per channel";
    }
    if (tensor instanceof ArchivedTensor.Blocks blocks) {
      return "blocks of " + blocks.weight().blockSize();
    }
    return "plain";
  }

  private static String centroids(ArchivedTensor tensor) {
    if (tensor instanceof ArchivedTensor.Clustered clustered) {
      return String.valueOf(clustered.indices().centroids());
    }
    if (tensor instanceof ArchivedTensor.Blocks blocks) {
      return String.valueOf(blocks.weight().assignments().centroids());
    }
    return "";
  }

  private static String number(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  private static String ratio(long before, long after) {
    return String.format(Locale.ROOT, "%.1f", (double) before / after);
  }

  /** Nothing is ever overwritten. */
  private static void checkIsNew(String label, Path file) {
    if (Files.exists(file)) {
      throw new IllegalArgumentException(
          label + " must be a new file, but there is " + file + " already: name another one");
    }
  }

  @Command(
      name = "unpack",
      description = "Decodes an archive into a file for NumPy.",
      mixinStandardHelpOptions = true)
  int unpack(
      @Parameters(paramLabel = "FILE", description = "an archive") Path file,
      @Parameters(paramLabel = "NPZ", description = "is written, new") Path npz)
      throws IOException {
    checkIsNew("NPZ", npz);
    ArchiveConversion.toNumpy(file, npz);
    return 0;
  }

  @Command(
      name = "pack",
      description = {
        "Packs arrays of NumPy into an archive. What has few different numbers takes few bits each;"
            + " every bit is kept.",
        ""
      },
      mixinStandardHelpOptions = true)
  int pack(
      @Parameters(paramLabel = "NUMPY", description = "an .npz, or an .npy") Path numpy,
      @Parameters(paramLabel = "FILE", description = "is written, new") Path file,
      @Option(names = "--half", description = "centroids in 16 bits; does not keep every bit")
          boolean half,
      @Option(names = "--raw", description = "without entropy coding") boolean raw)
      throws IOException {
    checkIsNew("FILE", file);
    ArchiveConversion.fromNumpy(numpy, file, new ArchiveOptions(half, !raw));
    return inspect(file, false);
  }
}
