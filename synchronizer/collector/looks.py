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

"""What collectors tell each other to look at: a server that is shown with
another volume makes the owner of the volumes look at it. Hints, no more.
"""

import collections
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import itertools
import threading
from typing import Any

from oslo_log import log
import oslo_messaging

from synchronizer import exception
from synchronizer.bus import topics
from synchronizer.bus import transport
from synchronizer.model import initiator as initiator_module
from synchronizer.model.initiator import Initiator
from synchronizer.plugins import hints

LOG = log.getLogger(__name__)

MOST = 1000
"""How many may wait for a broker that is away; older ones are dropped."""

Thing = tuple[str, str]
Told = tuple[Thing, Initiator | None]


class Looks:
    """The endpoint: others want something looked at."""

    target = oslo_messaging.Target(version=topics.VERSION)

    def __init__(self, hear: Callable[[hints.Hint], None]) -> None:
        self._hear = hear

    @transport.expose
    def look(self, ctxt: dict, things: list, initiators: Sequence = (),
             **unknown: Any) -> None:
        """(type, id) of each, and in the same order who is behind it; an
        older release does not say it."""
        told = itertools.chain(initiators, itertools.repeat(None))
        for (type_, id_), body in zip(things, told):
            self._hear(hints.Hint(str(type_), str(id_),
                                  initiator=initiator_module.read(body)))


class Asker:
    """Casts what others are to look at, from a thread of its own: whoever
    commits a change must not wait for a broker."""

    def __init__(self, cast: Callable[[list[Told]], None]) -> None:
        self._cast = cast
        self._things: collections.deque[Told] = collections.deque(
            maxlen=MOST)
        self._wake = threading.Condition()
        self._stopping = False
        self._thread = threading.Thread(
            target=self._run, name='ask-others', daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, timeout: float) -> None:
        """End; what was not cast is dropped."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def ask(self, things: Iterable[Thing]) -> None:
        """Have them looked at by whoever owns their types. A mapping tells
        of each who is behind it."""
        behind = things if isinstance(things, Mapping) else {}
        with self._wake:
            self._things.extend(
                (thing, behind.get(thing)) for thing in things)
            self._wake.notify_all()

    def _run(self) -> None:
        while True:
            with self._wake:
                while not (self._things or self._stopping):
                    self._wake.wait()
                if self._stopping:
                    return
                things = list(self._things)
                self._things.clear()
            try:
                self._cast(things)
            except exception.BusError as error:
                LOG.debug('not asked of others: %(error)s', {'error': error})
            except Exception:
                # whatever it is, the next may go through
                LOG.exception('not asked of others')
