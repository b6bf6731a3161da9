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

"""Stops the time of what the service does, from outside.

Methods of its rooms are wrapped while it runs; nothing in them knows.
"""

import contextlib
import dataclasses
import threading
import time
from unittest import mock

from synchronizer.collector import runner
from synchronizer.plugins.nova import instance
from synchronizer.store import sql

PARTS = ('settling', 'answer', 'commit', 'delivery')


@dataclasses.dataclass
class Look:
    """One request for one id, and when each step of it was done."""

    arrived: float
    asked: float
    answered: float = 0
    committed: float = 0
    called: float = 0

    @property
    def settling(self):
        return self.asked - self.arrived

    @property
    def answer(self):
        return self.answered - self.asked

    @property
    def commit(self):
        return self.committed - self.answered

    @property
    def delivery(self):
        return self.called - self.committed

    @property
    def whole(self):
        return self.called - self.arrived


class Stopwatch(contextlib.ExitStack):
    """Follows each hint of one type up to the callback."""

    def __init__(self, type_):
        super().__init__()
        self.looks: list[Look] = []
        self.hints = self.listed = 0
        self.seconds = 0.0
        self._type = type_
        self._lock = threading.Lock()
        self._waiting: dict[str, float] = {}
        self._under_way: dict[tuple[str, int], Look] = {}
        self._mine = threading.local()

    def __enter__(self):
        super().__enter__()
        for owner, name, wrap in (
                (runner.Runner, 'hint', self._hint),
                (instance.Instance, 'look_up', self._look_up),
                (sql.SqlStore, 'commit', self._commit)):
            self.enter_context(mock.patch.object(
                owner, name, wrap(getattr(owner, name))))
        return self

    def told(self, change):
        """The mirror's callback."""
        now = time.perf_counter()
        if change.type != self._type:
            return
        with self._lock:
            look = self._under_way.pop((change.id, change.revision), None)
            if look is None:
                self.listed += 1
                return
            look.called = now
            self.looks.append(look)

    def _hint(self, hint_):
        def hint(runner_, hint):
            with self._lock:
                if hint.type == self._type:
                    self.hints += 1
                    self._waiting.setdefault(hint.id, time.perf_counter())
            hint_(runner_, hint)
        return hint

    def _look_up(self, look_up_):
        def look_up(kind, session, id_):
            asked = time.perf_counter()
            with self._lock:
                arrived = self._waiting.pop(id_, None)
            page = look_up_(kind, session, id_)
            self._mine.look = None
            if arrived is not None:
                self._mine.look = Look(arrived, asked, time.perf_counter())
            return page
        return look_up

    def _commit(self, commit_):
        def commit(store, claim, writes):
            claim, changes = commit_(store, claim, writes)
            look = getattr(self._mine, 'look', None)
            if look is not None:
                look.committed = time.perf_counter()
                self._mine.look = None
                with self._lock:
                    for change in changes:
                        self._under_way[change.id, change.revision] = look
            return claim, changes
        return commit
