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


"""Servers that hang: their kernel goes on acknowledging what is sent."""

import time

import sqlalchemy as sa

from synchronizer import exception
from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests.functional import servers
from synchronizer.tests.functional.servers import sql as sql_server
from synchronizer.tests.functional.store import base

ANSWER = 2
"""Seconds, instead of a minute."""


class HangSuite:

    timeout = 120

    def setUp(self):
        super().setUp()
        self.store = sql.SqlStore(self.options())
        self.addCleanup(self.store.close)

    def options(self):
        return engine.Options(self.url)

    def test_whoever_asks_is_told_so(self):
        self.assertEqual({}, self.store.streams())
        self.server.pause()
        self.addCleanup(self.server.resume)
        began = time.monotonic()
        self.assertRaises(exception.StoreUnavailable, self.store.streams)
        # one that waits, and one that cannot connect
        self.assertLess(time.monotonic() - began, 60)
        self.server.resume()
        self.assertEqual({}, self.store.streams())


class PostgresqlHangTest(HangSuite, base.OwnServerTestCase):
    server_class = servers.PostgresServer

    def options(self):
        self.patch(engine, 'ANSWER', ANSWER)
        return super().options()

    def replicas(self, names):
        """Whom every commit waits for, soon after."""
        for statement in (
                f"ALTER SYSTEM SET synchronous_standby_names = '{names}'",
                'SELECT pg_reload_conf()'):
            sql_server.execute(self.url, statement)

    def test_also_of_a_commit_that_waits_for_a_replica(self):
        self.replicas('*')
        self.addCleanup(self.replicas, '')
        began = time.monotonic()
        self.assertRaises(exception.StoreUnavailable, self.commit_many)
        self.assertLess(time.monotonic() - began, 60)

    def commit_many(self):
        """The server's processes learn of a setting one after another."""
        for number in range(10_000):
            self.store.ensure(
                [store_base.StreamSpec(f't{number}', 'nova', 600)])


class MariadbHangTest(HangSuite, base.OwnServerTestCase):
    server_class = servers.MariaServer

    def options(self):
        return engine.Options(
            sa.make_url(self.url).update_query_dict(
                {'read_timeout': str(ANSWER)}).render_as_string(
                    hide_password=False))
