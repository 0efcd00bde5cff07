# SPDX-License-Identifier: Apache-2.0
"""Times other libraries beside the bare matrix multiplication of TensorFlow: what `vq bench` measures by as well.

    python -m venv peers && peers/bin/pip install -r peers-requirements.txt && peers/bin/python peers.py [ROUNDS]

Each library has its turn in every round, in random order, at one thread; what is printed is the median of the processor
time of a call, and its ratio to TensorFlow's multiplication in the same run. That multiplication is the same code in Java
and in Python, so that ratios of both can be compared. Indices are compared with a scan in float64 first. What has "formula"
in its name is no library's code: its formula, written here anew.

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
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
import tensorflow as tf
import torch
from sklearn.cluster import KMeans
from tensorflow_model_optimization.python.core.clustering.keras.clustering_algorithm import (
    ClusteringAlgorithm,
    GradientAggregation,
)
from threadpoolctl import threadpool_info
from vector_quantize_pytorch import VectorQuantize

TURN = 0.3
CHECKED = 256
LOOK_UPS = ((16384, 1024, 64), (16384, 512, 64), (4096, 8192, 256), (65536, 256, 16))
WITH_DIFFERENCES = (2048, 512, 32)
STEPS = ((16384, 1024, 64, False), (4096, 8192, 256, False), (1024, 512, 64, True))
LLOYD = ((100_000, 256, 32), (100_000, 1024, 64), (131_072, 256, 8))
SCALARS = ((1_000_000, 16), (1_000_000, 64), (1_000_000, 256))

ITERATIONS = 5


@dataclass(frozen=True)
class Repeated:
    """A call of so many iterations; what is timed is one of them, without what comes before the first."""

    call: Callable[[int], object]

    def __call__(self) -> object:
        return self.call(1 + ITERATIONS)

    def seconds(self) -> float:
        return (processor_seconds(self) - processor_seconds(lambda: self.call(1))) / ITERATIONS


Contender = Callable[[], object] | Repeated


def processor_seconds(call: Callable[[], object], calls: int = 1) -> float:
    start = time.process_time()
    for _ in range(calls):
        call()
    return (time.process_time() - start) / calls


def race(name: str, contenders: dict[str, Contender], rounds: int) -> None:
    """Prints a line for each contender; ratios are to the first."""
    calls = {}
    for key, call in contenders.items():
        call()
        calls[key] = max(1, round(TURN / max(processor_seconds(call), 1e-6)))
    times: dict[str, list[float]] = {key: [] for key in contenders}
    order = list(contenders)
    for _ in range(rounds):
        random.shuffle(order)
        for key in order:
            call = contenders[key]
            seconds = call.seconds() if isinstance(call, Repeated) else processor_seconds(call, calls[key])
            times[key].append(1000 * seconds)
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


def normal(*shapes: tuple[int, ...]) -> list[np.ndarray]:
    rng = np.random.default_rng(1)
    return [rng.standard_normal(shape).astype(np.float32) for shape in shapes]


def multiplication(x: np.ndarray, codes: np.ndarray) -> Contender:
    x_tf, codes_tf = tf.constant(x), tf.constant(codes)
    return tf.function(lambda: tf.matmul(x_tf, codes_tf, transpose_b=True))


def quantizer(codes: np.ndarray, **options: object) -> VectorQuantize:
    layer = VectorQuantize(dim=codes.shape[1], codebook_size=codes.shape[0], **options)
    layer.codebook = torch.from_numpy(codes)
    return layer


def look_up(rows: int, size: int, width: int, rounds: int) -> None:
    x, codes = normal((rows, width), (size, width))
    x_torch, codes_torch = torch.from_numpy(x), torch.from_numpy(codes)
    index = faiss.IndexFlatL2(width)
    index.add(codes)
    layer = quantizer(codes).eval()

    def cdist() -> torch.Tensor:
        return torch.cdist(x_torch, codes_torch).argmin(1)

    def quantize() -> torch.Tensor:
        return layer(x_torch[None])[1]

    with torch.inference_mode():
        check("torch", cdist().numpy(), x, codes)
        check("vector-quantize-pytorch", quantize().numpy(), x, codes)
        check("faiss", index.search(x, 1)[1], x, codes)
        contenders = {
            "multiplication alone, TensorFlow": multiplication(x, codes),
            "multiplication alone, torch": lambda: x_torch @ codes_torch.T,
            "torch, cdist": cdist,
            "vector-quantize-pytorch": quantize,
            "faiss, flat": lambda: index.search(x, 1),
        }
        race(f"look-up of {rows} in {size} codes of width {width}", contenders, rounds)


def differences(rows: int, size: int, width: int, rounds: int) -> None:
    x, codes = normal((rows, width), (size, width))
    x_torch, codes_torch = torch.from_numpy(x), torch.from_numpy(codes)
    contenders: dict[str, Contender] = {"multiplication alone, TensorFlow": multiplication(x, codes)}
    for name, p, metric in (("L1", 1.0, faiss.METRIC_L1), ("LINF", float("inf"), faiss.METRIC_Linf)):
        index = faiss.IndexFlat(width, metric)
        index.add(codes)
        contenders[f"torch, cdist, {name}"] = lambda p=p: torch.cdist(x_torch, codes_torch, p=p).argmin(1)
        contenders[f"faiss, flat, {name}"] = lambda index=index: index.search(x, 1)
    with torch.inference_mode():
        race(f"look-up of {rows} in {size} codes of width {width}, by differences", contenders, rounds)


def step(rows: int, size: int, width: int, with_differences: bool, rounds: int) -> None:
    x, codes = normal((rows, width), (size, width))
    x_torch = torch.from_numpy(x)[None]
    layer = quantizer(codes, threshold_ema_dead_code=2).train()
    contenders = {"multiplication alone, TensorFlow": multiplication(x, codes)}
    contenders["vector-quantize-pytorch, EMA"] = lambda: layer(x_torch)[0]
    if with_differences:
        contenders["the original's formula, TensorFlow"] = original_step(x, codes)
    race(f"training step of {rows} in {size} codes of width {width}", contenders, rounds)


def original_step(x: np.ndarray, codes: np.ndarray) -> Contender:
    """α, β and Coulomb by the norm of all differences, [N, K, D], and a step against their gradient."""
    x_tf, variable = tf.constant(x), tf.Variable(codes)

    @tf.function
    def run() -> None:
        with tf.GradientTape() as tape:
            distances = tf.norm(x_tf[:, None] - variable[None], axis=2)
            between = tf.reduce_sum((variable[:, None] - variable[None]) ** 2, axis=2)
            closest = tf.sqrt(tf.reduce_min(tf.linalg.set_diag(between, tf.fill(codes.shape[:1], 1e30)), axis=1))
            nearest = tf.reduce_mean(tf.reduce_min(distances, axis=1))
            loss = nearest + tf.reduce_mean(tf.reduce_sum(distances, axis=1)) - tf.reduce_sum(closest)
        variable.assign_sub(1e-9 * tape.gradient(loss, variable))

    return run


def lloyd(count: int, size: int, width: int, with_differences: bool, rounds: int) -> None:
    x, _ = normal((count, width), (size, width))
    start = x[:size].copy()

    def by_faiss(iterations: int) -> None:
        means = faiss.Kmeans(width, size, niter=iterations, max_points_per_centroid=count, min_points_per_centroid=1)
        means.train(x, init_centroids=start)

    def by_sklearn(iterations: int) -> None:
        KMeans(size, init=start, n_init=1, max_iter=iterations, tol=0, algorithm="lloyd").fit(x)

    contenders: dict[str, Contender] = {
        "multiplication alone, TensorFlow": multiplication(x, start),
        "faiss.Kmeans": Repeated(by_faiss),
        "scikit-learn, lloyd": Repeated(by_sklearn),
    }
    if with_differences:
        contenders["fairseq's formula"] = fairseq_step(x, start)
    race(f"step of EM, {count} blocks, {size} centroids of width {width}", contenders, rounds)


def fairseq_step(x: np.ndarray, start: np.ndarray) -> Contender:
    """All differences, [K, D, N]; sizes counted in Python; a mean for each centroid."""
    blocks, centroids = torch.from_numpy(x.T.copy()), torch.from_numpy(start)

    def run() -> torch.Tensor:
        nearest = (blocks[None] - centroids[:, :, None]).norm(p=2, dim=1).argmin(0)
        sizes = Counter(nearest.tolist())
        return torch.stack([blocks[:, nearest == k].mean(1) for k in range(len(centroids)) if sizes[k]])

    return run


def scalars(weights: int, size: int, rounds: int) -> None:
    values, drawn = normal((weights,), (size,))
    centroids = tf.Variable(np.sort(drawn))
    weight = tf.Variable(values)
    algorithm = ClusteringAlgorithm(centroids, GradientAggregation.SUM)
    look_up_tf = tf.function(lambda: algorithm.get_pulling_indices(tf.identity(weight)))

    @tf.function
    def run() -> None:
        with tf.GradientTape() as tape:
            clustered = algorithm.get_clustered_weight(algorithm.get_pulling_indices(tf.identity(weight)), weight)
            loss = tf.reduce_sum(clustered**2)
        for variable, gradient in zip((weight, centroids), tape.gradient(loss, (weight, centroids)), strict=True):
            variable.assign_sub(1e-9 * tf.convert_to_tensor(gradient))

    check("tfmot", look_up_tf().numpy(), values[:, None], centroids.numpy()[:, None])
    race(f"{weights} weights, {size} clusters", {"tfmot, look-up": look_up_tf, "tfmot, step": run}, rounds)


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
    differences(*WITH_DIFFERENCES, rounds)
    for shape in STEPS:
        step(*shape, rounds)
    for shape in LLOYD:
        lloyd(*shape, shape == LLOYD[-1], rounds)
    for shape in SCALARS:
        scalars(*shape, rounds)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
