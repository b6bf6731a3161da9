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

"""Several requests at once, their answers as they come, in one thread.

Threads take items from a queue and lay what came of them on a tray: a future
for each item, and a wait for whichever is done first, cost a good part of what
a small request does.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import itertools
import queue
import threading
from typing import Any
from typing import Generic
from typing import TypeVar

Item = TypeVar('Item')
Result = TypeVar('Result')

_NO_MORE: Any = object()


class Came(Generic[Result]):
    """What came of one item."""

    __slots__ = ('_error', '_value')

    def __init__(self, call: Callable[[Item], Result], item: Item) -> None:
        self._value: Any = None
        self._error: BaseException | None = None
        try:
            self._value = call(item)
        except BaseException as error:
            # whoever asked for it, sees to it
            self._error = error

    def result(self) -> Result:
        """What the call gave; raises what it raised."""
        if self._error is not None:
            raise self._error
        return self._value


def each(call: Callable[[Item], Result], items: Iterable[Item], threads: int
         ) -> Iterator[tuple[Item, Came[Result]]]:
    """Yields each item with what came of it; see `some`."""
    for came in some(call, items, threads, threads, 0):
        yield from came


def some(call: Callable[[Item], Result], items: Iterable[Item],
         threads: int, most: int, patience: float
         ) -> Iterator[list[tuple[Item, Came[Result]]]]:
    """Yields items with what came of them, as many at a time as are within
    so many seconds of the first, and `most` of them at most.

    No more are under way than there are threads, and what is not asked for
    any more is not begun: a walk that ends early costs nothing after it.
    """
    left = iter(items)
    asked: queue.SimpleQueue[Any] = queue.SimpleQueue()
    tray: _Tray[tuple[Item, Came[Result]]] = _Tray()
    over = threading.Event()

    def work() -> None:
        for item in iter(asked.get, _NO_MORE):
            if not over.is_set():
                tray.put((item, Came(call, item)))

    workers = waiting = 0
    try:
        while True:
            for item in itertools.islice(left, most - waiting):
                asked.put(item)
                waiting += 1
                if workers < threads:
                    threading.Thread(target=work, name=f'heat-{workers}',
                                     daemon=True).start()
                    workers += 1
            if not waiting:
                return
            came = tray.take(waiting, patience)
            waiting -= len(came)
            yield came
    finally:
        over.set()
        for _ in range(workers):
            asked.put(_NO_MORE)


class _Tray(Generic[Item]):
    """What is done. Whoever takes it is not woken for each."""

    def __init__(self) -> None:
        self._items: list[Item] = []
        self._changed = threading.Condition()
        self._enough = 0

    def put(self, item: Item) -> None:
        """One more."""
        with self._changed:
            self._items.append(item)
            if len(self._items) == self._enough:
                self._changed.notify()

    def take(self, most: int, patience: float) -> list[Item]:
        """One at least, and as many as come within so many seconds of it."""
        with self._changed:
            self._wait(1, None)
            self._wait(most, patience)
            taken, self._items = self._items, []
            return taken

    def _wait(self, enough: int, timeout: float | None) -> None:
        self._enough = enough
        self._changed.wait_for(lambda: len(self._items) >= enough, timeout)
