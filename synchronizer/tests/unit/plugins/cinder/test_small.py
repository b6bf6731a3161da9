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

"""The types that are small: snapshot, backup, volume_type, service."""

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import cinder
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

SNAPSHOTS = '/snapshots/detail'
ADMIN = {'snapshots': []}
NOBODY = fakes.failure(exception.BrokenAnswer, 400)
MISSING = fakes.failure(exception.NotFound, 404)
ALL = {'limit': 1000, 'all_tenants': 1}


class SmallTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = fakes.Session('3.71', page_size=1000)
        self.session.on(SNAPSHOTS, ADMIN)

    def list(self, kind):
        pages, self.outcome = fakes.drain(kind.list(self.session))
        return [kind.entity(record)
                for page in pages for record in page.records]

    def assert_copy_of_a_volume(self, entity, record, name, state):
        self.assertEqual((record['id'], name, state), (
            entity.id, entity.name, entity.state))
        self.assertEqual(
            (Relation('made-from', 'cinder.volume', record['volume_id']),),
            entity.relations)
        self.assertEqual(record['user_id'], entity.user_id)
        self.assertEqual({key: value for key, value in record.items()
                          if key != 'links'}, entity.attributes)


class TestSnapshot(SmallTestCase):

    def test_a_real_one(self):
        listed = fakes.sample('cinder.snapshots')
        self.session.on(SNAPSHOTS, listed, ADMIN)
        entity, = self.list(cinder.Snapshot())
        record, = listed['snapshots']
        self.assert_copy_of_a_volume(entity, record, 'cx-snap', 'available')
        self.assertEqual(
            record['os-extended-snapshot-attributes:project_id'],
            entity.project_id)
        self.assertTrue(self.outcome.complete)
        self.assertEqual(ALL, self.session.asked[0][1])

    def test_there_is_no_asking_for_what_moved(self):
        for kind in (cinder.Snapshot(), cinder.Backup(),
                     cinder.VolumeType()):
            self.assertFalse(kind.can_list_since)

    def test_without_the_role_the_others_are_only_hidden(self):
        self.session.on(SNAPSHOTS, ADMIN, NOBODY)
        self.assertRaises(exception.Refused, self.list, cinder.Snapshot())

    def test_absent(self):
        self.session.on('/snapshots/s', MISSING)
        page = cinder.Snapshot().get(self.session, 's')
        self.assertEqual(((), fakes.window(3)), (page.records, page.window))
        self.session.on(SNAPSHOTS, NOBODY)
        self.assertRaises(exception.Refused, cinder.Snapshot().get,
                          self.session, 's')

    def test_an_old_cinder_does_not_tell_the_user(self):
        record, = fakes.sample('cinder.snapshots')['snapshots']
        del record['user_id']
        self.assertIsNone(cinder.Snapshot().entity(record).user_id)


class TestBackup(SmallTestCase):

    def setUp(self):
        super().setUp()
        self.listed = fakes.sample('cinder.backups')
        self.session.on('/backups/detail', self.listed)

    def test_a_real_one(self):
        entity, = self.list(cinder.Backup())
        record, = self.listed['backups']
        self.assert_copy_of_a_volume(entity, record, 'cx-backup', 'error')
        self.assertEqual(record['os-backup-project-attr:project_id'],
                         entity.project_id)
        self.assertEqual([('/backups/detail', ALL)], self.session.asked[:1])

    def test_no_name_of_a_key(self):
        record = {**self.listed['backups'][0], 'encryption_key_id': 'SECRET'}
        self.assertNotIn('SECRET', str(cinder.Backup().entity(record)))

    def test_without_the_role_no_record_is_taken(self):
        record = self.listed['backups'][0]
        del record['os-backup-project-attr:project_id']
        self.session.on('/backups/detail', self.listed)
        self.assertRaises(exception.Refused, self.list, cinder.Backup())
        self.session.on('/backups/b', {'backup': record})
        self.assertRaises(exception.Refused, cinder.Backup().get,
                          self.session, 'b')


class TestVolumeType(SmallTestCase):

    def setUp(self):
        super().setUp()
        self.session.on('/types', fakes.sample('cinder.types'),
                        {'volume_types': []})

    def test_real_ones(self):
        entities = self.list(cinder.VolumeType())
        self.assertEqual({'fast', 'slow', '__DEFAULT__'},
                         {one.name for one in entities})
        self.assertEqual({None}, {one.state for one in entities})
        fast = next(one for one in entities if one.name == 'fast')
        self.assertEqual({'volume_backend_name': 'fast'},
                         fast.attributes['extra_specs'])
        self.assertTrue(self.outcome.complete)

    def test_private_ones_and_to_the_end(self):
        """No link leads to the next page, so a short one is not the last."""
        last = self.list(cinder.VolumeType())[-1]
        query = {'limit': 1000, 'is_public': 'None'}
        self.assertEqual([query, {**query, 'marker': last.id}],
                         self.session.queries('/types'))

    def test_a_marker_that_is_passed_over(self):
        page = fakes.sample('cinder.types')
        self.session.on('/types', page, page)
        self.list(cinder.VolumeType())
        self.assertEqual('/types: a page came twice', self.outcome.reason)

    def test_without_the_role_no_record_is_taken(self):
        self.session.on('/types', fakes.sample('cinder.types.as_owner'))
        self.assertRaises(exception.Refused, self.list, cinder.VolumeType())

    def test_get(self):
        record = fakes.sample('cinder.types')['volume_types'][0]
        self.session.on('/types/t', {'volume_type': record})
        page = cinder.VolumeType().get(self.session, 't')
        self.assertEqual((record,), page.records)


class TestService(SmallTestCase):

    def setUp(self):
        super().setUp()
        self.session.on('/os-services', fakes.sample('cinder.services'))

    def test_real_ones(self):
        entities = self.list(cinder.Service())
        self.assertEqual(
            {('cinder-scheduler@lab-control', 'up'),
             ('cinder-volume@lab-control@fast', 'up'),
             ('cinder-volume@lab-control@slow', 'up')},
            {(one.id, one.state) for one in entities})
        for one in entities:
            self.assertEqual(one.id, one.name)
            self.assertNotIn('updated_at', one.attributes)
            self.assertIn('disabled_reason', one.attributes)
        self.assertTrue(self.outcome.complete)
        self.assertEqual([('/os-services', {})], self.session.asked)

    def test_no_scheduler_is_asked(self):
        self.assertEqual('3.48', cinder.Service.microversion)

    def test_refused(self):
        self.session.on('/os-services',
                        fakes.failure(exception.Refused, 403))
        self.assertRaises(exception.Refused, self.list, cinder.Service())
