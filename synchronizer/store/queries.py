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

"""The statements, each run on a connection in somebody's transaction."""

from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Sequence
import functools
import itertools
import operator
from typing import TypeVar

import sqlalchemy as sa

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import kept
from synchronizer.model import stream as stream_module
from synchronizer.store import codec
from synchronizer.store import columns
from synchronizer.store import plan as plan_module
from synchronizer.store import schema

Value = TypeVar('Value')
Row = codec.EntityRow | codec.ChangeRow

STREAMS, ENTITIES = schema.STREAMS.c, schema.ENTITIES.c
JOURNAL = schema.JOURNAL.c

ID_CHUNK = 500
"""Ids in one statement."""

INSERT_CHUNK, INSERT_BYTES = 100, 2 ** 20
"""Rows inserted by one statement at most, and about their bytes: MariaDB
takes statements of up to 16 MiB."""

ROW_CHUNK = 1000
"""Rows deleted by one statement."""

LOAD_CHUNK = 5000
"""Ids loaded by one statement: they are short, and all are needed."""

LARGE = 4
"""What is more than such a part of all is read on the way past all."""

_AS_STORED = sa.types.NullType()

_OF_A_STREAM = [column for column in STREAMS
                if column.name not in ('last_commit', 'committed_at',
                                       'known_since')]

TOLD = [JOURNAL[name] for name in codec.TOLD]
"""What tells of a change."""

# what each commit asks is put together once: it costs more than the answer
_THESE = sa.and_(ENTITIES.type == sa.bindparam('of'),
                 ENTITIES.id.in_(sa.bindparam('ids', expanding=True)))
_LOCK = sa.select(
    STREAMS.epoch, STREAMS.term, STREAMS.revision, STREAMS.last_commit,
    STREAMS.committed_at).where(
        STREAMS.type == sa.bindparam('of')).with_for_update()
_VERSIONS = 'SELECT id, revision, sampled_at FROM entities'
_REMOVE = 'DELETE FROM entities'
# the plus keeps SQLite from its index
_AS_THEY_LIE = sa.text(
    'SELECT id, digest FROM entities WHERE +type = :of')
# a join would be made for each row; this is asked where there is no body
_LEFT_TO_JOURNAL = sa.case((
    ENTITIES.body == sa.literal_column("''"),
    sa.select(JOURNAL.entity).where(
        JOURNAL.type == ENTITIES.type, JOURNAL.revision == ENTITIES.revision)
    .correlate(schema.ENTITIES).scalar_subquery()))
_ENTITIES = sa.select(schema.ENTITIES, _LEFT_TO_JOURNAL.label('whole'))
_LIVING = _ENTITIES.where(_THESE)
# whoever waits for a change waits for this; a list of one takes a third longer
_LIVING_ONE = _ENTITIES.where(ENTITIES.type == sa.bindparam('of'),
                              ENTITIES.id == sa.bindparam('id'))
# of SQLite alone, which then begins with the few changes
_LEFT_BODIES = sa.text(
    'SELECT e.id, j.entity FROM journal j CROSS JOIN entities e '
    'ON e.type = j.type AND e.id = j.id AND e.revision = j.revision '
    "WHERE j.type = :of AND j.revision <= :last AND e.body = ''")
_TAKE_BODY = sa.text(
    'UPDATE entities SET body = :body WHERE type = :of AND id = :id')
_MOVE = sa.update(schema.STREAMS).where(
    STREAMS.type == sa.bindparam('of'), STREAMS.term == sa.bindparam('in'),
    STREAMS.revision == sa.bindparam('from')).values(
        revision=sa.bindparam('to'),
        entities=STREAMS.entities + sa.bindparam('more'),
        last_commit=sa.bindparam('token'), committed_at=sa.bindparam('at'))
_ROWS = sa.select(*_OF_A_STREAM).order_by(STREAMS.type)
_ROWS_OF = _ROWS.where(
    STREAMS.type.in_(sa.bindparam('types', expanding=True)))
_ROW = sa.select(*_OF_A_STREAM).where(STREAMS.type == sa.bindparam('of'))


def _in_pages(rows: sa.Select, key: sa.Column, weight: sa.Column,
              *where: sa.ColumnElement) -> tuple[sa.Select, sa.Select]:
    """Two looks: at the weights of what there is at most, then at as many
    rows as there is room for, so that no more bodies are read than go."""
    weights = (sa.select(key, weight).where(*where).order_by(key)
               .limit(sa.bindparam('most')))
    return weights, rows.where(
        *where, key <= sa.bindparam('last')).order_by(key)


_FIRST_PAGE, _NEXT_PAGE = (
    _in_pages(_ENTITIES, ENTITIES.id, ENTITIES.weight,
              ENTITIES.type == sa.bindparam('of'), *more)
    for more in ((), (ENTITIES.id > sa.bindparam('after'),)))
_CHANGES = _in_pages(
    sa.select(*TOLD), JOURNAL.revision, JOURNAL.weight,
    JOURNAL.type == sa.bindparam('of'),
    JOURNAL.revision > sa.bindparam('since'))


def chunks(values: Iterable[Value]) -> Iterator[list[Value]]:
    """As many at a time as one statement takes."""
    iterator = iter(values)
    while chunk := list(itertools.islice(iterator, ID_CHUNK)):
        yield chunk


# --- streams -------------------------------------------------------------

def streams(connection: sa.Connection, types: Sequence[str] | None = None
            ) -> dict[str, stream_module.Stream]:
    """The rows of these types (of all), by type, in order."""
    if types is None:
        found = connection.execute(_ROWS)
    elif len(types) == 1:
        found = connection.execute(_ROW, {'of': types[0]})
    else:
        found = connection.execute(_ROWS_OF, {'types': types})
    return {row.type: _stream(row) for row in found}


def _stream(row: sa.Row) -> stream_module.Stream:
    values = row._asdict()
    return stream_module.Stream(
        collected_state=values.pop('collected_state'), **values)


def stream(connection: sa.Connection, type_: str) -> stream_module.Stream:
    """One row; UnknownType if there is none."""
    row = connection.execute(_ROW, {'of': type_}).one_or_none()
    if row is None:
        raise exception.UnknownType(f'no stream {type_}')
    return _stream(row)


def lock(connection: sa.Connection, type_: str) -> plan_module.Head | None:
    """Where the stream stands, until the end of the transaction.

    Everyone who writes a stream's tables takes this lock first. It also
    waits for a transaction whose client is gone and whose end is open.
    """
    row = connection.execute(_LOCK, {'of': type_}).one_or_none()
    return row and plan_module.Head(*row)


def update(connection: sa.Connection, type_: str, *conditions: object,
           **values: object) -> bool:
    """Set columns of a stream's row; whether there was one to set."""
    result = connection.execute(
        sa.update(schema.STREAMS).where(STREAMS.type == type_, *conditions)
        .values(**values))
    return result.rowcount == 1


def move(connection: sa.Connection, plan: plan_module.Plan, more: int
         ) -> bool:
    """Set the head to where a commit leads; whether it stood where that
    begins."""
    claim = plan.claim
    return connection.execute(_MOVE, {
        'of': claim.type, 'in': claim.term, 'from': claim.revision,
        'to': plan.revision, 'more': more, 'token': plan.token,
        'at': plan.committed_at}).rowcount == 1


# --- entities ------------------------------------------------------------

def is_lean(connection: sa.Connection) -> bool:
    """Whether what the journal says of an entity is left to it, which
    halves what is written. A file of SQLite has programs of one release; a
    server of databases may have those of an older one, which could not
    read it."""
    return connection.dialect.name == 'sqlite'


def take_bodies(connection: sa.Connection, type_: str, last: int) -> None:
    """What is left to the changes up to that one, which will be gone."""
    found = connection.execute(
        _LEFT_BODIES, {'of': type_, 'last': last}).all()
    if found:
        connection.execute(_TAKE_BODY, [
            {'of': type_, 'id': id_, 'body': kept.body_of(whole)}
            for id_, whole in found])


def entity(row: sa.Row) -> entity_module.Entity:
    """Read a row of `entities` or of `page`."""
    return codec.entity(row[:-1], row.whole)


def versions(connection: sa.Connection, type_: str, ids: Iterable[str]
             ) -> dict[str, plan_module.Version]:
    """Revision and sampled_at of those of these ids that live."""
    found = {}
    for chunk in chunks(ids):
        rows = _of_these(connection, _VERSIONS, type_, chunk).all()
        named = columns.originals([row[0] for row in rows])
        found.update((id_, (row[1], row[2]))
                     for id_, row in zip(named, rows))
    return found


def remove(connection: sa.Connection, type_: str, ids: Iterable[str]
           ) -> int:
    """Delete the rows of these ids; how many there were."""
    return sum(_of_these(connection, _REMOVE, type_, chunk).rowcount
               for chunk in chunks(ids))


def _of_these(connection: sa.Connection, statement: str, type_: str,
              ids: Sequence[str]) -> sa.CursorResult:
    """Carry out a statement for the rows of these ids, in the driver's own
    words: every commit asks for all that it touches, and half of what that
    took was SQLAlchemy's, which writes such a list anew each time."""
    dialect = connection.dialect
    return connection.exec_driver_sql(
        statement + _where_these(dialect, len(ids)),
        tuple(columns.Key.bind_all([type_, *ids], dialect)))


@functools.lru_cache(maxsize=2 * ID_CHUNK)
def _where_these(dialect: sa.Dialect, count: int) -> str:
    """The condition for so many ids."""
    mark = _mark(dialect)
    return (f' WHERE type = {mark} AND id IN '
            f'({", ".join([mark] * count)})')


def _mark(dialect: sa.Dialect) -> str:
    return '?' if dialect.paramstyle == 'qmark' else '%s'


def insert(connection: sa.Connection, table: sa.Table,
           rows: Sequence[Row]) -> None:
    """Insert rows in bulk: many by one statement, which is what each back
    end is quickest with."""
    for some in _statementfuls(rows):
        connection.exec_driver_sql(
            _inserting(connection.dialect, table, len(some)),
            _bound(connection.dialect, table, some))


def _statementfuls(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """As many rows at a time as one statement should have."""
    some: list[Row] = []
    weight = 0
    for row in rows:
        if some and (len(some) == INSERT_CHUNK
                     or weight + row.weight > INSERT_BYTES):
            yield some
            some, weight = [], 0
        some.append(row)
        weight += row.weight
    if some:
        yield some


@functools.lru_cache(maxsize=4 * INSERT_CHUNK)
def _inserting(dialect: sa.Dialect, table: sa.Table, count: int) -> str:
    """The statement for so many rows.

    A transaction is undone whole in any case. To undo the statement alone,
    SQLite would write each page of its indexes a second time, as it was.
    """
    quote, mark = dialect.identifier_preparer.quote, _mark(dialect)
    verb = 'INSERT OR ROLLBACK' if dialect.name == 'sqlite' else 'INSERT'
    names = ', '.join(quote(column.name) for column in table.columns)
    row = f'({", ".join([mark] * len(table.columns))})'
    return (f'{verb} INTO {quote(table.name)} ({names}) VALUES '
            f'{", ".join([row] * count)}')


def _bound(dialect: sa.Dialect, table: sa.Table, rows: Sequence[Row]
           ) -> tuple[object, ...]:
    """The values of rows as the driver wants them, one after the other.

    Column by column, since almost all are wanted as they are; the other
    types of these tables are numbers and plain texts.
    """
    given = list(zip(*rows, strict=True))
    made = [column.type.bind_all(values, dialect)
            if isinstance(column.type, columns.Key | columns.Words)
            else values
            for column, values in zip(table.columns, given, strict=True)]
    if not all(map(operator.is_, made, given)):
        rows = zip(*made, strict=True)
    return tuple(itertools.chain.from_iterable(rows))


def entities(connection: sa.Connection, type_: str, ids: Iterable[str]
             ) -> list[sa.Row]:
    """The rows of those of these ids that live."""
    return [row for chunk in chunks(ids) for row in (
        connection.execute(_LIVING, {'of': type_, 'ids': chunk})
        if len(chunk) > 1 else
        connection.execute(_LIVING_ONE, {'of': type_, 'id': chunk[0]}))]


def digests(connection: sa.Connection, type_: str, after: str | None
            ) -> list[tuple[str, str]]:
    """Some ids in order, with their digests. A start waits for all of them,
    so what the database gives is read many at a time."""
    query = (sa.select(*(sa.type_coerce(column, _AS_STORED)
                         for column in (ENTITIES.id, ENTITIES.digest)))
             .where(ENTITIES.type == type_)
             .order_by(ENTITIES.id).limit(LOAD_CHUNK))
    if after is not None:
        query = query.where(ENTITIES.id > after)
    return list(zip(*map(columns.originals, zip(
        *connection.execute(query).all()))))


def is_large(connection: sa.Connection, type_: str) -> bool:
    """Whether a good part of all entities is of that type."""
    counts = {row.type: row.entities
              for row in streams(connection).values()}
    return LARGE * counts.get(type_, 0) > sum(counts.values())


def digests_as_they_lie(connection: sa.Connection, type_: str
                        ) -> list[tuple[str, str]]:
    """All ids with their digests. In the order of ids SQLite would look for
    each row by itself, which takes four times as long as to pass by all
    rows; other databases keep them in that order, or choose by themselves.
    """
    rows = connection.execute(_AS_THEY_LIE, {'of': type_}).all()
    return list(zip(*map(columns.originals, zip(*rows))))


def page(connection: sa.Connection, type_: str, after: str | None,
         room: codec.Room) -> list[sa.Row]:
    """Entities of one type in order, as many as there is room for."""
    if after is None:
        return _fitting(connection, room, *_FIRST_PAGE, of=type_)
    return _fitting(connection, room, *_NEXT_PAGE, of=type_, after=after)


def _fitting(connection: sa.Connection, room: codec.Room, weights: sa.Select,
             rows: sa.Select, **where: object) -> list[sa.Row]:
    sizes = connection.execute(weights, {**where, 'most': room.count}).all()
    count = room.take([weight for _, weight in sizes])
    if not count:
        return []
    return connection.execute(
        rows, {**where, 'last': sizes[count - 1][0]}).all()


# --- journal -------------------------------------------------------------

def changes(connection: sa.Connection, type_: str, since: int,
            room: codec.Room) -> list[sa.Row]:
    """What tells of the changes after a revision, as there is room."""
    if room.count == 1:
        # it goes in any case, and is the next: the journal has no holes
        return connection.execute(
            _CHANGES[1], {'of': type_, 'since': since, 'last': since + 1}
        ).all()
    return _fitting(connection, room, *_CHANGES, of=type_, since=since)


def last_aged(connection: sa.Connection, row: stream_module.Stream,
              before: str, at_least: int) -> int:
    """The last of the oldest changes that are all from before that time.

    Walks along the primary key over what is to go, and not further.
    """
    first = connection.execute(
        sa.select(JOURNAL.revision)
        .where(JOURNAL.type == row.type, JOURNAL.revision > at_least,
               JOURNAL.committed_at >= before)
        .order_by(JOURNAL.revision).limit(1)).scalar()
    return row.revision if first is None else first - 1


def lift_past(connection: sa.Connection, type_: str, last: int) -> None:
    """The past will begin with the changes up to that one, if not later."""
    newest = connection.execute(
        sa.select(sa.func.max(JOURNAL.committed_at)).where(
            JOURNAL.type == type_, JOURNAL.revision <= last)).scalar()
    if newest is not None:
        update(connection, type_, STREAMS.known_since < newest,
               known_since=newest)


def forget(connection: sa.Connection, type_: str, last: int) -> None:
    """Delete the changes up to that one."""
    connection.execute(sa.delete(schema.JOURNAL).where(
        JOURNAL.type == type_, JOURNAL.revision <= last))
