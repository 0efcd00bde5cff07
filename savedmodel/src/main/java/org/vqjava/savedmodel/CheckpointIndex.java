/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.savedmodel;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.proto.DataType;

/**
 * Which tensors are in a checkpoint, and where: read and checked in Java, before TensorFlow's own
 * reader, which trusts more, gets to see the files.
 *
 * <p>A checkpoint is an index, {@code <prefix>.index}, and shards of data, {@code
 * <prefix>.data-00000-of-00001} and so on. The prefix of a SavedModel is {@code
 * variables/variables} in its folder. The index is a sorted table as LevelDB has them; at the empty
 * key is a {@link org.tensorflow.proto.BundleHeaderProto}, at the name of each tensor a {@link
 * org.tensorflow.proto.BundleEntryProto}: its type, its shape and where in which shard its bytes
 * are. Names of files are made of the prefix and of numbers, never read.
 *
 * <p>Numbers are stored as in memory, little-endian, row by row. Strings and variants are stored
 * with their lengths before them.
 *
 * <p>A tensor that was saved in slices is <em>partitioned</em>. The slices have entries of their
 * own, which are checked like others but are not listed; that slices are all there and cover the
 * tensor is not checked.
 *
 * <p><b>What is checked.</b> The index: its size, the magic number, that blocks are within the
 * file, one behind the other, uncompressed and with the right checksums, that keys are strictly
 * increasing and restarts are where entries begin. The header: shards, byte order, version. Each
 * tensor: that its type can be stored, that the shape has fewer than 2⁶³ elements in at most 254
 * dimensions, that the size is that of the elements, or at least a byte for each where lengths
 * vary, and that all of it is within its shard. Not checked are the bytes of the tensors and their
 * checksums: TensorFlow does when it reads them. Bytes of two tensors may be the same.
 *
 * <p><b>Costs.</b> The index is read at once, at most 256 MiB; of the data only lengths are looked
 * at. Time is linear in the index and the keys, which cannot be more than 16 times as long as it;
 * memory is a few hundred bytes for each tensor besides.
 *
 * <p><b>Errors.</b> What is wrong with the files is an {@link IllegalArgumentException}, {@code
 * "<file> must <condition>, got <value>"}. The files must stay as they are until TensorFlow has
 * read them, or what was checked is not what is read.
 *
 * <pre>{@code
 * CheckpointIndex index = CheckpointIndex.read(Path.of("model/variables/variables"));
 * for (CheckpointIndex.Entry entry : index.entries()) {
 *   System.out.println(entry.key() + " " + entry.type() + " " + entry.shape());
 * }
 * }</pre>
 *
 * <p>Instances are immutable.
 *
 * @see <a
 *     href="https://github.com/tensorflow/tensorflow/blob/v2.18.0/tensorflow/core/protobuf/tensor_bundle.proto">The
 *     messages of a tensor bundle</a>
 */
public final class CheckpointIndex {
  private final NavigableMap<String, Entry> byKey;

  /**
   * A tensor of a checkpoint.
   *
   * @param key its name there
   * @param type of its elements
   * @param shape all of it, without unknown dimensions; empty for a scalar
   * @param shard which file of data it is in, from 0
   * @param offset where in the file its bytes begin
   * @param size how many bytes it has there
   * @param partitioned whether it is stored in slices elsewhere; shard and offset then mean nothing
   *     and the size is 0
   */
  public record Entry(
      String key,
      DataType type,
      Shape shape,
      int shard,
      long offset,
      long size,
      boolean partitioned) {
    /**
     * The name that Python has for its type.
     *
     * @return {@code float32} say
     */
    public String typeName() {
      return ModelDescription.type(type);
    }
  }

  private CheckpointIndex(NavigableMap<String, Entry> byKey) {
    this.byKey = byKey;
  }

  /**
   * Reads and checks the index of a checkpoint.
   *
   * @param prefix what the names of its files begin with, {@code model/variables/variables} say
   * @return what is in it
   * @throws IllegalArgumentException if the index or a shard that is used is missing, or if the
   *     index is damaged, says what cannot be, or is one that this version of the format excludes
   * @throws IOException if a file that is there cannot be read
   */
  public static CheckpointIndex read(Path prefix) throws IOException {
    CheckpointFiles files = new CheckpointFiles(prefix);
    FileChecks index = files.index();
    List<TableEntry> entries = new SortedTable(index, files.indexBytes()).entries();
    BundleMessages messages = new BundleMessages(index);
    int shards = messages.shards(entries);
    NavigableMap<String, Entry> byKey = new TreeMap<>();
    for (TableEntry tableEntry : entries.subList(1, entries.size())) {
      Entry entry = messages.tensor(tableEntry, shards);
      if (!entry.partitioned()) {
        checkBounds(files, entry, shards);
      }
      if (!BundleMessages.isSlice(tableEntry.key())) {
        byKey.put(entry.key(), entry);
      }
    }
    return new CheckpointIndex(byKey);
  }

  private static void checkBounds(CheckpointFiles files, Entry entry, int shards)
      throws IOException {
    long length = files.shardBytes(entry.shard(), shards);
    if (entry.size() > length || entry.offset() > length - entry.size()) {
      throw files
          .shard(entry.shard(), shards)
          .refused(
              "have the " + entry.size() + " bytes from " + entry.offset() + " of the index",
              length + " bytes");
    }
  }

  /**
   * All tensors, slices left out.
   *
   * @return a list that cannot be changed, by key
   */
  public List<Entry> entries() {
    return List.copyOf(byKey.values());
  }

  /**
   * A tensor by its name.
   *
   * @param key its name in the checkpoint, which need not be that of a variable in a graph
   * @return its entry, or nothing
   */
  public Optional<Entry> find(String key) {
    return Optional.ofNullable(byKey.get(key));
  }
}
