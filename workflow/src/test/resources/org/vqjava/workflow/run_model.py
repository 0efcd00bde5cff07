"""Runs the three signatures of a saved autoencoder and reads the run's event file.

run_model.py RUN IMAGES OUT: IMAGES and the files in OUT are raw little-endian numbers.
"""
import pathlib
import sys

import numpy as np
import tensorflow as tf
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

run, images, out = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3])
model = tf.saved_model.load(run + "/model")
print("signatures", " ".join(sorted(model.signatures)))
x = tf.constant(np.fromfile(images, "<f4").reshape(-1, 8, 8, 1))
indices = model.signatures["encode"](images=x)["indices"]
indices.numpy().astype("<i4").tofile(out / "indices")
decoded = model.signatures["decode"](indices=indices)["images"]
decoded.numpy().astype("<f4").tofile(out / "decoded")
model.signatures["reconstruct"](images=x)["images"].numpy().astype("<f4").tofile(out / "reconstructed")

events = EventAccumulator(run, size_guidance={"tensors": 0})
events.Reload()
for tag in sorted(events.Tags()["tensors"]):
    values = events.Tensors(tag)
    print("tag", tag, len(values), values[-1].step)
