"""Asks a TensorBoard of its own over HTTP what it shows of a directory, as its page does."""
import json
import logging
import sys
import time
import urllib.parse
import urllib.request

import numpy
from tensorboard import program

logging.disable(logging.CRITICAL)
board = program.TensorBoard()
board.configure(argv=[None, '--logdir', sys.argv[1], '--port', '0', '--load_fast=false',
                      '--samples_per_plugin=scalars=1000,text=1000'])
url = board.launch()


def ask(path, data=None, **parameters):
    query = '?' + urllib.parse.urlencode(parameters) if parameters else ''
    request = urllib.request.Request(url + 'data/plugin/' + path + query, data=data)
    if data is not None:
        request.add_header('Content-Type', 'application/json')
    with urllib.request.urlopen(request, timeout=60) as response:
        return response.read()


def tags(plugin):
    """Waits for the directory to be read."""
    for _ in range(120):
        found = json.loads(ask(plugin + '/tags'))
        if found.get('run'):
            return found['run']
        time.sleep(0.5)
    raise SystemExit('no tags of ' + plugin)


for tag in tags('scalars'):
    for _, step, value in json.loads(ask('scalars/scalars', run='run', tag=tag)):
        print('scalar', tag, step, str(numpy.float32(value)))
for plugin in ['histograms', 'text', 'images']:
    for tag in tags(plugin):
        print(plugin, tag)
experiment = json.loads(ask('hparams/experiment', data=b'{}'))
for info in experiment['hparamInfos']:
    print('hparam', info['name'])
info = json.loads(ask('projector/info', run='run'))
for embedding in info['embeddings']:
    print('projector run', embedding['tensorName'], *embedding['tensorShape'], embedding['metadataPath'])
tensor = ask('projector/tensor', run='run', name='bottleneck', num_rows='100')
print('projector bytes', len(tensor))
metadata = ask('projector/metadata', run='run', name='bottleneck', num_rows='100')
print('projector metadata', metadata.decode().splitlines()[0])
