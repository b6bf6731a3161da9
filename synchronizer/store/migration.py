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

"""The version of the schema, and how it is raised."""

import pkgutil
from typing import TYPE_CHECKING

from oslo_config import cfg
from oslo_log import log as logging
import sqlalchemy as sa

from synchronizer import exception
from synchronizer.store import database as database_module
from synchronizer.store import engine as engine_module
from synchronizer.store import queries
from synchronizer.store import schema
from synchronizer.store.migrations import versions

if TYPE_CHECKING:
    from alembic import config as alembic_config

LOG = logging.getLogger(__name__)

COMMAND = 'synchronizer-manage db upgrade'

WORKS_FROM = '0002'
"""The oldest version whose programs can do with our schema. An upgrade
writes it into the database, for older programs that start on it."""

_LEAN_FROM = '0004'
"""The oldest whose programs can do with what we write into a file of SQLite:
see `queries.is_lean`."""

_WORKS_FROM = 'schema_works_from'

# two upgrades at once would meet half-way; released with the connection
_LOCKS = {
    'mysql': "SELECT GET_LOCK(LEFT(CONCAT('schema.', DATABASE()), 64), 600)",
    'postgresql': 'SELECT pg_advisory_xact_lock(7379634)'}


def _config(connection: sa.Connection) -> 'alembic_config.Config':
    # a sixth of what every start takes, for those that raise a schema
    from alembic import config as alembic_config
    config = alembic_config.Config()
    config.set_main_option('script_location', 'synchronizer.store:migrations')
    config.attributes['connection'] = connection
    return config


def known() -> list[str]:
    """The versions that this program knows, the oldest first: what the
    names of their scripts begin with."""
    return sorted(script.name.partition('_')[0]
                  for script in pkgutil.iter_modules(versions.__path__))


def head() -> str:
    """The version that this program works with."""
    return known()[-1]


def current(database: database_module.Database) -> str | None:
    """The version of the database; None: it is empty."""
    return database.read(_version)


def check(database: database_module.Database) -> None:
    """SchemaOutdated unless the version is one that we work with: ours, or
    a newer one that says so, as on a host whose turn to be upgraded comes
    later."""
    found = current(database)
    if found == head():
        return
    if is_newer(found):
        if database.read(_does_for_us):
            LOG.info('The schema of the database (%(found)s) is of a newer '
                     'release, and does for this one (%(head)s)',
                     {'found': found, 'head': head()})
            return
        raise _too_new(found)
    problem = ('The database has no schema yet' if found is None
               else f'The schema of the database is old ({found})')
    raise exception.SchemaOutdated(f'{problem}: run "{COMMAND}"')


def is_newer(version: str | None) -> bool:
    """Whether a release after ours has made it."""
    return version is not None and version not in known()


def _too_new(version: str) -> exception.SchemaOutdated:
    return exception.SchemaOutdated(
        f'The schema of the database ({version}) is of a newer release than '
        f'this program ({head()}): upgrade the packages; the way back is '
        'a backup of the database that was made before its upgrade')


def upgrade(database: database_module.Database) -> None:
    """Bring the schema to our version; nothing, if it is there."""
    database.write(_upgrade)


def upgrade_from_conf(conf: cfg.ConfigOpts) -> None:
    """The same, for the database of the group [database]."""
    database = _patient(conf)
    try:
        upgrade(database)
    finally:
        database.close()


def check_from_conf(conf: cfg.ConfigOpts) -> None:
    """`check`, for the database of the group [database]."""
    database = _patient(conf)
    try:
        check(database)
    finally:
        database.close()


def prepare(database: database_module.Database) -> None:
    """Make or upgrade a file of our own; of a server's, check it.

    Processes that start at once wait for each other at the file's lock.
    """
    if database.is_sqlite and _is_ours_to_raise(current(database)):
        upgrade(database)
    check(database)


def _patient(conf: cfg.ConfigOpts) -> database_module.Database:
    return database_module.Database(
        engine_module.Options.from_conf(conf), patient=True)


def _is_ours_to_raise(version: str | None) -> bool:
    return version != head() and not is_newer(version)


def _version(connection: sa.Connection) -> str | None:
    # as alembic keeps it, whose own reader says two lines to the log
    if not sa.inspect(connection).has_table('alembic_version'):
        return None
    return connection.exec_driver_sql(
        'SELECT version_num FROM alembic_version').scalar()


def _say_works_from(connection: sa.Connection) -> None:
    table = schema.SETTINGS
    connection.execute(sa.delete(table).where(table.c.name == _WORKS_FROM))
    connection.execute(sa.insert(table).values(
        name=_WORKS_FROM, value=_LEAN_FROM if queries.is_lean(
            connection) else WORKS_FROM))


def _does_for_us(connection: sa.Connection) -> bool:
    """Whether the newer release that made the schema says so: the version
    from which on it serves is one that we know."""
    if not sa.inspect(connection).has_table(schema.SETTINGS.name):
        return False
    table = schema.SETTINGS
    said = connection.execute(sa.select(table.c.value).where(
        table.c.name == _WORKS_FROM)).scalar()
    return said is not None and not is_newer(said)


def _upgrade(connection: sa.Connection) -> None:
    if connection.dialect.name in _LOCKS:
        connection.exec_driver_sql(_LOCKS[connection.dialect.name])
    before = _version(connection)
    if before == head():
        return
    if is_newer(before):
        raise _too_new(before)
    from alembic import command
    command.upgrade(_config(connection), 'head')
    _say_works_from(connection)
    LOG.info('The schema was raised from %(old)s to %(new)s',
             {'old': before or 'nothing', 'new': head()})
