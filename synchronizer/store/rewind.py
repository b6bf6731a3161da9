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

"""What a SqlStore reads to show the cloud as it was.

An entity whose row bears no later revision is as it was. Of any other, the
first later change tells, unless it was created meanwhile. Both kinds are
found in the order of ids, so that a page costs about as much as it shows,
however long the journal is.
"""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import NamedTuple

import sqlalchemy as sa

from synchronizer.model import entity as entity_module
from synchronizer.store import codec
from synchronizer.store import lineage
from synchronizer.store import past
from synchronizer.store import queries
from synchronizer.store import schema
from synchronizer.store.queries import ENTITIES
from synchronizer.store.queries import JOURNAL
from synchronizer.store.queries import STREAMS


class _Found(NamedTuple):
    """An id that lived then."""

    id: str
    weight: int
    change: int | None = None
    """The first later change of it, if there is one."""


def revision_at(connection: sa.Connection, type_: str, time: str) -> int:
    """See Store.at."""
    def committed_at(revision: int) -> str:
        return connection.execute(
            sa.select(JOURNAL.committed_at).where(
                JOURNAL.type == type_, JOURNAL.revision == revision)
        ).scalar_one()

    return past.revision_at(
        queries.stream(connection, type_), _known_since(connection, type_),
        committed_at, time)


def page(connection: sa.Connection, revisions: Mapping[str, int],
         after: tuple[str, str] | None, room: codec.Room
         ) -> list[entity_module.Entity]:
    """See Store.entities_at."""
    entities: list[entity_module.Entity] = []
    for type_ in sorted(revisions):
        if not room.count:
            break
        if after is None or type_ >= after[0]:
            start = after[1] if after and type_ == after[0] else None
            entities += _of_type(connection, type_, revisions[type_], start,
                                 room)
    return entities


def entity(connection: sa.Connection, type_: str, id_: str, revision: int
           ) -> entity_module.Entity | None:
    """See Store.entity_at."""
    _check_reach(connection, type_, revision)
    later = connection.execute(
        sa.select(schema.JOURNAL, lineage.LAST)
        .where(JOURNAL.type == type_, JOURNAL.id == id_,
               JOURNAL.revision > revision, lineage.IS_LATER)
        .order_by(JOURNAL.revision).limit(1)).one_or_none()
    if later is not None:
        return (None if lineage.born_since(connection, type_, revision,
                                           [later])
                else past.entity_before(later))
    rows = [row for row in queries.entities(connection, type_, [id_])
            if row.revision <= revision]
    return queries.entity(rows[0]) if rows else None


def _known_since(connection: sa.Connection, type_: str) -> str | None:
    return connection.execute(sa.select(STREAMS.known_since).where(
        STREAMS.type == type_)).scalar()


def _check_reach(connection: sa.Connection, type_: str, revision: int
                 ) -> None:
    past.check_reach(queries.stream(connection, type_),
                     _known_since(connection, type_), revision)


def _of_type(connection: sa.Connection, type_: str, revision: int,
             after: str | None, room: codec.Room
             ) -> list[entity_module.Entity]:
    _check_reach(connection, type_, revision)
    entities: list[entity_module.Entity] = []
    while room.count:
        found, after = _some(connection, type_, revision, after, room.count)
        count = room.take(one.weight for one in found)
        entities += _read(connection, type_, found[:count])
        if after is None:
            break
    return entities


def _some(connection: sa.Connection, type_: str, revision: int,
          after: str | None, count: int
          ) -> tuple[list[_Found], str | None]:
    """Some of those who lived, in order, and how far this look went."""
    still = _untouched(connection, type_, revision, after, count)
    end = still[-1].id if len(still) == count else None
    moved = _touched(connection, type_, revision, after, end)
    if len(moved) == queries.ROW_CHUNK:
        end = moved[-1].id
    found = still + _before(connection, type_, revision, [
        row.revision for row in moved])
    return sorted(one for one in found if end is None or one.id <= end), end


def _untouched(connection: sa.Connection, type_: str, revision: int,
               after: str | None, count: int) -> list[_Found]:
    query = (sa.select(ENTITIES.id, ENTITIES.weight)
             .where(ENTITIES.type == type_, ENTITIES.revision <= revision)
             .order_by(ENTITIES.id).limit(count))
    if after is not None:
        query = query.where(ENTITIES.id > after)
    return [_Found(*row) for row in connection.execute(query)]


def _touched(connection: sa.Connection, type_: str, revision: int,
             after: str | None, end: str | None) -> Sequence[sa.Row]:
    """Ids with later changes, and the first of these that is no creation;
    from the index."""
    number = JOURNAL.revision
    if connection.dialect.name == 'sqlite':
        # as a sum, since by the bare column it passes by all later changes
        number = number + 0
    query = (sa.select(JOURNAL.id,
                       sa.func.min(JOURNAL.revision).label('revision'))
             .where(JOURNAL.type == type_, number > revision,
                    lineage.IS_LATER)
             .group_by(JOURNAL.id).order_by(JOURNAL.id)
             .limit(queries.ROW_CHUNK))
    if after is not None:
        query = query.where(JOURNAL.id > after)
    if end is not None:
        query = query.where(JOURNAL.id <= end)
    return connection.execute(query).all()


def _before(connection: sa.Connection, type_: str, revision: int,
            firsts: Iterable[int]) -> list[_Found]:
    """What these changes, each the first of an id after a revision, were
    about, less what was created meanwhile."""
    rows = [row for chunk in queries.chunks(firsts)
            for row in connection.execute(
                sa.select(JOURNAL.id, JOURNAL.revision, JOURNAL.weight,
                          JOURNAL.action, JOURNAL.before, lineage.LAST)
                .where(JOURNAL.type == type_, JOURNAL.revision.in_(chunk)))]
    born = lineage.born_since(connection, type_, revision, rows)
    return [_Found(row.id, past.weigh(row), row.revision)
            for row in rows if row.id not in born]


def _read(connection: sa.Connection, type_: str, found: Sequence[_Found]
          ) -> list[entity_module.Entity]:
    held = {row.id: queries.entity(row) for row in queries.entities(
        connection, type_,
        [one.id for one in found if one.change is None])}
    for chunk in queries.chunks(one.change for one in found if one.change):
        held.update(
            (row.id, past.entity_before(row)) for row in connection.execute(
                sa.select(schema.JOURNAL).where(
                    JOURNAL.type == type_, JOURNAL.revision.in_(chunk))))
    return [held[one.id] for one in found]
