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

"""The Cinder plugin before a real OpenStack, which OS_CLOUD names.

What the plugin makes of the cloud is compared with what the API says, asked
for over another way. The cloud should be idle; where it has no volume, no
snapshot or no backup, one is made. OS_CLOUD_NO_ADMIN names an account that
lacks the role admin.
"""

import os
import time

import openstack
from oslo_config import cfg
import testtools

from synchronizer import exception
from synchronizer.cloud import loader
from synchronizer.model import entity as entity_module
from synchronizer.model import shape
from synchronizer.plugins import cinder
from synchronizer.tests import base

OS_CLOUD = os.environ.get('OS_CLOUD')
NO_ADMIN = os.environ.get('OS_CLOUD_NO_ADMIN')
NOBODY = '00000000-0000-4000-8000-000000000000'
POOLS = '/scheduler-stats/get_pools?detail=true'
# type: path, key
WHERE = {
    'cinder.volume': ('/volumes/detail?all_tenants=1', 'volumes'),
    'cinder.snapshot': ('/snapshots/detail?all_tenants=1', 'snapshots'),
    'cinder.backup': ('/backups/detail?all_tenants=1', 'backups'),
    'cinder.volume_type': ('/types?is_public=None', 'volume_types'),
    'cinder.service': ('/os-services', 'services'),
    'cinder.pool': (POOLS, 'pools')}


@testtools.skipUnless(OS_CLOUD, 'OS_CLOUD names no cloud')
class CinderCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.plugin = self.make_plugin()
        self.kinds = [
            self.plugin.kind(one) for one in cinder.CinderPlugin.types]
        self.raw = openstack.connect(cloud=OS_CLOUD).block_storage

    def make_plugin(self, cloud=OS_CLOUD, **options):
        conf = cfg.ConfigOpts()
        conf([])
        return cinder.CinderPlugin(loader.load_cloud(conf, cloud), **options)

    def drain(self, listing, kind):
        found = {}
        while True:
            try:
                page = next(listing)
            except StopIteration as end:
                return found, end.value
            found.update((kind.record_id(record), kind.entity(record))
                         for record in page.records)

    def list(self, kind, plugin=None):
        found, outcome = self.drain(
            kind.list((plugin or self.plugin).session(kind)), kind)
        self.assertIsNone(outcome.reason)
        self.assertIsNone(outcome.fence)
        return {id_: entity for id_, entity in found.items() if entity}

    def digests(self, kind, plugin=None):
        return {id_: entity_module.digest(entity, kind.unordered)
                for id_, entity in self.list(kind, plugin).items()}

    def records(self, kind):
        path, key = WHERE[kind.name]
        version = self.plugin.session(kind).microversion
        found = self.raw.get(path, microversion=version).json()[key]
        return {kind.record_id(record): record for record in found}


class TestCinder(CinderCase):

    def setUp(self):
        super().setUp()
        self.await_pools()

    def await_pools(self):
        """A cloud that has just begun shows no pool yet, and makes no volume.
        What does not come is left to the tests."""
        kind = next(one for one in self.kinds if one.name == 'cinder.pool')
        end = time.monotonic() + 45
        while time.monotonic() < end:
            found, outcome = self.drain(
                kind.list(self.plugin.session(kind)), kind)
            if found and outcome.fence is None:
                return
            time.sleep(0.25)

    def make_what_lacks(self):
        """One of each. A backup stays: without a service that makes backups
        it is in error, and cannot be deleted either."""
        lacking = [kind.name for kind in self.kinds[:3]
                   if not self.records(kind)]
        if not lacking:
            return
        volume = self.raw.create_volume(size=1, name='test_cinder')
        self.addCleanup(self.raw.delete_volume, volume)
        self.wait(volume, 'available')
        if 'cinder.snapshot' in lacking:
            snapshot = self.raw.create_snapshot(
                volume_id=volume.id, name='test_cinder')
            self.addCleanup(self.raw.wait_for_delete, snapshot)
            self.addCleanup(self.raw.delete_snapshot, snapshot)
            self.wait(snapshot, 'available')
        if 'cinder.backup' in lacking:
            backup = self.raw.create_backup(
                volume_id=volume.id, name='test_cinder')
            self.wait(backup, 'error', 'available')
            self.wait(volume, 'available')

    def wait(self, thing, *statuses):
        """Until it is at rest."""
        for _ in range(240):
            if thing.fetch(self.raw).status in statuses:
                return
            time.sleep(0.25)
        self.fail(f'{thing.name} is {thing.status}')

    def test_attributes_are_what_the_api_says(self):
        self.make_what_lacks()
        for kind in self.kinds[:5]:
            expected = {
                id_: shape.canonical(
                    shape.strip(record, kind.volatile + kind.secrets),
                    kind.unordered)
                for id_, record in self.records(kind).items()}
            found = {id_: shape.canonical(entity.attributes, kind.unordered)
                     for id_, entity in self.list(kind).items()}
            self.assertTrue(found, f'the cloud has no {kind.name}')
            self.assertEqual(expected, found, kind.name)

    def test_pools_are_what_the_api_says_but_for_their_capacity(self):
        kind = self.kinds[5]
        found, records = self.list(kind), self.records(kind)
        self.assertEqual(set(records), set(found))
        for id_, entity in found.items():
            capabilities = records[id_]['capabilities']
            del capabilities['timestamp']
            capacity = entity.attributes['capacity']
            self.assertEqual(capabilities, {
                **entity.attributes['capabilities'],
                **{name: capabilities[name] for name in capacity}})
            self.assertEqual('up', entity.state)

    def test_get_gives_what_the_listing_gives(self):
        for kind in self.kinds:
            if not kind.can_get:
                continue
            session, listed = self.plugin.session(kind), self.list(kind)
            got = {id_: kind.entity(kind.get(session, id_).records[0])
                   for id_ in listed}
            self.assertEqual(listed, got, kind.name)

    def test_an_idle_cloud_does_not_change(self):
        first = {kind.name: self.digests(kind) for kind in self.kinds}
        time.sleep(1.1)
        for kind in self.kinds:
            self.assertEqual(first[kind.name], self.digests(kind), kind.name)

    def test_page_size_changes_nothing(self):
        small = self.make_plugin(page_size=2)
        for kind in self.kinds:
            self.assertEqual(
                self.digests(kind), self.digests(kind, small), kind.name)

    def test_relations_point_to_what_is_there(self):
        known = {kind.name: set(self.list(kind)) for kind in self.kinds}
        for kind in self.kinds:
            for entity in self.list(kind).values():
                for relation in entity.relations:
                    if relation.type in ('cinder.pool',
                                         'cinder.volume_type'):
                        self.assertIn(relation.id, known[relation.type])

    def test_absent(self):
        for kind in self.kinds:
            if kind.can_get:
                page = kind.get(self.plugin.session(kind), NOBODY)
                self.assertEqual((), page.records, kind.name)

    def test_what_moved(self):
        kind = self.kinds[0]
        session = self.plugin.session(kind)
        everything = self.list(kind)
        self.assertEqual(set(everything), {
            id_ for id_, entity in self.drain(
                kind.list_since(session, 0.0), kind)[0].items() if entity})
        found, outcome = self.drain(
            kind.list_since(session, time.time() + 3600), kind)
        self.assertEqual(({}, True), (found, outcome.complete))


@testtools.skipUnless(NO_ADMIN, 'OS_CLOUD_NO_ADMIN names no cloud')
class TestNoAdmin(CinderCase):

    def setUp(self):
        super().setUp()
        self.mine = self.make_plugin(NO_ADMIN)

    def test_nothing_is_listed(self):
        for kind in self.kinds:
            self.assertRaises(
                exception.Refused, self.list, kind, self.mine)

    def test_nothing_moved(self):
        kind = self.kinds[0]
        session = self.mine.session(kind)
        for when in (0.0, time.time() + 3600):
            self.assertRaises(exception.Refused, self.drain,
                              kind.list_since(session, when), kind)

    def test_nothing_is_absent(self):
        for kind in self.kinds:
            if kind.can_get:
                self.assertRaises(
                    exception.Refused, kind.get, self.mine.session(kind),
                    NOBODY)
