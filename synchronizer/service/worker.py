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

"""What runs in a process: parts that are built there, and closed there.

Nothing here knows of processes, signals or oslo.service.
"""

import abc
from collections.abc import Callable
import contextlib
import random
import threading
import time

from oslo_log import log as logging

from synchronizer import exception

LOG = logging.getLogger(__name__)

RETRY_FIRST, RETRY_LIMIT = 1.0, 30.0
"""Seconds between two tries to build the parts, doubled up to the limit."""

PATIENCE = 2.0
"""Seconds that stop() leaves to a build that is under way."""


class Worker(abc.ABC):
    """Builds its parts in a thread of its own, as often as it takes.

    `start` and `stop` return soon even if the database, the broker and the
    cloud are away; `stop` may come first, and ends within its time-out,
    whether or not everything could be closed in it.
    """

    name: str
    """As it stands in logs, and in the title of its process."""

    owners: tuple[str, ...] = ()
    """What stands behind the streams that are its own."""

    def __init__(self, wait: Callable[[threading.Event, float], bool] =
                 threading.Event.wait) -> None:
        self.stopping = threading.Event()
        self.working = threading.Event()
        self._pause = wait
        self._deadline: float | None = None
        self._parts = contextlib.ExitStack()
        self._builder: threading.Thread | None = None

    @abc.abstractmethod
    def build(self, parts: contextlib.ExitStack) -> None:
        """Build and start everything; each part's end goes on the stack.

        What raises a SynchronizerError is tried again.
        """

    def start(self) -> None:
        """Begin to work."""
        self._builder = threading.Thread(
            target=self.run, name=f'{self.name}-builder', daemon=True)
        self._builder.start()

    def stop(self, timeout: float) -> bool:
        """Close everything; whether that was done in time."""
        self._deadline = time.monotonic() + timeout
        self.stopping.set()
        self.working.clear()
        if self._builder is not None:
            self._builder.join(min(PATIENCE, timeout / 2))
        closer = threading.Thread(
            target=self._parts.close, name=f'{self.name}-closer', daemon=True)
        closer.start()
        closer.join(self.left())
        if closer.is_alive():
            LOG.warning('%(name)s could not close everything in %(timeout).0f'
                        ' s and is left as it is.',
                        {'name': self.name, 'timeout': timeout})
        return not closer.is_alive()

    def left(self) -> float:
        """Seconds left to stop in."""
        return max(0.0, (self._deadline or 0) - time.monotonic())

    def run(self) -> None:
        """Try to build until it works or the worker is stopped."""
        pause = RETRY_FIRST
        while not self.stopping.is_set():
            try:
                with contextlib.ExitStack() as parts:
                    self.build(parts)
                    self._parts = parts.pop_all()
            except exception.SynchronizerError as error:
                wait = random.uniform(pause / 2, pause)
                LOG.warning(
                    '%(name)s cannot work yet: %(error)s. Next try in '
                    '%(wait).1f s.',
                    {'name': self.name, 'error': error, 'wait': wait})
                self._pause(self.stopping, wait)
                pause = min(pause * 2, RETRY_LIMIT)
            else:
                LOG.info('%(name)s works.', {'name': self.name})
                self.working.set()
                break
        if self.stopping.is_set():
            # stop() did not wait for us
            self._parts.close()
