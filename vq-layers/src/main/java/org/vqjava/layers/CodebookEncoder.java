/* SPDX-License-Identifier: Apache-2.0 */
package org.vqjava.layers;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.exceptions.TensorFlowException;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.DataType;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Turns vectors into indices and indices into vectors, for a service that holds arrays: the
 * signatures {@code encode} and {@code decode} of a SavedModel, whoever wrote it.
 *
 * <p>{@code encode} must take one float32 tensor {@code [N, ..]} and give one int32 tensor; {@code
 * decode} the other way round. Only N may be unknown. The arrays hold the tensors row by row, so
 * that the numbers of one vector (of one image, for a model of {@code ./vq train}) are next to each
 * other.
 *
 * <p>Safe for many threads at once: calls run side by side, {@link #close} waits for those that
 * run. A call copies its arrays in and out, and costs beside the session's own call a few
 * microseconds and these copies (measured, see the guide).
 *
 * <pre>{@code
 * try (CodebookEncoder encoder = CodebookEncoder.load(Path.of("runs/digits-001/model"))) {
 *   int[] indices = encoder.encode(pixels); // 64 numbers an image → 16 indices
 *   float[] images = encoder.decode(indices);
 * }
 * }</pre>
 */
public final class CodebookEncoder implements AutoCloseable {
  private final SavedModelBundle model;
  private final ModelSignature encode;
  private final ModelSignature decode;
  private final ReadWriteLock lock = new ReentrantReadWriteLock();
  private boolean closed;

  private CodebookEncoder(SavedModelBundle model) {
    this.model = model;
    this.encode = ModelSignature.of(model, "encode", DataType.DT_FLOAT, DataType.DT_INT32);
    this.decode = ModelSignature.of(model, "decode", DataType.DT_INT32, DataType.DT_FLOAT);
  }

  /**
   * Loads a model.
   *
   * @param savedModel its directory
   * @return the encoder; close it
   * @throws IllegalArgumentException if there is no SavedModel, it cannot be read, or it lacks one
   *     of the signatures; the message says what there is
   */
  public static CodebookEncoder load(Path savedModel) {
    Objects.requireNonNull(savedModel, "savedModel");
    if (!Files.isRegularFile(savedModel.resolve("saved_model.pb"))) {
      throw new IllegalArgumentException(
          "savedModel must be a directory with a saved_model.pb, got " + savedModel);
    }
    SavedModelBundle model;
    try {
      model = SavedModelBundle.load(savedModel.toString());
    } catch (TensorFlowException e) {
      throw new IllegalArgumentException(
          "savedModel must be a SavedModel that TensorFlow can load, got "
              + savedModel
              + ": "
              + e.getMessage(),
          e);
    }
    try {
      return new CodebookEncoder(model);
    } catch (RuntimeException e) {
      model.close();
      throw e;
    }
  }

  /**
   * Encodes.
   *
   * @param vectors N inputs of {@link #inputSize} numbers each; N may be 0
   * @return the indices of the first input, then those of the second, ..
   * @throws IllegalArgumentException if the length is no multiple of the input size
   * @throws IllegalStateException if the encoder is closed
   */
  public int[] encode(float[] vectors) {
    Objects.requireNonNull(vectors, "vectors");
    Shape shape = encode.inputShape("vectors", vectors.length);
    lock.readLock().lock();
    try (TFloat32 fed = TFloat32.tensorOf(shape, DataBuffers.of(vectors));
        Result result = runner(encode).feed(encode.input(), fed).run()) {
      TInt32 indices = (TInt32) result.get(0);
      int[] values = new int[Math.toIntExact(indices.shape().size())];
      indices.asRawTensor().data().asInts().read(values);
      return values;
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * Decodes.
   *
   * @param indices what {@link #encode} gave, of N inputs; N may be 0
   * @return the decoded vectors, one after the other
   * @throws IllegalArgumentException if the length is no multiple of the indices of one input, or
   *     the model refuses an index
   * @throws IllegalStateException if the encoder is closed
   */
  public float[] decode(int[] indices) {
    Objects.requireNonNull(indices, "indices");
    Shape shape = decode.inputShape("indices", indices.length);
    lock.readLock().lock();
    try (TInt32 fed = TInt32.tensorOf(shape, DataBuffers.of(indices));
        Result result = runner(decode).feed(decode.input(), fed).run()) {
      TFloat32 vectors = (TFloat32) result.get(0);
      float[] values = new float[Math.toIntExact(vectors.shape().size())];
      vectors.asRawTensor().data().asFloats().read(values);
      return values;
    } catch (TensorFlowException | IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "indices must be those of codes, got an index that the model refuses: " + e.getMessage(),
          e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /**
   * How many numbers one input has.
   *
   * @return D for vectors, height times width for grey images
   */
  public int inputSize() {
    return Math.toIntExact(encode.inputSize());
  }

  /**
   * What one input is.
   *
   * @return its shape: {@code [D]} for vectors, {@code [height, width, channels]} for images
   */
  public Shape inputShape() {
    return encode.shape().tail();
  }

  /**
   * What the indices of one input are.
   *
   * @return their shape; empty for one index
   */
  public Shape indicesShape() {
    return decode.shape().tail();
  }

  /**
   * How many inputs the model takes at a time, if it takes no other number.
   *
   * @return N, or nothing if it takes any
   */
  public OptionalInt fixedBatch() {
    long inputs = encode.shape().get(0);
    return inputs < 0 ? OptionalInt.empty() : OptionalInt.of(Math.toIntExact(inputs));
  }

  /** Ends it, once no call is running any more. A second call does nothing. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      if (!closed) {
        closed = true;
        model.close();
      }
    } finally {
      lock.writeLock().unlock();
    }
  }

  private Session.Runner runner(ModelSignature signature) {
    if (closed) {
      throw new IllegalStateException("the encoder is closed");
    }
    return model.session().runner().fetch(signature.output());
  }
}
