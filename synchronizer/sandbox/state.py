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

"""The tables of the true cloud, its clock, its ids and its true history.

A row is a plain dict that is never changed in place: a verb puts a new one.
So a row can be read without the lock, kept in the history, and recognised by
identity in a cache.
"""

from collections.abc import Callable
import itertools
import random
import threading
import time
from typing import Any
import uuid

Row = dict[str, Any]
Observer = Callable[[str, Row | None, Row | None], None]


class SandboxError(Exception):
    """A verb was asked for something the cloud cannot do."""


class State:
    """Tables by entity type, and the journal of everything that happened."""

    def __init__(self, seed: int = 1,
                 now: Callable[[], float] = time.time) -> None:
        self.seed = seed
        self.now = now
        self.rng = random.Random(seed)
        self.lock = threading.RLock()
        self.tables: dict[str, dict[str, Row]] = {}
        # the part of them that is not deleted, which is asked for most
        self._living: dict[str, dict[str, Row]] = {}
        self.journal: list[tuple[float, str, str, Row | None]] = []
        # told of each change under the lock, so none of them may wait
        self.observers: list[Observer] = []
        self._numbers = itertools.count(1)

    def new_id(self) -> str:
        """A random uuid from the seed."""
        return str(uuid.UUID(int=self.rng.getrandbits(128), version=4))

    def new_number(self) -> int:
        """The next of the numbers that give rows their order."""
        return next(self._numbers)

    def table(self, kind: str) -> dict[str, Row]:
        """The rows of one type, by id; deleted ones that linger included."""
        return self.tables.setdefault(kind, {})

    def rows(self, kind: str) -> list[Row]:
        """The rows of one type, at one moment."""
        with self.lock:
            return list(self.table(kind).values())

    def live(self, kind: str) -> list[Row]:
        """The rows of one type that are not deleted."""
        with self.lock:
            return list(self._living.get(kind, {}).values())

    def get(self, kind: str, key: str) -> Row:
        """One live row; SandboxError if there is none."""
        row = self.table(kind).get(key)
        if row is None or row.get('deleted'):
            raise SandboxError(f'no {kind} {key}')
        return row

    def put(self, kind: str, key: str, row: Row) -> Row:
        """Make a row the true one, and remember when it became so."""
        with self.lock:
            old = self.table(kind).get(key)
            if old != row:
                self.table(kind)[key] = row
                shown = None if row.get('deleted') else row
                living = self._living.setdefault(kind, {})
                if shown is None:
                    living.pop(key, None)
                else:
                    living[key] = row
                self.journal.append((self.now(), kind, key, shown))
                self._tell(kind, old, row)
            return self.table(kind)[key]

    def change(self, kind: str, key: str, **changes: Any) -> Row:
        """Put a live row again with some values changed."""
        with self.lock:
            return self.put(kind, key, {**self.get(kind, key), **changes})

    def drop(self, kind: str, key: str) -> None:
        """Take a row away for good."""
        with self.lock:
            old = self.get(kind, key)
            self.forget(kind, key)
            self.journal.append((self.now(), kind, key, None))
            self._tell(kind, old, None)

    def forget(self, kind: str, key: str) -> None:
        """The same without a word, as an operator who archives."""
        with self.lock:
            del self.table(kind)[key]
            self._living.get(kind, {}).pop(key, None)

    def _tell(self, kind: str, old: Row | None, new: Row | None) -> None:
        for observer in self.observers:
            observer(kind, old, new)
