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

"""A store in a database: SQLite, MySQL or MariaDB, PostgreSQL."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import datetime
import functools
import itertools
import secrets
import time

from oslo_config import cfg
import sqlalchemy as sa

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream as stream_module
from synchronizer.store import base
from synchronizer.store import budgets
from synchronizer.store import codec
from synchronizer.store import database as database_module
from synchronizer.store import engine as engine_module
from synchronizer.store import lineage
from synchronizer.store import migration
from synchronizer.store import plan as plan_module
from synchronizer.store import queries
from synchronizer.store import rewind
from synchronizer.store import schema
from synchronizer.store import transactions

Clock = Callable[[], datetime.datetime]


class SqlStore(base.Store):
    """See `base.Store`. Built in the process that uses it, after the fork."""

    def __init__(self, options: engine_module.Options,
                 clock: Clock | None = None,
                 sleep: Callable[[float], None] = time.sleep,
                 timer: Callable[[], float] = time.monotonic,
                 waits: bool = True) -> None:
        """Connect; SchemaOutdated if the schema is not ours.

        The schema of a SQLite file is made and upgraded here. One that
        `waits` does so for a server that is away as the operator said;
        another one no longer than for any answer.
        """
        self._clock = clock or functools.partial(
            datetime.datetime.now, datetime.UTC)
        self._database = database_module.Database(
            options, sleep=sleep, timer=timer)
        try:
            if waits:
                self._database.connect()
            migration.prepare(self._database)
            self._database.anchor()
        except BaseException:
            self._database.close()
            raise

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, clock: Clock | None = None,
                  waits: bool = True) -> 'SqlStore':
        """A store in the database of the group [database]."""
        return cls(engine_module.Options.from_conf(conf), clock, waits=waits)

    def close(self) -> None:
        self._database.close()

    def ensure(self, specs: Iterable[base.StreamSpec]) -> None:
        wanted = {spec.type: spec for spec in specs}

        def work(connection: sa.Connection) -> None:
            held = queries.streams(connection, list(wanted))
            for type_, spec in wanted.items():
                row = held.get(type_)
                if row is None:
                    connection.execute(sa.insert(schema.STREAMS),
                                       transactions.new_stream(spec))
                elif (row.plugin, row.interval) != (spec.plugin,
                                                    spec.interval):
                    queries.update(connection, type_, plugin=spec.plugin,
                                   interval=spec.interval)
        self._database.write(work)

    def streams(self, types: Iterable[str] | None = None
                ) -> dict[str, stream_module.Stream]:
        wanted = None if types is None else list(types)
        return self._database.read(
            lambda connection: queries.streams(connection, wanted))

    def secret(self) -> bytes:
        table = schema.SETTINGS
        query = sa.select(table.c.value).where(table.c.name == 'secret')

        def work(connection: sa.Connection) -> str:
            value = connection.execute(query).scalar()
            if value is None:
                value = secrets.token_hex(32)
                connection.execute(sa.insert(table).values(
                    name='secret', value=value))
            return value
        return bytes.fromhex(self._database.write(work))

    # --- the owner -------------------------------------------------------

    def claim(self, type_: str, owner: str) -> base.Claim:
        def work(connection: sa.Connection) -> base.Claim:
            queries.update(connection, type_, owner=owner,
                           term=queries.STREAMS.term + 1)
            row = queries.stream(connection, type_)
            return base.Claim(type_, owner, row.epoch, row.term,
                              row.revision)
        return self._database.write(work)

    def load(self, type_: str) -> Iterator[tuple[str, str]]:
        if self._database.is_sqlite and self._database.read(
                functools.partial(queries.is_large, type_=type_)):
            return iter(self._database.read(functools.partial(
                queries.digests_as_they_lie, type_=type_)))
        return self._in_order(type_)

    def _in_order(self, type_: str) -> Iterator[tuple[str, str]]:
        last = None
        while True:
            rows = self._database.read(functools.partial(
                queries.digests, type_=type_, after=last))
            yield from rows
            if len(rows) < queries.LOAD_CHUNK:
                return
            last = rows[-1][0]

    def commit(self, claim: base.Claim, writes: Sequence[base.Write]
               ) -> tuple[base.Claim, tuple[change_module.Change, ...]]:
        plan = plan_module.make(claim, writes, codec.stamp(self._clock()))
        # whoever finds something there twice is asked again, and looks
        trusts = itertools.chain([True], itertools.repeat(False))
        return plan.result(self._database.write(
            lambda connection: transactions.carry_out(
                connection, plan, next(trusts))))

    def report(self, claim: base.Claim, state: str, error: str | None,
               collected_at: str | None = None,
               sweeps_served: int | None = None) -> None:
        values = {'collected_state': state, 'error': error,
                  'collected_at': collected_at,
                  'sweeps_served': sweeps_served}
        for name in ('collected_at', 'sweeps_served'):
            if values[name] is None:
                del values[name]
        if collected_at is not None:
            values['known_since'] = sa.func.coalesce(
                queries.STREAMS.known_since, codec.stamp(self._clock()))
        ours = (queries.STREAMS.term == claim.term,
                queries.STREAMS.epoch == claim.epoch)
        if not self._database.write(lambda connection: queries.update(
                connection, claim.type, *ours, **values)):
            raise exception.Fenced(
                f'{claim.type} has another owner than {claim.owner} now')

    def trim(self, type_: str, before: str, keep: int) -> int:
        def plan(connection: sa.Connection
                 ) -> tuple[stream_module.Stream, int]:
            row = queries.stream(connection, type_)
            excess = max(row.revision - keep, row.oldest_revision - 1)
            return row, queries.last_aged(connection, row, before, excess)

        row, last = self._database.read(plan)
        dropped = 0
        for end in transactions.steps(row.oldest_revision, last):
            if not self._database.write(functools.partial(
                    transactions.drop, row=row, last=end)):
                break
            dropped = end - row.oldest_revision + 1
        return dropped

    # --- requests to the services -----------------------------------------

    def reserve(self, service: str, count: int, rate: float) -> float:
        return self._database.write(functools.partial(
            budgets.reserve, service=service, count=count, rate=rate,
            clock=self._clock))

    # --- readers ---------------------------------------------------------

    def page(self, types: Sequence[str], after: tuple[str, str] | None,
             limit: int, max_bytes: int) -> list[entity_module.Entity]:
        return [queries.entity(row) for row in self._database.read(
            lambda connection: transactions.page(connection, types, after,
                                     codec.Room(limit, max_bytes)))]

    def entities(self, type_: str, ids: Iterable[str]
                 ) -> dict[str, tuple[entity_module.Entity, base.Stored]]:
        wanted = dict.fromkeys(ids)
        rows = self._database.read(
            lambda connection: queries.entities(connection, type_, wanted))
        return {row.id: (queries.entity(row),
                         base.Stored(row.digest, row.shape)) for row in rows}

    def changes_since(self, type_: str, epoch: str, since: int, limit: int,
                      max_bytes: int
                      ) -> tuple[int, list[change_module.Change]]:
        def work(connection: sa.Connection) -> tuple[int, list[sa.Row]]:
            row = queries.stream(connection, type_)
            base.check_position(row, epoch, since)
            return row.revision, queries.changes(
                connection, type_, since, codec.Room(limit, max_bytes))
        head, rows = self._database.read(work)
        return head, codec.changes(rows, epoch)

    def history(self, type_: str, id_: str, limit: int
                ) -> list[change_module.Change]:
        def work(connection: sa.Connection) -> tuple[str, list[codec.Told]]:
            row = queries.streams(connection, [type_]).get(type_)
            return (row.epoch, lineage.history(
                connection, type_, id_, limit)) if row else ('', [])
        epoch, rows = self._database.read(work)
        return codec.changes(rows, epoch)

    # --- the past --------------------------------------------------------

    def at(self, type_: str, time: str) -> int:
        return self._database.read(
            lambda connection: rewind.revision_at(connection, type_, time))

    def entities_at(self, revisions: Mapping[str, int],
                    after: tuple[str, str] | None, limit: int, max_bytes: int
                    ) -> list[entity_module.Entity]:
        return self._database.read(
            lambda connection: rewind.page(connection, revisions, after,
                                           codec.Room(limit, max_bytes)))

    def entity_at(self, type_: str, id_: str, revision: int
                  ) -> entity_module.Entity | None:
        return self._database.read(
            lambda connection: rewind.entity(connection, type_, id_,
                                             revision))

    # --- operators -------------------------------------------------------

    def request_sweep(self, types: Iterable[str]) -> dict[str, int]:
        # in order: two callers must not lock the same rows crosswise
        wanted = sorted(set(types))

        def work(connection: sa.Connection) -> dict[str, int]:
            for type_ in wanted:
                queries.update(
                    connection, type_,
                    sweeps_requested=queries.STREAMS.sweeps_requested + 1)
            return {type_: row.sweeps_requested for type_, row in
                    queries.streams(connection, wanted).items()}
        return self._database.write(work)

    def set_paused(self, type_: str, paused: bool) -> None:
        if not self._database.write(lambda connection: queries.update(
                connection, type_, paused=paused)):
            raise exception.UnknownType(f'no stream {type_}')

    def reset(self, type_: str) -> stream_module.Stream:
        return self._database.write(
            lambda connection: transactions.reset(connection, type_))
