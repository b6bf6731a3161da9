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

"""Reads for followers what they want, one thing after another.

It has a thread of its own: an answer may take its time, and meanwhile what
is cast must be heard.
"""

from collections.abc import Callable
import dataclasses
import queue
import threading
import time

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.client import follower as follower_module
from synchronizer.client import rpc
from synchronizer.model import entity as entity_module
from synchronizer.model import kept


@dataclasses.dataclass(frozen=True, slots=True)
class WantTypes:
    """The names of all enabled types."""


@dataclasses.dataclass(frozen=True, slots=True)
class Snapshot:
    """All of one stream."""

    head: wire.Head
    """As it was before the first entity was read."""

    entities: list[entity_module.Entity] | None
    """None: it was never collected."""


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """What came of a wish."""

    type: str
    """Whose wish it was."""

    want: object
    """The wish."""

    result: object
    """What was read, or the error instead."""

    reading: follower_module.Reading
    """When."""


class Reader:
    """Carries out wishes in their order."""

    def __init__(self, client: rpc.SynchronizerClient,
                 answer: Callable[[Answer], None],
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._answer = answer
        self._clock = clock
        self._wishes: queue.SimpleQueue = queue.SimpleQueue()
        self._thread = threading.Thread(
            target=self._run, name='mirror-reader', daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def ask(self, type_: str, want: object) -> None:
        """Put a wish last in the row."""
        self._wishes.put((type_, want))

    def stop(self, timeout: float) -> None:
        """End, after the wish that is being carried out if it is quick."""
        self._wishes.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout)

    def _run(self) -> None:
        while (wish := self._wishes.get()) is not None:
            self._answer(self.read(*wish))

    def read(self, type_: str, want: object) -> Answer:
        """Carry out one wish."""
        started = self._clock()
        try:
            result = self._read(type_, want)
        except Exception as error:
            result = error
        return Answer(type_, want, result,
                      follower_module.Reading(started, self._clock()))

    def _read(self, type_: str, want: object) -> object:
        if isinstance(want, WantTypes):
            return [stream['type']
                    for stream in self._client.describe()['streams']]
        if isinstance(want, follower_module.WantSnapshot):
            return snapshot(self._client, type_)
        return self._client.get_changes(type_, want.position.epoch,
                                        want.position.revision)


def snapshot(client: rpc.SynchronizerClient, type_: str) -> Snapshot:
    """All pages of one stream, or where it stands without any."""
    head, entities = None, []
    try:
        for page in client.get_all([type_]):
            head = page.heads[type_]
            # an older service sends them whole: that takes much more room
            entities += map(kept.of, page.entities)
    except exception.SnapshotNotReady:
        for stream in client.describe()['streams']:
            if stream['type'] == type_:
                return Snapshot(wire.head_from_dict(stream), None)
        raise
    return Snapshot(head, entities)
