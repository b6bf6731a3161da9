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

"""The embedded bus, at rest when nothing is said.

kombu's memory transport asks its queues again and again, and oslo.messaging
takes the pause between two questions away: each of some forty connections
is a loop that never rests. Here whoever waits is woken by what arrives. What
is kept, and where, is kombu's own: both can be used side by side.
"""

import queue
import threading
import time
from typing import Any

import kombu.transport
from kombu.transport import memory

NAME = 'memory'
PATIENCE = 0.05
"""Seconds after which one looks anyway: kombu's own transport wakes nobody.
"""


class _Arrivals:
    """Counts what was put into any queue."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self.count = 0

    def one_more(self) -> None:
        """Something was put somewhere."""
        with self._changed:
            self.count += 1
            self._changed.notify_all()

    def wait(self, seen: int, timeout: float) -> None:
        """Until more has arrived than was seen, or so long."""
        with self._changed:
            self._changed.wait_for(lambda: self.count != seen, timeout)


_arrivals = _Arrivals()


class Channel(memory.Channel):
    """Wakes whoever waits."""

    def _put(self, *args: Any, **kwargs: Any) -> None:
        super()._put(*args, **kwargs)
        _arrivals.one_more()

    def _put_fanout(self, *args: Any, **kwargs: Any) -> None:
        super()._put_fanout(*args, **kwargs)
        _arrivals.one_more()


class Transport(memory.Transport):
    """Waits to be woken."""

    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None
                     ) -> None:
        """Deliver the next message; TimeoutError: none came in time."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            seen = _arrivals.count
            try:
                self.cycle.get(self._deliver, timeout=timeout)
            except queue.Empty:
                left = PATIENCE if end is None else end - time.monotonic()
                if left <= 0:
                    raise TimeoutError from None
                _arrivals.wait(seen, min(left, PATIENCE))
            else:
                return


def install() -> None:
    """Let kombu take it for ``memory``, from the next connection on."""
    kombu.transport.TRANSPORT_ALIASES[NAME] = f'{__name__}:Transport'
