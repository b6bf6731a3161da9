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


"""Connections that wait for too long for an answer."""

import socket
from unittest import mock

import fixtures

from synchronizer.store import database
from synchronizer.store import engine
from synchronizer.store import overdue
from synchronizer.tests import base

URL = 'postgresql+psycopg2://me@127.0.0.1:1/d'


class OverdueTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.overdue = overdue.Overdue(60, lambda: self.now)
        self.addCleanup(self.overdue.close)
        self.server, self.client = socket.socketpair()
        for end in (self.server, self.client):
            end.settimeout(0.2)
            self.addCleanup(end.close)

    def hung_up(self):
        try:
            return self.client.recv(1) == b''
        except TimeoutError:
            return False

    def test_what_takes_too_long(self):
        with self.overdue.awaiting(self.client):
            self.now = 59
            self.overdue.look()
            self.assertFalse(self.hung_up())
            self.now = 60
            self.overdue.look()
            self.assertTrue(self.hung_up())
        # the handle is the driver's still
        self.client.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE)
        self.assertIn('has not answered for 60 s', self.log.output)

    def test_what_was_answered(self):
        with self.overdue.awaiting(self.client):
            pass
        self.now = 100
        self.overdue.look()
        self.assertFalse(self.hung_up())

    def test_what_fails(self):
        with self.assertRaises(KeyError), self.overdue.awaiting(self.client):
            raise KeyError
        self.now = 100
        self.overdue.look()
        self.assertFalse(self.hung_up())

    def test_each_wait_is_measured_by_itself(self):
        for _ in range(3):
            with self.overdue.awaiting(self.client):
                self.now += 40
                self.overdue.look()
        self.assertFalse(self.hung_up())

    def test_what_was_closed_meanwhile(self):
        with self.overdue.awaiting(self.client):
            self.client.close()
            self.now = 100
            self.overdue.look()
        self.assertNotIn('Traceback', self.log.output)

    def test_it_looks_no_more_often_than_it_must(self):
        self.assertEqual(60, self.overdue.look())
        with self.overdue.awaiting(self.client):
            self.now = 25
            self.assertEqual(35, self.overdue.look())

    def test_by_itself(self):
        quick = overdue.Overdue(0.05)
        self.addCleanup(quick.close)
        self.client.settimeout(60)
        with quick.awaiting(self.client):
            self.assertEqual(b'', self.client.recv(1))
        quick.close()
        quick._thread.join(60)
        self.assertFalse(quick._thread.is_alive())


class EngineTest(base.TestCase):
    """What of an engine is watched."""

    def build(self, url, **more):
        made = database.Database(engine.Options(url), **more)
        self.addCleanup(made.close)
        return made

    def test_every_statement_and_the_end_of_each_transaction(self):
        made = self.build(URL)
        seen, connection = [], mock.MagicMock(
            spec=['commit', 'rollback', 'cursor', 'autocommit'])

        def answer(*unused):
            seen.append(set(made.overdue._until))
        cursor = mock.Mock(connection=connection)
        for name in ('execute', 'executemany'):
            getattr(cursor, name).side_effect = answer
        for name in ('commit', 'rollback'):
            getattr(connection, name).side_effect = answer
        fairy = mock.Mock(dbapi_connection=connection,
                          commit=connection.commit,
                          rollback=connection.rollback)
        dialect = made.engine.dialect
        dialect.do_execute(cursor, 'SELECT 1', ())
        dialect.do_execute_no_params(cursor, 'SELECT 1')
        dialect.do_commit(fairy)
        dialect.do_rollback(connection)
        connection.cursor.return_value = cursor
        dialect.do_ping(connection)
        self.assertEqual([{connection}] * 5, seen)
        self.assertEqual({}, made.overdue._until)

    def test_and_what_a_new_connection_is_told(self):
        made = self.build(URL)
        seen, connection = [], mock.Mock()
        connection.cursor().execute.side_effect = lambda *unused: (
            seen.append(set(made.overdue._until)))
        engine._session('postgresql', made.overdue)(connection, None)
        self.assertEqual([{connection}], seen)

    def test_migrations_wait(self):
        self.assertIsNone(self.build(URL, patient=True).overdue)

    def test_where_the_driver_has_a_time_out_nobody_watches(self):
        for url in ('mysql+pymysql://h/d',
                    f'sqlite:///{self.useFixture(fixtures.TempDir()).path}/x'
                    ):
            self.assertIsNone(self.build(url).overdue)
