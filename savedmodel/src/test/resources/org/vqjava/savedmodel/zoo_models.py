# SPDX-License-Identifier: Apache-2.0
"""A small model for each kind of layer or operation."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import keras
import tensorflow as tf
import tf_keras
from keras import layers as L3
from tf_keras import layers as L

from model_cases import WORDS, ZOO, Case, Dense, Feed, case, export, floats, integers, padded, save, words

Body = Callable[[tf.Tensor], tf.Tensor]


def zoo(name: str, about: str, x: Feed, body: Body, **how: Any) -> None:
    """Registers a tf_keras model of one kind of layer: `body`, flattened, then Dense to the two values of `y`."""
    fixed = how.pop("fixed_batch", None)
    shape = how.pop("input_shape", x.shape)
    sizes = {"batch": fixed, "probe": fixed} if fixed else {"batch": 6}

    def write(folder: Path) -> None:
        entry = L.Input(shape, batch_size=fixed, dtype=x.dtype, name="x")
        save(tf_keras.Model(entry, L.Dense(2, name="y")(L.Flatten()(body(entry)))), folder)

    ZOO[name] = Case(write, f"tf_keras {about}", {"x": x}, {"y": "mse"}, steps=3, **(sizes | how))


def after_conv(layer: Callable[[], Body]) -> Body:
    """A layer without weights behind a convolution, so that gradients go through it."""
    return lambda x: layer()(L.Conv2D(3, 3, padding="same", activation="tanh")(x))


def after_dense(layer: Callable[[], Body]) -> Body:
    return lambda x: layer()(L.Dense(6)(x))


def function(f: Body) -> Body:
    return after_dense(lambda: L.Lambda(f))


def gated(x: tf.Tensor) -> tf.Tensor:
    a, b = tf.split(x, 2, axis=-1)
    return a * tf.sigmoid(b)


def segments(x: tf.Tensor) -> tf.Tensor:
    return tf.transpose(tf.math.unsorted_segment_sum(tf.transpose(x), [0, 1, 0, 2, 1, 2], 3))


def both(layer: Callable[[], Any]) -> Body:
    """A layer of two inputs, each from a Dense of its own."""
    return lambda x: layer()([L.Dense(4)(x), L.Dense(4)(x)])


PICTURE, LINE, SEQUENCE, ROW = floats(6, 6, 2), floats(8, 3), floats(5, 4), floats(5)

zoo("conv1d", "Conv1D, causal, stride 2", LINE, lambda x: L.Conv1D(4, 3, strides=2, padding="causal", activation="relu")(x))
zoo("conv2d-transpose", "Conv2DTranspose, stride 2", PICTURE, lambda x: L.Conv2DTranspose(3, 3, strides=2, padding="same")(x))
zoo("separable-conv2d", "SeparableConv2D", PICTURE, lambda x: L.SeparableConv2D(4, 3, depth_multiplier=2)(x))
zoo("depthwise-conv2d", "DepthwiseConv2D", PICTURE, lambda x: L.DepthwiseConv2D(3, depth_multiplier=2)(x))
zoo("dilated-conv2d", "Conv2D of dilation 2", PICTURE, lambda x: L.Conv2D(4, 3, dilation_rate=2, padding="same")(x))
zoo("grouped-conv2d", "Conv2D in 2 groups", floats(6, 6, 4), lambda x: L.Conv2D(4, 3, groups=2)(x))
zoo("grouped-conv2d-one-each", "Conv2D in as many groups as channels", floats(6, 6, 3), lambda x: L.Conv2D(6, 3, groups=3)(x))
zoo("grouped-conv1d", "Conv1D in 2 groups, stride 2", floats(8, 4), lambda x: L.Conv1D(6, 3, groups=2, strides=2)(x))
zoo("average-pooling", "AveragePooling2D", PICTURE, after_conv(lambda: L.AveragePooling2D(2)))
zoo("max-pooling", "MaxPooling2D, overlapping", PICTURE, after_conv(lambda: L.MaxPooling2D(3, strides=2, padding="same")))
zoo("global-average-pooling", "GlobalAveragePooling2D", PICTURE, after_conv(lambda: L.GlobalAveragePooling2D()))
zoo("global-max-pooling", "GlobalMaxPooling2D", PICTURE, after_conv(lambda: L.GlobalMaxPooling2D()))
zoo("zero-padding", "ZeroPadding2D, uneven", PICTURE, after_conv(lambda: L.ZeroPadding2D(((1, 0), (2, 1)))))
zoo("upsampling-nearest", "UpSampling2D, nearest", PICTURE, after_conv(lambda: L.UpSampling2D()))
zoo("upsampling-bilinear", "UpSampling2D, bilinear", PICTURE, after_conv(lambda: L.UpSampling2D(interpolation="bilinear")))
zoo("resizing", "Resizing to 5x3", PICTURE, after_conv(lambda: L.Resizing(5, 3)))
zoo("spatial-dropout", "SpatialDropout2D, not active", PICTURE, after_conv(lambda: L.SpatialDropout2D(0.5)))

for activation in ("swish", "gelu", "elu", "selu", "softplus", "mish", "hard_sigmoid"):
    zoo(activation.replace("_", "-"), f"activation {activation}", ROW, lambda x, a=activation: L.Dense(6, activation=a)(x))
zoo("leaky-relu", "LeakyReLU", ROW, after_dense(lambda: L.LeakyReLU(0.2)))
zoo("prelu", "PReLU of learned slopes", ROW, after_dense(lambda: L.PReLU("random_uniform")))

zoo("batch-normalization-rows", "BatchNormalization of a 2-D input", ROW, after_dense(lambda: L.BatchNormalization()))
zoo("group-normalization", "GroupNormalization", floats(4, 4, 6), lambda x: L.GroupNormalization(3)(x))
zoo("unit-normalization", "UnitNormalization", ROW, after_dense(lambda: L.UnitNormalization()))
zoo("layer-normalization", "LayerNormalization", ROW, after_dense(lambda: L.LayerNormalization()))

zoo("simple-rnn", "SimpleRNN", SEQUENCE, lambda x: L.SimpleRNN(6)(x))
zoo("gru-reset-after", "GRU, reset_after", SEQUENCE, lambda x: L.GRU(5, reset_after=True)(x))
zoo("gru-reset-before", "GRU, reset_after=False", SEQUENCE, lambda x: L.GRU(5, reset_after=False)(x))
zoo("bidirectional-lstm", "Bidirectional LSTM", SEQUENCE, lambda x: L.Bidirectional(L.LSTM(4))(x))
zoo("stacked-lstm", "LSTM of the sequence of another", SEQUENCE, lambda x: L.LSTM(4)(L.LSTM(5, return_sequences=True)(x)))
zoo("lstm-sequences", "LSTM, return_sequences", SEQUENCE, lambda x: L.LSTM(4, return_sequences=True)(x))
zoo("lstm-backwards", "LSTM, go_backwards", SEQUENCE, lambda x: L.LSTM(5, go_backwards=True)(x))
zoo("lstm-masked", "Masking and LSTM", padded(6, 3), lambda x: L.LSTM(5)(L.Masking()(x)))
zoo(
    "lstm-stateful",
    "stateful LSTM: the states go on from the first forward pass through the steps to the last one, and are not trained",
    SEQUENCE,
    lambda x: L.LSTM(5, stateful=True)(x),
    fixed_batch=4,
)
zoo(
    "stateful-gru-lstm",
    "stateful GRU and LSTM, whose states are trainable by their flags and not trained",
    SEQUENCE,
    lambda x: L.LSTM(3, stateful=True)(L.GRU(4, stateful=True, return_sequences=True)(x)),
    fixed_batch=4,
)
zoo("lstm-unrolled", "LSTM, unroll", SEQUENCE, lambda x: L.LSTM(5, unroll=True)(x))
zoo("lstm-behind-dense", "LSTM behind a Dense: length only by inference", SEQUENCE, lambda x: L.LSTM(5)(L.Dense(3)(x)))
zoo("conv-lstm1d", "ConvLSTM1D", floats(3, 6, 2), lambda x: L.ConvLSTM1D(3, 3)(x))
zoo("time-distributed", "TimeDistributed Conv1D", floats(3, 6, 2), lambda x: L.TimeDistributed(L.Conv1D(3, 3))(x))
zoo("attention-dot", "Attention, scaled", SEQUENCE, both(lambda: L.Attention(use_scale=True)))
zoo("attention-additive", "AdditiveAttention", SEQUENCE, both(lambda: L.AdditiveAttention()))
zoo("dot", "Dot of normalized rows", ROW, both(lambda: L.Dot(axes=1, normalize=True)))
zoo("einsum-dense", "EinsumDense", SEQUENCE, lambda x: L.EinsumDense("abc,cde->abde", (None, 3, 2), bias_axes="de")(x))
zoo("gaussian-noise", "GaussianNoise, not active", ROW, after_dense(lambda: L.GaussianNoise(0.5)))
zoo("dropout-inference", "Dropout called with training=False", ROW, lambda x: L.Dropout(0.5)(L.Dense(6)(x), training=False))

zoo("discretization", "Discretization and Embedding", ROW, lambda x: L.Embedding(4, 3)(L.Discretization([-0.5, 0.0, 0.7])(x)))
zoo("hashing", "Hashing of strings and Embedding", words(WORDS, 3), lambda x: L.Embedding(5, 3)(L.Hashing(5)(x)))
zoo("category-encoding", "CategoryEncoding, multi-hot", integers(6, 3), lambda x: L.CategoryEncoding(6, "multi_hot")(x))
zoo(
    "text-vectorization",
    "TextVectorization (lower case, split, padded) and Embedding",
    words((*WORDS[:5], "Oak!", "unknown"), join=3),
    lambda x: L.Embedding(7, 3)(L.TextVectorization(vocabulary=list(WORDS[:5]), output_sequence_length=4)(x)),
)
zoo(
    "integer-lookup",
    "IntegerLookup and Embedding",
    integers(9, 3, dtype="int64"),
    lambda x: L.Embedding(6, 3)(L.IntegerLookup(vocabulary=[7, 5, 3, 2, 0])(x)),
)

zoo("lambda-sort", "Lambda tf.sort", ROW, function(lambda x: tf.sort(x, axis=-1)))
zoo("lambda-top-k", "Lambda tf.math.top_k", ROW, function(lambda x: tf.math.top_k(x, k=3).values))
zoo("lambda-norm", "Lambda tf.norm", ROW, function(lambda x: x / tf.norm(x, axis=-1, keepdims=True)))
zoo("lambda-cumsum", "Lambda tf.cumsum", ROW, function(lambda x: tf.cumsum(x, axis=-1, reverse=True)))
zoo("lambda-where", "Lambda tf.where", ROW, function(lambda x: tf.where(x > 0, x, 0.1 * x * x)))
zoo("lambda-split", "Lambda tf.split", ROW, function(gated))
zoo("lambda-segment-sum", "Lambda tf.math.unsorted_segment_sum", ROW, function(segments))
zoo("lambda-std", "Lambda tf.math.reduce_std", ROW, function(lambda x: tf.math.reduce_std(x, axis=-1, keepdims=True)))
zoo("lambda-logsumexp", "Lambda tf.reduce_logsumexp", ROW, function(lambda x: tf.reduce_logsumexp(x, axis=-1, keepdims=True)))

zoo("conv3d", "Conv3D: no gradient in Java", floats(4, 4, 4, 1), lambda x: L.Conv3D(2, 2)(x), not_retrainable="Conv3D")
zoo(
    "lstm-unknown-time",
    "LSTM over an unknown time dimension: its loop (StatelessWhile) cannot be unrolled",
    SEQUENCE,
    lambda x: L.LSTM(5)(x),
    input_shape=(None, 4),
    not_retrainable="While",
)
zoo(
    "rfft",
    "Lambda tf.signal.rfft: no gradient in TensorFlow Java",
    floats(8),
    lambda x: L.Lambda(lambda v: tf.abs(tf.signal.rfft(v)))(L.Dense(8)(x)),
    not_retrainable="RFFT",
)


def half(x: tf.Tensor) -> tf.Tensor:
    layer = L.Dense(8, activation="relu", dtype=tf_keras.mixed_precision.Policy("mixed_float16"))
    return L.Activation("linear", dtype="float32")(layer(x))


zoo("mixed-precision", "mixed_float16 Dense", ROW, half, tolerance=2e-3, step_tolerance=5e-3)


class Signatures(tf.Module):
    """An encoder with two heads, a signature for each."""

    def __init__(self) -> None:
        super().__init__()
        self.encoder, self.classes, self.distance = Dense(5, 6), Dense(6, 3), Dense(6, 1)

    @tf.function(input_signature=[tf.TensorSpec((None, 5), tf.float32, name="row")])
    def classify(self, row: tf.Tensor) -> dict[str, tf.Tensor]:
        code = tf.tanh(self.encoder(row))
        return {"code": code, "logits": self.classes(code)}

    @tf.function(
        input_signature=[tf.TensorSpec((None, 5), tf.float32, name="a"), tf.TensorSpec((None, 5), tf.float32, name="b")]
    )
    def compare(self, a: tf.Tensor, b: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"distance": self.distance(tf.square(self.encoder(a) - self.encoder(b)))}


@case(ZOO, "signatures", inputs={"row": ROW}, loss={"logits": "xent_logits"}, signature="classify")
def signatures(folder: Path) -> None:
    """A tf.Module of two signatures, neither of them serving_default; the other has another head."""
    model = Signatures()
    tf.saved_model.save(model, str(folder), signatures={"classify": model.classify, "compare": model.compare})


@case(ZOO, "embedding-lstm-keras3", inputs={"tokens": integers(12, 6)}, loss={"output_0": "xent_logits"}, learning_rate=0.5)
def embedding_lstm_keras3(folder: Path) -> None:
    """Keras 3 Embedding and LSTM written by model.export."""
    stack = [L3.Embedding(12, 5), L3.LSTM(6), L3.Dense(3)]
    export(keras.Sequential([L3.Input((6,), dtype="int32", name="tokens"), *stack]), folder)


@case(
    ZOO,
    "functional-keras3",
    inputs={"left": floats(6), "right": floats(4)},
    loss={"output_0": "mse", "output_1": "xent_probs"},
    learning_rate=0.05,
)
def functional_keras3(folder: Path) -> None:
    """Keras 3 functional model written by model.export, two inputs, two outputs, one layer used twice."""
    left, right = L3.Input((6,), name="left"), L3.Input((4,), name="right")
    shared = L3.Dense(5, activation="tanh")
    a, b = shared(L3.Dense(5, activation="relu")(left)), shared(L3.Dense(5)(right))
    joint = L3.Concatenate()([L3.Multiply()([a, b]), a])
    export(keras.Model([left, right], [L3.Dense(1)(joint), L3.Dense(3, activation="softmax")(joint)]), folder)


class Flow(tf.Module):
    """A branch that a constant decides, a loop over whole numbers that the data decides, another over a list."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = Dense(4, 2)

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x"), tf.TensorSpec((None, 1), tf.int32, name="n")])
    def __call__(self, x: tf.Tensor, n: tf.Tensor) -> dict[str, tf.Tensor]:
        y = tf.cond(tf.constant(3) > 2, lambda: tf.tanh(self.dense(x)), lambda: x[:, :2])
        # the steps until all are odd: no gradient goes through
        steps, _ = tf.while_loop(
            lambda i, m: tf.reduce_any(m % 2 == 0),
            lambda i, m: (i + 1, tf.where(m % 2 == 0, m // 2, m)),
            (tf.constant(0), tf.maximum(n, 1)),
            shape_invariants=(tf.TensorShape(()), tf.TensorShape((None, 1))),
        )
        powers = tf.TensorArray(tf.float32, size=3)
        for i in range(3):
            powers = powers.write(i, y ** (i + 1))
        return {"y": tf.reduce_sum(powers.stack(), 0) * tf.cast(steps + 1, tf.float32)}


@case(ZOO, "flow", inputs={"x": floats(4), "n": integers(20, 1)}, loss={"y": "mse"}, learning_rate=0.02)
def flow(folder: Path) -> None:
    """A tf.Module with tf.cond of a constant, a tf.while_loop that depends on data, and a TensorArray."""
    model = Flow()
    tf.saved_model.save(model, str(folder), signatures=model.__call__)


class State(tf.Module):
    """Writes and reads of one variable after each other: in functions of functions, in a loop, and between two writes."""

    def __init__(self) -> None:
        super().__init__()
        self.dense = Dense(4, 3)
        self.total = tf.Variable(0.0, trainable=False, name="total")

    @tf.function
    def add(self, amount: tf.Tensor) -> tf.Tensor:
        self.total.assign_add(amount)
        return 2 * self.total

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")])
    def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        first = self.add(tf.constant(1.0))
        self.total.assign(self.total / 2)
        second = self.add(tf.constant(2.0))
        for _ in tf.range(3):
            self.total.assign_add(0.25)
        large = tf.cond(tf.shape(x)[0] > 5, lambda: tf.constant(2.0), lambda: tf.constant(1.0))
        return {"y": self.dense(x) * (first + second / 10 + self.total) * large / 10}


@case(ZOO, "state", inputs={"x": floats(4)}, loss={"y": "mse"})
def state(folder: Path) -> None:
    """A tf.Module that writes and reads a variable again and again, and whose scale depends on the size of the batch."""
    model = State()
    tf.saved_model.save(model, str(folder), signatures=model.predict)


@case(ZOO, "batchnorm-shared", inputs={"row": ROW}, loss={"y": "mse"}, training=True)
def batchnorm_shared(folder: Path) -> None:
    """tf_keras BatchNormalization used twice, trained in training mode: the moving averages are updated twice a step."""
    x = L.Input(ROW.shape, name="row")
    shared = L.BatchNormalization(momentum=0.5)
    save(tf_keras.Model(x, L.Dense(3, name="y")(shared(L.Dense(6, activation="tanh")(shared(L.Dense(6)(x)))))), folder)


def frozen_base(library: Any) -> Any:
    """A base of convolution, BatchNormalization and Dense, and a head: in tf_keras and Keras 3 alike."""
    layers = library.layers
    base = library.Sequential(
        [
            layers.Input((6, 6, 2)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dense(5, activation="tanh"),
        ],
        name="base",
    )
    x = layers.Input((6, 6, 2), name="x")
    return library.Model(x, layers.Dense(2, name="y")(layers.Dense(6, activation="tanh", name="hidden")(base(x))))


def freeze(model: Any) -> Any:
    model.get_layer("base").trainable = False
    return model


PICTURE_IN: dict[str, Any] = {"inputs": {"x": PICTURE}, "learning_rate": 0.05}


@case(ZOO, "frozen-base", loss={"y": "mse"}, **PICTURE_IN)
def frozen_base_saved(folder: Path) -> None:
    """tf_keras model of a frozen base with BatchNormalization in it and a head, written by model.save."""
    save(freeze(frozen_base(tf_keras)), folder)


@case(ZOO, "frozen-base-export", loss={"output_0": "mse"}, **PICTURE_IN)
def frozen_base_exported(folder: Path) -> None:
    """The same, written by model.export of tf_keras."""
    freeze(frozen_base(tf_keras)).export(str(folder))


@case(ZOO, "frozen-base-keras3", loss={"output_0": "mse"}, **PICTURE_IN)
def frozen_base_keras3(folder: Path) -> None:
    """The same of Keras 3, written by model.export."""
    export(freeze(frozen_base(keras)), folder)


@case(ZOO, "frozen-training-mode", loss={"y": "mse"}, training=True, **PICTURE_IN)
def frozen_training_mode(folder: Path) -> None:
    """tf_keras model of a frozen base, trained in training mode: its BatchNormalization keeps its averages, another behind it
    does not."""
    base = freeze(frozen_base(tf_keras)).get_layer("base")
    x = L.Input(PICTURE.shape, name="x")
    save(tf_keras.Model(x, L.Dense(2, name="y")(L.BatchNormalization(momentum=0.5)(L.Dense(6)(base(x))))), folder)


@case(ZOO, "frozen-after-compile", loss={"y": "mse"}, **PICTURE_IN)
def frozen_after_compile(folder: Path) -> None:
    """tf_keras model whose base was frozen after a step with Adam, but for its last layer; the optimizer's state is saved."""
    model = frozen_base(tf_keras)
    model.compile(tf_keras.optimizers.Adam(0.01), "mse")
    model.fit(tf.random.normal((8, *PICTURE.shape)), tf.random.normal((8, 2)), verbose=0)
    for layer in model.get_layer("base").layers[:-1]:
        layer.trainable = False
    save(model, folder)


@case(ZOO, "frozen-shared", inputs={"left": floats(5), "right": floats(5)}, loss={"y": "mse"})
def frozen_shared(folder: Path) -> None:
    """tf_keras functional model of a frozen layer used twice, by inputs of which one passes a trained layer before."""
    left, right = L.Input((5,), name="left"), L.Input((5,), name="right")
    shared = L.Dense(5, activation="tanh", trainable=False)
    joint = L.Concatenate()([shared(left), shared(L.Dense(5)(right))])
    save(tf_keras.Model([left, right], L.Dense(2, name="y")(joint)), folder)


@case(ZOO, "frozen-embedding-keras3", inputs={"tokens": integers(12, 6)}, loss={"output_0": "xent_logits"}, learning_rate=0.5)
def frozen_embedding_keras3(folder: Path) -> None:
    """Keras 3 model of a frozen Embedding, a GRU and a Dense layer of low rank beside its frozen kernel, LoRA."""
    dense = L3.Dense(3)
    stack = [L3.Embedding(12, 5, trainable=False), L3.GRU(6), dense]
    model = keras.Sequential([L3.Input((6,), dtype="int32", name="tokens"), *stack])
    dense.enable_lora(2)
    export(model, folder)


class Frozen(tf.Module):
    """A frozen layer, and one of which only the bias is trained."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Dense(4, 5), Dense(5, 2)
        for layer, name in ((self.first, "w"), (self.first, "b"), (self.second, "w")):
            setattr(layer, name, tf.Variable(getattr(layer, name), trainable=False, name=name))

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")])
    def __call__(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": self.second(tf.tanh(self.first(x)))}


@case(ZOO, "frozen-module", inputs={"x": floats(4)}, loss={"y": "mse"})
def frozen_module(folder: Path) -> None:
    """A tf.Module of variables with trainable=False and one that is trained."""
    model = Frozen()
    tf.saved_model.save(model, str(folder), signatures=model.__call__)


@case(ZOO, "keras3-saved", inputs={"inputs": floats(4)}, loss={"output_0": "mse"}, restores_all=False)
def keras3_saved(folder: Path) -> None:
    """Keras 3 model written by tf.saved_model.save, whose variables stand twice in the graph."""
    stack = [L3.Input((4,)), L3.Dense(8, activation="relu"), L3.BatchNormalization(), L3.Dense(2)]
    tf.saved_model.save(keras.Sequential(stack), str(folder))


@case(ZOO, "keras3-saved-compiled", inputs={"inputs": PICTURE}, loss={"output_0": "mse"}, learning_rate=0.05, restores_all=False)
def keras3_saved_compiled(folder: Path) -> None:
    """Keras 3 functional model of a base and a head, compiled and fitted a step with Adam, written by tf.saved_model.save."""
    keras.backend.clear_session()
    base = frozen_base(keras).get_layer("base")
    x = L3.Input(PICTURE.shape)
    model = keras.Model(x, L3.Dense(2)(L3.Dense(4, activation="tanh")(base(x))))
    model.compile(keras.optimizers.Adam(0.01), "mse")
    model.fit(tf.random.normal((8, *PICTURE.shape)), tf.random.normal((8, 2)), verbose=0)
    tf.saved_model.save(model, str(folder))


class Holder(tf.Module):
    """A Keras 3 model in a plain module, beside a variable of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.network = keras.Sequential([L3.Input((6,), dtype="int32"), L3.Embedding(9, 4), L3.GRU(5), L3.Dense(2)])
        self.scale = tf.Variable(1.5, name="scale")

    @tf.function(input_signature=[tf.TensorSpec((None, 6), tf.int32, name="tokens")])
    def __call__(self, tokens: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": self.scale * self.network(tokens)}


@case(ZOO, "keras3-in-module", inputs={"tokens": integers(9, 6)}, loss={"y": "mse"}, restores_all=False)
def keras3_in_module(folder: Path) -> None:
    """A tf.Module that holds a Keras 3 model of Embedding and GRU, and a variable of its own."""
    model = Holder()
    tf.saved_model.save(model, str(folder), signatures=model.__call__)


# ------------------------------------------------------------------------------------------------------- random draws

SEED = [3, 4]
SHORT: dict[str, Any] = {"inputs": {"x": ROW}, "loss": {"y": "mse"}, "learning_rate": 0.02}


class Draw(L.Layer):
    """A function as a layer, which Keras loads by what was traced of it: a Lambda's code would miss what it names."""

    def __init__(self, draw: Body) -> None:
        super().__init__()
        self._draw = draw

    def call(self, x: tf.Tensor) -> tf.Tensor:
        return self._draw(x)


def drawn(draw: Body) -> Body:
    return after_dense(lambda: Draw(draw))


def positive(x: tf.Tensor) -> tf.Tensor:
    return tf.nn.softplus(x) + 0.5


def stateless_noise(x: tf.Tensor) -> tf.Tensor:
    """Each kind of draw, by the seed and a trained layer: shapes, probabilities, rates; where Python has no gradient at all,
    it is cut."""
    r, shape = tf.random, tf.shape(x)
    y = x + r.stateless_normal(shape, SEED) + r.stateless_truncated_normal(shape, SEED) * x
    y += r.stateless_uniform(shape, SEED) + tf.cast(r.stateless_uniform(shape, SEED, 0, 9, tf.int32), tf.float32) / 9
    y += tf.cast(r.stateless_categorical(x, 6, SEED), tf.float32) / 6
    y += r.stateless_binomial(shape, SEED, 10.0, tf.sigmoid(x), output_dtype=tf.float32) / 10
    y += tf.stop_gradient(r.stateless_poisson(shape, r.split(SEED, 2)[1], positive(x), tf.float32)) / 10
    y += tf.stop_gradient(r.experimental.stateless_shuffle(x, r.fold_in(SEED, 2))) * x
    return tf.nn.experimental.stateless_dropout(y, 0.3, SEED)


zoo("noise-stateless", "layer of stateless draws of every kind behind a layer", ROW, drawn(stateless_noise))
zoo(
    "noise-gamma",
    "layer of stateless gamma draws, through which the gradient goes",
    ROW,
    drawn(lambda x: tf.random.stateless_gamma(tf.concat([[2], tf.shape(x)], 0), SEED, positive(x))[1]),
)
zoo(
    "noise-none",
    "layer of draws with state whose numbers count for nothing, as they are multiplied by 0",
    ROW,
    drawn(
        lambda x: x
        + 0 * x * tf.random.normal(tf.shape(x))
        + 0 * tf.random.uniform(tf.shape(x))
        + 0 * tf.random.truncated_normal(tf.shape(x))
        + 0 * tf.random.shuffle(x)
        + 0 * tf.cast(tf.random.categorical(x, 6), tf.float32)
        + 0 * tf.stop_gradient(tf.random.poisson([], positive(x)))
        + 0 * tf.cast(tf.random.uniform(tf.shape(x), 0, 9, tf.int32), tf.float32)
    ),
)


class Sampler(tf.Module):
    """Draws of a generator with a state that goes on."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Dense(5, 6), Dense(6, 2)
        self.generator = tf.random.Generator.from_seed(7)

    @tf.function(input_signature=[tf.TensorSpec((None, 5), tf.float32, name="x")])
    def __call__(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        h = self.first(x)
        h += self.generator.normal(tf.shape(h)) * h + self.generator.uniform(tf.shape(h))
        return {"y": self.second(h)}


@case(ZOO, "noise-generator", **SHORT)
def noise_generator(folder: Path) -> None:
    """A tf.Module with a tf.random.Generator, drawn from twice: its state goes on from run to run."""
    model = Sampler()
    tf.saved_model.save(model, str(folder), signatures=model.__call__)


class Sampling3(L3.Layer):
    """The sampling of a variational autoencoder, by keras.random."""

    def __init__(self) -> None:
        super().__init__()
        self.seed = keras.random.SeedGenerator(5)

    def call(self, mean: Any, deviation: Any) -> Any:
        return mean + keras.ops.exp(0.5 * deviation) * keras.random.normal(keras.ops.shape(mean), seed=self.seed)


@case(ZOO, "noise-keras3", inputs={"x": ROW}, loss={"output_0": "mse"}, learning_rate=0.02)
def noise_keras3(folder: Path) -> None:
    """Keras 3 variational encoder with dropout and noise that stay active, the state of each seed going on."""
    x = L3.Input(ROW.shape, name="x")
    h = L3.Dropout(0.3, seed=1)(L3.Dense(8, activation="relu")(x), training=True)
    z = Sampling3()(L3.Dense(3)(h), L3.Dense(3)(h))
    z = L3.GaussianDropout(0.2, seed=3)(L3.GaussianNoise(0.1, seed=2)(z, training=True), training=True)
    export(keras.Model(x, L3.Dense(2)(z)), folder)


@case(ZOO, "noise-keras3-augmented", inputs={"x": floats(6, 6, 3)}, loss={"output_0": "mse"}, learning_rate=0.02)
def noise_keras3_augmented(folder: Path) -> None:
    """Keras 3 augmentation that stays active before a convolution: flips, shifts, contrast."""
    x = y = L3.Input((6, 6, 3), name="x")
    for layer in (L3.RandomFlip(seed=1), L3.RandomTranslation(0.1, 0.1, seed=2), L3.RandomContrast(0.2, seed=3)):
        y = layer(y, training=True)
    export(keras.Model(x, L3.Dense(2)(L3.Flatten()(L3.Conv2D(3, 3)(y)))), folder)
@case(ZOO, "grouped-keras3", inputs={"x": floats(7, 6, 6)}, loss={"output_0": "mse"})
def grouped_keras3(folder: Path) -> None:
    """Keras 3 Conv2D in 3 groups over images of a size that the model does not know, written by model.export."""
    x = keras.Input((None, None, 6), name="x")
    y = L3.Conv2D(9, 3, groups=3, strides=2, padding="same", activation="tanh")(x)
    export(keras.Model(x, L3.Dense(2)(L3.GlobalAveragePooling2D()(y))), folder)


class Grouped(tf.Module):
    """Convolutions in groups, with channels first and transposed, which XLA compiles."""

    def __init__(self) -> None:
        super().__init__()
        self.first = tf.Variable(tf.random.normal((3, 3, 2, 6)), name="w")
        self.back = tf.Variable(tf.random.normal((3, 3, 2, 6)), name="w")

    @tf.function(input_signature=[tf.TensorSpec((None, 4, 6, 6), tf.float32, "x")], jit_compile=True)
    def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        y = tf.nn.conv2d(x, self.first, 2, "SAME", "NCHW")
        size = tf.stack([tf.shape(x)[0], 6, 6, 4])
        return {"y": tf.nn.conv2d_transpose(tf.tanh(tf.transpose(y, (0, 2, 3, 1))), self.back, size, 2)}


@case(ZOO, "grouped-module", inputs={"x": floats(4, 6, 6)}, loss={"y": "mse"}, learning_rate=0.01)
def grouped_module(folder: Path) -> None:
    """A tf.Module of tf.nn.conv2d and tf.nn.conv2d_transpose in 2 groups, compiled by XLA."""
    model = Grouped()
    tf.saved_model.save(model, str(folder), signatures=model.predict)
