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

"""Which resource was judged by what: so that a change of that leads to it."""

from collections import defaultdict
from collections.abc import Iterable
import threading

Thing = tuple[str, str]

MEMBERS = 'members'
"""Not a type: all resources of the stack of that id."""


class Index:
    """Both ways. What is looked at is noted before it is read, so that what
    changes afterwards is not overheard. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by: dict[str, set[Thing]] = {}
        self._of: dict[Thing, set[str]] = defaultdict(set)
        self._asking: dict[str, set[str]] = defaultdict(set)

    def note(self, resource: str, things: Iterable[Thing]) -> bool:
        """The resource is judged by these as well; whether that is news."""
        with self._lock:
            held = self._by.setdefault(resource, set())
            before = len(held)
            for thing in things:
                held.add(thing)
                self._of[thing].add(resource)
            return len(held) > before

    def asks(self, stack: str, resource: str) -> None:
        """It was judged by what no stream has."""
        with self._lock:
            self._asking[stack].add(resource)

    def of(self, thing: Thing) -> frozenset[str]:
        """The resources that were judged by that."""
        with self._lock:
            return frozenset(self._of.get(thing, ()))

    def asking(self, stack: str) -> frozenset[str]:
        """The resources of a stack that were judged by what no stream has.
        """
        with self._lock:
            return frozenset(self._asking.get(stack, ()))

    def forget(self, resource: str) -> None:
        """It is judged anew, or gone."""
        with self._lock:
            for thing in self._by.pop(resource, ()):
                self._of[thing].discard(resource)
                if not self._of[thing]:
                    del self._of[thing]
            stack = resource.partition('/')[0]
            self._asking.get(stack, set()).discard(resource)
            if not self._asking.get(stack, True):
                del self._asking[stack]
