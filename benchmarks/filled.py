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
"""A SQLite store that is full of servers, and processes around it."""

import contextlib
import gc
import json
import pathlib
import subprocess
import sys

from kombu import serialization

from benchmarks import entities
from synchronizer import memory
from synchronizer.bus import transport
from synchronizer.collector import writer
from synchronizer.model import stream as stream_module
from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import sql

TYPE = 'nova.instance'
WHEN = '2026-11-29T00:00:00.000000Z'


@contextlib.contextmanager
def read(path):
    """The store in that file, for those who write nothing."""
    with contextlib.closing(sql.SqlStore(
            engine.Options(f'sqlite:///{path}'))) as store:
        store.ensure([store_base.StreamSpec(TYPE, 'nova', 600)])
        yield store


@contextlib.contextmanager
def opened(path):
    """The store in that file, and what writes its stream."""
    with read(path) as store:
        held = writer.StreamWriter(store, TYPE, 'benchmark')
        held.open()
        yield store, held


def fill(path, size, seed):
    """Make a store of so many servers, seen whole."""
    with opened(path) as (store, held):
        entities.fill(held, size, seed)
        store.report(store.claim(TYPE, 'benchmark'), stream_module.LIVE,
                     None, WHEN, 0)


def measure(pid):
    """(CPU seconds, resident MB) of a process of this machine."""
    stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
    fields = stat.rpartition(') ')[2].split()
    status = pathlib.Path(f'/proc/{pid}/status').read_text()
    resident = next(line.split()[1] for line in status.splitlines()
                    if line.startswith('VmRSS:'))
    return (int(fields[11]) + int(fields[12])) / 100, int(resident) / 1024


class Process(contextlib.ExitStack):
    """Another process of a benchmark: it says when it is ready, is told
    what to do line by line, and answers each with a line of JSON."""

    def __init__(self, module, *arguments):
        super().__init__()
        self._process = subprocess.Popen(
            [sys.executable, '-m', module, *map(str, arguments)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.callback(self._process.wait)
        self.callback(self._process.stdin.close)
        self.pid = self._process.pid

    def ask(self, *words):
        """Have it do something; what it says."""
        print(*words, file=self._process.stdin, flush=True)
        return self.answer()

    def answer(self):
        """What it says next."""
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f'{self._process.args[2]} has ended')
        return json.loads(line)


def settle(collects=False):
    """Take memory as our processes do; before any thread begins."""
    memory.keep_heaps_small()
    if collects:
        memory.look_seldom_for_garbage()
    gc.freeze()


def as_it_comes(url):
    """A transport as whoever has nothing but oslo.messaging has it: of this
    process no message is written or read quickly from now on."""
    bus = transport.private(url)
    serialization.register_json()
    serialization.registry._set_default_serializer('json')
    return bus


def say(what):
    """Answer as such a process does."""
    print(json.dumps(what), flush=True)
