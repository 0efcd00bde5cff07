# SPDX-License-Identifier: Apache-2.0
"""Trains the convolutional network that the examples begin with, by tf_keras, and saves it as a SavedModel.

    train_digits.py DIGITS.csv OUT_DIR

DIGITS.csv is `digits.csv` of module workflow: 64 grey values from 0 to 16 and the digit in a line; the first 1,437 lines
train, the rest test. Same seed, machine and versions (tensorflow 2.18.1, tf_keras 2.18.0): same weights.
"""

import sys

import numpy as np
import tf_keras
from tf_keras import layers

TRAIN = 1437


def main(digits: str, out: str) -> None:
    table = np.loadtxt(digits, delimiter=",", dtype=np.float32)
    images, labels = table[:, :64].reshape(-1, 8, 8, 1) / 16, table[:, 64].astype(int)
    tf_keras.utils.set_random_seed(1)
    model = tf_keras.Sequential(
        [
            layers.Input((8, 8, 1), name="image"),
            layers.Conv2D(16, 3, padding="same", use_bias=False, name="conv1"),
            layers.BatchNormalization(name="norm1"),
            layers.ReLU(name="relu1"),
            layers.MaxPooling2D(name="pool1"),
            layers.Conv2D(32, 3, padding="same", activation="relu", name="conv2"),
            layers.Flatten(name="flat"),
            layers.Dense(64, activation="relu", name="hidden"),
            layers.Dropout(0.3, name="dropout"),
            layers.Dense(10, activation="softmax", name="probs"),
        ]
    )
    model.compile(tf_keras.optimizers.Adam(2e-3), "sparse_categorical_crossentropy", ["accuracy"])
    model.fit(images[:TRAIN], labels[:TRAIN], batch_size=32, epochs=15, verbose=0)
    loss, accuracy = model.evaluate(images[TRAIN:], labels[TRAIN:], verbose=0)
    print(f"test images: loss {loss:.4f}, {100 * accuracy:.1f} % right")
    model.compile()  # without the optimizer's state
    model.save(out, save_format="tf")


if __name__ == "__main__":
    main(*sys.argv[1:])
