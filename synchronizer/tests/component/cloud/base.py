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

"""The plugins before a sandbox cloud: real HTTP, no waiting."""

import fixtures
from keystoneauth1 import identity

from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import patience
from synchronizer.cloud import session
from synchronizer.model import entity as entity_module
from synchronizer.plugins import nova
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.tests import base


class Waits(list):
    """A stop event on which nobody really waits; lists the pauses."""

    def wait(self, seconds):
        self.append(seconds)
        return False

    def is_set(self):
        return False


class CloudCase(base.TestCase):
    """Has `truth` (the cloud), `server`, `plugin`, `waits`, `counted`."""

    sizes = {'hosts': 4, 'servers': 10, 'volumes': 0, 'stacks': 0}
    read_timeout = 10.0
    plugin_class = nova.NovaPlugin

    def setUp(self):
        super().setUp()
        self.truth = SandboxCloud(**self.sizes)
        self.server = SandboxServer(self.truth)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.waits, self.counted = Waits(), []
        self.plugin = self.make_plugin()

    def auth(self, user='admin'):
        return identity.Password(
            self.server.auth_url, username=user, password='sandbox',
            project_name={'admin': 'admin'}.get(user, user),
            user_domain_id='default', project_domain_id='default')

    def make_plugin(self, page_size=3, user='admin', tries=4):
        way = session.build(
            self.auth(user), read_timeout=self.read_timeout)
        self.addCleanup(way.session.close)
        cloud = cloud_module.Cloud(
            way, patience=patience.Patience(tries=tries), stop=self.waits,
            on_request=lambda *args: self.counted.append(args))
        return self.plugin_class(cloud, page_size=page_size)

    def listing(self, kind, plugin=None):
        plugin = plugin or self.plugin
        return kind.list(plugin.session(kind))

    def drain(self, listing, kind, between=None):
        """Entities by id (None: gone) and the outcome."""
        found = {}
        while True:
            try:
                page = next(listing)
            except StopIteration as end:
                return found, end.value
            for record in page.records:
                found[kind.record_id(record)] = kind.entity(record)
            if between:
                between, call = None, between
                call()

    def list(self, kind, plugin=None, between=None):
        return self.drain(self.listing(kind, plugin), kind, between)

    def get(self, kind, id_, plugin=None):
        return kind.get((plugin or self.plugin).session(kind), id_)

    def digest(self, kind, entity):
        return entity_module.digest(entity, kind.unordered)

    def living(self):
        """The ids of all servers that a listing should show."""
        return {id_ for id_, row in self.truth.truth()[
            'nova.instance'].items() if row['status'] != 'SOFT_DELETED'}

    def debug_log(self):
        return self.useFixture(fixtures.FakeLogger(level=10))
