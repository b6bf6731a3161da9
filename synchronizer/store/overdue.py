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


"""Answers that do not come: libpq has no time-out for them.

What is between us and the server may be all well, and acknowledge whatever we
send, while the server, or a proxy before it, hangs. So a thread hangs up on
connections that have waited for too long, and whoever waits is told that the
server went away.
"""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import functools
import os
import socket
import threading
import time
from typing import Any

from oslo_log import log as logging
import sqlalchemy as sa

LOG = logging.getLogger(__name__)

_OF_CURSORS = ('do_execute', 'do_execute_no_params', 'do_executemany')
_OF_CONNECTIONS = ('do_ping', 'do_commit', 'do_rollback')


class Overdue:
    """Hangs up on connections of libpq. Thread-safe.

    Its thread begins with the first wait, so not before a fork.
    """

    def __init__(self, patience: float,
                 timer: Callable[[], float] = time.monotonic) -> None:
        self._patience, self._timer = patience, timer
        self._lock = threading.Lock()
        self._until: dict[Any, float] = {}
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    @contextlib.contextmanager
    def awaiting(self, connection: Any) -> Iterator[None]:
        """An answer is waited for, on a connection of the driver's."""
        with self._lock:
            self._until[connection] = self._timer() + self._patience
            if self._thread is None:
                self._thread = threading.Thread(
                    target=self._run, name='overdue', daemon=True)
                self._thread.start()
        try:
            yield
        finally:
            with self._lock:
                self._until.pop(connection, None)

    def watch(self, engine: sa.Engine) -> None:
        """All that its connections wait for, but to be made."""
        dialect = engine.dialect
        for name in _OF_CURSORS:
            setattr(dialect, name, self._awaited(
                getattr(dialect, name), lambda cursor: cursor.connection))
        for name in _OF_CONNECTIONS:
            setattr(dialect, name, self._awaited(
                getattr(dialect, name), _of_driver))

    def _awaited(self, method: Callable[..., Any],
                 connection_of: Callable[[Any], Any]) -> Callable[..., Any]:
        @functools.wraps(method)
        def awaited(thing: Any, *arguments: Any, **named: Any) -> Any:
            with self.awaiting(connection_of(thing)):
                return method(thing, *arguments, **named)
        return awaited

    def close(self) -> None:
        """End the thread."""
        self._closed.set()

    def _run(self) -> None:
        while not self._closed.wait(self.look()):
            pass

    def look(self) -> float:
        """Hang up where it is time; the seconds until it may be again."""
        with self._lock:
            # under the lock: whoever got his answer may have closed it
            now = self._timer()
            late = [connection for connection, until in self._until.items()
                    if until <= now]
            for connection in late:
                del self._until[connection]
                self._hang_up(connection)
            # what is waited for from now on is not late before this
            return min(self._until.values(),
                       default=now + self._patience) - now

    def _hang_up(self, connection: Any) -> None:
        LOG.warning('The database has not answered for %(seconds)d s: that '
                    'connection is given up', {'seconds': self._patience})
        try:
            # of another handle, since the driver closes its own
            with socket.socket(fileno=os.dup(connection.fileno())) as end:
                end.shutdown(socket.SHUT_RDWR)
        except Exception as error:
            # each driver has its own way to say that it is closed already
            LOG.debug('It was lost already: %(error)r', {'error': error})


def _of_driver(connection: Any) -> Any:
    """What the pool has wrapped, if it has."""
    return getattr(connection, 'dbapi_connection', connection)
