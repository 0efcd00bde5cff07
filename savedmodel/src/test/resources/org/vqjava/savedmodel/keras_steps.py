# SPDX-License-Identifier: Apache-2.0
"""Keras' side of a comparison of training steps: makes a model, saves it, and takes steps when it is told to.

    keras_steps.py cnn|mobilenet OUT_DIR

Prints `ready`; for each line with a number N it takes N steps on one batch and prints the seconds.
"""

import os
import sys
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
import tf_keras
from tf_keras import layers


def cnn() -> tf_keras.Model:
    return tf_keras.Sequential(
        [
            layers.Input((28, 28, 1), name="image"),
            layers.Conv2D(32, 3, padding="same", use_bias=False),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.MaxPooling2D(),
            layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dense(10, activation="softmax", name="probs"),
        ]
    )


def mobilenet() -> tf_keras.Model:
    image = layers.Input((96, 96, 3), name="image")
    base = tf_keras.applications.MobileNetV2(input_tensor=image, weights=None, include_top=False, pooling="avg")
    return tf_keras.Model(image, layers.Dense(10, activation="softmax", name="probs")(base.output))


def main(name: str, out: str) -> None:
    tf_keras.utils.set_random_seed(1)
    model = {"cnn": cnn, "mobilenet": mobilenet}[name]()
    model.save(out, save_format="tf")
    model.compile(tf_keras.optimizers.SGD(0.01), "categorical_crossentropy", jit_compile=False)
    rng = np.random.default_rng(1)
    images = tf.constant(rng.random((32, *model.input_shape[1:]), dtype=np.float32))
    labels = tf.constant(np.eye(10, dtype=np.float32)[rng.integers(0, 10, 32)])
    step = model.make_train_function()
    batch = tf.data.Dataset.from_tensors((images, labels)).repeat()
    iterator = iter(batch)
    step(iterator)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.perf_counter()
        for _ in range(int(line)):
            step(iterator)
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
