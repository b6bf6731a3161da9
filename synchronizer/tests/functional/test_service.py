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

"""The daemon as an operator has it: names, signals, kills, and outages."""

import os
import signal
import subprocess
import sys

from synchronizer import exception
from synchronizer.client import rpc
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import servers

WORKERS = ('collector-nova', 'snapshot')


class ServiceTestCase(base.FunctionalTestCase):

    def setUp(self):
        super().setUp()
        self.cloud = SandboxServer(SandboxCloud(servers=5))
        self.cloud.start()
        self.addCleanup(self.cloud.stop)

    def daemon(self, transport_url=None, start=True, **options):
        daemon = self.useFixture(daemon_module.Daemon(
            self.cloud.auth_url, transport_url or self.rabbitmq_url(),
            **options))
        return daemon.start() if start else daemon

    def client(self, url=None):
        return rpc.SynchronizerClient.from_url(
            url or self.rabbitmq_url(), timeout=10)


class LifeTest(ServiceTestCase):

    def test_it_collects_and_answers_under_names_of_its_own(self):
        daemon = self.daemon()
        daemon.await_workers(*WORKERS)
        daemon.await_live()
        answer = self.client().describe()
        self.assertEqual('here', answer['service']['host'])
        self.assertEqual({'here'}, {s['owner'] for s in answer['streams']})

    def test_sigterm_ends_everything_in_time(self):
        daemon = self.daemon()
        daemon.await_live()
        family = daemon.family()
        daemon.process.send_signal(signal.SIGTERM)
        # what takes longer than graceful_shutdown_timeout ends with 1
        self.assertEqual(0, daemon.await_end())
        self.assertEqual([], [p for p in family if daemon_module.is_alive(p)])
        self.assertNotIn('Traceback', daemon.text())

    def test_sigterm_right_after_the_start(self):
        daemon = self.daemon()
        daemon_module.until(lambda: len(daemon.family()) > 1, 'a worker')
        daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, daemon.await_end())

    def test_a_killed_worker_is_started_again(self):
        daemon = self.daemon()
        before = daemon.await_workers(*WORKERS)
        daemon.await_live()
        for pid in before.values():
            os.kill(pid, signal.SIGKILL)
        daemon_module.until(
            lambda: not set(before.values()) & set(daemon.workers().values()),
            'the end of the old ones')
        daemon.await_workers(*WORKERS)
        self.cloud.cloud.call('boot', name='after')
        daemon_module.until(
            lambda: daemon.streams()['nova.instance'].entities
            == len(self.cloud.cloud.truth()['nova.instance']),
            'what was booted since')

    def test_workers_do_not_outlive_a_killed_master(self):
        daemon = self.daemon()
        workers = daemon.await_workers(*WORKERS)
        daemon.await_live()
        daemon.process.kill()
        daemon.process.wait()
        daemon_module.until(
            lambda: not any(map(daemon_module.is_alive, workers.values())),
            'the end of the workers')


class ReloadTest(ServiceTestCase):

    def test_a_good_file_restarts_the_workers_with_it(self):
        daemon = self.daemon()
        before = daemon.await_workers(*WORKERS)
        daemon.await_live()
        daemon.configure(poll_interval=77)
        daemon.process.send_signal(signal.SIGHUP)
        daemon_module.until(
            lambda: not set(before.values()) & set(daemon.workers().values()),
            'the end of the old workers')
        daemon.await_workers(*WORKERS)
        daemon_module.until(
            lambda: {row.interval for row in daemon.streams().values()}
            == {77}, 'the new interval')
        self.assertIsNone(daemon.process.poll())

    def test_plugins_and_servers_come_and_go_with_it(self):
        daemon = self.daemon(start=False)
        file = daemon.conf.read_text()

        def reload(plugins, more=''):
            daemon.conf.write_text(
                file.replace('plugins = nova', f'plugins = {plugins}') + more)
            daemon.process.send_signal(signal.SIGHUP)
        daemon.start()
        before = daemon.await_workers(*WORKERS)
        daemon.await_live()
        epochs = {row.epoch for row in daemon.streams().values()}
        reload('nova,cinder', '[snapshot]\nworkers = 2\n')
        daemon.await_workers(*WORKERS, 'collector-cinder')
        self.assertIsNone(daemon.process.poll())
        daemon.await_live()
        self.await_plugins('nova', 'cinder')
        self.assertFalse(
            set(before.values()) & set(daemon.workers().values()))
        # and it goes again, to come back later where it was
        reload('cinder')
        daemon.await_workers('collector-cinder', 'snapshot')
        self.await_plugins('cinder')
        reload('nova,cinder')
        daemon.await_workers(*WORKERS, 'collector-cinder')
        self.await_plugins('nova', 'cinder')
        self.assertLessEqual(
            epochs, {row.epoch for row in daemon.streams().values()})
        self.assertNotIn('Traceback', daemon.text())
        daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, daemon.await_end(10), daemon.text())

    def await_plugins(self, *plugins):
        """All of their streams are told of, and live."""
        client = self.client()

        def told():
            rows = client.describe()['streams']
            return ({row['plugin'] for row in rows} == set(plugins)
                    and all(row['state'] == 'live' for row in rows))
        daemon_module.until(told, f'streams of {plugins}')

    def test_an_unknown_plugin_changes_nothing(self):
        daemon = self.daemon()
        before = daemon.await_workers(*WORKERS)
        daemon.conf.write_text(daemon.conf.read_text().replace(
            'plugins = nova', 'plugins = nova,magnum'))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.await_text('there is no plugin magnum')
        self.assertEqual(before, daemon.await_workers(*WORKERS))

    def test_a_bad_file_changes_nothing_and_is_said_once(self):
        daemon = self.daemon()
        before = daemon.await_workers(*WORKERS)
        daemon.await_live()
        daemon.configure(poll_interval=0)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.await_text('not taken')
        # a good one behind it shows that there was time for the workers
        daemon.configure('nonsense\n')
        daemon.process.send_signal(signal.SIGHUP)
        daemon.await_text('not taken', count=2)
        self.assertEqual(before, daemon.await_workers(*WORKERS))
        self.assertEqual(2, daemon.text().count('not taken'))
        self.assertIn('[nova] poll_interval', daemon.text())


class PolicyTest(ServiceTestCase):

    def test_rules_of_a_file_that_changes(self):
        daemon = self.daemon(start=False)
        rules = daemon.directory / 'policy.yaml'
        rules.write_text('"synchronizer:read": "role:admin"\n')
        daemon.start()
        daemon.await_live()
        stranger, admin = self.client(), rpc.SynchronizerClient.from_url(
            self.rabbitmq_url(), timeout=10, context={'roles': ['admin']})
        admin.describe()
        self.assertRaises(exception.Forbidden, stranger.describe)
        self.assertRaises(
            exception.Forbidden, stranger.get, 'nova.instance', 'x')
        rules.write_text('"synchronizer:read": "role:admin"\n'
                         '"synchronizer:get": "\'nova\':%(plugin)s"\n')

        def permitted():
            try:
                return stranger.get('nova.instance', 'x') == {'x': None}
            except exception.Forbidden:
                return False
        daemon_module.until(permitted, 'the new rules')
        self.assertRaises(exception.Forbidden, stranger.describe)

    def test_a_broken_one_is_refused_in_one_line(self):
        daemon = self.daemon(start=False)
        (daemon.directory / 'policy.yaml').write_text(
            '"synchronizer:get": "admin"\n')
        daemon.start()
        self.assertEqual(1, daemon.await_end(), daemon.text())
        self.assertEqual(
            'synchronizer-service: [oslo_policy] policy_file: policy.yaml '
            'cannot be used: synchronizer:get cannot be understood: admin',
            daemon.text().strip().splitlines()[-1])
        self.assertNotIn('Traceback', daemon.text())


class OutageTest(ServiceTestCase):

    def test_no_broker_at_the_start(self):
        rabbit = self.own_server(servers.RabbitServer)
        rabbit.stop()
        daemon = self.daemon(rabbit.url)
        before = daemon.await_workers(*WORKERS)
        daemon.await_live()
        rabbit.start()
        client = rpc.SynchronizerClient.from_url(
            rabbit.url, timeout=10, retries=10)
        self.assertEqual('here', client.describe()['service']['host'])
        self.assertEqual(before, daemon.await_workers(*WORKERS))

    def test_sigterm_without_a_broker(self):
        daemon = self.daemon('rabbit://guest:guest@127.0.0.1:1/')
        daemon.await_workers(*WORKERS)
        daemon.await_live()
        daemon.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, daemon.await_end(10))

    def test_no_cloud_at_the_start(self):
        self.cloud.stop()
        daemon = self.daemon()
        before = daemon.await_workers(*WORKERS)
        daemon_module.until(
            lambda: any(row.error for row in daemon.streams().values()),
            daemon.text())
        self.cloud.start()
        daemon.await_live()
        self.assertEqual(before, daemon.await_workers(*WORKERS))

    def test_no_database_at_the_start(self):
        maria = self.own_server(servers.MariaServer)
        url = f'connection = {self.fresh_database(maria.url)}'
        daemon = self.daemon(database=url, start=False)
        self.assertEqual(0, manage(daemon, 'db', 'upgrade').returncode)
        maria.stop()
        daemon.start()
        before = daemon.await_workers(*WORKERS)
        maria.start()
        client = self.client()
        daemon_module.until(
            lambda: {s['state'] for s in client.describe()['streams']}
            == {'live'}, daemon.text())
        self.assertEqual(before, daemon.await_workers(*WORKERS))


class RefusalTest(ServiceTestCase):

    def refused(self, daemon):
        daemon.start()
        self.assertEqual(1, daemon.await_end())
        self.assertNotIn('Traceback', daemon.text())
        return daemon.text().splitlines()[-1]

    def unstarted(self, **options):
        return self.daemon('rabbit://127.0.0.1:1/', start=False, **options)

    def test_a_bad_value(self):
        daemon = self.unstarted()
        daemon.configure(poll_interval=0)
        self.assertIn('[nova] poll_interval', self.refused(daemon))

    def test_an_unknown_plugin(self):
        daemon = self.unstarted(arguments=())
        daemon.configure('[DEFAULT]\nplugins = novva\n')
        self.assertIn('did you mean nova?', self.refused(daemon))

    def test_an_unknown_type(self):
        daemon = self.unstarted()
        daemon.configure('[nova]\ntypes = nova.instanse\n')
        self.assertIn('did you mean nova.instance?', self.refused(daemon))

    def test_a_schema_that_nobody_has_upgraded(self):
        url = self.fresh_database(self.mysql_url())
        daemon = self.unstarted(database=f'connection = {url}')
        self.assertIn('synchronizer-manage db upgrade', self.refused(daemon))


class EmbeddedTest(ServiceTestCase):

    def test_all_in_one_is_one_process_and_ends_cleanly(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.daemon('rabbit://127.0.0.1:1/',
                                 arguments=('--all-in-one',))
            daemon.await_live()
            self.assertEqual(1, len(daemon.family()))
            daemon.process.send_signal(number)
            self.assertEqual(0, daemon.await_end(10), daemon.text())
            self.assertNotIn('Traceback', daemon.text())

    def test_sighup_is_a_new_start_inside(self):
        daemon = self.daemon('rabbit://127.0.0.1:1/',
                             arguments=('--all-in-one',))
        daemon.await_live()
        daemon.configure(poll_interval=0)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.await_text('not taken')
        daemon.configure(poll_interval=77)
        daemon.process.send_signal(signal.SIGHUP)
        daemon_module.until(
            lambda: {row.interval for row in daemon.streams().values()}
            == {77}, daemon.text)
        self.assertIsNone(daemon.process.poll())
        daemon.conf.write_text(daemon.conf.read_text().replace(
            'plugins = nova', 'plugins = nova,cinder'))
        daemon.process.send_signal(signal.SIGHUP)
        daemon_module.until(
            lambda: daemon.streams().get('cinder.volume')
            and daemon.streams()['cinder.volume'].state == 'live',
            daemon.text)


def manage(daemon, *arguments):
    return subprocess.run(
        [sys.executable, '-m', 'synchronizer.cmd.manage', '--config-file',
         str(daemon.conf), *arguments], capture_output=True, text=True)
