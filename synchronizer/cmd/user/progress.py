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

"""A bar on the terminal while something takes longer than a second."""

from collections.abc import Callable
import time
from typing import TextIO

PATIENCE = 1.0
PAUSE = 0.1
WIDTH = 30


class Progress:
    """Counts; shown only on a terminal."""

    def __init__(self, total: int, stream: TextIO,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._total, self._stream, self._clock = total, stream, clock
        self._due = clock() + PATIENCE
        self._done, self._shown = 0, False

    def add(self, count: int) -> None:
        """So many more are done."""
        self._done += count
        if self._clock() < self._due or not self._stream.isatty():
            return
        self._due = self._clock() + PAUSE
        self._shown = True
        share = min(1.0, self._done / max(self._total, self._done, 1))
        bar = ('#' * round(share * WIDTH)).ljust(WIDTH)
        self._stream.write(
            f'\r[{bar}] {self._done} of {max(self._total, self._done)}')
        self._stream.flush()

    def end(self) -> None:
        """Leave the line as it was."""
        if self._shown:
            self._stream.write('\r\x1b[K')
            self._stream.flush()
            self._shown = False
