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

"""Statements of an administrator, and databases for one test."""

import uuid

import fixtures
import sqlalchemy
from sqlalchemy import pool


def execute(url: str, statement: str) -> list:
    """Run one statement outside of any transaction; return its rows."""
    engine = sqlalchemy.create_engine(
        url, poolclass=pool.NullPool, isolation_level='AUTOCOMMIT')
    with engine.connect() as connection:
        result = connection.execute(sqlalchemy.text(statement))
        return result.fetchall() if result.returns_rows else []


class FreshDatabase(fixtures.Fixture):
    """A new, empty database on a server, dropped after the test.

    ``url`` is the URL of that database.
    """

    def __init__(self, server_url: str) -> None:
        super().__init__()
        self._server_url = server_url

    def _setUp(self) -> None:
        name = f'test_{uuid.uuid4().hex}'
        execute(self._server_url, f'CREATE DATABASE {name}')
        self.addCleanup(self._drop, name)
        self.url = sqlalchemy.make_url(self._server_url).set(
            database=name).render_as_string(hide_password=False)

    def _drop(self, name: str) -> None:
        # what a test left open must not keep the database
        force = ' WITH (FORCE)' if 'postgresql' in self._server_url else ''
        try:
            execute(self._server_url, f'DROP DATABASE {name}{force}')
        except sqlalchemy.exc.OperationalError:
            # the test has ended its server
            pass
