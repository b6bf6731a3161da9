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

"""The servers of the tests start, answer, forget, and leave nothing."""

import os
import pathlib
import subprocess
import sys

import fixtures
import kombu
import sqlalchemy
from tooz import coordination

from synchronizer.tests.functional import base
from synchronizer.tests.functional import servers
from synchronizer.tests.functional.servers import processes
from synchronizer.tests.functional.servers import sql


def _connect(url, timeout=5):
    address = url.replace('rabbit:', 'amqp:')
    return kombu.Connection(address, connect_timeout=timeout)


def _live(pids):
    """Return those that still run; a zombie does not."""
    live = []
    for pid in pids:
        try:
            stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
        except OSError:
            continue
        if stat.rpartition(')')[2].split()[0] != 'Z':
            live.append(pid)
    return live


class ServersTest(base.FunctionalTestCase):

    def _assert_leaves_nothing(self, server):
        pids, directory = processes.family(server.pid), server.directory
        server.close()
        self.assertEqual([], _live(pids))
        self.assertFalse(os.path.exists(directory))

    def _test_sql(self, kind):
        server = self.own_server(kind)
        url = server.url
        sql.execute(url, 'CREATE DATABASE kept')
        server.restart()
        self.assertRaises(sqlalchemy.exc.DBAPIError, sql.execute, url,
                          'CREATE DATABASE kept')
        server.restart_empty()
        self.assertEqual(url, server.url)
        sql.execute(url, 'CREATE DATABASE kept')
        self._assert_leaves_nothing(server)

    def test_mariadb(self):
        self._test_sql(servers.MariaServer)

    def test_postgresql(self):
        self._test_sql(servers.PostgresServer)

    def test_rabbitmq(self):
        server = self.own_server(servers.RabbitServer)
        with _connect(server.url) as connection:
            queue = connection.SimpleQueue('kept')
            queue.put('word')
        server.restart()
        with _connect(server.url) as connection:
            self.assertEqual(1, connection.SimpleQueue('kept').qsize())
        server.restart_empty()
        with _connect(server.url) as connection:
            self.assertEqual(0, connection.SimpleQueue('kept').qsize())
        self._assert_leaves_nothing(server)

    def _keeps(self, kind):
        """Whether what tooz is told outlives a restart."""
        server = self.own_server(kind)
        for _ in range(2):
            made = coordination.get_coordinator(server.url, b'one')
            made.start()
            kept = b'kept' in made.get_groups().get()
            if not kept:
                made.create_group(b'kept').get()
            made.stop()
            server.restart()
        self._assert_leaves_nothing(server)
        return kept

    def test_etcd(self):
        self.assertTrue(self._keeps(servers.EtcdServer))

    def test_redis(self):
        self.assertFalse(self._keeps(servers.RedisServer))

    def test_one_that_dies_at_once_says_why(self):
        class Broken(servers.RedisServer):
            def command(self):
                return ['sh', '-c', 'echo no room; exit 1']
        server = Broken()
        self.addCleanup(server.close)
        error = self.assertRaises(servers.ServerError, server.start)
        self.assertIn('no room', str(error))

    def test_paused_server_answers_after_resume(self):
        server = self.own_server(servers.PostgresServer)
        server.pause()
        slow = f'{server.url}?connect_timeout=2'
        self.assertRaises(sqlalchemy.exc.OperationalError, sql.execute, slow,
                          'SELECT 1')
        server.resume()
        self.assertEqual([(1,)], sql.execute(server.url, 'SELECT 1'))

    def test_fresh_databases_differ_and_go(self):
        for url in (self.mysql_url(), self.postgresql_url()):
            with servers.FreshDatabase(url) as one:
                sql.execute(one.url, 'CREATE TABLE a (b INTEGER)')
                with servers.FreshDatabase(url) as other:
                    sql.execute(other.url, 'CREATE TABLE a (b INTEGER)')
                gone = other.url
            self.assertRaises(sqlalchemy.exc.OperationalError, sql.execute,
                              gone, 'SELECT 1')


class OrphanTest(base.FunctionalTestCase):

    def test_death_of_the_owner_ends_its_servers(self):
        code = ('import sys; from synchronizer.tests.functional import '
                'servers; s = servers.PostgresServer().start(); '
                'print(s.pid, s.directory, flush=True); sys.stdin.read()')
        owner = subprocess.Popen([sys.executable, '-c', code], text=True,
                                 stdin=subprocess.PIPE,
                                 stdout=subprocess.PIPE)
        self.addCleanup(owner.communicate)
        pid, directory = owner.stdout.readline().split()
        pids = processes.family(int(pid))
        self.assertNotEqual([], _live(pids))
        owner.kill()
        owner.wait()
        self._wait(lambda: not _live(pids) and not os.path.exists(directory))

    def _wait(self, condition):
        # the time limit of the test is the limit of this loop
        while not condition():
            os.sched_yield()


SHARED = '''
import os

from synchronizer.tests.functional import servers

url = servers.url_of(servers.PostgresServer)
if not os.fork():
    raise SystemExit
os.wait()
again = servers.url_of(servers.PostgresServer)
print(url == again, url, servers.sql.execute(url, 'SELECT 1'), flush=True)
'''


class SharedTest(base.FunctionalTestCase):

    def test_one_for_a_process_and_its_end(self):
        self.postgresql_url()  # skips where there is none
        variable = servers.PostgresServer.env_variable
        environment = {name: value for name, value in os.environ.items()
                       if name != variable}
        told = subprocess.run(
            [sys.executable, '-c', SHARED], env=environment, text=True,
            capture_output=True, check=True).stdout.split()
        self.assertEqual(['True', '[(1,)]'], [told[0], told[2]])
        self.assertRaises(sqlalchemy.exc.OperationalError, sql.execute,
                          told[1], 'SELECT 1')

    def test_one_that_the_environment_names(self):
        self.useFixture(fixtures.EnvironmentVariable(
            servers.RedisServer.env_variable, 'redis://there'))
        self.assertEqual('redis://there', self.redis_url())
