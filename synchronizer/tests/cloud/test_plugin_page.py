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

"""The plugin of the tutorial before a real Neutron."""

import os
import sys
import types

import openstack
from oslo_config import cfg
import testtools

from synchronizer.cloud import loader
from synchronizer.tests import base
from synchronizer.tests import pages

OS_CLOUD = os.environ.get('OS_CLOUD')
PAGE = 'doc/source/contributor/plugin-tutorial.rst'
NAME = 'synchronizer_neutron'


@testtools.skipUnless(OS_CLOUD, 'OS_CLOUD names no cloud')
class TestPluginPage(base.TestCase):

    def setUp(self):
        super().setUp()
        conf = cfg.ConfigOpts()
        conf([])
        module = types.ModuleType(NAME)
        exec(compile(pages.files(PAGE)[f'{NAME}.py'], NAME, 'exec'),
             module.__dict__)
        sys.modules[NAME] = module
        self.addCleanup(sys.modules.pop, NAME)
        plugin = module.NeutronPlugin(
            loader.load_cloud(conf, OS_CLOUD), service_type='network')
        self.kind = plugin.kind(module.Port)
        self.session = plugin.session(self.kind)
        self.raw = openstack.connect(cloud=OS_CLOUD).network

    def ids(self):
        return {port.id for port in self.raw.ports()}

    def drain(self):
        listing, records = self.kind.list(self.session), []
        while True:
            try:
                records += next(listing).records
            except StopIteration as end:
                return records, end.value

    def test_all_ports_are_listed_and_are_as_a_get_has_them(self):
        port = self.raw.create_port(
            network_id=next(self.raw.networks()).id, name='test_plugin_page')
        self.addCleanup(self.raw.delete_port, port)
        before = self.ids()
        records, outcome = self.drain()
        self.assertTrue(outcome.complete)
        entities = {one.id: one for one in map(self.kind.entity, records)}
        # others may make and delete ports meanwhile
        stayed = before & self.ids()
        self.assertIn(port.id, stayed)
        self.assertLessEqual(stayed, entities.keys())
        id_ = min(stayed)
        record, = self.kind.get(self.session, id_).records
        self.assertEqual(entities[id_].relations,
                         self.kind.entity(record).relations)
        self.assertEqual(entities[id_].attributes.keys(),
                         self.kind.entity(record).attributes.keys())

    def test_one_that_is_not_there_is_absent(self):
        page = self.kind.get(
            self.session, '00000000-0000-0000-0000-000000000000')
        self.assertEqual((), page.records)
