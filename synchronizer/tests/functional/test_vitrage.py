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

"""A real Vitrage, fed by us, beside one that feeds itself.

Both are the unmodified package in a virtual environment of its own, and ask
the same cloud; their graphs are compared.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import time
import unittest

import fixtures

import synchronizer
from synchronizer.bus import wire
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import servers

TOP = pathlib.Path(synchronizer.__file__).parent.parent
SIDE = pathlib.Path(__file__).parent / 'vitrage_side.py'
PYTHON = 'SYNCHRONIZER_TEST_VITRAGE'
"""The variable that names the Python of an environment with Vitrage."""

SERVICE = '''
[DEFAULT]
plugins = nova,cinder,heat
[publisher]
drivers = fanout,notification
[nova]
delta_interval = 0
[cinder]
poll_interval = {poll_interval}
delta_interval = 0
valid_interfaces = public
[heat]
poll_interval = {poll_interval}
valid_interfaces = public
'''

VITRAGE = '''
[DEFAULT]
transport_url = {transport_url}
log_file = {directory}/log
[datasources]
types = nova.host,nova.instance,nova.zone,cinder.volume,heat.stack
notification_topics = vitrage_notifications,{topics}
[service_credentials]
auth_type = password
auth_url = {auth_url}
username = admin
password = sandbox
project_name = admin
user_domain_name = Default
project_domain_name = Default
region_name = RegionOne
'''

TOPICS = ','.join(f'synchronizer.{type_}' for type_ in (
    'nova.service', 'nova.instance', 'nova.zone', 'cinder.volume',
    'heat.stack', 'heat.resource'))

DRIVERS = ''.join(
    f'[{datasource}]\n'
    f'driver = synchronizer.integrations.vitrage.driver.{name}\n'
    'update_method = push\n'
    for datasource, name in (
        ('nova.host', 'HostDriver'), ('nova.instance', 'InstanceDriver'),
        ('nova.zone', 'ZoneDriver'), ('cinder.volume', 'VolumeDriver'),
        ('heat.stack', 'StackDriver')))


def python():
    """The Python that has Vitrage, or a skipped test."""
    found = os.environ.get(PYTHON) or str(TOP / '.venv-vitrage/bin/python')
    if not os.access(found, os.X_OK):
        raise unittest.SkipTest(
            f'no Vitrage: run tools/vitrage.sh, or set {PYTHON}')
    return found


class Vitrage(fixtures.Fixture):
    """One of the two."""

    def __init__(self, more='', **options):
        super().__init__()
        self._text = VITRAGE + more
        self._options = options

    def _setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp())
        conf = self.directory / 'vitrage.conf'
        conf.write_text(self._text.format(
            directory=self.directory, **self._options))
        self._process = subprocess.Popen(
            [python(), '-P', str(SIDE), str(conf)], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, 'PYTHONPATH': str(TOP)})
        self.addCleanup(self._end)

    def _end(self):
        self._process.kill()
        self._process.communicate()

    def text(self):
        """Its log."""
        return (self.directory / 'log').read_text()

    def do(self, *words):
        """Give a command, and return what is answered."""
        self._process.stdin.write(' '.join(map(str, words)) + '\n')
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise AssertionError(f'Vitrage ended: {self.text()[-4000:]}')
        return json.loads(line)

    def fresh(self):
        """The graph of a first snapshot."""
        self.do('reset')
        self.do('snapshot')
        return self.do('graph')


class VitrageTestCase(base.FunctionalTestCase):

    timeout = 300
    sizes = {}
    poll_interval = 1

    def setUp(self):
        super().setUp()
        python()
        self.cloud = SandboxCloud(**self.sizes)
        # Vitrage asks so, and is refused where the policy is the default
        self.cloud.heat_global_tenant = True
        self.sandbox = SandboxServer(self.cloud)
        self.sandbox.start()
        self.addCleanup(self.sandbox.stop)
        url = self.own_server(servers.RabbitServer).url
        self.daemon = self.useFixture(daemon_module.Daemon(
            self.sandbox.auth_url, url))
        self.daemon.configure(
            SERVICE.format(poll_interval=self.poll_interval),
            poll_interval=self.poll_interval)
        self.daemon.start().await_live()
        self.options = {'auth_url': self.sandbox.auth_url,
                        'transport_url': url, 'topics': TOPICS}
        self.own = self.useFixture(Vitrage(**self.options))
        self.ours = self.useFixture(Vitrage(DRIVERS, **self.options))

    def await_equal(self):
        """Wait until ours is what a first look of Vitrage itself shows."""
        wanted = self.own.fresh()
        try:
            daemon_module.until(
                lambda: self.ours.do('graph') == wanted, 'an equal graph')
        except AssertionError:
            self.assertGraph(wanted, self.ours.do('graph'))

    def await_collected(self):
        """Wait until every stream was collected whole from now on."""
        now = wire.text(time.time())
        daemon_module.until(
            lambda: all(row.collected_at > now
                        for row in self.daemon.streams().values()),
            'a sweep of all')

    def assertGraph(self, wanted, graph):
        self.assertEqual(
            {key: value for key, value in wanted['vertices'].items()
             if graph['vertices'].get(key) != value},
            {key: value for key, value in graph['vertices'].items()
             if wanted['vertices'].get(key) != value})
        self.assertEqual(wanted['edges'], graph['edges'])


class SnapshotTest(VitrageTestCase):

    def test_equal_graphs(self):
        self.cloud.fail(self.cloud.boot('broken'))
        self.cloud.shelve(self.cloud.boot('shelved'))
        self.cloud.delete_stack(self.cloud.create_stack(nested=1),
                                settle=False)
        self.await_collected()
        wanted = self.own.fresh()
        self.assertGraph(wanted, self.ours.fresh())
        self.assertEqual(
            {'cinder.volume', 'heat.stack', 'nova.host', 'nova.instance',
             'nova.zone', 'openstack.cluster'},
            {name.split()[0] for name in wanted['vertices']})
        self.assertEqual({'attached', 'comprised', 'contains'},
                         {label for _, label, _ in wanted['edges']})


class ChangesTest(VitrageTestCase):

    sizes = {'servers': 6, 'volumes': 4, 'stacks': 2}

    def setUp(self):
        super().setUp()
        self.ours.do('snapshot')
        self.ours.do('listen')

    def test_servers(self):
        cloud = self.cloud
        server, other = cloud.boot('one'), cloud.boot('two')
        self.await_equal()
        cloud.rename(server, 'another')
        cloud.migrate(server)
        cloud.fail(other)
        self.await_equal()
        cloud.shelve(server)
        cloud.soft_delete(other)
        self.await_equal()
        cloud.unshelve(server)
        cloud.delete_server(other)
        self.await_equal()
        cloud.delete_server(server)
        self.await_equal()

    def test_volumes(self):
        cloud = self.cloud
        server, volume = cloud.boot('one'), cloud.create_volume('disk')
        cloud.attach_volume(server, volume)
        self.await_equal()
        self.assertIn((f'cinder.volume {volume}', 'attached',
                       f'nova.instance {server}'), self.edges())
        cloud.detach_volume(volume)
        cloud.extend_volume(volume)
        self.await_equal()
        self.assertEqual([], [edge for edge in self.edges()
                              if edge[0] == f'cinder.volume {volume}'])
        cloud.attach_volume(cloud.boot('two'), volume)
        self.await_equal()
        cloud.detach_volume(volume)
        cloud.set_volume_status(volume, 'error')
        self.await_equal()
        cloud.delete_volume(volume)
        self.await_equal()

    def test_stacks(self):
        cloud = self.cloud
        stack = cloud.create_stack('app', nested=2, depth=2)
        self.await_equal()
        nested = cloud.nested_stacks(stack)[0]['id']
        cloud._add_server(nested, 'inner', {})
        cloud.update_stack(stack, grow=2)
        self.await_equal()
        server = cloud.get('heat.resource', f'{nested}/inner')['physical']
        self.assertIn((f'heat.stack {stack}', 'comprised',
                       f'nova.instance {server}'), self.edges())
        cloud.settle_stack(stack, 'FAILED')
        self.await_equal()
        cloud.delete_stack(stack, settle=False)
        self.await_equal()
        cloud.finish_delete(stack)
        self.await_equal()

    def test_hosts_and_zones(self):
        cloud = self.cloud
        host = cloud.add_host('compute-new')
        self.await_equal()
        rack = cloud.create_aggregate('rack9', 'az9', ['compute-new'])
        self.await_equal()
        cloud.service_down('compute-new')
        self.await_equal()
        cloud.delete_aggregate(rack)
        cloud.service_up('compute-new')
        self.await_equal()
        cloud.remove_host('compute-new')
        self.await_equal()
        self.assertNotIn(f'nova.host {host}', self.ours.do('graph'))

    def test_a_burst_in_any_order(self):
        for round_ in range(5):
            servers_ = [self.cloud.boot() for _ in range(20)]
            self.await_collected()
            for server in servers_:
                self.cloud.rename(server, f'round-{round_}')
            self.await_collected()
            for server in servers_[round_:]:
                self.cloud.delete_server(server)
            self.await_collected()
        self.await_equal()

    def edges(self):
        return [tuple(edge) for edge in self.ours.do('graph')['edges']]


class FaultsTest(VitrageTestCase):

    sizes = {'servers': 6, 'volumes': 4, 'stacks': 2}
    # three of the intervals between two snapshots
    later = 3 * 600

    def test_silence_is_not_deletion(self):
        before = self.ours.fresh()
        self.daemon.end()
        self.ours.do('snapshot')
        self.assertIn('run driver get_all: nova.instance Failed',
                      self.ours.text())
        self.ours.do('consistency', self.later)
        self.assertGraph(before, self.ours.do('graph'))

    def test_silence_is_deletion_to_vitrage_itself(self):
        self.own.fresh()
        self.sandbox.stop()
        self.own.do('snapshot')
        self.own.do('consistency', self.later)
        self.assertEqual(
            {'nova.zone', 'openstack.cluster'},
            {name.split()[0] for name in self.own.do('graph')['vertices']})

    def test_what_went_unnoticed_goes_with_the_next_snapshot(self):
        self.ours.fresh()
        self.cloud.delete_server(self.cloud.live('nova.instance')[0]['id'])
        self.cloud.delete_stack(self.cloud.live('heat.stack')[0]['id'])
        for volume in self.cloud.live('cinder.volume'):
            self.cloud.detach_volume(volume['id'])
        self.await_collected()
        # a snapshot ends with the deletion of what is older than a second
        time.sleep(1.1)
        self.ours.do('snapshot')
        self.assertGraph(self.own.fresh(), self.ours.do('graph'))


    def test_edges_that_went_while_vitrage_was_away(self):
        stored = self.ours.directory / 'graph'
        before = self.ours.fresh()
        self.ours.do('store', stored)
        for volume in self.cloud.live('cinder.volume'):
            self.cloud.detach_volume(volume['id'])
        self.await_collected()
        again = self.useFixture(Vitrage(DRIVERS, **self.options))
        again.do('load', stored)
        again.do('snapshot')
        self.assertIn('attached', [label for _, label, _ in before['edges']])
        self.assertGraph(self.own.fresh(), again.do('graph'))


class ManyServersTest(VitrageTestCase):

    sizes = {'servers': 1500, 'volumes': 2, 'stacks': 1}
    poll_interval = 5

    def test_beyond_a_page(self):
        expected = {f'nova.instance {row["id"]}'
                    for row in self.cloud.live('nova.instance')}
        for _ in range(2):
            self.ours.do('snapshot')
            self.assertEqual(expected, self.instances(self.ours))
        self.own.do('snapshot')
        self.assertEqual(1000, len(self.instances(self.own)))

    def instances(self, side):
        return {name for name, vertex in side.do('graph')['vertices'].items()
                if vertex['vitrage_type'] == 'nova.instance'
                and not vertex['vitrage_is_placeholder']}
