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

"""Several requests at once, their answers as they come, in one thread."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from concurrent import futures
import itertools
from typing import TypeVar

Item = TypeVar('Item')
Result = TypeVar('Result')


def each(call: Callable[[Item], Result], items: Iterable[Item], threads: int
         ) -> Iterator[tuple[Item, 'futures.Future[Result]']]:
    """Yields each item with its future, which is done; see `some`."""
    for done in some(call, items, threads, threads, 0):
        yield from done


def some(call: Callable[[Item], Result], items: Iterable[Item],
         threads: int, most: int, patience: float
         ) -> Iterator[list[tuple[Item, 'futures.Future[Result]']]]:
    """Yields items with their futures, which are done, as many at a time
    as are within so many seconds of the first, and `most` of them at most.

    No more are under way than there are threads, and what is not asked for
    any more is not begun: a walk that ends early costs nothing after it.
    """
    queue = iter(items)
    executor = futures.ThreadPoolExecutor(threads, 'heat')
    running: dict[futures.Future[Result], Item] = {}
    try:
        while True:
            for item in itertools.islice(queue, most - len(running)):
                running[executor.submit(call, item)] = item
            if not running:
                return
            futures.wait(running, return_when=futures.FIRST_COMPLETED)
            done, _ = futures.wait(running, timeout=patience)
            yield [(running.pop(future), future) for future in done]
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
