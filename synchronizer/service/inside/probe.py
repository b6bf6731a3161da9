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

"""Each process answers, on a socket of its own, how it is.

Who connects gets one JSON object and the end of the connection. A process
that does not answer is dead, or hangs: that alone is worth to be known.
"""

from collections.abc import Callable
from collections.abc import Sequence
import contextlib
import json
import os
import socket
import threading
from typing import Any

from oslo_log import log as logging
from prometheus_client import registry

from synchronizer import metrics

LOG = logging.getLogger(__name__)

PATIENCE = 5.0
"""Seconds in which an answer must be taken."""

REST = 1.0
"""Seconds until it is tried again to take a connection, as when too many
files are open."""


class Probe:
    """Answers until it is stopped, or the process ends."""

    def __init__(self, path: str, works: Callable[[], bool],
                 owners: Callable[[], Sequence[str]] = tuple,
                 source: registry.Collector = metrics.REGISTRY) -> None:
        """`owners`: what stands behind the streams that are ours."""
        self._path, self._works, self._owners = path, works, owners
        self._source = source
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._stopping = threading.Event()

    def start(self) -> None:
        """Begin. Where no socket can be made, the log says so, and nothing
        else is the worse for it."""
        try:
            self._bind()
        except OSError as error:
            LOG.warning('%(path)s: this process cannot be asked how it is: '
                        '%(error)s', {'path': self._path, 'error': error})
            return
        threading.Thread(target=self._run, name='probe', daemon=True).start()

    def stop(self) -> None:
        """End."""
        self._stopping.set()
        with contextlib.suppress(OSError):
            # wakes the thread, which closing alone would not
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _bind(self) -> None:
        os.makedirs(os.path.dirname(self._path), 0o700, exist_ok=True)
        with contextlib.suppress(FileNotFoundError):
            # of a process that is gone; none that lives shares the name
            os.unlink(self._path)
        self._listening.bind(self._path)
        self._listening.listen()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError as error:
                self._rest(error)
                continue
            with connection:
                self._answer(connection)

    def _rest(self, error: OSError) -> None:
        if not self._stopping.is_set():
            LOG.warning('%(path)s: nobody can be answered: %(error)s',
                        {'path': self._path, 'error': error})
            self._stopping.wait(REST)

    def _answer(self, connection: socket.socket) -> None:
        try:
            connection.settimeout(PATIENCE)
            connection.sendall(json.dumps(self._tell()).encode())
        except OSError as error:
            LOG.debug('nobody waited for the answer: %(error)s',
                      {'error': error})
        except Exception:
            # it costs this answer, and must not cost the process
            LOG.exception('this process cannot tell how it is')

    def _tell(self) -> dict[str, Any]:
        return {'pid': os.getpid(), 'works': self._works(),
                'owners': list(self._owners()),
                'families': [
                    [family.name, family.documentation, family.type,
                     [[sample.name, sample.labels, sample.value]
                      for sample in family.samples
                      if not sample.name.endswith('_created')]]
                    for family in self._source.collect()]}


def ask(path: str, timeout: float) -> dict[str, Any]:
    """What a process tells; OSError or ValueError: nothing of use."""
    chunks = []
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout)
        connection.connect(path)
        while chunk := connection.recv(1 << 16):
            chunks.append(chunk)
    return json.loads(b''.join(chunks))
