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

"""The Nova plugin before a real OpenStack, which OS_CLOUD names.

What the plugin makes of the cloud is compared with what the API says, asked
for over another way. The cloud should be idle, and have some servers.
"""

import os

import openstack
from oslo_config import cfg
import testtools

from synchronizer.cloud import loader
from synchronizer.model import entity as entity_module
from synchronizer.model import shape
from synchronizer.plugins import nova
from synchronizer.tests import base

OS_CLOUD = os.environ.get('OS_CLOUD')
# type: path, key, id
WHERE = {
    'nova.instance': ('/servers/detail?all_tenants=1', 'servers', 'id'),
    'nova.host': ('/os-hypervisors/detail', 'hypervisors',
                  'hypervisor_hostname'),
    'nova.service': ('/os-services', 'services', 'id'),
    'nova.aggregate': ('/os-aggregates', 'aggregates', 'id'),
    'nova.zone': ('/os-availability-zone/detail', 'availabilityZoneInfo',
                  'zoneName'),
    'nova.flavor': ('/flavors/detail?is_public=None', 'flavors', 'id'),
    'nova.server_group': ('/os-server-groups?all_projects=1',
                          'server_groups', 'id')}


@testtools.skipUnless(OS_CLOUD, 'OS_CLOUD names no cloud')
class TestNova(base.TestCase):

    def setUp(self):
        super().setUp()
        conf = cfg.ConfigOpts()
        conf([])
        self.cloud = loader.load_cloud(conf, OS_CLOUD)
        self.plugin = nova.NovaPlugin(self.cloud)
        self.kinds = [kind() for kind in nova.NovaPlugin.types]
        self.raw = openstack.connect(cloud=OS_CLOUD).compute

    def list(self, kind, plugin=None):
        session = (plugin or self.plugin).session(kind)
        listing, found = kind.list(session), {}
        while True:
            try:
                page = next(listing)
            except StopIteration as end:
                self.assertIsNone(end.value.reason)
                return found
            found.update((entity.id, entity) for entity in map(
                kind.entity, page.records))

    def digests(self, kind, entities):
        return {id_: entity_module.digest(entity, kind.unordered)
                for id_, entity in entities.items()}

    def expected(self, kind):
        """The records of the API, by id, less what is dropped."""
        path, key, id_ = WHERE[kind.name]
        version = self.plugin.session(kind).microversion
        records = self.raw.get(path, microversion=version).json()[key]
        return {str(record[id_]): shape.canonical(shape.strip(
            record, kind.volatile + kind.secrets), kind.unordered)
            for record in records}

    def test_attributes_are_what_the_api_says(self):
        for kind in self.kinds:
            found = {id_: shape.canonical(entity.attributes, kind.unordered)
                     for id_, entity in self.list(kind).items()}
            expected = self.expected(kind)
            if kind.name == 'nova.host':
                for attributes in found.values():
                    for name in ('status', 'state', 'forced_down', 'zone'):
                        del attributes['service'][name]
            self.assertEqual(expected, found, kind.name)

    def test_get_gives_what_the_listing_gives(self):
        for kind in self.kinds:
            if not kind.can_get:
                continue
            session, listed = self.plugin.session(kind), self.list(kind)
            got = {id_: kind.entity(kind.get(session, id_).records[0])
                   for id_ in listed}
            self.assertEqual(self.digests(kind, listed),
                             self.digests(kind, got), kind.name)

    def test_an_idle_cloud_does_not_change(self):
        first = {kind.name: self.digests(kind, self.list(kind))
                 for kind in self.kinds}
        for kind in self.kinds:
            self.assertEqual(first[kind.name], self.digests(
                kind, self.list(kind)), kind.name)

    def test_page_size_changes_nothing(self):
        small = nova.NovaPlugin(self.cloud, page_size=2)
        for kind in self.kinds:
            self.assertEqual(
                self.digests(kind, self.list(kind)),
                self.digests(kind, self.list(kind, small)), kind.name)

    def test_user_data_is_nowhere(self):
        kind = self.kinds[0]
        version = self.plugin.session(kind).microversion
        records = self.raw.get(WHERE[kind.name][0],
                               microversion=version).json()['servers']
        secrets = {record['OS-EXT-SRV-ATTR:user_data']
                   for record in records} - {None}
        for entity in self.list(kind).values():
            self.assertNotIn('user_data', str(entity))
            for secret in secrets:
                self.assertNotIn(secret, str(entity))

    def test_relations_point_to_what_is_there(self):
        known = {kind.name: set(self.list(kind)) for kind in self.kinds}
        for kind in self.kinds:
            for entity in self.list(kind).values():
                for relation in entity.relations:
                    self.assertIn(relation.id, known[relation.type])

    def test_absent(self):
        nobody = '00000000-0000-4000-8000-000000000000'
        for kind in self.kinds:
            if kind.can_get:
                id_ = '987654' if kind.name == 'nova.aggregate' else nobody
                page = kind.get(self.plugin.session(kind), id_)
                self.assertEqual((), page.records, kind.name)
