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

"""Transactions that are tried again, a few times and not for ever."""

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import itertools
import random
import time
from typing import TypeVar

from oslo_log import log as logging
import sqlalchemy as sa

from synchronizer import exception
from synchronizer import quiet
from synchronizer.store import engine as engine_module
from synchronizer.store import faults

LOG = logging.getLogger(__name__)

Result = TypeVar('Result')
Work = Callable[[sa.Connection], Result]

DELAYS = (0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 2.0)
"""Seconds between tries, more or less: time for a server to start again."""

KEPT = 5.0
"""Seconds for which a connection to a file is used again. To open one costs
more than most transactions; one that stays would go on with a file that was
replaced."""

BUDGET = 10.0
"""Seconds after which no try is begun, however slow the tries were."""


class Database:
    """Runs work in transactions; what it raises is of our own tree.

    Work may be run more than once, and must not mind.
    """

    def __init__(self, options: engine_module.Options, patient: bool = False,
                 sleep: Callable[[float], None] = time.sleep,
                 timer: Callable[[], float] = time.monotonic) -> None:
        self._options = options
        self._sleep, self._timer = sleep, timer
        self.overdue = None if patient else engine_module.watch(options)
        self.engine = engine_module.build(options, patient, self.overdue)
        self._reader = engine_module.reader(self.engine)
        self._writer = engine_module.writer(self.engine)
        self._caught = faults.caught(self.engine)
        self._anchor: sa.Connection | None = None
        self._idle: dict[sa.Engine, tuple[float, sa.Connection]] = {}

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is a file of our own."""
        return self.engine.dialect.name == 'sqlite'

    def connect(self) -> None:
        """Wait for the server as long as the operator said."""
        tries = self._options.max_retries
        for number in itertools.count(1):
            try:
                with quiet.hushed(*quiet.DATABASE), self.engine.connect():
                    return
            except self._caught as error:
                if not faults.is_passing(error) or number > tries >= 0:
                    raise self._unavailable(error) from error
                LOG.warning('No connection to the database: %(error)s',
                            {'error': faults.describe(error)})
            self._sleep(self._options.retry_interval)

    def anchor(self) -> None:
        """Keep a SQLite file open: the last one to close it writes its log
        back, which would make every commit as slow as that."""
        if self.is_sqlite:
            self._anchor = self.engine.connect()
            self._anchor.exec_driver_sql('SELECT 1 FROM sqlite_schema')
            self._anchor.rollback()

    def close(self) -> None:
        """Let go of every connection."""
        if self._anchor is not None:
            self._anchor.close()
            self._anchor = None
        while self._idle:
            _, (_, connection) = self._idle.popitem()
            connection.close()
        self.engine.dispose()
        if self.overdue is not None:
            self.overdue.close()

    def read(self, work: Work[Result]) -> Result:
        """Run it on one consistent snapshot."""
        return self._try(self._reader, work)

    def write(self, work: Work[Result]) -> Result:
        """Run it in a transaction that may write, and commit."""
        return self._try(self._writer, work)

    def _try(self, engine: sa.Engine, work: Work[Result]) -> Result:
        deadline = self._timer() + BUDGET
        for delay in (*DELAYS, None):
            try:
                with (quiet.hushed(*quiet.DATABASE),
                      self._connected(engine) as connection,
                      connection.begin()):
                    return work(connection)
            except self._caught as error:
                if (delay is None or not faults.is_passing(error)
                        or self._timer() + delay > deadline):
                    raise self._unavailable(error) from error
                LOG.warning('The database is asked again: %(error)s',
                            {'error': faults.describe(error)})
            # waiting alike, those who met once would meet again
            self._sleep(delay * random.uniform(0.5, 1.2))

    @contextlib.contextmanager
    def _connected(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        """A connection for one transaction."""
        if not self.is_sqlite:
            # the engine has a pool; for files oslo.db takes it away
            with engine.connect() as connection:
                yield connection
            return
        opened, connection = self._take(engine)
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        kept = opened, connection
        if self._idle.setdefault(engine, kept) is not kept:
            connection.close()

    def _take(self, engine: sa.Engine) -> tuple[float, sa.Connection]:
        """One that is idle and young, or a new one; and when it was opened.
        """
        now = self._timer()
        opened, connection = self._idle.pop(engine, (now, None))
        if connection is not None and now - opened < KEPT:
            return opened, connection
        if connection is not None:
            connection.close()
        return now, engine.connect()

    def _unavailable(self, error: BaseException
                     ) -> exception.StoreUnavailable:
        # oslo.db's own word of it was hushed
        LOG.debug('The database gave up', exc_info=error)
        text = faults.describe(error)
        file = self._options.file
        return exception.StoreUnavailable(f'{file}: {text}' if file else text)
