# Licensed under the Apache License, Version 2.0 (the "License"); you may
# not use this file except in compliance with the License. You may obtain
# a copy of the License at
#
#      http://www.apache.org/licenses/LICENSE-2.0
#
# Unless required by applicable law or agreed to in writing, software
# distributed under the License is distributed on an "AS IS" BASIS, WITHOUT
# WARRANTIES OR CONDITIONS OF ANY KIND, either express or implied. See the
# License for the specific language governing permissions and limitations
# under the License.
"""What a mirror holds, against the JSON of its entities.

Line 7: the resident memory of a process with a mirror, beyond that of one
whose mirror is next to empty. ``python -m benchmarks.mirrors`` is such a
process.
"""

import argparse
import gc
import json
import os
import pathlib
import sys
import tempfile

from benchmarks import filled
from benchmarks.results import Result
from synchronizer import client
from synchronizer.bus import wire
from synchronizer.client import rpc
from synchronizer.tests.functional import servers

EMPTY = 10
BOUND = 1.5
PATIENCE = 600


def run(options):
    with servers.RabbitServer() as rabbit:
        empty, _ = _held_of(rabbit.url, EMPTY, options)
        for size in options.sizes:
            held, text = _held_of(rabbit.url, size, options)
            yield Result(7, 'a mirror holds, beside its JSON', size,
                         held - empty, 'MB', text,
                         BOUND if size >= 10000 else None)


def _held_of(url, size, options):
    """MB of a process with a mirror, and of the JSON of what it holds."""
    with tempfile.TemporaryDirectory() as place:
        path = pathlib.Path(place, 'db')
        filled.fill(path, size, options.seed)
        with filled.Process('benchmarks.snapshots', 'store', url,
                            path) as server:
            server.answer()
            with filled.Process(__name__, url) as mirror:
                held = mirror.answer()
            return held, sum(
                len(json.dumps(wire.entity_to_dict(entity)))
                for page in rpc.SynchronizerClient.from_url(url).get_all()
                for entity in page.entities) / 2 ** 20


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.mirrors', description=__doc__)
    parser.add_argument('url')
    args = parser.parse_args(arguments)
    mirror = client.Mirror.from_url(args.url, [filled.TYPE])
    mirror.start()
    if not mirror.wait_synced(PATIENCE):
        raise SystemExit('the mirror does not come level')
    gc.collect()
    filled.say(filled.measure(os.getpid())[1])
    sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main()
