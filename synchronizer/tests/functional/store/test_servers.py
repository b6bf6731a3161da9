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

"""The store on MariaDB (or MySQL) and PostgreSQL."""

from alembic import autogenerate
from alembic.runtime import migration as alembic_migration
import sqlalchemy as sa

from synchronizer import exception
from synchronizer.store import database
from synchronizer.store import engine
from synchronizer.store import migration
from synchronizer.store import schema
from synchronizer.store import sql
from synchronizer.tests import store_suite
from synchronizer.tests.functional import base as functional_base
from synchronizer.tests.functional.store import base
from synchronizer.tests.unit.store import sql_suite

MYSQL = functional_base.FunctionalTestCase.mysql_url
POSTGRESQL = functional_base.FunctionalTestCase.postgresql_url


class ServerTestCase(functional_base.FunctionalTestCase):
    """A test with a database of its own on a server."""

    def setUp(self):
        self.url = None
        super().setUp()

    def options(self):
        """Make the database, and its schema, when it is first asked for."""
        if self.url is None:
            self.url = self.fresh_database(self.server_url())
            base.upgrade(self.url)
        return engine.Options(self.url)

    def new_store(self, clock):
        store = sql.SqlStore(self.options(), clock)
        self.addCleanup(store.close)
        return store


class SchemaSuite:

    def setUp(self):
        super().setUp()
        self.url = self.fresh_database(self.server_url())
        self.database = database.Database(engine.Options(self.url))
        self.addCleanup(self.database.close)

    def test_the_migrations_make_the_schema(self):
        self.assertIsNone(migration.current(self.database))
        base.upgrade(self.url)
        self.assertEqual(migration.head(), migration.current(self.database))
        with self.database.engine.connect() as connection:
            context = alembic_migration.MigrationContext.configure(
                connection, opts={'compare_type': True})
            self.assertEqual([], autogenerate.compare_metadata(
                context, schema.METADATA))
        base.upgrade(self.url)

    def test_an_empty_database_is_refused(self):
        error = self.assertRaises(exception.SchemaOutdated, sql.SqlStore,
                                  engine.Options(self.url))
        self.assertIn('synchronizer-manage db upgrade', str(error))
        with self.database.engine.connect() as connection:
            self.assertEqual([], sa.inspect(connection).get_table_names())

    def test_an_upgrade_that_was_cut_short(self):
        with self.database.engine.begin() as connection:
            schema.STREAMS.create(connection)
        self.assertRaises(exception.SchemaOutdated, migration.check,
                          self.database)
        base.upgrade(self.url)
        migration.check(self.database)


class MysqlStoreTest(store_suite.StoreSuite, ServerTestCase):
    server_url = MYSQL

    def test_a_url_of_old_does_not_cost_characters(self):
        self.commit(store_suite.created(name='\U0001f600'))
        url = sa.make_url(self.url).update_query_dict({'charset': 'utf8'})
        store = sql.SqlStore(engine.Options(
            url.render_as_string(hide_password=False)))
        self.addCleanup(store.close)
        claim = store.claim(store_suite.TYPE, 'me')
        store.commit(claim, [store_suite.created('b', name='\U0001f601')])
        self.assertEqual(['\U0001f600', '\U0001f601'], [
            e.name for e in self.store.page([store_suite.TYPE], None, 9, 99999)
        ])


class MysqlFaultTest(sql_suite.SqlFaultSuite, ServerTestCase):
    server_url = MYSQL
    lost = (2013, 'Lost connection to server during query')
    full = (1114, "The table 'journal' is full")


class MysqlSchemaTest(SchemaSuite, ServerTestCase):
    server_url = MYSQL


class PostgresqlStoreTest(store_suite.StoreSuite, ServerTestCase):
    server_url = POSTGRESQL


class PostgresqlFaultTest(sql_suite.SqlFaultSuite, ServerTestCase):
    server_url = POSTGRESQL

    def full_error(self):
        from psycopg2 import errors

        class NoSpace(errors.DiskFull):
            pgcode = '53100'
        return NoSpace('could not extend file: No space left on device')


class PostgresqlSchemaTest(SchemaSuite, ServerTestCase):
    server_url = POSTGRESQL
