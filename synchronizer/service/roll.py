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

"""The roll of the workers: the master hears which of them live and work.

A pipe that every worker inherits carries a line from each of them every few
seconds. The master needs no other thread or connection for it.
"""

from collections.abc import Callable
from collections.abc import Mapping
import contextlib
import dataclasses
import os
import threading
import time

BEAT = 3.0
"""Seconds between two lines of one worker."""

SILENCE = 30.0
"""Seconds after which a worker that says nothing counts for nothing."""


@dataclasses.dataclass(slots=True)
class _Entry:
    title: str
    heard: float
    works: bool
    leaving: bool = False


class Roll:
    """Made in the master before it forks."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._out, self._in = os.pipe()
        for end in (self._out, self._in):
            # neither side may ever wait for the other
            os.set_blocking(end, False)
        self._wanted: Mapping[str, int] = {}
        self._entries: dict[int, _Entry] = {}
        self._rest = b''
        self._lock = threading.Lock()

    def close(self) -> None:
        """Nothing is heard any more."""
        os.close(self._out)
        os.close(self._in)

    # --- in a worker -----------------------------------------------------

    def answer(self, title: str, working: threading.Event) -> None:
        """From now on be heard, in a thread that ends with the process."""
        threading.Thread(target=self._keep_telling, args=(title, working),
                         name='roll', daemon=True).start()

    def tell(self, title: str, works: bool) -> None:
        """Say once that this process lives, and whether it works."""
        # a master that does not read has worse troubles
        with contextlib.suppress(BlockingIOError):
            os.write(self._in, f'{os.getpid()} {works:d} {title}\n'.encode())

    def _keep_telling(self, title: str, working: threading.Event) -> None:
        while True:
            works = working.is_set()
            self.tell(title, works)
            if works:
                time.sleep(BEAT)
            else:
                working.wait(BEAT)

    # --- in the master ---------------------------------------------------

    def expect(self, workers: Mapping[str, int]) -> None:
        """So many workers of each title are to be there, and no others."""
        self._wanted = workers

    def renew(self) -> None:
        """Those that are there are about to end, and count no more as
        working."""
        with self._lock:
            self._read()
            for entry in self._entries.values():
                entry.leaving = True

    def waiting(self) -> list[str]:
        """Titles of which too few work."""
        return self._lacking(
            lambda entry: entry.works and not entry.leaving)

    def silent(self) -> list[str]:
        """Titles of which too few live."""
        return self._lacking(lambda entry: True)

    def _lacking(self, counts: Callable[[_Entry], bool]) -> list[str]:
        with self._lock:
            self._read()
            titles = [entry.title for entry in self._entries.values()
                      if counts(entry)]
        return [title for title, wanted in self._wanted.items()
                if titles.count(title) < wanted]

    def _read(self) -> None:
        now = self._clock()
        for line in self._lines():
            pid, works, title = line.decode().split(' ', 2)
            entry = self._entries.setdefault(
                int(pid), _Entry(title, now, False))
            entry.heard, entry.works = now, works == '1'
        self._entries = {
            pid: entry for pid, entry in self._entries.items()
            if now - entry.heard < SILENCE}

    def _lines(self) -> list[bytes]:
        with contextlib.suppress(BlockingIOError):
            while True:
                self._rest += os.read(self._out, 2 ** 16)
        *lines, self._rest = self._rest.split(b'\n')
        return lines
