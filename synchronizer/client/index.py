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

"""A secondary index of a mirror: its entities by what one wants to know."""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable

from oslo_log import log

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module

LOG = log.getLogger(__name__)

Keys = Callable[[entity_module.Entity], Iterable[Hashable]]
"""Under which keys an entity is found; none: under none."""


class Index:
    """The ids of one type's entities by key. Follows changes, each at the
    cost of its own keys. Not thread-safe."""

    def __init__(self, type_: str, keys: Keys) -> None:
        self.type, self._keys = type_, keys
        self._ids: dict[Hashable, set[str]] = {}
        self._found: dict[str, frozenset[Hashable]] = {}

    def apply(self, change: change_module.Change) -> None:
        """Follow one change."""
        if change.type != self.type:
            return
        gone = change.action == change_module.DELETED
        now = frozenset() if gone else self._keys_of(change.entity)
        before = self._found.pop(change.id, frozenset())
        for key in before - now:
            ids = self._ids[key]
            ids.discard(change.id)
            if not ids:
                del self._ids[key]
        for key in now - before:
            self._ids.setdefault(key, set()).add(change.id)
        if now:
            self._found[change.id] = now

    def _keys_of(self, entity: entity_module.Entity) -> frozenset[Hashable]:
        try:
            return frozenset(self._keys(entity))
        except Exception:
            # the consumer's function, and one entity that it did not foresee
            LOG.exception('%(type)s %(id)s is in no index: its keys cannot '
                          'be told', {'type': entity.type, 'id': entity.id})
            return frozenset()

    def ids(self, key: Hashable) -> list[str]:
        """Those found under that key, in order."""
        return sorted(self._ids.get(key, ()))

    def keys(self) -> list[Hashable]:
        """Every key under which something is found."""
        return list(self._ids)
