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

"""One term of work: parts that are built, work, and are closed again.

It has a thread of its own: what is built and closed may wait for a broker or
a database, while the back end must hear of us all the time.
"""

from collections.abc import Callable
import contextlib
import dataclasses
import threading
import time

from synchronizer import exception

Build = Callable[['Work', contextlib.ExitStack], None]


@dataclasses.dataclass(frozen=True, slots=True)
class Limits:
    """Of whatever works until it is to end."""

    ending: threading.Event
    """Whether it is to end."""

    left: Callable[[], float]
    """Seconds left to end in."""

    quiet: Callable[[], None] = lambda: None
    """To be told when nothing is committed or published any more, though
    not everything is closed yet."""


class Work:
    """Is begun once, and ended once."""

    def __init__(self, name: str, build: Build, changed: Callable[[], None],
                 timer: Callable[[], float] = time.monotonic) -> None:
        """`changed` is told when it is lost or over."""
        self._build, self._changed, self._timer = build, changed, timer
        self._deadline = 0.0
        self.ending = threading.Event()
        """Whether it is to end."""

        self.quiet = threading.Event()
        """Whether it does nothing any more that another one might do."""

        self.ended = threading.Event()
        """Whether everything is closed."""

        self.works = threading.Event()
        """Whether everything is built."""

        self.lost_to: str | None = None
        """The owner who has taken over what we own."""

        self.error: exception.SynchronizerError | None = None
        """Why it could not be built."""

        self._thread = threading.Thread(
            target=self.run, name=f'{name}-work', daemon=True)

    def start(self) -> None:
        """Begin; returns at once."""
        self._thread.start()

    def lost(self, owner: str) -> None:
        """Somebody else has taken it over, says the store."""
        self.lost_to = owner
        self._changed()

    def end(self, budget: float) -> None:
        """Have everything closed, in so many seconds; returns at once."""
        self._deadline = self._timer() + budget
        self.ending.set()

    @property
    def limits(self) -> Limits:
        """When it is to end, and how long that may take."""
        return Limits(self.ending, lambda: max(
            0.0, self._deadline - self._timer()), self._is_quiet)

    def _is_quiet(self) -> None:
        self.quiet.set()
        self._changed()

    def run(self) -> None:
        """All of it, in the thread."""
        try:
            with contextlib.ExitStack() as parts:
                self._build(self, parts)
                self.works.set()
                self._changed()
                self.ending.wait()
        except exception.SynchronizerError as error:
            self.error = error
        finally:
            self.works.clear()
            self.quiet.set()
            self.ended.set()
            self._changed()
