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

"""The checks of synchronizer-status on real servers, and programs that
cannot reach theirs."""

import contextlib
import json
import subprocess
import sys
import uuid

import kombu
from oslo_config import cfg
import sqlalchemy

from synchronizer import exception
from synchronizer.bus import probe as probe_module
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.store import engine
from synchronizer.store import server
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module

SECRET = 'pw-secret'
AWAY = f'rabbit://u:{SECRET}@127.0.0.1:1/'


def configured(**options):
    conf = cfg.ConfigOpts()
    conf([], project='synchronizer', default_config_files=[],
         default_config_dirs=[])
    engine.register_opts(conf)
    for name, value in options.items():
        conf.set_override(name, value, 'database')
    return conf


class BrokerTest(base.FunctionalTestCase):

    def setUp(self):
        super().setUp()
        self.url = self.rabbitmq_url()
        self.connection = kombu.Connection(
            self.url.replace('rabbit:', 'amqp:'))
        self.addCleanup(self.connection.release)
        self.channel = self.connection.channel()
        self.name = f'synchronizer-test-{uuid.uuid4().hex}'

    def probe(self, url=None):
        return probe_module.Probe(configured(), url or self.url)

    def refusal(self, url):
        with contextlib.ExitStack() as stack:
            error = self.assertRaises(
                exception.BusError, stack.enter_context, self.probe(url))
        self.assertNotIn(SECRET, str(error))
        return str(error)

    def exchange(self):
        exchange = kombu.Exchange(self.name, 'topic', durable=True)
        exchange(self.channel).declare()
        self.addCleanup(self.channel.exchange_delete, self.name)

    def test_who_is_not_let_in_is_told_why(self):
        for url, word in (
                (self.url.replace(':guest@', f':{SECRET}@'),
                 'no such user and password'),
                (f'{self.url}nowhere', 'no virtual host nowhere'),
                (AWAY, '127.0.0.1:1 (Connection refused)')):
            self.assertIn(word, self.refusal(url))

    def test_one_of_several_hosts_is_enough(self):
        with self.probe(self.url.replace(
                'rabbit://', 'rabbit://u:p@127.0.0.1:1,')) as probe:
            self.assertFalse(probe.has_exchange(self.name))

    def test_flags_of_an_exchange(self):
        self.exchange()
        with self.probe() as probe:
            self.assertTrue(probe.has_exchange(self.name))
            self.assertIn("'durable'", probe.quarrel_of_exchange(self.name))
        with self.probe(f'{self.url}?amqp_durable_queues=true') as probe:
            self.assertIsNone(probe.quarrel_of_exchange(self.name))

    def test_a_queue_and_who_reads_it(self):
        with self.probe() as probe:
            self.assertIsNone(probe.queue(self.name))
            self.channel.queue_declare(self.name, auto_delete=False)
            self.addCleanup(self.channel.queue_delete, self.name)
            kombu.Producer(self.channel).publish(
                'a message', routing_key=self.name)
            daemon_module.until(
                lambda: probe.queue(self.name) == probe_module.Queue(1, 0),
                'one message')
            self.channel.basic_consume(
                self.name, callback=lambda message: None)
            self.assertEqual(1, probe.queue(self.name).consumers)
            self.assertIsNone(probe.quarrel_of_queue(self.name))
        with self.probe(f'{self.url}?rabbit_quorum_queue=true') as probe:
            self.assertIn('inequivalent', probe.quarrel_of_queue(self.name))

    def test_looking_makes_nothing(self):
        with self.probe() as probe:
            self.assertFalse(probe.has_exchange(self.name))
            self.assertIsNone(probe.queue(self.name))
            self.assertFalse(probe.has_exchange(self.name))


class ServerTest(base.FunctionalTestCase):

    def test_servers_as_they_come(self):
        for url in (self.mysql_url(), self.postgresql_url()):
            conf = configured(connection=self.fresh_database(url))
            self.assertEqual([], server.problems(conf))

    def test_a_database_that_cannot_be_written_to(self):
        url = self.fresh_database(self.postgresql_url())
        made = sqlalchemy.create_engine(url, isolation_level='AUTOCOMMIT')
        self.addCleanup(made.dispose)
        with made.connect() as connection:
            connection.exec_driver_sql(
                f'ALTER DATABASE "{connection.engine.url.database}" '
                'SET default_transaction_read_only = on')
        (problem,) = server.problems(configured(connection=url))
        self.assertIn('replica', problem)


class ProgramsTest(base.FunctionalTestCase):
    """As processes, with servers that they cannot use."""

    def setUp(self):
        super().setUp()
        self.cloud = SandboxServer(SandboxCloud(servers=2))
        self.cloud.start()
        self.addCleanup(self.cloud.stop)

    def daemon(self, transport_url, **options):
        return self.useFixture(daemon_module.Daemon(
            self.cloud.auth_url, transport_url, **options))

    def run_(self, program, daemon, *arguments):
        return subprocess.run(
            [sys.executable, '-m', f'synchronizer.cmd.{program}',
             '--config-file', str(daemon.conf), *arguments], text=True,
            capture_output=True, stdin=subprocess.DEVNULL)

    def check(self, daemon):
        """Exit code and rows of synchronizer-status."""
        done = self.run_('status', daemon, 'upgrade', 'check', '--json')
        self.assertEqual('', done.stderr)
        self.assertNotIn(SECRET, done.stdout)
        return done.returncode, {
            row['check']: (row['result'], row['details'])
            for row in json.loads(done.stdout)['checks']}

    def test_all_is_well(self):
        daemon = self.daemon(self.rabbitmq_url())
        daemon.configure('[nova]\nnotification_topics =\n')
        code, rows = self.check(daemon)
        self.assertEqual(
            (0, {0}), (code, {result for result, _ in rows.values()}), rows)

    def test_a_database_that_lets_nobody_in(self):
        url = sqlalchemy.make_url(self.fresh_database(self.mysql_url()))
        url = url.set(username='nobody', password=SECRET)
        daemon = self.daemon(AWAY, database='connection = '
                             + url.render_as_string(hide_password=False))
        for arguments in (('stream', 'list'), ('db', 'upgrade')):
            done = self.run_('manage', daemon, *arguments)
            self.assertEqual(1, done.returncode)
            (line,) = done.stderr.splitlines()
            self.assertIn('Access denied', line)
            self.assertNotIn(SECRET, line)
        code, rows = self.check(daemon)
        self.assertEqual(2, code)
        self.assertIn('Access denied', str(rows))

    def test_a_cloud_that_lets_nobody_in(self):
        daemon = self.daemon(self.rabbitmq_url())
        daemon.configure(f'[service_credentials]\npassword = {SECRET}\n')
        code, rows = self.check(daemon)
        self.assertEqual(2, code)
        self.assertIn('Keystone lets nobody in',
                      rows['Login to the cloud works'][1])

    def test_a_daemon_goes_on_trying_and_says_so(self):
        daemon = self.daemon(AWAY)
        daemon.configure(f'[service_credentials]\npassword = {SECRET}\n')
        daemon.start()
        daemon_module.until(
            lambda: any('401' in (row.error or '')
                        for row in daemon.streams().values()), daemon.text())
        self.assertIsNone(daemon.process.poll())
        self.assertNotIn('Traceback', daemon.text())
        self.assertNotIn(SECRET, daemon.text())

    def test_a_purge_without_anybody_to_ask(self):
        daemon = self.daemon(AWAY)
        self.run_('manage', daemon, 'db', 'upgrade')
        done = self.run_('manage', daemon, 'journal', 'purge', '--keep', '0')
        self.assertEqual(1, done.returncode)
        (line,) = done.stderr.splitlines()
        self.assertIn('--yes', line)
