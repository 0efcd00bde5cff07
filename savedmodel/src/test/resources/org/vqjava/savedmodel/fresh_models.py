# SPDX-License-Identifier: Apache-2.0
"""Whole models, of each way in which Python saves one."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf
import tf_keras
from keras import layers as L3
from tf_keras import layers as L

from model_cases import FRESH, WORDS, Dense, case, draw_target, export, floats, integers, pixels, save, words

v1 = tf.compat.v1


def cnn(training_mode: bool = False) -> tf_keras.Sequential:
    """The tf_keras CNN of two cases: convolutions, BatchNormalization, and Dropout unless it is trained in training mode."""
    stack = [
        L.Input((8, 8, 1), name="image"),
        L.Conv2D(6, 3, padding="same", use_bias=False),
        L.BatchNormalization(momentum=0.8),
        L.ReLU(),
        L.MaxPooling2D(),
        L.Conv2D(8, 3),
    ]
    stack += [L.BatchNormalization(momentum=0.9), L.Activation("tanh")] if training_mode else [L.ReLU(), L.Dropout(0.3)]
    return tf_keras.Sequential([*stack, L.Flatten(), L.Dense(10, activation="softmax", name="probs")])


IMAGE = {"image": pixels(8, 8, 1)}


@case(FRESH, "dense-digits-deep", inputs={"pixels": pixels(64)}, loss={"probs": "xent_probs"}, learning_rate=0.3, batch=16)
def dense_digits_deep(folder: Path) -> None:
    """tf_keras Sequential of four Dense layers with different activations, written by model.save."""
    stack = [L.Dense(32, activation="relu"), L.Dense(24, activation="tanh"), L.Dense(16, activation="sigmoid")]
    save(tf_keras.Sequential([L.Input((64,), name="pixels"), *stack, L.Dense(10, activation="softmax", name="probs")]), folder)


@case(FRESH, "cnn-training-mode", inputs=IMAGE, loss={"probs": "xent_probs"}, training=True)
def cnn_training_mode(folder: Path) -> None:
    """tf_keras CNN with two BatchNormalizations; trained with the saved training=True function: batch statistics, moving
    averages updated."""
    save(cnn(training_mode=True), folder)


@case(FRESH, "cnn-batchnorm-compiled", inputs=IMAGE, loss={"probs": "xent_probs"}, learning_rate=0.2)
def cnn_batchnorm_compiled(folder: Path) -> None:
    """tf_keras CNN with BatchNormalization and Dropout, compiled and fitted one step with Adam, so that the checkpoint holds
    an optimizer's state."""
    model = cnn()
    model.compile(tf_keras.optimizers.Adam(0.01), "categorical_crossentropy")
    rng = np.random.default_rng(0)
    model.fit(IMAGE["image"].batch(rng, 16), draw_target(rng, "xent_probs", (16, 10)), batch_size=16, shuffle=False, verbose=0)
    save(model, folder)


@case(FRESH, "lstm", inputs={"x": floats(7, 5)}, loss={"y": "mse"}, learning_rate=0.2)
def lstm(folder: Path) -> None:
    """tf_keras LSTM over a fixed time dimension of 7, and a Dense layer behind it."""
    x = L.Input((7, 5), name="x")
    save(tf_keras.Model(x, L.Dense(2, name="y")(L.LSTM(8)(x))), folder)


@case(FRESH, "gru-keras3", inputs={"x": floats(6, 4)}, loss={"output_0": "xent_logits"}, learning_rate=0.3)
def gru_keras3(folder: Path) -> None:
    """Keras 3 GRU over 6 steps, written by model.export."""
    export(keras.Sequential([L3.Input((6, 4), name="x"), L3.GRU(7), L3.Dense(3)]), folder)


def transformer(library: Any, activation: str) -> Any:
    """A model of tf_keras or Keras 3, the classes of which are called the same."""
    layers = library.layers
    x = layers.Input((5, 8), name="x")
    a = layers.LayerNormalization()(layers.Add()([x, layers.MultiHeadAttention(2, 4, dropout=0.1)(x, x)]))
    b = layers.Dense(8)(layers.Dense(16, activation=activation)(a))
    c = layers.LayerNormalization()(layers.Add()([a, b]))
    return library.Model(x, layers.Dense(3, name="y")(layers.GlobalAveragePooling1D()(c)))


@case(FRESH, "attention", inputs={"x": floats(5, 8)}, loss={"y": "mse"})
def attention(folder: Path) -> None:
    """tf_keras transformer block: MultiHeadAttention, residual sums, LayerNormalization, a gelu Dense."""
    save(transformer(tf_keras, "gelu"), folder)


@case(FRESH, "attention-keras3", inputs={"x": floats(5, 8)}, loss={"output_0": "mse"})
def attention_keras3(folder: Path) -> None:
    """Keras 3 transformer block written by model.export: MultiHeadAttention, residual sums, LayerNormalization."""
    export(transformer(keras, "relu"), folder)


@case(FRESH, "keras3-cnn-wide", inputs=IMAGE, loss={"output_0": "xent_logits"}, learning_rate=0.3)
def keras3_cnn_wide(folder: Path) -> None:
    """Keras 3 CNN of more channels with two BatchNormalizations and Dropout, written by model.export."""
    first = [L3.Conv2D(16, 3, padding="same", use_bias=False), L3.BatchNormalization(), L3.ReLU(), L3.MaxPooling2D()]
    second = [L3.Conv2D(24, 3), L3.BatchNormalization(), L3.ReLU(), L3.Dropout(0.4), L3.Flatten(), L3.Dense(10)]
    export(keras.Sequential([L3.Input((8, 8, 1), name="image"), *first, *second]), folder)


class Nested(tf.Module):
    """Functions in functions, three variables called `w`, a frozen scale and a counter of calls."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = [Dense(6, 8), Dense(8, 8, bias=False)]
        self.head = Dense(8, 3)
        self.scale = tf.Variable(1.5, trainable=False, name="scale")
        self.calls = tf.Variable(0, dtype=tf.int64, trainable=False, name="calls")

    @tf.function
    def hidden(self, x: tf.Tensor) -> tf.Tensor:
        first, second = self.layers
        h = tf.tanh(first(x)) * self.scale
        return h + tf.sigmoid(second(h))

    @tf.function(input_signature=[tf.TensorSpec((None, 6), tf.float32, name="x")])
    def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        self.calls.assign_add(1)
        return {"y": self.head(self.hidden(x))}


@case(FRESH, "module", inputs={"x": floats(6)}, loss={"y": "xent_logits"}, learning_rate=0.3)
def module(folder: Path) -> None:
    """A plain tf.Module of nested tf.functions with three variables called w and a counter incremented by each call, which
    no output reads."""
    nested = Nested()
    tf.saved_model.save(nested, str(folder), signatures=nested.predict)


def tf1(folder: Path, sizes: Sequence[int], resource: bool) -> None:
    """A flat TensorFlow 1 graph of dense layers, written by the compat.v1 builder."""
    with v1.Session(graph=tf.Graph()) as session:
        v1.set_random_seed(1)
        x = h = v1.placeholder(tf.float32, (None, sizes[0]), name="x")
        for i, (rows, columns) in enumerate(pairwise(sizes)):
            with v1.variable_scope(f"fc{i + 1}", use_resource=resource):
                w = v1.get_variable("w", (rows, columns), initializer=v1.glorot_uniform_initializer(seed=i))
                b = v1.get_variable("b", (columns,), initializer=v1.zeros_initializer())
                h = tf.matmul(tf.tanh(h) if i else h, w) + b
        y = tf.identity(h, name="y")
        session.run(v1.global_variables_initializer())
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        builder = v1.saved_model.Builder(str(folder))
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature})
        builder.save()


TF1 = {"inputs": {"x": pixels(64)}, "loss": {"y": "xent_logits"}, "tf1": True}


@case(FRESH, "tf1-resource-variables", learning_rate=0.5, **TF1)
def tf1_resource_variables(folder: Path) -> None:
    """TF1 builder SavedModel, flat graph, resource variables (VarHandleOp)."""
    tf1(folder, (64, 16, 10), resource=True)


@case(FRESH, "tf1-reference-wide", learning_rate=0.3, **TF1)
def tf1_reference_wide(folder: Path) -> None:
    """TF1 builder SavedModel, flat graph, reference variables (VariableV2), three layers, the first of 96 units."""
    tf1(folder, (64, 96, 32, 10), resource=False)


@case(
    FRESH,
    "mobilenet",
    inputs={"image": floats(32, 32, 3)},
    loss={"output_0": "xent_probs"},
    learning_rate=0.01,
    batch=4,
    probe=2,
)
def mobilenet(folder: Path) -> None:
    """Keras 3 MobileNetV2 (alpha 0.35, 32x32, random weights, moving averages of random images) written by model.export."""
    x = L3.Input((32, 32, 3), name="image")
    model = keras.applications.MobileNetV2(input_tensor=x, alpha=0.35, weights=None, classes=10)
    for layer in model.layers:
        if isinstance(layer, L3.BatchNormalization):
            layer.momentum = 0.5
    for _ in range(3):
        model(tf.random.normal((16, 32, 32, 3)), training=True)
    export(model, folder)


@case(
    FRESH,
    "preprocessing",
    inputs={"image": integers(256, 6, 6, 1, dtype="uint8"), "facts": floats(4)},
    loss={"y": "xent_logits"},
)
def preprocessing(folder: Path) -> None:
    """tf_keras preprocessing layers: Rescaling of a uint8 image, Normalization of adapted mean and variance."""
    image, facts = L.Input((6, 6, 1), dtype="uint8", name="image"), L.Input((4,), name="facts")
    normalize = L.Normalization()
    normalize.adapt(np.random.default_rng(0).normal((1, -2, 0, 5), (1, 3, 0.5, 2), (64, 4)).astype(np.float32))
    a = L.Flatten()(L.Conv2D(4, 3, activation="relu")(L.Rescaling(1 / 127.5, offset=-1)(image)))
    b = L.Dense(6, activation="tanh")(normalize(facts))
    save(tf_keras.Model([image, facts], L.Dense(3, name="y")(L.Concatenate()([a, b]))), folder)


@case(FRESH, "string-table", inputs={"words": words((*WORDS, "unknown"), 4)}, loss={"y": "mse"}, learning_rate=0.5)
def string_table(folder: Path) -> None:
    """tf_keras StringLookup of an in-memory vocabulary and Embedding: string input with unknown and non-ASCII words."""
    x = L.Input((4,), dtype="string", name="words")
    lookup = L.StringLookup(vocabulary=list(WORDS))
    h = L.Embedding(lookup.vocabulary_size(), 5)(lookup(x))
    save(tf_keras.Model(x, L.Dense(2, name="y")(L.Flatten()(h))), folder)


class Branch(tf.Module):
    """Another layer for batches of positive sum than for others."""

    def __init__(self) -> None:
        super().__init__()
        self.positive, self.other = Dense(4, 3), Dense(4, 3)

    @tf.function(input_signature=[tf.TensorSpec((None, 4), tf.float32, name="x")])
    def predict(self, x: tf.Tensor) -> dict[str, tf.Tensor]:
        return {"y": tf.cond(tf.reduce_sum(x) > 0, lambda: self.positive(x), lambda: tf.tanh(self.other(x)))}


@case(FRESH, "branch", inputs={"x": floats(4)}, loss={"y": "mse"}, not_retrainable="If")
def branch(folder: Path) -> None:
    """A tf.Module with a tf.cond whose predicate depends on the data: cannot be flattened."""
    model = Branch()
    tf.saved_model.save(model, str(folder), signatures=model.predict)


@case(FRESH, "embedding", inputs={"tokens": integers(20, 6)}, loss={"probs": "xent_probs"}, learning_rate=0.5)
def embedding(folder: Path) -> None:
    """tf_keras Embedding of int32 tokens, GlobalAveragePooling1D, Dense; tokens occur more than once in a batch."""
    stack = [L.Embedding(20, 6), L.GlobalAveragePooling1D(), L.Dense(8, activation="relu")]
    x = L.Input((6,), dtype="int32", name="tokens")
    save(tf_keras.Sequential([x, *stack, L.Dense(4, activation="softmax", name="probs")]), folder)


@case(
    FRESH,
    "functional-wider",
    inputs={"left": floats(9), "middle": floats(7), "right": floats(5)},
    loss={"score": "mse", "klass": "xent_probs", "logits": "xent_logits"},
    learning_rate=0.05,
)
def functional_wider(folder: Path) -> None:
    """tf_keras functional model, three inputs, three outputs of different losses, one layer used three times."""
    left, middle, right = L.Input((9,), name="left"), L.Input((7,), name="middle"), L.Input((5,), name="right")
    shared = L.Dense(12, activation="tanh", name="shared")
    a, b, c = (shared(L.Dense(10, activation=f)(x)) for f, x in (("relu", left), ("elu", middle), ("softplus", right)))
    joint = L.Concatenate()([L.Multiply()([a, b]), L.Average()([a, c]), L.Maximum()([b, c]), L.Subtract()([a, b])])
    skip = L.Add()([L.Dense(12, name="skip")(joint), c])
    outputs = [
        L.Dense(2, name="score")(skip),
        L.Dense(4, activation="softmax", name="klass")(joint),
        L.Dense(3, name="logits")(L.Concatenate()([skip, left])),
    ]
    save(tf_keras.Model([left, middle, right], outputs), folder)
