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

"""Seeing inside, as an operator does: scraped, queried, and asked how it is.
"""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics

from synchronizer.client import rpc
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.sandbox import speaker
from synchronizer.sandbox import Voice
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import servers
from synchronizer.tests.functional.servers import base as servers_base

ADMIN = pathlib.Path(__file__).parents[3] / 'doc' / 'source' / 'admin'

PROMETHEUS = '''
global:
  scrape_interval: 1s
  evaluation_interval: 1s
scrape_configs:
  - job_name: synchronizer
    static_configs:
      - targets: ['%s']
rule_files: ['%s']
'''


def fetch(url, accept='text/plain'):
    """Status, and the text."""
    request = urllib.request.Request(url, headers={'Accept': accept})
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()
    except OSError:
        return None, ''


class MetricsCase(base.FunctionalTestCase):

    timeout = 240

    def setUp(self):
        super().setUp()
        self.cloud = SandboxServer(SandboxCloud(servers=5))
        self.cloud.start()
        self.addCleanup(self.cloud.stop)
        self.address = f'127.0.0.1:{servers_base.free_port()}'

    def daemon(self, transport_url, more='', arguments=()):
        daemon = self.useFixture(daemon_module.Daemon(
            self.cloud.auth_url, transport_url, arguments=arguments))
        daemon.configure(f'[metrics]\nlisten = {self.address}\n{more}')
        return daemon.start()

    def get(self, path, accept='text/plain'):
        return fetch(f'http://{self.address}{path}', accept)

    def await_page(self, path, status, text=''):
        def there():
            found = self.get(path)
            return found if found[0] == status and text in found[1] else None
        return daemon_module.until(there, f'{status} at {path}: '
                                   f'{self.get(path)}')[1]

    def families(self):
        return {family.name: family for family in
                parser.text_string_to_metric_families(
                    self.get('/metrics')[1])}


class ScrapeTest(MetricsCase):

    def test_one_page_shows_all_processes(self):
        self.daemon(self.rabbitmq_url(), '[snapshot]\nworkers = 2\n')
        self.await_page('/healthz/ready', 200)
        self.await_page('/healthz/live', 200)
        found = self.families()
        self.assertEqual(
            {'collector-nova', 'snapshot', 'snapshot-2', 'metrics'},
            {sample.labels['process'] for sample in
             found['synchronizer_process_resident_memory_bytes'].samples})
        created = {
            sample.labels['type']: sample.value
            for sample in found['synchronizer_changes'].samples
            if (sample.labels['action'], sample.labels['cause'])
            == ('created', 'startup')}
        held = {sample.labels['type']: sample.value for sample in
                found['synchronizer_stream_entities'].samples}
        truth = {type_: len(entities) for type_, entities in
                 self.cloud.cloud.truth().items() if type_ in held}
        self.assertEqual(truth, held)
        self.assertEqual(truth, created)

    def test_both_forms_can_be_parsed(self):
        self.daemon(self.rabbitmq_url())
        self.await_page('/healthz/ready', 200)
        _, text = self.get(
            '/metrics', 'application/openmetrics-text; version=1.0.0')
        self.assertEqual(
            set(self.families()),
            {family.name for family in
             openmetrics.text_string_to_metric_families(text)})

    def test_all_in_one_shows_the_same(self):
        self.daemon('rabbit://127.0.0.1:1/', arguments=('--all-in-one',))
        self.await_page('/healthz/ready', 200)
        self.await_page('/healthz', 200)
        (up,) = self.families()['synchronizer_process_up'].samples
        self.assertEqual(('all-in-one', 1), (up.labels['process'], up.value))


class ReloadTest(MetricsCase):

    def reloaded(self, transport_url, *arguments):
        daemon = self.daemon(transport_url, arguments=arguments)
        self.await_page('/healthz', 200)
        daemon.process.send_signal(signal.SIGHUP)
        daemon.await_text('metrics works.', count=2)
        self.await_page('/healthz/live', 200)
        self.await_page('/healthz', 200)
        self.assertNotIn('Traceback', daemon.text())

    def test_a_new_start_of_the_workers(self):
        self.reloaded(self.rabbitmq_url())

    def test_a_plugin_that_comes_is_asked_as_well(self):
        daemon = self.daemon(self.rabbitmq_url())
        self.await_page('/healthz', 200)
        daemon.conf.write_text(daemon.conf.read_text().replace(
            'plugins = nova', 'plugins = nova,cinder'))
        daemon.process.send_signal(signal.SIGHUP)
        daemon.await_text('collector-cinder works.')
        daemon.await_text('metrics works.', count=2)
        self.await_page('/healthz', 200)
        self.assertIn(
            ('collector-cinder', 1),
            {(up.labels['process'], up.value) for up in
             self.families()['synchronizer_process_up'].samples})

    def test_a_new_start_inside(self):
        self.reloaded('rabbit://127.0.0.1:1/', '--all-in-one')


class HealthTest(MetricsCase):

    def test_dead_is_told_from_stale(self):
        daemon = self.daemon(self.rabbitmq_url())
        self.await_page('/healthz', 200)
        pid = daemon.workers()['synchronizer: collector-nova']
        os.kill(pid, signal.SIGSTOP)
        self.addCleanup(os.kill, pid, signal.SIGCONT)
        self.assertEqual(
            (503, 'not live:\ncollector-nova is dead or hangs\n'),
            self.get('/healthz/live'))
        status, text = self.get('/healthz')
        self.assertEqual(503, status)
        self.assertEqual({'dead'}, {stream['verdict'] for stream in
                                    json.loads(text)['streams']})
        # consumers are served all the same
        self.assertEqual((200, 'ready\n'), self.get('/healthz/ready'))

    def test_a_cloud_that_fails_is_no_death(self):
        self.daemon(self.rabbitmq_url())
        self.await_page('/healthz', 200)
        self.cloud.stop()
        text = self.await_page('/healthz', 503, 'degraded')
        self.cloud.start()
        self.assertEqual({True}, {process['alive'] for process in
                                  json.loads(text)['processes']})
        self.assertEqual((200, 'live\n'), self.get('/healthz/live'))
        self.await_page('/healthz', 200)

    def test_a_bus_that_is_lost_after_the_start(self):
        rabbit = self.own_server(servers.RabbitServer)
        self.daemon(rabbit.url)
        self.await_page('/healthz/ready', 200)
        rabbit.kill()
        lost = 'the bus does not take what collector-nova publishes'
        self.await_page('/healthz/ready', 503, lost)
        self.await_page('/healthz', 503, lost)
        self.await_page('/healthz/live', 200)
        rabbit.start()
        self.await_page('/healthz/ready', 200)

    def test_a_port_in_use_holds_up_nothing(self):
        with socket.create_server(
                ('127.0.0.1', int(self.address.split(':')[1]))):
            daemon = self.daemon(self.rabbitmq_url())
            daemon.await_text('metrics cannot work yet: [metrics] listen')
            daemon.await_live()
        self.await_page('/healthz/live', 200)
        self.assertNotIn('Traceback', daemon.text())

    def test_a_database_that_is_away(self):
        maria = self.own_server(servers.MariaServer)
        daemon = self.useFixture(daemon_module.Daemon(
            self.cloud.auth_url, self.rabbitmq_url(), database='connection = '
            + self.fresh_database(maria.url)))
        daemon.configure(f'[metrics]\nlisten = {self.address}\n')
        subprocess.run(
            [sys.executable, '-m', 'synchronizer.cmd.manage',
             '--config-file', str(daemon.conf), 'db', 'upgrade'], check=True,
            capture_output=True)
        daemon.start()
        self.await_page('/healthz/ready', 200)
        maria.stop()
        self.await_page('/healthz/ready', 503, 'not ready')
        (up,) = self.families()['synchronizer_store_up'].samples
        self.assertEqual(0, up.value)
        self.await_page('/healthz/live', 200)
        maria.start()
        self.await_page('/healthz', 200)

    def test_a_wrong_address_is_one_line(self):
        self.address = '127.0.0.1'
        daemon = self.daemon(self.rabbitmq_url())
        self.assertEqual(1, daemon.await_end())
        (line,) = daemon.text().splitlines()
        self.assertIn('[metrics] listen', line)


class ReportTest(MetricsCase):

    def test_sigusr2_tells_of_the_streams_and_of_no_secret(self):
        daemon = self.daemon(self.rabbitmq_url())
        daemon.await_live()
        os.kill(daemon.workers()['synchronizer: collector-nova'],
                signal.SIGUSR2)
        daemon.await_text('Streams of this process')
        daemon.await_text('Configuration of this service')
        daemon_module.until(
            lambda: 'transport_url' in daemon.text(), 'the configuration')
        report = daemon.text().partition('Streams of this process')[2]
        section = report.partition('nova.instance = ')[2].partition(
            'nova.server_group')[0]
        for line in ('state = live', 'standing = ours', 'doubts_waiting = 0',
                     f'entities = {daemon.streams()["nova.instance"].entities}'
                     ):
            self.assertIn(line, section)
        self.assertNotIn('password = sandbox', report)


class PrometheusTest(MetricsCase):
    """Every query of the dashboard, and every alert."""

    def setUp(self):
        super().setUp()
        for program in ('prometheus', 'promtool'):
            if not shutil.which(program):
                raise unittest.SkipTest(f'{program} is not installed')

    def promtool(self, *arguments):
        done = subprocess.run(['promtool', *arguments], cwd=ADMIN,
                              capture_output=True, text=True)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)

    def test_the_alert_rules(self):
        self.promtool('check', 'rules', 'synchronizer-alerts.yml')
        self.promtool('test', 'rules', 'synchronizer-alerts-test.yml')

    def test_prometheus_finds_nothing_wrong_with_the_page(self):
        self.daemon(self.rabbitmq_url())
        self.await_page('/healthz/ready', 200)
        done = subprocess.run(
            ['promtool', 'check', 'metrics'], input=self.get('/metrics')[1],
            capture_output=True, text=True)
        self.assertEqual((0, ''), (done.returncode, done.stderr))

    def test_every_query_of_the_dashboard_brings_data(self):
        rabbit = self.own_server(servers.RabbitServer)
        self.cloud.voice = Voice(
            self.cloud.cloud, speaker.Speaker(rabbit.url))
        self.cloud.voice.start()
        self.addCleanup(self.cloud.voice.stop)
        # what is told of them only where they are set
        self.daemon(rabbit.url, '[nova]\nmax_requests_per_second = 1000\n'
                    f'[coordination]\nbackend_url = file://'
                    f'{tempfile.mkdtemp()}\n')
        self.await_page('/healthz/ready', 200)
        self.prometheus()
        client = rpc.SynchronizerClient.from_url(rabbit.url, timeout=10)
        self.live(client)
        empty = [query for query in queries() if not self.query(query)]
        self.assertEqual([], empty)
        (hint,) = self.query(
            'sum(increase(synchronizer_changes_total{cause="hint"}[1m]))')
        self.assertGreater(float(hint['value'][1]), 0)
        self.assertEqual([], self.query('ALERTS{alertstate="firing"}'))

    def live(self, client):
        """Some seconds in which things happen and are asked for."""
        for number in range(4):
            self.cloud.cloud.call('boot', name=f'alive-{number}')
            client.describe()
            time.sleep(1)

    def prometheus(self):
        directory = pathlib.Path(tempfile.mkdtemp())
        config = directory / 'prometheus.yml'
        config.write_text(PROMETHEUS % (
            self.address, ADMIN / 'synchronizer-alerts.yml'))
        self.api = f'http://127.0.0.1:{servers_base.free_port()}'
        process = subprocess.Popen(
            ['prometheus', f'--config.file={config}',
             f'--storage.tsdb.path={directory / "data"}',
             f'--web.listen-address={self.api.removeprefix("http://")}'],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        daemon_module.until(lambda: fetch(f'{self.api}/-/ready')[0] == 200,
                            'prometheus')
        daemon_module.until(lambda: self.query('synchronizer_build_info'),
                            'the first scrape')

    def query(self, text):
        _, body = fetch(f'{self.api}/api/v1/query?' + urllib.parse.urlencode(
            {'query': text}))
        answer = json.loads(body)
        self.assertEqual('success', answer['status'], (text, answer))
        return answer['data']['result']


def queries():
    """Every query of the dashboard, with its variables filled in."""
    board = json.loads((ADMIN / 'synchronizer-dashboard.json').read_text())
    found = [target['expr'] for panel in board['panels']
             for target in panel.get('targets', ())]
    return [query.replace('$instance', '.*').replace('$type', '.*').replace(
        '$__rate_interval', '10s') for query in found]
