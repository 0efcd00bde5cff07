/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.workflow;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import org.tensorflow.ndarray.Shape;
import org.vqjava.clustering.archive.NumpyArray;
import org.vqjava.clustering.archive.NumpyRows;
import org.vqjava.clustering.archive.NumpyType;

/** Decodes a file of codes, some at a time: memory does not grow with the file. */
public final class DecodeFile {
  private static final String STAGE = "decoding";

  private DecodeFile() {}

  /**
   * Runs the job.
   *
   * @param model the folder of a run, or a SavedModel with signatures {@code encode} and {@code
   *     decode}
   * @param codes a {@code .npy} or {@code .npz} of whole numbers, as {@link EncodeFile} writes it
   * @param out a {@code .npy} that does not exist; takes float32, {@code [N, ..]}: of a model of
   *     {@code vq train} from 0 to 1, or, if its images were of numbers whose type did not tell
   *     which are 0 and 1, numbers like theirs
   * @param listener hears how far it is
   * @return the shape of what is written
   * @throws IllegalArgumentException if the model is none, or the codes do not fit it
   * @throws InterruptedException if the thread is interrupted; nothing is written then
   * @throws IOException if a file cannot be read or written
   */
  public static Shape run(Path model, Path codes, Path out, ProgressListener listener)
      throws IOException, InterruptedException {
    OutFile.check(out);
    try (Codec codec = Codec.open(model);
        Rows rows = Rows.open("codes", codes, Optional.empty())) {
      rows.check("codes", codes, codec.codes());
      if (!rows.rows().type().isWhole()) {
        throw new IllegalArgumentException(
            "codes must be whole numbers, got " + codes + " of " + rows.rows().type());
      }
      Shape shape = codec.input().prepend(rows.count());
      NumpyRows.write(out, NumpyType.FLOAT32, shape, new Parts(codec, rows, listener));
      return shape;
    } catch (CancellationException | ClosedByInterruptException e) {
      Thread.interrupted(); // a channel that was closed by it leaves it pending
      throw Interruption.in(STAGE);
    } catch (UncheckedIOException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /** The decoded rows, each batch when it is asked for. */
  private static final class Parts implements Iterator<NumpyArray> {
    private final Codec codec;
    private final Rows rows;
    private final ProgressListener listener;
    private final Batches batches;
    private int done;

    Parts(Codec codec, Rows rows, ProgressListener listener) {
      this.codec = codec;
      this.rows = rows;
      this.listener = listener;
      this.batches = Batches.of(rows.count(), codec);
      listener.stage(STAGE, batches.count());
    }

    @Override
    public boolean hasNext() {
      return done < batches.count();
    }

    @Override
    public NumpyArray next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      Interruption.checkInListener();
      int size = batches.size(++done);
      int[] codes = codes(size);
      float[] decoded =
          codec.decode(Arrays.copyOf(codes, batches.fed(size) * (int) codec.codes().size()));
      float[] own = Arrays.copyOf(decoded, decoded.length / batches.fed(size) * size);
      listener.stepped(done, batches.told(done));
      return NumpyArray.of(
          NumpyType.FLOAT32, codec.input().prepend(size), codec.numbers().fromModel(own));
    }

    private int[] codes(int size) {
      long[] read;
      try {
        read = rows.rows().next(size).longs(0, codec.size().orElse(Integer.MAX_VALUE) - 1L);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      return Arrays.stream(read).mapToInt(code -> (int) code).toArray();
    }
  }
}
