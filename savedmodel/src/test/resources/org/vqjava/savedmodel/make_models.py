# SPDX-License-Identifier: Apache-2.0
"""Makes SavedModels with figures: test data for flattening and retraining Python SavedModels in TensorFlow Java.

    make_models.py OUT_DIR [NAME...]

Writes one folder a case, OUT_DIR/NAME, holding `model/` (the SavedModel as tf_keras, Keras 3 or TensorFlow wrote it) and
`case.json` (inputs, outputs, the losses of a few SGD steps, the outputs after them). The figures come from the *saved* model:
it is loaded again and the forward pass of its signature is differentiated, so they hold for anything that reads the folder.

NAME is a case, `fresh` (the fixtures: the default) or `zoo` (one kind of layer or operation a model). All values are
drawn from seeds that depend on the case's name only. A failing case does not stop the others; the exit code tells.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
import zlib
from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
import tf_keras

import fresh_models  # noqa: F401 registers
import zoo_models  # noqa: F401 registers
from model_cases import FRESH, ZOO, figures


def make(out: Path, name: str) -> None:
    """Writes one case, or nothing: what a failing case has written is taken away."""
    how = (FRESH | ZOO)[name]
    folder = out / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    seed = zlib.crc32(name.encode())
    for library in (tf_keras, keras):
        library.backend.clear_session()
        library.utils.set_random_seed(seed)
    try:
        how.write(folder / "model")
        result = figures(name, how, folder / "model", np.random.default_rng(seed))
        (folder / "case.json").write_text(json.dumps(result, ensure_ascii=False), encoding="utf-8")
    except BaseException:
        shutil.rmtree(folder)
        raise


def main(arguments: Sequence[str]) -> int:
    if not arguments:
        print("use: make_models.py OUT_DIR [fresh | zoo | NAME...]", file=sys.stderr)
        return 2
    out, wanted = Path(arguments[0]), list(arguments[1:]) or ["fresh"]
    sets = {"fresh": list(FRESH), "zoo": list(ZOO)}
    names = [name for word in wanted for name in sets.get(word, [word])]
    if unknown := [name for name in names if name not in FRESH | ZOO]:
        print(f"no such case: {', '.join(unknown)}; there are {', '.join(FRESH | ZOO)}", file=sys.stderr)
        return 2
    tf.get_logger().setLevel("ERROR")
    failed = 0
    for name in names:
        start = time.monotonic()
        try:
            make(out, name)
            print(f"{name}: made in {time.monotonic() - start:.1f} s", flush=True)
        except Exception as e:  # the other cases are made all the same
            failed += 1
            print(f"{name}: FAILED: {type(e).__name__}: {' '.join(str(e).split())[:500]}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
