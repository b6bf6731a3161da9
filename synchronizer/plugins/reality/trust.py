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

"""Whether a stream may be relied upon: fresh enough to say what is."""

from collections.abc import Callable
from collections.abc import Mapping
import datetime
import threading
import time

from synchronizer.model import stream
from synchronizer.plugins import hints

GRACE = 10.0
"""Seconds for which a stream that is not live is believed all the same: a
failed listing is tried again at once, and mostly succeeds."""

PATIENCE = 60.0
"""Seconds that a stream that was never collected is waited for."""

OVERDUE = 2
"""So many intervals after its last sweep, nobody keeps a stream."""


class Trust:
    """How every stream is, and since when. Thread-safe."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic,
                 wall: Callable[[], float] = time.time) -> None:
        self._monotonic, self._wall = monotonic, wall
        self._lock = threading.Lock()
        self._rows: Mapping[str, stream.Stream] = {}
        self._ill: dict[str, float] = {}
        self._doubted: dict[str, str] = {}
        self._awaited: str | None = None

    def heed(self, rows: Mapping[str, stream.Stream]) -> bool:
        """How they are now; whether another one is believed, or not
        believed, than before; or nothing is awaited any more."""
        now = self._monotonic()
        with self._lock:
            self._rows = rows
            self._ill = {type_: self._ill.get(type_, now)
                         for type_, row in rows.items() if self._says(row)}
            doubted = {
                type_: self._says(rows[type_]) or ''
                for type_, since in self._ill.items()
                if now - since >= _patience(rows[type_])}
            awaited = next((
                type_ for type_, row in rows.items()
                if row.collected_at is None and type_ not in doubted), None)
            changed = doubted.keys() != self._doubted.keys() or (
                awaited is None and self._awaited is not None)
            self._doubted, self._awaited = doubted, awaited
            return changed

    def has(self, type_: str) -> bool:
        """Whether there is such a stream."""
        return type_ in self._rows

    def doubt(self, type_: str) -> str | None:
        """Why a stream is not to be believed; None: it is."""
        with self._lock:
            return self._doubted.get(type_)

    def awaited(self) -> str | None:
        """What is collected for the first time, and is worth waiting for."""
        return self._awaited

    def _says(self, row: stream.Stream) -> str | None:
        if row.state != stream.LIVE:
            return f'{row.type} is {row.state}' + (
                f': {row.error}' if row.error else '')
        began = hints.unix(row.collected_at)
        late = OVERDUE * row.interval + PATIENCE
        if row.interval and began is not None and (
                self._wall() - began > late):
            when = datetime.datetime.fromtimestamp(began, datetime.UTC)
            return (f'{row.type} is stale: it was last seen whole at '
                    f'{when:%Y-%m-%d %H:%M:%S} UTC')
        return None


def _patience(row: stream.Stream) -> float:
    if row.paused:
        return 0
    return GRACE if row.collected_at else PATIENCE
