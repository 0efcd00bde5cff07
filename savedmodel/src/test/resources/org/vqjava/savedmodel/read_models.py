# SPDX-License-Identifier: Apache-2.0
"""Loads what was written of retrained models, and compares its outputs with the figures of the case.

    read_models.py CASES_DIR WRITTEN_DIR

WRITTEN_DIR/NAME has `exported` and `back`; prints a line for each: NAME, the largest deviation of each, what Keras loads.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
import tf_keras


def decode(tensor: dict[str, Any]) -> tf.Tensor:
    return tf.constant(np.array(tensor["values"]).reshape(tensor["shape"]), dtype=tf.as_dtype(tensor["dtype"]))


def deviation(folder: Path, signature: str, case: dict[str, Any]) -> float:
    """Relative to the larger of the expected value and 1."""
    outputs = tf.saved_model.load(str(folder)).signatures[signature](**{k: decode(x) for k, x in case["inputs"].items()})
    worst = 0.0
    for key, expected in case["final"].items():
        e = np.array(expected["values"])
        worst = max(worst, float(np.max(np.abs(outputs[key].numpy().ravel() - e) / np.maximum(1, np.abs(e)))))
    return worst


def keras(folder: Path, case: dict[str, Any]) -> str:
    """Keras loads the model that was written back as what it was, and trains it."""
    if not (folder / "keras_metadata.pb").exists():
        return "-"
    model = tf_keras.models.load_model(folder, compile=False)
    before = [v.numpy() for v in model.trainable_variables]
    inputs = {k: decode(x) for k, x in case["steps"][0]["inputs"].items() if not k.startswith("target:")}
    with tf.GradientTape() as tape:
        outputs = model(inputs if len(inputs) > 1 else next(iter(inputs.values())))
        loss = tf.add_n([tf.reduce_sum(y**2) for y in tf.nest.flatten(outputs)])
    tf_keras.optimizers.SGD(0.01).apply_gradients(
        zip(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    )
    moved = sum(not np.array_equal(b, v.numpy()) for b, v in zip(before, model.trainable_variables))
    return f"{type(model).__name__}:{moved}of{len(before)}"


def main(cases: Path, written: Path) -> None:
    for folder in sorted(written.iterdir()):
        case = json.loads((cases / folder.name / "case.json").read_text(encoding="utf-8"))
        signature = case["params"]["signature"]
        exported, back = (deviation(folder / way, signature, case) for way in ("exported", "back"))
        print(folder.name, f"{exported:.2e}", f"{back:.2e}", keras(folder / "back", case), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
