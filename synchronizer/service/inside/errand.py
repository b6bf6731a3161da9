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

"""Something that may take for ever, and whoever cannot wait so long."""

from collections.abc import Callable
from concurrent import futures
import threading
from typing import Generic
from typing import TypeVar

T = TypeVar('T')


class Errand(Generic[T]):
    """Done in a thread of its own, once at a time, however many ask."""

    def __init__(self, do: Callable[[], T]) -> None:
        self._do = do
        self._lock = threading.Lock()
        self._under_way: futures.Future[T] | None = None

    def begin(self) -> 'futures.Future[T]':
        """What it will bring; whoever asks while it is under way shares
        that."""
        with self._lock:
            if self._under_way is None or self._under_way.done():
                self._under_way = futures.Future()
                threading.Thread(target=self._run, args=(self._under_way,),
                                 name='errand', daemon=True).start()
            return self._under_way

    def _run(self, future: 'futures.Future[T]') -> None:
        try:
            future.set_result(self._do())
        except Exception as error:
            # it belongs to those who wait
            future.set_exception(error)
