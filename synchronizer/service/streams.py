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

"""What plugins that are made of other streams see: the store, and a fresh
look past it through the plugins of those streams.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import itertools
import threading

from synchronizer import exception
from synchronizer.collector import writer
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream
from synchronizer.plugins import base
from synchronizer.store import base as store_base

PAGE, PAGE_BYTES = 1000, 8 << 20
CHANGES = 100
"""How many changes of one entity are looked through."""

Plugins = Mapping[type[base.Plugin], Sequence[type[base.EntityType]]]


class StoredStreams:
    """`plugins.derived.Streams`. Thread-safe."""

    def __init__(self, store: store_base.Store, plugins: Plugins,
                 build: Callable[[type[base.Plugin]], base.Plugin],
                 elsewhere: Callable[[writer.Things], None]) -> None:
        """`build` makes a plugin, when the first of its entities is looked
        at; `elsewhere` is told what other collectors are to look at."""
        self._store, self._build = store, build
        self._elsewhere = elsewhere
        self._plugin_of = {kind.name: plugin for plugin, kinds in
                           plugins.items() for kind in kinds}
        self._kind_of = {kind.name: kind for kinds in plugins.values()
                         for kind in kinds}
        self._lock = threading.Lock()
        self._built: dict[type[base.Plugin], base.Plugin] = {}
        self._kinds: dict[str, base.EntityType] = {}

    def rows(self) -> dict[str, stream.Stream]:
        """Every stream that is on, by type."""
        return self._store.streams(self._kind_of)

    def held(self, type_: str, ids: Iterable[str]
             ) -> dict[str, entity_module.Entity]:
        """Those of these ids that live."""
        return {id_: entity for id_, (entity, _) in
                self._store.entities(type_, ids).items()}

    def walk(self, type_: str, prefix: str = ''
             ) -> Iterator[Sequence[entity_module.Entity]]:
        """All living entities whose ids begin so, in pages."""
        after = type_, prefix
        while True:
            page = self._store.page([type_], after, PAGE, PAGE_BYTES)
            found = list(itertools.takewhile(
                lambda entity: entity.id.startswith(prefix), page))
            if found:
                yield found
            if not page or len(found) < len(page):
                return
            after = type_, page[-1].id

    def history(self, type_: str, id_: str) -> list[change_module.Change]:
        """What the journal has of one entity, newest first."""
        return self._store.history(type_, id_, CHANGES)

    def fresh(self, type_: str, id_: str) -> entity_module.Entity | None:
        """One entity as its service shows it now; None: it is absent."""
        plugin, kind = self._of(type_)
        if not kind.can_get:
            raise exception.Undecided(f'{type_} has no get by id')
        page = kind.get(plugin.session(kind), id_)
        return kind.entity(page.records[0]) if page.records else None

    def session(self, type_: str) -> base.Session:
        """The way to the service of that type."""
        plugin, kind = self._of(type_)
        return plugin.session(kind)

    def look(self, type_: str, id_: str) -> None:
        """Have its collector look at an entity soon."""
        self._elsewhere({(type_, id_): None})

    def _of(self, type_: str) -> tuple[base.Plugin, base.EntityType]:
        if type_ not in self._plugin_of:
            raise exception.Undecided(f'{type_} is not collected here')
        with self._lock:
            cls = self._plugin_of[type_]
            if cls not in self._built:
                self._built[cls] = self._build(cls)
            if type_ not in self._kinds:
                self._kinds[type_] = self._built[cls].kind(
                    self._kind_of[type_])
            return self._built[cls], self._kinds[type_]
