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


"""Budgets of requests: who may begin when, across all processes.

A budget is one number, the time of the next free slot. It stands in the
table `settings`, which every release has: a table of its own would need a
migration, after which no process of an older release could be started.
"""

from collections.abc import Callable
import datetime

import sqlalchemy as sa

from synchronizer.store import schema

CROWD = 100
"""More reservations than this never wait at once, of which each is for one
slot or for a tenth of a second: a budget that is further ahead is what a
clock that was set back has left."""

_SECOND = 1_000_000

# whole microseconds since 1970, by the one clock that all processes share
_CLOCKS = {
    'mysql': "SELECT TIMESTAMPDIFF(MICROSECOND, '1970-01-01', "
             'UTC_TIMESTAMP(6))',
    'postgresql': 'SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) '
                  f'* {_SECOND} AS BIGINT)'}


def microseconds(moment: datetime.datetime) -> int:
    """Since 1970."""
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    return (moment - epoch) // datetime.timedelta(microseconds=1)


def advance(free: int | None, now: int, count: int, rate: float
            ) -> tuple[float, int]:
    """The seconds until the first of so many slots, given when the next was
    free; and when the next is free then."""
    step = _SECOND / rate
    start = now if free is None else max(free, now)
    if start - now > CROWD * max(step, _SECOND / 10):
        start = now
    return (start - now) / _SECOND, start + round(count * step)


def reserve(connection: sa.Connection, service: str, count: int, rate: float,
            clock: Callable[[], datetime.datetime]) -> float:
    """The same with what the database holds. `clock` is that of a SQLite
    file: it belongs to one host, whose clock is everybody's."""
    table, name = schema.SETTINGS, f'budget.{service}'
    held = connection.execute(
        sa.select(table.c.value).where(table.c.name == name)
        .with_for_update()).scalar()
    # read after the lock: one may wait for that
    ours = _CLOCKS.get(connection.dialect.name)
    now = (connection.exec_driver_sql(ours).scalar_one() if ours
           else microseconds(clock()))
    wait, free = advance(
        None if held is None else int(held), now, count, rate)
    if held is None:
        connection.execute(sa.insert(table).values(
            name=name, value=str(free)))
    else:
        connection.execute(sa.update(table).where(
            table.c.name == name).values(value=str(free)))
    return wait
