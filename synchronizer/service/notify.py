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

"""What systemd is told: when the service is ready, reloads, stops, lives.

Outside of systemd nobody is told anything.
"""

from collections.abc import Callable
from collections.abc import MutableMapping
import os
import socket
import threading
import time

from oslo_log import log as logging

LOG = logging.getLogger(__name__)

PATIENCE = 60.0
"""Seconds after which the service counts as started, or as reloaded, though
something is still waited for: a broker that is away is no failure of ours.
Shorter than the unit's TimeoutStartSec."""

TICK = 1.0
"""Seconds between two looks."""

Titles = Callable[[], list[str]]


def address(environ: MutableMapping[str, str] = os.environ) -> str | None:
    """Where systemd listens; taken out of the environment, so that nobody
    else speaks for the service: not cotyledon, and no worker."""
    for name in ('WATCHDOG_PID', 'WATCHDOG_USEC'):
        environ.pop(name, None)
    found = environ.pop('NOTIFY_SOCKET', None)
    # an abstract socket is written with an @
    return '\0' + found[1:] if found and found[0] == '@' else found


class Notifier:
    """Looks every second who works, in a thread of its own.

    `waiting` are the workers that do not work yet, `silent` those that
    show no life; while there are any of these the watchdog is not fed.
    """

    def __init__(self, address: str | None, waiting: Titles, silent: Titles,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._address = address
        self._waiting, self._silent = waiting, silent
        self._clock = clock
        self._since = clock()
        self._ready = self._stopping = False
        self._status = ''
        self._lock = threading.Lock()

    def start(self) -> None:
        """Begin to look, if anybody wants to know."""
        if self._address is not None:
            threading.Thread(target=self._run, name='notify', daemon=True
                             ).start()

    def reloading(self) -> None:
        """The files are read again; ready when all work again."""
        with self._lock:
            self._ready, self._since = False, self._clock()
            now = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
            self._send('RELOADING=1', f'MONOTONIC_USEC={now}')

    def stopping(self) -> None:
        """The service ends, which may take graceful_shutdown_timeout."""
        with self._lock:
            self._stopping = True
            self._send('STOPPING=1', 'STATUS=Stopping.')

    def look(self) -> None:
        """Tell what is to be told now."""
        waiting, silent = self._waiting(), self._silent()
        with self._lock:
            if not self._stopping:
                self._tell_state(waiting)
            if self._stopping or not silent:
                self._send('WATCHDOG=1')

    def _run(self) -> None:
        while True:
            self.look()
            time.sleep(TICK)

    def _tell_state(self, waiting: list[str]) -> None:
        lines = []
        if not self._ready and (
                not waiting or self._clock() - self._since >= PATIENCE):
            self._ready = True
            lines.append('READY=1')
        status = ('Waiting for ' + ', '.join(waiting) + '; the log says why.'
                  if waiting else 'All work.')
        if lines or status != self._status:
            self._status = status
            self._send(*lines, f'STATUS={status}')

    def _send(self, *lines: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM
                               | socket.SOCK_NONBLOCK) as to:
                to.sendto('\n'.join(lines).encode(), self._address)
        except OSError as error:
            LOG.debug('systemd cannot be told: %(error)s', {'error': error})
