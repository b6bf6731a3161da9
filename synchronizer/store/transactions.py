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

"""What a SqlStore does in one transaction, where it is more than a line."""

from collections.abc import Iterator
from collections.abc import Sequence
import operator
import uuid

import sqlalchemy as sa

from synchronizer import exception
from synchronizer.model import stream as stream_module
from synchronizer.store import base
from synchronizer.store import codec
from synchronizer.store import plan as plan_module
from synchronizer.store import queries
from synchronizer.store import schema


def new_stream(spec: base.StreamSpec) -> dict[str, object]:
    """The columns of a row that is made."""
    return {'type': spec.type, 'plugin': spec.plugin,
            'interval': spec.interval, 'term': 0, 'paused': False,
            'sweeps_requested': 0, **never_collected()}


def never_collected() -> dict[str, object]:
    """What a new row has, and a reset one."""
    return {'epoch': str(uuid.uuid4()), 'revision': 0, 'entities': 0,
            'oldest_revision': 1, 'collected_at': None, 'error': None,
            'collected_state': stream_module.STARTING, 'sweeps_served': 0,
            'last_commit': '', 'committed_at': '', 'known_since': None}


def carry_out(connection: sa.Connection, plan: plan_module.Plan,
              trusts: bool) -> str:
    """Make the commit, or find it made; when it was made.

    `trusts`: what comes to be here is not looked for before, of which most
    of a first sweep consists. Should any of it live all the same, the
    database says that it is there twice.
    """
    claim = plan.claim
    head = queries.lock(connection, claim.type)
    if plan.is_done(head):
        return head.committed_at
    rows = plan.rows(
        queries.versions(connection, claim.type, plan.rewritten),
        queries.is_lean(connection))
    # each page of the index of ids is come by once
    rows.sort(key=operator.attrgetter('id'))
    removed = queries.remove(connection, claim.type, [
        id_ for id_ in plan.touched
        if not (trusts and id_ in plan.fresh)])
    queries.insert(connection, schema.ENTITIES, rows)
    queries.insert(connection, schema.JOURNAL, plan.journal)
    if not queries.move(connection, plan, len(rows) - removed):
        raise exception.Fenced(f'{claim.type} moved under our lock')
    return plan.committed_at


def steps(first: int, last: int) -> Iterator[int]:
    """Ends of runs that are short enough for one transaction."""
    for start in range(first, last + 1, queries.ROW_CHUNK):
        yield min(start + queries.ROW_CHUNK - 1, last)


def drop(connection: sa.Connection, row: stream_module.Stream, last: int
         ) -> bool:
    """Drop changes up to that one, unless the stream was reset since."""
    head = queries.lock(connection, row.type)
    if head is None or head.epoch != row.epoch:
        return False
    queries.lift_past(connection, row.type, last)
    if queries.is_lean(connection):
        queries.take_bodies(connection, row.type, last)
    queries.forget(connection, row.type, last)
    # never back, should somebody else have trimmed further meanwhile
    queries.update(connection, row.type,
                   queries.STREAMS.oldest_revision <= last,
                   oldest_revision=last + 1)
    return True


def page(connection: sa.Connection, types: Sequence[str],
         after: tuple[str, str] | None, room: codec.Room) -> list[sa.Row]:
    """Entities of several types in order, as there is room for them."""
    rows: list[sa.Row] = []
    for type_ in sorted(set(types)):
        if not room.count:
            break
        if after is None or type_ > after[0]:
            rows += queries.page(connection, type_, None, room)
        elif type_ == after[0]:
            rows += queries.page(connection, type_, after[1], room)
    return rows


def reset(connection: sa.Connection, type_: str) -> stream_module.Stream:
    """Empty a stream and begin a new epoch."""
    queries.lock(connection, type_)
    row = queries.stream(connection, type_)
    for end in steps(row.oldest_revision, row.revision):
        queries.forget(connection, type_, end)
    connection.execute(sa.delete(schema.ENTITIES).where(
        queries.ENTITIES.type == type_))
    queries.update(connection, type_, term=queries.STREAMS.term + 1,
                   **never_collected())
    return queries.stream(connection, type_)
