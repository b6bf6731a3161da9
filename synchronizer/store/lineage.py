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

"""One entity's changes in the journal, from one to the one before it.

They are looked for by the id, but for creations, which the index of a file
of SQLite leaves out: in that of all, each entity of a first sweep writes to
another page. What made a version is told by the change that ended it, or by
the entity that lives.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import itertools

import sqlalchemy as sa

from synchronizer.model import change as change_module
from synchronizer.store import codec
from synchronizer.store import queries
from synchronizer.store.queries import ENTITIES
from synchronizer.store.queries import JOURNAL

IS_LATER = JOURNAL.action != sa.literal_column(f"'{change_module.CREATED}'")
"""Not a creation, in the very words of that index."""

LAST = sa.case((JOURNAL.action == change_module.DELETED,
                JOURNAL.entity)).label('last')
"""What a deletion tells of, and no other change, which may be long."""

_ENDS = (JOURNAL.revision, JOURNAL.action, JOURNAL.before, LAST)
_IS_CREATION = JOURNAL.action == change_module.CREATED


def ended(row: sa.Row) -> int | None:
    """The revision of the version that a later change ended, where the row
    says it: an update of an older release does not. It has `action`,
    `before` and `last`."""
    if row.action == change_module.DELETED:
        return codec.revision_of(row.last) or None
    return codec.before(row.before).revision if row.before else None


def history(connection: sa.Connection, type_: str, id_: str, limit: int
            ) -> list[codec.Told]:
    """What tells of one entity's changes, newest first."""
    of_it = (JOURNAL.type == type_, JOURNAL.id == id_)
    ends = connection.execute(
        sa.select(*_ENDS).where(*of_it, IS_LATER)
        .order_by(JOURNAL.revision.desc()).limit(limit)).all()
    living = connection.execute(sa.select(ENTITIES.revision).where(
        ENTITIES.type == type_, ENTITIES.id == id_)).scalar()
    made = {ended(row) for row in ends} | ({living} if living else set())
    if None in made:
        made = set(connection.execute(sa.select(JOURNAL.revision).where(
            *of_it, _IS_CREATION)).scalars())
    newest = sorted(made.union(row.revision for row in ends), reverse=True)
    return list(itertools.islice(_told(connection, of_it, newest), limit))


def _told(connection: sa.Connection, of_it: Sequence[sa.ColumnElement],
          revisions: Iterable[int]) -> Iterator[codec.Told]:
    """The changes that bear these revisions and are not trimmed."""
    for chunk in queries.chunks(revisions):
        yield from connection.execute(
            sa.select(*queries.TOLD)
            .where(*of_it, JOURNAL.revision.in_(chunk))
            .order_by(JOURNAL.revision.desc()))


def born_since(connection: sa.Connection, type_: str, revision: int,
               firsts: Sequence[sa.Row]) -> set[str]:
    """Of ids, given the first later change of each after a revision: those
    that were created between the two. The rows have `id` as well."""
    made = {row.id: ended(row) for row in firsts}
    unsaid = [id_ for id_, version in made.items() if version is None]
    for chunk in queries.chunks(unsaid):
        made.update(tuple(row) for row in connection.execute(
            sa.select(JOURNAL.id, sa.func.min(JOURNAL.revision))
            .where(JOURNAL.type == type_, JOURNAL.revision > revision,
                   JOURNAL.id.in_(chunk), _IS_CREATION)
            .group_by(JOURNAL.id)))
    return {row.id for row in firsts
            if revision < (made[row.id] or 0) < row.revision}
