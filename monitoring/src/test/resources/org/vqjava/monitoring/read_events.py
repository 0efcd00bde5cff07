# SPDX-License-Identifier: Apache-2.0
"""Prints what TensorBoard's own reader finds in the run directory given.

One line a value, columns separated by tabs; doubles as Python's repr, bytes as SHA-256.
"""
import hashlib
import sys

from tensorboard.backend.event_processing import event_accumulator
from tensorboard.plugins.hparams import plugin_data_pb2
from tensorboard.util import tensor_util


def show(plugin, array):
    if plugin == "scalars":
        return [str(array.dtype), str(array.shape), repr(float(array))]
    if plugin == "histograms":
        rows = [",".join(repr(float(x)) for x in row) for row in array]
        return [str(array.dtype), str(array.shape), *rows]
    if plugin == "text":
        return [str(array.shape), ascii(array.item().decode("utf-8"))]
    if plugin == "images":
        width, height, png = array
        return [width.decode(), height.decode(), hashlib.sha256(png).hexdigest()]
    return [str(array.dtype), str(array.shape)]


def hparams(content):
    data = plugin_data_pb2.HParamsPluginData.FromString(content)
    kind = data.WhichOneof("data")
    yield [kind, "version", repr(data.version)]
    if kind == "session_start_info":
        start = data.session_start_info
        yield [kind, "seconds", repr(start.start_time_secs)]
        for name in sorted(start.hparams):
            value = start.hparams[name]
            field = value.WhichOneof("kind")
            yield [kind, name, field, repr(getattr(value, field))]
    else:
        end = data.session_end_info
        yield [kind, "seconds", repr(end.end_time_secs)]
        yield [kind, "status", repr(end.status)]


events = event_accumulator.EventAccumulator(
    sys.argv[1], size_guidance={event_accumulator.TENSORS: 0}
)
events.Reload()
print("file_version", events.file_version, sep="\t")
for tag in sorted(events.Tags()["tensors"]):
    metadata = events.SummaryMetadata(tag)
    plugin = metadata.plugin_data.plugin_name
    print(tag, plugin, metadata.data_class, sep="\t")
    for event in events.Tensors(tag):
        array = tensor_util.make_ndarray(event.tensor_proto)
        print(tag, event.step, repr(event.wall_time), *show(plugin, array), sep="\t")
    if plugin == "hparams":
        for line in hparams(metadata.plugin_data.content):
            print(*line, sep="\t")
