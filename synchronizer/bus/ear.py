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

"""Keeps something that listens to the bus listening.

oslo.messaging blocks while the broker is away, when a listener starts and
when it stops; so both happen in threads that nobody waits for. It connects
anew by itself, but does not say so: whoever must know what it may have
missed gives it a pulse, and is told whenever it listens anew.
"""

from collections.abc import Callable
from collections.abc import Sequence
import threading
import time
from typing import Protocol

from oslo_log import log

from synchronizer.bus import backoff as backoff_module

LOG = log.getLogger(__name__)

PULSE = 5.0
"""Seconds between two beats: after so long a lost broker is noticed."""


class Listener(Protocol):
    """A server or a notification listener of oslo.messaging."""

    def start(self, override_pool_size: int | None = None) -> None:
        """Begin; returns when its queues are there."""

    def stop(self) -> None:
        """Take no more."""

    def wait(self) -> None:
        """Until all that was taken is done."""


class Ear:
    """Listens while it is wanted."""

    def __init__(self, name: str, build: Callable[[], Listener],
                 listening: Callable[[], None] = lambda: None,
                 beat: Callable[[], bool] = lambda: True,
                 interval: float = PULSE,
                 close: Callable[[], None] = lambda: None) -> None:
        """`build` makes a listener that was not started. `listening` is
        called whenever all of its queues are there and may not have been
        before. `beat` says whether the broker was there since the last.
        `close` lets go of what they use."""
        self._name, self._build = name, build
        self._tell, self._beat, self._let_go = listening, beat, close
        self._interval = interval
        self._wake = threading.Condition()
        self._wanted = self._stopping = False
        self._ready = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name=f'ear-{name}', daemon=True)

    def start(self) -> None:
        """Be ready to listen; see `want`."""
        self._thread.start()

    def leave(self) -> None:
        """Begin to end: it may take seconds, in which others may end."""
        with self._wake:
            self._stopping = True
            self._wake.notify_all()

    def stop(self, timeout: float) -> None:
        """End; what waits for the broker then is left behind."""
        self.leave()
        if self._thread.is_alive():
            self._thread.join(timeout)

    def want(self, wanted: bool) -> None:
        """Listen from now on, or do not."""
        with self._wake:
            if wanted != self._wanted:
                self._wanted = wanted
                self._wake.notify_all()

    def wait(self, timeout: float) -> bool:
        """Wait so long until it listens; whether it does."""
        return self._ready.wait(timeout)

    def _run(self) -> None:
        backoff = backoff_module.Backoff(longest=10)
        while self._await_want():
            try:
                listener = self._build()
                listener.start(override_pool_size=1)
            except Exception as error:
                # each driver has its own way to say that it cannot
                pause = backoff.failed()
                LOG.warning('%(name)s: nothing is heard: %(error)s; next try '
                            'in %(pause).1f s', {
                                'name': self._name, 'error': error,
                                'pause': pause})
                self._pause(pause)
                continue
            backoff.succeeded()
            self._ready.set()
            self._say_listening()
            self._listen()
            self._ready.clear()
            self._end(listener)
        self._let_go()

    def _say_listening(self) -> None:
        try:
            self._tell()
        except Exception:
            # this thread must live: it is the one that stops listening
            LOG.exception('%(name)s: nobody could be told that it is '
                          'listened to', {'name': self._name})

    def _is_alive(self) -> bool:
        try:
            return self._beat()
        except Exception as error:
            LOG.warning('%(name)s: no pulse: %(error)r',
                        {'name': self._name, 'error': error})
            return False

    def _await_want(self) -> bool:
        with self._wake:
            while not (self._wanted or self._stopping):
                self._wake.wait()
            return not self._stopping

    def _pause(self, seconds: float) -> bool:
        """Wait so long, or until it is not wanted any more; whether it is
        still."""
        with self._wake:
            if self._wanted and not self._stopping:
                self._wake.wait(seconds)
            return self._wanted and not self._stopping

    def _listen(self) -> None:
        """Until it is not wanted, or the broker was lost and is back."""
        lost = False
        while self._pause(self._interval):
            alive = self._is_alive()
            if alive and lost:
                LOG.info('%(name)s: the broker was away: listening anew',
                         {'name': self._name})
                return
            lost = not alive
            if lost:
                self._ready.clear()

    def _end(self, listener: Listener) -> None:
        thread = threading.Thread(
            target=self._close, args=(listener,), daemon=True,
            name=f'ear-{self._name}-end')
        thread.start()
        thread.join(self._interval)

    def _close(self, listener: Listener) -> None:
        try:
            listener.stop()
            listener.wait()
        except Exception as error:
            # its broker is gone, and its queue with it
            LOG.info('%(name)s: was not closed: %(error)s',
                     {'name': self._name, 'error': error})


class Ears:
    """Several that are wanted together."""

    def __init__(self, ears: Sequence[Ear]) -> None:
        self._ears = ears

    def start(self) -> None:
        """Be ready to listen."""
        for ear in self._ears:
            ear.start()

    def leave(self) -> None:
        """Begin to end."""
        for ear in self._ears:
            ear.leave()

    def stop(self, timeout: float) -> None:
        """End."""
        end = time.monotonic() + timeout
        self.leave()
        for ear in self._ears:
            ear.stop(max(0, end - time.monotonic()))

    def want(self, wanted: bool) -> None:
        """Listen from now on, or do not."""
        for ear in self._ears:
            ear.want(wanted)

    def wait(self, timeout: float) -> bool:
        """Wait so long until all listen; whether they do."""
        end = time.monotonic() + timeout
        listening = [ear.wait(max(0, end - time.monotonic()))
                     for ear in self._ears]
        return all(listening)
