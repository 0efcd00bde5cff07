/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/**
 * The files of a checkpoint: an index and shards of data. Their names are made of the prefix and of
 * numbers alone, so none in the checkpoint is followed.
 */
final class CheckpointFiles {
  private static final long MOST_INDEX_BYTES = 256L << 20;

  private final Path prefix;
  private final Path name;
  private final Map<Integer, Long> shardBytes = new HashMap<>();

  CheckpointFiles(Path prefix) {
    Path last = prefix.getFileName();
    if (last == null) {
      throw new FileChecks(prefix).refused("end with a name", "a root");
    }
    this.prefix = prefix;
    this.name = last;
  }

  FileChecks index() {
    return new FileChecks(prefix.resolveSibling(name + ".index"));
  }

  byte[] indexBytes() throws IOException {
    FileChecks index = index();
    long size = size(index);
    index.must(
        size >= SortedTable.FOOTER_BYTES && size <= MOST_INDEX_BYTES,
        "have " + SortedTable.FOOTER_BYTES + " to " + MOST_INDEX_BYTES + " bytes",
        size);
    byte[] bytes = Files.readAllBytes(index.file());
    index.must(bytes.length == size, "stay as it is while it is read", bytes.length + " bytes");
    return bytes;
  }

  FileChecks shard(int shard, int shards) {
    return new FileChecks(
        prefix.resolveSibling(
            String.format(Locale.ROOT, "%s.data-%05d-of-%05d", name, shard, shards)));
  }

  /** Looked up once. */
  long shardBytes(int shard, int shards) throws IOException {
    Long known = shardBytes.get(shard);
    if (known != null) {
      return known;
    }
    long size = size(shard(shard, shards));
    shardBytes.put(shard, size);
    return size;
  }

  private static long size(FileChecks checks) throws IOException {
    Path file = checks.file();
    checks.must(
        Files.isRegularFile(file), "be a regular file", Files.exists(file) ? "another" : "none");
    return Files.size(file);
  }
}
