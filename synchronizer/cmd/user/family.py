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

"""A stack with all that is nested in it."""

from collections.abc import Callable
from collections.abc import Iterable

from synchronizer import exception
from synchronizer.model import entity as entity_module

TYPE = 'heat.stack'


class Family:
    """Knows which stacks belong to one, however deep they lie in it."""

    def __init__(self, top: str, stacks: Iterable[entity_module.Entity],
                 ask: Callable[[str], entity_module.Entity | None]) -> None:
        self._top, self._ask = top, ask
        # a parent never changes
        self._parents = {stack.id: parent(stack) for stack in stacks}

    def has(self, id_: str) -> bool:
        """Whether it is that stack, or lies in it. One that nobody can
        place now is taken for one: it is better shown than lost."""
        above: str | None = id_
        passed = set()
        try:
            while above and above != self._top and above not in passed:
                passed.add(above)
                above = self._parent(above)
        except exception.SynchronizerError:
            return True
        return above == self._top

    def _parent(self, id_: str) -> str | None:
        if id_ not in self._parents:
            stack = self._ask(id_)
            if stack is None:
                return None
            self._parents[id_] = parent(stack)
        return self._parents[id_]


def parent(stack: entity_module.Entity) -> str | None:
    """The id of the stack that it is nested in."""
    return next((arrow.id for arrow in stack.relations
                 if (arrow.kind, arrow.type) == ('contains', TYPE)), None)
