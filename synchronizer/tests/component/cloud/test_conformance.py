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

"""Our own plugins before the kit that others use for theirs."""

from synchronizer import conformance
from synchronizer.plugins import cinder
from synchronizer.plugins import heat
from synchronizer.plugins import nova
from synchronizer.tests.component.cloud import base


class SandboxSuite(conformance.PluginSuite):
    """Each type asks a sandbox that stands still, over HTTP."""

    def setUp(self):
        super().setUp()
        self.blinded = self.make_plugin(user='demo', tries=1)
        self.made = self.make_plugin(page_size=2, tries=1)
        self.plugin = self.plugin_class

    def kind(self, entity_type):
        return self.made.kind(entity_type)

    def session(self, kind):
        return self.made.session(kind)

    def without_role(self, kind):
        return self.blinded.session(kind)


class NovaTest(SandboxSuite, base.CloudCase):

    plugin_class = nova.NovaPlugin
    marker_lost = 400
    # what the sandbox has none of
    unproved = ('OS-EXT-SRV-ATTR:user_data', 'user_data', 'adminPass',
                'personality', 'cpu_info/*', 'uptime', 'policies')


class CinderTest(SandboxSuite, base.CloudCase):

    plugin_class = cinder.CinderPlugin
    sizes = {'hosts': 3, 'servers': 2, 'volumes': 6, 'stacks': 0}
    marker_lost = 404
    # of backends that the sandbox does not have
    unproved = ('capabilities/*', '*connection_info', '*encryption_key_id',
                'provider_auth')


class HeatTest(SandboxSuite, base.CloudCase):

    plugin_class = heat.HeatPlugin
    sizes = {'hosts': 3, 'servers': 2, 'volumes': 2, 'stacks': 3}
    # it begins with the first page again, without a word
    marker_lost = 404
    unproved = ('detail/*',)
    # snapshots are shown to their own project only: who has lost his role
    # would see others
    types = tuple(kind for kind in heat.HeatPlugin.types
                  if kind is not heat.Snapshot)
