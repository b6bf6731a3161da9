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

"""Connections: what each back end must be told before it does as we need.

oslo.db makes the engine. Its enginefacade is not used: it reads the global
configuration, and cannot choose an isolation level for one transaction. A
``slave_connection`` is not used: it may show a page behind its position.
"""

from collections.abc import Callable
from collections.abc import Mapping
import contextlib
import dataclasses
import os
from typing import Any

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_db.sqlalchemy import engines
import sqlalchemy as sa
from sqlalchemy import event

from synchronizer import exception
from synchronizer.store import arguments
from synchronizer.store import overdue as overdue_module

DEFAULT_CONNECTION = 'sqlite:///$state_path/synchronizer.sqlite'
"""Made and upgraded by the service itself."""

WAIT = 5
"""Seconds to wait for a lock before the transaction is tried anew."""

IDLE = 5
"""Seconds until the server ends a transaction whose client says nothing."""

ANSWER = 60
"""Seconds to wait for an answer of the server."""

PAGE, CACHE = 16384, 500
"""Of a SQLite file: bytes in a page; KiB of pages that one connection
remembers at most. What one commits, all others forget: more would be held
for nothing, in each process."""

_KNOWN = {
    'mysql': 'mysql+pymysql://USER:PASSWORD@HOST/NAME',
    'postgresql': 'postgresql+psycopg2://USER:PASSWORD@HOST/NAME',
    'sqlite': 'sqlite:////PATH'}

_PASSED_ON = (
    'connection_debug', 'connection_recycle_time', 'connection_trace',
    'max_overflow', 'max_pool_size', 'mysql_sql_mode',
    'mysql_wsrep_sync_wait', 'pool_timeout', 'sqlite_synchronous')

_MYSQL = {'connect_timeout': '10', 'read_timeout': str(ANSWER),
          'write_timeout': str(ANSWER)}
_LIBPQ = {'connect_timeout': '10', 'tcp_user_timeout': f'{ANSWER}000',
          'keepalives_idle': '10', 'keepalives_interval': '10',
          'keepalives_count': '3'}
_TIMEOUTS = {'pymysql': _MYSQL, 'mysqldb': _MYSQL,
             'psycopg': _LIBPQ, 'psycopg2': _LIBPQ}
_HAS_NO_END = ('psycopg', 'psycopg2')

# an owner that was stopped in mid-commit must not hold the row for ever;
# only MariaDB reads what stands behind M!
_MYSQL_SESSION = (f'SET SESSION innodb_lock_wait_timeout = {WAIT} '
                  f'/*M!100301 , idle_transaction_timeout = {IDLE} */')
_POSTGRESQL_SESSION = (
    f"SET lock_timeout = '{WAIT}s'; "
    f"SET idle_in_transaction_session_timeout = '{IDLE}s'")


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the group [database] known to `conf`, with our default."""
    for opt in db_options.database_opts:
        if opt.dest == 'connection_parameters':
            # it may hold a password, as the URL may; a copy of the options
            # could not be registered beside the library's own
            opt.secret = True
    conf.register_opts(db_options.database_opts, 'database')
    conf.set_default('connection', DEFAULT_CONNECTION, group='database')


def set_defaults() -> None:
    """Let the sample configuration show our default; it is made from the
    library's own options."""
    cfg.set_defaults(db_options.database_opts, connection=DEFAULT_CONNECTION)


@dataclasses.dataclass(frozen=True, slots=True)
class Options:
    """What an operator says of the database."""

    connection: str
    """The URL."""

    parameters: str = ''
    """More of the URL's query, as ``name=value&...``."""

    max_retries: int = 10
    """How often to try the first connection; -1: for ever."""

    retry_interval: float = 10
    """Seconds between these."""

    settings: Mapping[str, Any] = dataclasses.field(
        default_factory=lambda: {'mysql_sql_mode': 'TRADITIONAL'})
    """Other options of oslo.db, by name."""

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts) -> 'Options':
        """Read the group [database]."""
        register_opts(conf)
        group = conf.database
        if not group.connection:
            raise exception.ConfigurationError(
                '[database] connection is not set')
        return cls(
            group.connection, group.connection_parameters,
            group.max_retries, group.retry_interval,
            {name: getattr(group, name) for name in _PASSED_ON})

    @property
    def url(self) -> sa.URL:
        """The URL with all that we need of the driver."""
        try:
            url = sa.make_url(self.connection)
            driver = url.get_driver_name()
        except (sa.exc.ArgumentError, sa.exc.NoSuchModuleError,
                ValueError) as error:
            raise _unknown() from error
        # oslo.db knows MariaDB's errors by this name only
        url = url.set(drivername=url.drivername.replace('mariadb', 'mysql'))
        url = url.update_query_string(self.parameters)
        if url.get_backend_name() == 'mysql':
            # oslo.db's own default holds three bytes of a character's four
            url = url.update_query_dict({'charset': 'utf8mb4'})
        return url.update_query_dict(
            {**_TIMEOUTS.get(driver, {}), **url.query})

    @property
    def file(self) -> str | None:
        """Where the SQLite database is; None: it is a server's."""
        url = self.url
        if url.get_backend_name() != 'sqlite':
            return None
        if url.database in (None, '', ':memory:'):
            raise exception.ConfigurationError(
                '[database] connection: SQLite needs a file, as in '
                'sqlite:////var/lib/synchronizer/synchronizer.sqlite')
        return os.path.abspath(url.database)


def check(options: Options) -> None:
    """ConfigurationError if no connection can ever be made so; nothing is
    made or asked."""
    url = options.url
    _check_driver(url)
    arguments.check(url)


def watch(options: Options) -> overdue_module.Overdue | None:
    """What ends waits for answers, where the driver has nothing for it."""
    driver = options.url.get_driver_name()
    return overdue_module.Overdue(ANSWER) if driver in _HAS_NO_END else None


def build(options: Options, patient: bool = False,
          overdue: overdue_module.Overdue | None = None) -> sa.Engine:
    """An engine that has not connected yet.

    A patient one waits for its answers and locks: migrations take long.
    """
    check(options)
    url = options.url
    backend = url.get_backend_name()
    if patient:
        url = url.difference_update_query(
            ('read_timeout', 'write_timeout', 'tcp_user_timeout'))
    if options.file:
        _make_directory(options.file)
    engine = engines.create_engine(url, max_retries=0, **options.settings)
    if backend == 'sqlite':
        event.listen(engine, 'do_connect', _sqlite_private(options.file))
        event.listen(engine, 'connect', _sqlite_session(
            options.settings.get('sqlite_synchronous', True)))
        event.listen(engine, 'before_cursor_execute', _sqlite_begin,
                     retval=True)
    elif not patient:
        event.listen(engine, 'connect', _session(backend, overdue))
    if overdue is not None:
        overdue.watch(engine)
    # the last of these: it is the one that connects
    event.listen(engine, 'do_connect', arguments.connect)
    return engine


def reader(engine: sa.Engine) -> sa.Engine:
    """The same connections, for reads that see one moment."""
    if engine.dialect.name == 'sqlite':
        return engine
    return engine.execution_options(isolation_level='REPEATABLE READ')


def writer(engine: sa.Engine) -> sa.Engine:
    """The same connections, for writes.

    All writers of a stream lock its row first; READ COMMITTED spares them
    InnoDB's locks on gaps, over which strangers would wait for each other.
    """
    if engine.dialect.name == 'sqlite':
        return engine.execution_options(sqlite_begin='BEGIN IMMEDIATE')
    return engine.execution_options(isolation_level='READ COMMITTED')


def _unknown() -> exception.ConfigurationError:
    # the URL itself may hold a password
    return exception.ConfigurationError(
        '[database] connection is not a URL of a known database; it looks '
        f'like {" or ".join(_KNOWN.values())}')


def _check_driver(url: sa.URL) -> None:
    """Ask SQLAlchemy itself: oslo.db logs before it fails."""
    backend = url.get_backend_name()
    if backend not in _KNOWN:
        raise _unknown()
    try:
        url.get_dialect().import_dbapi()
    except sa.exc.NoSuchModuleError as error:
        raise _unknown() from error
    except ImportError as error:
        raise exception.ConfigurationError(
            f'[database] connection: no driver for {url.drivername}:// is '
            f'installed ({error}); what is tested is {_KNOWN[backend]}'
        ) from error


def _make_directory(file: str) -> None:
    directory = os.path.dirname(file)
    try:
        os.makedirs(directory, mode=0o700, exist_ok=True)
    except OSError as error:
        raise exception.ConfigurationError(
            f'{directory} cannot be made: {error.strerror}') from error


def _sqlite_private(file: str | None) -> Callable[..., None]:
    """A new file is for us alone, and what SQLite makes beside it has its
    mode; what is there already stays as its owner wants it."""
    def on_do_connect(*unused: Any) -> None:
        with contextlib.suppress(OSError):
            # what cannot be made SQLite says better
            os.close(os.open(file or '', os.O_CREAT | os.O_EXCL | os.O_RDWR,
                             0o600))
    return on_do_connect


def _sqlite_session(synchronous: bool) -> Callable[..., None]:
    def on_connect(connection: Any, record: Any) -> None:
        # in this order: changing the journal's mode takes a lock
        connection.execute(f'PRAGMA busy_timeout = {WAIT}000')
        # heeded while the file is empty: an entity fits into a page, and
        # is written twice as quickly
        connection.execute(f'PRAGMA page_size = {PAGE}')
        connection.execute(f'PRAGMA cache_size = -{CACHE}')
        connection.execute('PRAGMA journal_mode = WAL')
        if synchronous:
            # with WAL a power failure costs the last commits at most, and
            # never half of one
            connection.execute('PRAGMA synchronous = NORMAL')
    return on_connect


def _sqlite_begin(connection: sa.Connection, cursor: Any, statement: str,
                  parameters: Any, *unused: Any) -> tuple[str, Any]:
    """Take the write lock at once: one that reads first cannot wait for it.

    The statement is oslo.db's; listeners of "begin" come in no order that
    could be chosen.
    """
    if statement == 'BEGIN':
        statement = connection.get_execution_options().get(
            'sqlite_begin', statement)
    return statement, parameters


def _session(backend: str, overdue: overdue_module.Overdue | None
             ) -> Callable[..., None]:
    statement = (_MYSQL_SESSION if backend == 'mysql'
                 else _POSTGRESQL_SESSION)

    def on_connect(connection: Any, record: Any) -> None:
        with (contextlib.nullcontext() if overdue is None
              else overdue.awaiting(connection)):
            cursor = connection.cursor()
            cursor.execute(statement)
            cursor.close()
            # PostgreSQL takes back what was set in a transaction that fails
            connection.commit()
    return on_connect
