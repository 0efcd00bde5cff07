# SPDX-License-Identifier: Apache-2.0
"""What a case is: how a SavedModel is written, and the figures that are taken of it.

The figures come from the *saved* model: it is loaded again and the forward pass of its signature is differentiated, so that
they hold for anything that reads the folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import keras
import numpy as np
import tensorflow as tf
import tf_keras
from tensorflow.core.protobuf import saved_model_pb2

v1 = tf.compat.v1

Arrays = dict[str, np.ndarray]
Writer = Callable[[Path], None]


# ---------------------------------------------------------------------------------------------------------- inputs


@dataclass(frozen=True)
class Feed:
    """An input of a model: its shape without the batch dimension, its type, and how to draw a batch of it."""

    shape: tuple[int, ...]
    dtype: str
    draw: Callable[[np.random.Generator, tuple[int, ...]], np.ndarray]

    def batch(self, rng: np.random.Generator, n: int) -> np.ndarray:
        return self.draw(rng, (n, *self.shape))


def floats(*shape: int) -> Feed:
    return Feed(shape, "float32", lambda rng, s: rng.standard_normal(s).astype(np.float32))


def pixels(*shape: int) -> Feed:
    """Grey values from 0 to 1 in steps of 1/16, two thirds of them black."""
    return Feed(shape, "float32", lambda rng, s: (np.maximum(rng.integers(-32, 17, s), 0) / 16).astype(np.float32))


def integers(high: int, *shape: int, dtype: str = "int32") -> Feed:
    return Feed(shape, dtype, lambda rng, s: rng.integers(0, high, s).astype(dtype))


def words(vocabulary: Sequence[str], *shape: int, join: int = 0) -> Feed:
    """Words of the vocabulary; with `join`, texts of that many words."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        drawn = rng.choice(np.array(vocabulary, dtype=object), (*shape, max(join, 1)))
        return np.apply_along_axis(lambda row: np.array(" ".join(row), dtype=object), -1, drawn)

    return Feed(shape, "string", draw)


def padded(*shape: int) -> Feed:
    """Sequences of which the last steps are zero: half of them at most, another number in each."""

    def draw(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
        x = rng.standard_normal(shape).astype(np.float32)
        for row, length in zip(x, rng.integers((shape[1] + 1) // 2, shape[1] + 1, shape[0]), strict=True):
            row[length:] = 0
        return x

    return Feed(shape, "float32", draw)


# ----------------------------------------------------------------------------------------------------------- cases


@dataclass(frozen=True)
class Case:
    """How to write a model and how to train it. `loss` is {output: kind}; inputs go by the signature's keys.

    `restores_all`: whether the model's restore operation fills what its signature uses, so that a session can run it.
    """

    write: Writer
    about: str
    inputs: Mapping[str, Feed]
    loss: Mapping[str, str]
    learning_rate: float = 0.1
    steps: int = 5
    batch: int = 8
    probe: int = 3
    signature: str = "serving_default"
    training: bool = False
    tf1: bool = False
    not_retrainable: str | None = None
    restores_all: bool = True
    tolerance: float = 1e-5
    step_tolerance: float = 1e-4


FRESH: dict[str, Case] = {}
ZOO: dict[str, Case] = {}  # of three steps each


def case(registry: dict[str, Case], name: str, **how: Any) -> Callable[[Writer], Writer]:
    """Registers a function that writes a model; its docstring says what the case is."""

    def register(write: Writer) -> Writer:
        about = " ".join((write.__doc__ or "").split()).rstrip(".")
        registry[name] = Case(write, about, **({"steps": 3} if registry is ZOO else {}) | how)
        return write

    return register


# -------------------------------------------------------------------------------------------------------- trainers


def total_loss(outputs: Mapping[str, tf.Tensor], targets: Mapping[str, Any], kinds: Mapping[str, str]) -> tf.Tensor:
    def one(kind: str, y: tf.Tensor, t: tf.Tensor) -> tf.Tensor:
        if kind == "mse":
            return tf.reduce_mean(tf.square(y - t))
        if kind == "xent_probs":
            return tf.reduce_mean(-tf.reduce_sum(t * tf.math.log(tf.maximum(y, 1e-7)), axis=-1))
        if kind == "xent_logits":
            return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels=t, logits=y))
        raise ValueError(f"no loss called {kind}")

    return tf.add_n([one(kind, outputs[key], targets[key]) for key, kind in kinds.items()])


class FunctionTrainer:
    """Trains the functions of a TensorFlow 2 SavedModel. `step` gives the loss before its update."""

    def __init__(self, folder: Path, how: Case) -> None:
        self._how = how
        self._model = tf.saved_model.load(str(folder))
        self._signature = self._model.signatures[how.signature]
        self._variables = self._trained()
        self.trainable = [v.name.split(":")[0] for v in self._variables]

    def _trained(self) -> list[tf.Variable]:
        """What Keras lists, without frozen layers and states; where there is no list, what the variables' flags say."""
        listed = getattr(self._model, "trainable_variables", None)
        if listed is None:
            return list(self._signature.trainable_variables)
        return [v for v in self._signature.variables if any(v is one for one in listed)]

    def forward(self, inputs: Arrays) -> Arrays:
        return {key: y.numpy() for key, y in self._signature(**_tensors(inputs)).items()}

    def step(self, inputs: Arrays, targets: Arrays) -> np.ndarray:
        with tf.GradientTape() as tape:
            loss = total_loss(self._outputs(inputs), _tensors(targets), self._how.loss)
        gradients = tape.gradient(loss, self._variables)
        for variable, gradient in zip(self._variables, gradients, strict=True):
            if gradient is None:
                raise ValueError(f"the loss does not depend on {variable.name}")
            variable.assign_sub(self._how.learning_rate * tf.convert_to_tensor(gradient))
        return loss.numpy()

    def _outputs(self, inputs: Arrays) -> Mapping[str, tf.Tensor]:
        if not self._how.training:
            return self._signature(**_tensors(inputs))
        (x,), (key,) = _tensors(inputs).values(), self._how.loss
        return {key: self._model(x, training=True)}


class SessionTrainer:
    """Trains the graph of a TensorFlow 1 SavedModel in a session."""

    def __init__(self, folder: Path, how: Case) -> None:
        self._session = v1.Session(graph=tf.Graph())
        with self._session.graph.as_default() as graph:
            meta = v1.saved_model.load(self._session, ["serve"], str(folder))
            signature = meta.signature_def[how.signature]
            self._inputs = {k: graph.get_tensor_by_name(t.name) for k, t in signature.inputs.items()}
            self._outputs = {k: graph.get_tensor_by_name(t.name) for k, t in signature.outputs.items()}
            self._targets = {k: v1.placeholder(self._outputs[k].dtype) for k in how.loss}
            variables = v1.trainable_variables()
            self.trainable = [v.op.name for v in variables]
            self._loss = total_loss(self._outputs, self._targets, how.loss)
            gradients = v1.gradients(self._loss, variables)
            # an update may not be seen by gradients that are still being computed
            with tf.control_dependencies([self._loss, *gradients]):
                self._update = [v1.assign_sub(v, how.learning_rate * g) for v, g in zip(variables, gradients, strict=True)]

    def forward(self, inputs: Arrays) -> Arrays:
        return self._session.run(self._outputs, {self._inputs[k]: x for k, x in inputs.items()})

    def step(self, inputs: Arrays, targets: Arrays) -> np.ndarray:
        feeds = {self._inputs[k]: x for k, x in inputs.items()} | {self._targets[k]: t for k, t in targets.items()}
        return self._session.run([self._loss, self._update], feeds)[0]


def _tensors(arrays: Arrays) -> dict[str, tf.Tensor]:
    return {key: tf.constant(x) for key, x in arrays.items()}


# --------------------------------------------------------------------------------------------------------- figures


def encode(x: Any) -> dict[str, Any]:
    """The JSON form of a tensor; float32 with the nine digits that give it back exactly."""
    x = np.asarray(x)
    if x.dtype == object:
        return {"dtype": "string", "shape": list(x.shape), "values": x.ravel().tolist()}
    if not np.isfinite(x).all():
        raise ValueError("a value is not finite")
    values = [float(f"{v:.9g}") for v in x.ravel()] if x.dtype == np.float32 else x.ravel().tolist()
    return {"dtype": x.dtype.name, "shape": list(x.shape), "values": values}


def encode_all(arrays: Arrays) -> dict[str, Any]:
    return {key: encode(x) for key, x in arrays.items()}


def draw_target(rng: np.random.Generator, kind: str, shape: tuple[int, ...]) -> np.ndarray:
    if kind == "mse":
        return rng.standard_normal(shape).astype(np.float32)
    return np.eye(shape[-1], dtype=np.float32)[rng.integers(0, shape[-1], shape[:-1])]


def operations(folder: Path) -> set[str]:
    """The operations in the graphs and functions of a SavedModel."""
    model = saved_model_pb2.SavedModel()
    model.ParseFromString((folder / "saved_model.pb").read_bytes())
    graphs = [meta.graph_def for meta in model.meta_graphs]
    nodes = [n for g in graphs for n in g.node] + [n for g in graphs for f in g.library.function for n in f.node_def]
    return {node.op for node in nodes}


def figures(name: str, how: Case, folder: Path, rng: np.random.Generator) -> dict[str, Any]:
    """What case.json holds: the saved model is run, trained and run again, once and in this order."""

    def batch(n: int) -> Arrays:
        return {key: feed.batch(rng, n) for key, feed in how.inputs.items()}

    trainer = SessionTrainer(folder, how) if how.tf1 else FunctionTrainer(folder, how)
    inputs = batch(how.probe)
    expected = trainer.forward(inputs)
    provenance = {"implementation": f"tensorflow {tf.__version__}"}
    if how.tf1:
        provenance["runtime"] = "compat.v1 session"
    params: dict[str, Any] = {
        "model": "model",
        "tags": ["serve"],
        "signature": how.signature,
        "optimizer": "sgd",
        "learning_rate": how.learning_rate,
        "loss": dict(how.loss),
    }
    result = {
        "case": f"models/{name}",
        "function": "saved_model",
        "about": how.about,
        "provenance": provenance | {"generator": Path(__file__).name},
        "params": params,
        "inputs": encode_all(inputs),
        "expected": encode_all(expected),
        "tolerance": {"absolute": how.tolerance, "relative": how.tolerance},
    }
    if how.not_retrainable:
        if not any(how.not_retrainable in operation for operation in operations(folder)):
            raise ValueError(f"there is no {how.not_retrainable} in the model")
        params["not_retrainable"] = how.not_retrainable
    else:
        if how.training:
            params["training"] = True
        params["trainable"] = trainer.trainable
        if not how.restores_all:
            params["restores_all"] = False
        result["steps"] = []
        for _ in range(how.steps):
            x = batch(how.batch)
            shapes = {key: (how.batch, *expected[key].shape[1:]) for key in how.loss}
            targets = {key: draw_target(rng, kind, shapes[key]) for key, kind in how.loss.items()}
            loss = trainer.step(x, targets)
            x |= {f"target:{key}": t for key, t in targets.items()}
            result["steps"].append({"inputs": encode_all(x), "expected": {"loss": encode(loss)}})
        final = trainer.forward(inputs)
        if not any(np.abs(final[key] - expected[key]).max() > 10 * how.step_tolerance for key in how.loss):
            raise ValueError("the steps change nothing that can be seen")
        result["final"] = encode_all(final)
    result["step_tolerance"] = {"absolute": how.step_tolerance, "relative": how.step_tolerance}
    return result


# --------------------------------------------------------------------------------------------------- writing models


def save(model: tf_keras.Model, folder: Path) -> None:
    """tf_keras: the SavedModel that `model.save` writes, with the training=True function."""
    model.save(folder, save_format="tf")


def export(model: keras.Model, folder: Path) -> None:
    """Keras 3: the SavedModel that `model.export` writes, for serving only."""
    model.export(str(folder), verbose=False)


WORDS = ("oak", "elm", "ash", "fir", "yew", "Kiefer", "Büche", "柳")


class Dense(tf.Module):
    """A layer of a plain tf.Module: its variables are called `w` and `b`, whatever the layer."""

    def __init__(self, inputs: int, outputs: int, bias: bool = True) -> None:
        super().__init__()
        self.w = tf.Variable(tf.random.normal((inputs, outputs)) / inputs**0.5, name="w")
        self.b = tf.Variable(tf.zeros(outputs), name="b") if bias else None

    @tf.function
    def __call__(self, x: tf.Tensor) -> tf.Tensor:
        y = x @ self.w
        return y if self.b is None else y + self.b
