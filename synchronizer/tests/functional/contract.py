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

"""One running service and its cloud, shared by the tests of a class."""

import contextlib
import subprocess
import sys
import unittest

import oslo_messaging

from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.tests.functional import base
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import raw as raw_module
from synchronizer.tests.functional import servers

TYPES = ('nova.aggregate', 'nova.flavor', 'nova.host', 'nova.instance',
         'nova.server_group', 'nova.service', 'nova.zone')

QUIET = '''
[snapshot]
workers = 2
page_bytes = 65536
max_age_timeout = 8
[nova]
delta_interval = 0
'''
"""Nothing is looked at unless a request asks for it."""


class ContractCase(base.FunctionalTestCase):
    """The cloud, the service and a consumer are of the class."""

    timeout = 90
    sizes = {'servers': 5}
    poll_interval = 600
    more = QUIET
    start = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        url = cls.url()
        cls.raw = raw_module.Raw(url)
        cls.addClassCleanup(cls.raw.transport.cleanup)
        cls.cloud = SandboxCloud(**cls.sizes)
        cls.server = SandboxServer(cls.cloud)
        cls.prepare()
        cls.server.start()
        cls.addClassCleanup(cls.server.stop)
        cls.daemon = daemon_module.Daemon(
            cls.server.auth_url, url, graceful=5)
        cls.addClassCleanup(cls.daemon.cleanUp)
        cls.daemon.setUp()
        cls.daemon.configure(cls.more, poll_interval=cls.poll_interval)
        if cls.start:
            cls.daemon.start()
            cls.await_states('live')

    @staticmethod
    def url():
        url = servers.url_of(servers.RabbitServer)
        if url is None:
            raise unittest.SkipTest('rabbitmq is not installed')
        return url

    @classmethod
    def prepare(cls):
        """What the cloud has before the service starts."""

    @staticmethod
    def no_answer():
        return contextlib.suppress(oslo_messaging.MessagingTimeout)

    @classmethod
    def await_states(cls, state, *types):
        def there():
            # what is asked before anybody serves the queue is lost
            with cls.no_answer():
                found = cls.raw.describe(timeout=2)
                return all(found[type_]['state'] == state
                           for type_ in types or found)
        daemon_module.until(
            there, f'{types or "all"} {state}: {cls.daemon.text()}')

    def ear(self, type_):
        ear = raw_module.Ear(self.raw, type_)
        self.addCleanup(ear.stop)
        return ear

    def manage(self, *arguments):
        """What an operator types; it must succeed."""
        done = subprocess.run(
            [sys.executable, '-m', 'synchronizer.cmd.manage',
             '--config-file', str(self.daemon.conf), *arguments],
            capture_output=True, text=True)
        self.assertEqual((0, ''), (done.returncode, done.stderr))
        return done.stdout

    def asked(self, path, method='GET'):
        """How often the cloud was asked for it."""
        return self.server.requests[f'{method} /compute/v2.1{path}']

    def assert_same(self, one, other):
        """Two sets of entities, without a page of output."""
        self.assertEqual(sorted(one), sorted(other))
        self.assertEqual([], [id_ for id_ in one if one[id_] != other[id_]])

    def refused(self, error, method, **arguments):
        return self.assertRaises(error, self.raw.call, method, **arguments)
