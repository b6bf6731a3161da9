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

"""What a complete sweep waits for before it counts, and open windows."""

from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import threading


class Settling:
    """The missing ids of the last complete sweep, until each has answered.

    A sweep is collected once all of them have.
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """There was no sweep."""
        self._unproved: set[str] = set()
        self._collected: tuple[str, int] | None = None

    @property
    def waiting(self) -> int:
        """How many have not answered."""
        return len(self._unproved)

    def begin(self, collected_at: str, served: int, unproved: Iterable[str]
              ) -> None:
        """A complete sweep: when it began, the last request that it serves,
        and who is missing."""
        self._collected = collected_at, served
        self._unproved = set(unproved)

    def collected(self) -> tuple[str, int] | None:
        """The sweep, once everything missing in it is settled."""
        return None if self._unproved else self._collected

    def told(self) -> None:
        """The store knows that it was collected, or shall not."""
        self._collected = None

    def settled(self, id_: str) -> None:
        """An id has answered, and is known to be there or deleted."""
        self._unproved.discard(id_)


class OpenWindows:
    """Requests whose answers are not taken yet, by when they began."""

    def __init__(self) -> None:
        self._starts: list[float] = []
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def open(self, start: float) -> Iterator[None]:
        """While it is, tombstones that its answer could contradict stay."""
        with self._lock:
            self._starts.append(start)
        try:
            yield
        finally:
            with self._lock:
                self._starts.remove(start)

    def oldest(self, now: float) -> float:
        """When the oldest that is open began; if none is, now."""
        with self._lock:
            return min(self._starts, default=now)
