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

"""How a database server is set, where that keeps us from working."""

from oslo_config import cfg
import sqlalchemy as sa

from synchronizer.store import database as database_module
from synchronizer.store import engine as engine_module

LEAST_PACKET = 4 * 1024 * 1024
"""Bytes: some entities, as a stack with its details, are that large."""

_MYSQL = ('SELECT @@max_allowed_packet AS packet, @@read_only AS read_only, '
          '@@log_bin AS log_bin, @@binlog_format AS binlog_format')
_POSTGRESQL = ("SELECT current_setting('transaction_read_only') = 'on' "
               "AS read_only, current_setting('server_encoding') AS encoding")

_READ_ONLY = (
    'the database server is read-only: [database] connection must name the '
    'one that is written to, and not a replica')


def problems(conf: cfg.ConfigOpts) -> list[str]:
    """What of the server of the group [database] has to be changed, a line
    each; of a SQLite file, nothing. StoreUnavailable if it is away."""
    database = database_module.Database(engine_module.Options.from_conf(conf))
    try:
        return database.read(_problems)
    finally:
        database.close()


def _problems(connection: sa.Connection) -> list[str]:
    if connection.dialect.name == 'mysql':
        return mysql_problems(
            **connection.exec_driver_sql(_MYSQL).one()._mapping)
    if connection.dialect.name == 'postgresql':
        return postgresql_problems(
            **connection.exec_driver_sql(_POSTGRESQL).one()._mapping)
    return []


def mysql_problems(packet: int, read_only: int | str, log_bin: int,
                   binlog_format: str) -> list[str]:
    """Of MariaDB's and MySQL's variables."""
    found = []
    if str(read_only).upper() not in ('0', 'OFF'):
        found.append(_READ_ONLY)
    if log_bin and binlog_format.upper() == 'STATEMENT':
        found.append(
            'binlog_format of the database server is STATEMENT, with which '
            'it refuses to write at READ COMMITTED: set MIXED or ROW')
    if packet < LEAST_PACKET:
        found.append(
            f'max_allowed_packet of the database server is {packet} bytes, '
            'and an entity above it cannot be stored: set 16M')
    return found


def postgresql_problems(read_only: bool, encoding: str) -> list[str]:
    """Of PostgreSQL's settings."""
    found = [_READ_ONLY] if read_only else []
    if encoding != 'UTF8':
        found.append(
            f'the encoding of the database is {encoding}, and names in '
            'other scripts cannot be stored: make it anew with UTF8')
    return found
