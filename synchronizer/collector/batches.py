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


"""What waits for one thing that serves many. Pure."""

from typing import Generic
from typing import TypeVar

MOST = 20
"""How many go together at most: they are asked for one behind the other, and
those that have answered wait for the last."""

PATIENCE = 40
"""How many turns of other work one waits for others. Not seconds: where
answers are slow, as many should go together as elsewhere."""

Kind = TypeVar('Kind')
Item = TypeVar('Item')


class Batches(Generic[Kind, Item]):
    """Items by kind, until they go, those of one kind together. Not
    thread-safe."""

    def __init__(self) -> None:
        self._waiting: dict[Kind, list[tuple[int, Item]]] = {}
        self._turn = 0

    def add(self, kind: Kind, item: Item) -> None:
        """One more."""
        self._waiting.setdefault(kind, []).append((self._turn, item))

    def due(self) -> list[Item]:
        """Those that go before any other work: a full batch, or one whose
        first has waited long enough. If there are none, other work has its
        turn."""
        for kind, items in self._waiting.items():
            if len(items) >= MOST or self._turn - items[0][0] >= PATIENCE:
                return self._go(kind)
        self._turn += 1
        return []

    def any(self) -> list[Item]:
        """Those that go since there is no other work."""
        for kind in self._waiting:
            return self._go(kind)
        return []

    def _go(self, kind: Kind) -> list[Item]:
        # the rest goes to the end, so that no kind waits for another for ever
        items = self._waiting.pop(kind)
        if len(items) > MOST:
            self._waiting[kind] = items[MOST:]
        return [item for _, item in items[:MOST]]
