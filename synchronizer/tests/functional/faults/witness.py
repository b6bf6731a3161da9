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


"""Those who look on: at the bus, a mirror, the streams' owners, the
processes. None of them judges."""

import collections
import hashlib
import json
import pathlib
import threading
import time

from synchronizer import client
from synchronizer import exception
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests.functional import raw


def digest(change):
    """Two changes have the same one if they say the same."""
    text = json.dumps(change, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


class BusWitness(raw.Ear):
    """Hears one topic, and remembers each revision, not each word.

    `first`: digest and wall clock of each revision when it came first;
    `quarrels`: revisions that came again and said something else.
    """

    def __init__(self, source, type_, wall=time.time):
        self.type, self._wall = type_, wall
        self.first, self.epochs, self.quarrels = {}, set(), set()
        self.messages = self.again = self.late = self.newest = 0
        self.torn = []
        super().__init__(source, type_)

    def _hear(self, method, said):
        self.messages += 1
        self.epochs.add(said['epoch'])
        if method == 'changed':
            changes = said['changes']
            revisions = [change['revision'] for change in changes]
            if revisions != list(range(
                    revisions[0], revisions[0] + len(revisions))):
                self.torn.append(revisions)
            for change in changes:
                self._note(change)

    def _note(self, change):
        revision, what = change['revision'], digest(change)
        known = self.first.get(revision)
        if known is None:
            self.first[revision] = (what, self._wall())
            self.late += revision < self.newest
            self.newest = max(self.newest, revision)
        else:
            self.again += 1
            if known[0] != what:
                self.quarrels.add(revision)


class MirrorWitness:
    """Counts what a mirror tells."""

    def __init__(self, url, wall=time.time):
        self.mirror = client.Mirror.from_url(url, timeout=10)
        self._wall = wall
        self.told = collections.defaultdict(list)
        self.when = {}
        self.resyncs = 0
        self.mirror.subscribe(self._hear)

    def _hear(self, change):
        self.resyncs += change.cause == 'resync'
        self.told[change.type].append((change.epoch, change.revision))
        self.when[change.type, change.revision] = self._wall()


class Watcher(threading.Thread):
    """Looks every so often, until it is ended."""

    every = 1.0

    def __init__(self):
        super().__init__(daemon=True)
        self._ended = threading.Event()

    def look(self):
        raise NotImplementedError

    def run(self):
        while not self._ended.wait(self.every):
            self.look()

    def end(self):
        self._ended.set()
        self.join()


class Register(Watcher):
    """Reads in the database who owns what, past all links."""

    every = 0.2

    def __init__(self, deployment):
        super().__init__()
        self._deployment = deployment
        self._url = self._store = None
        self.rows = collections.defaultdict(list)

    def look(self):
        try:
            streams = self._connected().streams()
        except exception.StoreError:
            # a database that is away tells nothing
            return
        now = time.monotonic()
        for row in streams.values():
            rows = self.rows[row.type]
            if not rows or rows[-1][1:] != (row.term, row.owner):
                rows.append((now, row.term, row.owner))

    def _connected(self):
        url = self._deployment.database_url
        if url != self._url:
            self._url = url
            self._store = sql.SqlStore(engine.Options(url))
        return self._store

    def end(self):
        super().end()
        if self._store is not None:
            self._store.close()


class Gauges(Watcher):
    """Memory and open files of every process of the synchronizers.

    `series`: of each (synchronizer, title, pid) its (time, kilobytes,
    files).
    """

    def __init__(self, deployment, every):
        super().__init__()
        self.every, self._deployment = every, deployment
        self.series = collections.defaultdict(list)

    def look(self):
        for one in self._deployment.synchronizers:
            for title, pid in one.members():
                try:
                    seen = (time.monotonic(), memory(pid), files(pid))
                except OSError:
                    # it has just died
                    continue
                self.series[one.name, title, pid].append(seen)


def memory(pid):
    """Kilobytes of a process; what it shares counts in parts (PSS)."""
    rollup = pathlib.Path(f'/proc/{pid}/smaps_rollup').read_text()
    return next(int(line.split()[1]) for line in rollup.splitlines()
                if line.startswith('Pss:'))


def files(pid):
    return len(list(pathlib.Path(f'/proc/{pid}/fd').iterdir()))
