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

"""One type before its service, and what may be done to the answers."""

from collections.abc import Callable
from collections.abc import Mapping
import copy
import dataclasses
from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base

MOST_REQUESTS = 2000
"""A listing that asks more often does not end."""

Ask = Callable[[], base.Answer]
Meddle = Callable[[int, str, Mapping[str, Any], Ask], base.Answer]


class Endless(Exception):
    """It asks and asks."""


class Wrote(Exception):
    """It changes what it should read."""


class Way:
    """A session that notes what is asked, and lets somebody meddle."""

    def __init__(self, session: base.Session,
                 meddle: Meddle = lambda number, path, query, ask: ask()
                 ) -> None:
        self._session, self._meddle = session, meddle
        self.asked: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def get(self, path: str, **query: Any) -> base.Answer:
        """As the session, unless somebody meddles."""
        number = len(self.asked)
        if number >= MOST_REQUESTS:
            raise Endless(f'{number} requests, and no end')
        self.asked.append((path, query))
        return self._meddle(number, path, query,
                            lambda: self._session.get(path, **query))

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """Nobody who only looks does that."""
        raise Wrote(f'it writes to {path}')


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What a listing, or a get, came to."""

    entities: dict[str, entity_module.Entity | None]
    """By id, as they were shown last; None: said to be gone."""

    records: tuple[base.Record, ...]
    """All of them."""

    error: Exception | None
    """What it raised."""

    outcome: reading.Outcome
    """How far it says to trust it."""

    asked: list[tuple[str, dict[str, Any]]]
    """The requests."""

    @property
    def complete(self) -> bool:
        """Whether it claims to have shown everything."""
        return self.error is None and self.outcome.complete


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """A type, and how to come to its service anew."""

    make: Callable[[], base.EntityType]
    """A fresh one each time: what it remembers is its own."""

    session: Callable[[base.EntityType], base.Session]
    """The way to a service in which nothing happens."""

    def list(self, meddle: Meddle | None = None, since: float | None = None,
             session: base.Session | None = None) -> Seen:
        """What a listing shows, of all or of what moved since."""
        kind, way = self._ready(meddle, session)

        def pages() -> base.Listing:
            return (yield from kind.list(way) if since is None
                    else kind.list_since(way, since))
        return _seen(kind, way, pages())

    def get(self, id_: str, meddle: Meddle | None = None,
            session: base.Session | None = None) -> Seen:
        """What a get of one id shows."""
        kind, way = self._ready(meddle, session)

        def page() -> base.Listing:
            yield kind.get(way, id_)
            return reading.COMPLETE
        return _seen(kind, way, page())

    def digest(self, entity: entity_module.Entity | None) -> str | None:
        """Equal for equal entities of this type."""
        return None if entity is None else entity_module.digest(
            entity, self.make().unordered)

    def differences(self, one: entity_module.Entity,
                    other: entity_module.Entity) -> str:
        """What differs, for people."""
        return ', '.join(entity_module.differences(
            one, other, self.make().unordered))

    def _ready(self, meddle: Meddle | None, session: base.Session | None
               ) -> tuple[base.EntityType, Way]:
        kind = self.make()
        way = session or self.session(kind)
        return kind, Way(way, meddle) if meddle else Way(way)


def _seen(kind: base.EntityType, way: Way, listing: base.Listing) -> Seen:
    entities, records, error, outcome = {}, [], None, reading.COMPLETE
    try:
        while True:
            page = next(listing)
            records += page.records
            for record in page.records:
                # whether it leaves them alone is another question
                entities[kind.record_id(record)] = kind.entity(
                    copy.deepcopy(record))
    except StopIteration as end:
        outcome = end.value
    except (exception.CloudError, Endless, Wrote) as caught:
        error = caught
    return Seen(entities, tuple(records), error, outcome, way.asked)
