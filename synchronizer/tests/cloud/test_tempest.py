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

"""Tempest, with our plugin, on the cloud that OS_CLOUD names.

The service under test is a process of its own, with a broker of its own.
With OS_CLOUD_BUS it hears notifications; without, it asks again and again.
"""

import configparser
import contextlib
import importlib.util
import io
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
import uuid

import kombu
import openstack
import subunit
import testtools

from synchronizer.tests import base
from synchronizer.tests.functional import daemon
from synchronizer.tests.functional import servers

OS_CLOUD = os.environ.get('OS_CLOUD')
BUS = os.environ.get('OS_CLOUD_BUS', '')
TESTS = r'^synchronizer\.tests\.tempest\.'
SETTINGS = '''
[DEFAULT]
transport_url = {transport_url}
state_path = {state_path}
host = tempest
plugins = nova,cinder,heat,reality
[reality]
enable_observer = true
poll_interval = 20
'''
HEARING = '''
[{name}]
poll_interval = 20
notification_urls = {bus}
notification_pool = {pool}
'''
NOT_HEARING = '''
[{name}]
poll_interval = 5
notification_topics =
'''
PATIENCE = '120'
MOST = 100
PLUGINS = ('nova', 'cinder', 'heat')


class Service(daemon.Daemon):
    """synchronizer-service on the cloud, with drift switched on."""

    def __init__(self, transport_url, home):
        super().__init__(None, transport_url, env={'HOME': home},
                         arguments=('--os-cloud', OS_CLOUD))

    def _setUp(self):
        self.pool = f'synchronizer-test-{uuid.uuid4().hex[:8]}'
        if BUS:
            self.addCleanup(self.delete_queues)
        super()._setUp()

    def configure(self, more='', **options):
        """Write the file anew."""
        self._options |= options
        plugin = HEARING if BUS else NOT_HEARING
        self.conf.write_text(SETTINGS.format(
            state_path=self.directory, **self._options) + ''.join(
                plugin.format(name=name, bus=BUS, pool=self.pool)
                for name in PLUGINS) + more)

    def delete_queues(self):
        """Leave nothing on the cloud's broker."""
        with kombu.Connection(BUS.replace('rabbit', 'amqp', 1)) as link:
            for name in PLUGINS:
                link.channel().queue_delete(f'{self.pool}.{name}')


def first(records, what, **wanted):
    """The first that has these values."""
    for record in records:
        if all(record[name] == value for name, value in wanted.items()):
            return record
    raise AssertionError(f'the cloud has no {what} with {wanted}')


def tempest_options(cloud, transport_url):
    """What tempest must know of the cloud."""
    auth = cloud.config.get_auth_args()
    small, larger = sorted(
        cloud.compute.get('/flavors/detail?is_public=true').json()['flavors'],
        key=lambda flavor: (flavor['ram'], flavor['disk']))[:2]
    image = first(
        cloud.image.get('/images?sort=created_at:asc').json()['images'],
        'image', status='active', visibility='public')
    network = first(
        cloud.network.get('/networks').json()['networks'], 'network',
        **{'shared': True, 'router:external': False})
    return {
        'auth': {'admin_username': auth['username'],
                 'admin_password': auth['password'],
                 'admin_project_name': auth['project_name'],
                 'admin_domain_name': auth['user_domain_name'],
                 'create_isolated_networks': 'false'},
        'identity': {'uri_v3': auth['auth_url'], 'auth_version': 'v3',
                     'region': cloud.config.get_region_name()},
        'compute': {'image_ref': image['id'],
                    'flavor_ref': small['id'],
                    'flavor_ref_alt': larger['id'],
                    'fixed_network_name': network['name'],
                    'build_timeout': PATIENCE},
        'compute-feature-enabled': {'resize': 'true'},
        'volume': {'build_timeout': PATIENCE},
        'validation': {'run_validation': 'false'},
        'service_available': {'neutron': 'true', 'swift': 'false',
                              'synchronizer': 'true'},
        'synchronizer': {'transport_url': transport_url,
                         'observer': 'true'}}


def results_of(stream):
    """What became of each test, as subunit has it."""
    found = []
    results = testtools.StreamToDict(found.append)
    results.startTestRun()
    subunit.ByteStreamToStreamResult(
        io.BytesIO(stream), 'stdout').run(results)
    results.stopTestRun()
    # each is said to exist, before the first is run
    return [test for test in found if test['status'] != 'exists']


def text_of(test):
    """Its name and all that was said of it."""
    return '\n'.join([f'{test["id"]}: {test["status"]}', *(
        detail.as_text() for detail in test['details'].values())])


@unittest.skipUnless(OS_CLOUD, 'OS_CLOUD names no cloud')
@unittest.skipUnless(importlib.util.find_spec('tempest'),
                     'tempest is not installed')
@unittest.skipIf(servers.RabbitServer.missing(), 'RabbitMQ is not installed')
class TempestTest(base.TestCase):

    timeout = 900

    def setUp(self):
        # the home of clouds.yaml, if that is where it lies, goes with setUp
        home = os.path.expanduser('~')
        cloud = openstack.connect(cloud=OS_CLOUD)
        super().setUp()
        rabbit = servers.RabbitServer()
        self.addCleanup(rabbit.close)
        rabbit.start()
        self.service = self.useFixture(Service(rabbit.url, home)).start()
        self.options = tempest_options(cloud, rabbit.url)
        self.directory = pathlib.Path(tempfile.mkdtemp(), 'workspace')

    def tempest(self, *arguments, cwd=None):
        """Run it; its exit code, and what it printed."""
        program = pathlib.Path(sys.executable).with_name('tempest')
        process = subprocess.Popen(
            [program, *arguments], cwd=cwd, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, start_new_session=True,
            env={**os.environ, 'PYTHON': sys.executable})
        self.addCleanup(self.end, process)
        printed = process.communicate()[0]
        return process.returncode, printed

    def end(self, process):
        """Leave none of its workers behind, however the test went."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def make_workspace(self):
        self.assertEqual(0, self.tempest('init', str(self.directory))[0])
        path = self.directory / 'etc' / 'tempest.conf'
        written = configparser.RawConfigParser()
        written.optionxform = str
        written.read(path)
        written.read_dict(self.options)
        with path.open('w') as file:
            written.write(file)

    def test_all_tests_of_the_plugin_pass(self):
        self.make_workspace()
        code, printed = self.tempest(
            'run', '--subunit', '--concurrency', '2', '--regex', TESTS,
            cwd=self.directory)
        results = results_of(printed)
        bad = [text_of(test) for test in results
               if test['status'] != 'success']
        self.assertEqual([], bad, '\n'.join([
            *bad, *self.service.text().splitlines()[-MOST:]]))
        self.assertEqual(0, code)
        self.assertNotEqual([], results)
