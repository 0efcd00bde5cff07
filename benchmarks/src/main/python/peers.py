# SPDX-License-Identifier: Apache-2.0
"""Times other libraries beside the bare matrix multiplication of TensorFlow: what `vq bench` measures by as well.

    python -m venv peers && peers/bin/pip install -r peers-requirements.txt && peers/bin/python peers.py [ROUNDS]

Each library has its turn in every round, in random order, at one thread; what is printed is the median of the processor
time of a call, and its ratio to TensorFlow's multiplication in the same run. That multiplication is the same code in Java
and in Python, so that ratios of both can be compared. Indices are compared with a scan in float64 first.

What the OpenBLAS of each library takes the processor for is printed: where that is too old a kind, set OPENBLAS_CORETYPE
(SkylakeX for AVX-512).
"""

from __future__ import annotations

import os

THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS")
os.environ |= dict.fromkeys(THREADS, "1")
os.environ |= {"TF_CPP_MIN_LOG_LEVEL": "2", "TF_USE_LEGACY_KERAS": "1"}
os.environ["THP_MEM_ALLOC_ENABLE"] = "1"  # torch takes fresh memory for each result; small pages cost it half of the time

import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

import faiss
import numpy as np
import tensorflow as tf
import torch
from tensorflow_model_optimization.python.core.clustering.keras.clustering_algorithm import (
    ClusteringAlgorithm,
    GradientAggregation,
)
from threadpoolctl import threadpool_info
from vector_quantize_pytorch import VectorQuantize

TURN = 0.3
CHECKED = 256
LOOK_UPS = ((16384, 1024, 64), (16384, 512, 64), (4096, 8192, 256), (65536, 256, 16))
SCALARS = ((1_000_000, 16), (1_000_000, 64), (1_000_000, 256))

Contender = Callable[[], object]


def race(name: str, contenders: dict[str, Contender], rounds: int) -> None:
    """Prints a line for each contender; ratios are to the first."""
    calls = {}
    for key, call in contenders.items():
        call()
        start = time.process_time()
        call()
        calls[key] = max(1, round(TURN / max(time.process_time() - start, 1e-6)))
    times: dict[str, list[float]] = {key: [] for key in contenders}
    order = list(contenders)
    for _ in range(rounds):
        random.shuffle(order)
        for key in order:
            start = time.process_time()
            for _ in range(calls[key]):
                contenders[key]()
            times[key].append(1000 * (time.process_time() - start) / calls[key])
    first = statistics.median(times[next(iter(times))])
    print(name)
    for key, all_times in times.items():
        median = statistics.median(all_times)
        print(f"  {key:<34} {median:10.3f} ms  {median / first:7.2f}", flush=True)


def check(name: str, indices: np.ndarray, x: np.ndarray, codes: np.ndarray) -> None:
    squares = ((x[:CHECKED, None, :].astype(np.float64) - codes[None].astype(np.float64)) ** 2).sum(-1)
    chosen = squares[np.arange(len(squares)), indices.ravel()[:CHECKED]]
    if (chosen > squares.min(1) * (1 + 1e-4)).any():
        raise SystemExit(f"{name} must find the nearest codes, and did not")


def look_up(rows: int, size: int, width: int, rounds: int) -> None:
    rng = np.random.default_rng(1)
    x, codes = (rng.standard_normal((n, width)).astype(np.float32) for n in (rows, size))
    x_tf, codes_tf = tf.constant(x), tf.constant(codes)
    x_torch, codes_torch = torch.from_numpy(x), torch.from_numpy(codes)
    index = faiss.IndexFlatL2(width)
    index.add(codes)
    layer = VectorQuantize(dim=width, codebook_size=size).eval()
    layer.codebook = codes_torch

    def cdist() -> torch.Tensor:
        return torch.cdist(x_torch, codes_torch).argmin(1)

    def quantize() -> torch.Tensor:
        return layer(x_torch[None])[1]

    with torch.inference_mode():
        check("torch", cdist().numpy(), x, codes)
        check("vector-quantize-pytorch", quantize().numpy(), x, codes)
        check("faiss", index.search(x, 1)[1], x, codes)
        contenders = {
            "multiplication alone, TensorFlow": tf.function(lambda: tf.matmul(x_tf, codes_tf, transpose_b=True)),
            "multiplication alone, torch": lambda: x_torch @ codes_torch.T,
            "torch, cdist": cdist,
            "vector-quantize-pytorch": quantize,
            "faiss, flat": lambda: index.search(x, 1),
        }
        race(f"look-up of {rows} in {size} codes of width {width}", contenders, rounds)


def scalars(weights: int, size: int, rounds: int) -> None:
    rng = np.random.default_rng(1)
    values = tf.constant(rng.standard_normal(weights).astype(np.float32))
    centroids = tf.Variable(np.sort(rng.standard_normal(size)).astype(np.float32))
    algorithm = ClusteringAlgorithm(centroids, GradientAggregation.SUM)
    race(f"{weights} weights, {size} clusters", {"tfmot": tf.function(lambda: algorithm.get_pulling_indices(values))}, rounds)


def processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "?")


def main(rounds: int) -> None:
    random.seed(1)
    torch.set_num_threads(1)
    faiss.omp_set_num_threads(1)
    print(f"on {processor()}; tensorflow {tf.__version__}, torch {torch.__version__}, faiss {faiss.__version__}")
    for library in threadpool_info():
        if library.get("architecture"):
            print(f"  {Path(library['filepath']).name}: {library['internal_api']}, kernels of {library['architecture']}")
    for shape in LOOK_UPS:
        look_up(*shape, rounds)
    for shape in SCALARS:
        scalars(*shape, rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
