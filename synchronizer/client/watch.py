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

"""The subscription: one fanout queue per type, read in order.

oslo.messaging blocks while the broker is away, when a server starts and
when it stops. So both are done by a thread of the watch, which nobody waits
for longer than he likes.
"""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import threading
import time
from typing import Any

from oslo_log import log
import oslo_messaging

from synchronizer.bus import backoff as backoff_module
from synchronizer.bus import topics
from synchronizer.bus import transport as transport_module
from synchronizer.bus import wire
from synchronizer.model import change as change_module

LOG = log.getLogger(__name__)


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """Changes that were cast."""

    type: str
    """The stream."""

    epoch: str
    """Its epoch."""

    changes: list[change_module.Change]
    """In order."""

    arrived: float
    """Monotonic."""


@dataclasses.dataclass(frozen=True, slots=True)
class Bookmark:
    """Where the stream stood."""

    type: str
    """The stream."""

    head: wire.Head
    """As it was when this was cast."""

    arrived: float
    """Monotonic."""


Message = Changed | Bookmark


class Ear:
    """The endpoint of one type's topic."""

    target = oslo_messaging.Target(version=topics.VERSION)

    def __init__(self, type_: str, hear: Callable[[Message], None],
                 clock: Callable[[], float]) -> None:
        self._type = type_
        self._hear = hear
        self._clock = clock

    @transport_module.expose
    def changed(self, ctxt: dict, epoch: str, changes: list,
                **unknown: Any) -> None:
        """Changes were cast."""
        arrived = self._clock()
        self._hear(Changed(
            self._type, epoch,
            [wire.change_from_dict(body) for body in changes], arrived))

    @transport_module.expose
    def bookmark(self, ctxt: dict, **head: Any) -> None:
        """The stream stands there."""
        arrived = self._clock()
        self._hear(Bookmark(self._type, wire.head_from_dict(head), arrived))


class Watch:
    """Hands what is cast to `hear`, of each type in order, from threads of
    oslo.messaging; what is lost on the way is not noticed here."""

    def __init__(self, transport: oslo_messaging.Transport,
                 types: Sequence[str], hear: Callable[[Message], None],
                 listening: Callable[[], None] = lambda: None,
                 name: str = 'mirror',
                 clock: Callable[[], float] = time.monotonic,
                 build: Callable[..., Any] = transport_module.change_server
                 ) -> None:
        """`listening` is called when all queues are there; for `name` see
        `bus.transport.change_server`."""
        self._make = [
            (type_, lambda type_=type_: build(
                transport, type_, name, Ear(type_, hear, clock)))
            for type_ in types]
        self._servers: list[Any] = []
        self._stopping = threading.Event()
        self._listening = listening
        self._thread = threading.Thread(
            target=self._run, name='watch', daemon=True)

    def start(self) -> None:
        """Begin to subscribe."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Unsubscribe; false: that goes on, or waits for the broker."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        backoff = backoff_module.Backoff(longest=10)
        for type_, make in self._make:
            while not self._stopping.is_set():
                try:
                    self._begin(make())
                    break
                except Exception:
                    pause = backoff.failed()
                    LOG.exception(
                        '%(type)s: no subscription; next try in %(pause).1f '
                        's', {'type': type_, 'pause': pause})
                    self._stopping.wait(pause)
        if not self._stopping.is_set():
            self._listening()
        self._stopping.wait()
        # each takes seconds to notice: side by side
        ends = [threading.Thread(target=self._end, args=(server,),
                                 name='watch-end', daemon=True)
                for server in self._servers]
        for thread in ends:
            thread.start()
        for thread in ends:
            thread.join()

    def _begin(self, server: Any) -> None:
        # with more than one thread they would overtake one another
        server.start(override_pool_size=1)
        self._servers.append(server)

    def _end(self, server: Any) -> None:
        try:
            server.stop()
            server.wait()
        except Exception as error:
            # the queue expires on the broker
            LOG.info('A subscription was not taken back: %(error)s',
                     {'error': error})
