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

"""cinder.volume, rule by rule."""

import copy

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import cinder
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

VOLUMES = '/volumes/detail'
SCOPE = '/snapshots/detail'
PROBE = (SCOPE, {'all_tenants': 1, 'limit': 1, 'synchronizer': 'scope'})
ADMIN = {'snapshots': []}
NOBODY = fakes.failure(exception.BrokenAnswer, 400)
LOST = fakes.failure(exception.NotFound, 404)


def volume(id_='a', **changes):
    return {'id': id_, 'name': f'vol-{id_}', 'status': 'available',
            'attachments': [], 'migration_status': None,
            'os-vol-tenant-attr:tenant_id': 'p', 'user_id': 'u', **changes}


def volumes(*rows):
    return {'volumes': list(rows)}


class VolumeTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.kind = cinder.Volume()
        self.session = fakes.Session('3.71').on(SCOPE, ADMIN)

    def list(self, *bodies):
        self.session.on(VOLUMES, *bodies)
        return fakes.drain(self.kind.list(self.session))

    def since(self, *bodies):
        self.session.on(VOLUMES, *bodies)
        return fakes.drain(
            self.kind.list_since(self.session, 1795180492.9))

    def get(self, body, scope=ADMIN):
        self.session.on('/volumes/a', body).on(SCOPE, scope)
        return self.kind.get(self.session, 'a')


class TestEntity(VolumeTestCase):

    def relations(self, **changes):
        return self.kind.entity(volume(**changes)).relations

    def test_real_ones(self):
        listed = fakes.sample('cinder.volumes')['volumes']
        attached, changed, copied = map(self.kind.entity, listed)
        server = attached.attributes['attachments'][0]['server_id']
        self.assertEqual(
            (Relation('attached-to', 'nova.instance', server),
             Relation('of-type', 'cinder.volume_type',
                      listed[0]['volume_type_id']),
             Relation('stored-in', 'cinder.pool',
                      listed[0]['os-vol-host-attr:host'])),
            attached.relations)
        self.assertEqual('in-use', attached.state)
        self.assertEqual(
            ('cx-base', listed[1]['os-vol-tenant-attr:tenant_id'],
             listed[1]['user_id']),
            (changed.name, changed.project_id, changed.user_id))
        self.assertEqual('True', changed.attributes['metadata']['readonly'])
        self.assertEqual(
            {'x': 'y'}, changed.attributes['volume_image_metadata'])
        self.assertIsNone(copied.name)
        self.assertIn(Relation('made-from', 'cinder.snapshot',
                               listed[2]['snapshot_id']), copied.relations)

    def test_attributes_are_the_record_less_links(self):
        for record in fakes.sample('cinder.volumes')['volumes']:
            expected = copy.deepcopy(record)
            del expected['links']
            self.assertEqual(
                expected, self.kind.entity(record).attributes)

    def test_what_is_not_there_has_no_arrow(self):
        self.assertEqual((), self.relations(
            attachments=[{'server_id': None, 'host_name': 'h'}],
            snapshot_id=None, volume_type_id=None,
            **{'os-vol-host-attr:host': None}))
        self.assertEqual((), self.relations(
            **{'os-vol-host-attr:host': 'host@without-pool'}))

    def test_in_a_cluster_the_pool_bears_its_name(self):
        self.assertEqual(
            (Relation('stored-in', 'cinder.pool', 'cluster@lvm#p'),),
            self.relations(cluster_name='cluster@lvm#p',
                           **{'os-vol-host-attr:host': 'host@lvm#p'}))

    def test_attached_to_several(self):
        self.assertEqual(
            (Relation('attached-to', 'nova.instance', 's1'),
             Relation('attached-to', 'nova.instance', 's2')),
            self.relations(attachments=[
                {'server_id': 's2'}, {'server_id': 's1'}]))

    def test_attachments_have_no_order(self):
        one, two = {'server_id': 's1'}, {'server_id': 's2'}
        self.assertEqual(*(entity_module.digest(
            self.kind.entity(volume(attachments=list(pair))),
            self.kind.unordered) for pair in ((one, two), (two, one))))

    def test_no_secret_in_any_shape(self):
        record = volume(
            encryption_key_id='SECRET', connection_info={'a': 'SECRET'},
            provider_auth='CHAP SECRET', volume_image_metadata={
                'cinder_encryption_key_id': 'SECRET', 'os': 'x'},
            attachments=[{'server_id': 's', 'connection_info': 'SECRET'}])
        entity = self.kind.entity(record)
        self.assertNotIn('SECRET', str(entity))
        self.assertEqual(
            {'os': 'x'}, entity.attributes['volume_image_metadata'])


class TestMigration(VolumeTestCase):
    """Two rows, one volume; the rows are those of a real migration."""

    def entities(self, name):
        pages, outcome = self.list(fakes.sample(name), volumes())
        self.assertTrue(outcome.complete)
        return [self.kind.entity(record) for record in pages[0].records]

    def test_the_target_is_none(self):
        target, source = self.entities('cinder.migration.during')
        self.assertIsNone(target)
        self.assertEqual('completing', source.attributes['migration_status'])

    def test_what_is_left_of_the_source_is_none(self):
        """The rows were swapped: the volume has kept its id."""
        before = self.entities('cinder.migration.during')[1]
        left, after = self.entities('cinder.migration.after')
        self.assertIsNone(left)
        self.assertEqual(before.id, after.id)
        self.assertEqual(
            {'relations', 'attributes.os-vol-host-attr:host',
             'attributes.migration_status', 'attributes.service_uuid',
             'attributes.attachments',
             'attributes.os-vol-mig-status-attr:migstat'},
            set(entity_module.differences(
                before, after, self.kind.unordered)))

    def test_got_by_its_id_it_is_none_either(self):
        page = self.get({'volume': volume(migration_status='target:b')})
        self.assertIsNone(self.kind.entity(page.records[0]))
        self.assertEqual('a', self.kind.record_id(page.records[0]))

    def test_what_migrates_or_has_migrated_is_one(self):
        for status in (None, '', 'starting', 'migrating', 'completing',
                       'success', 'error'):
            self.assertIsNotNone(
                self.kind.entity(volume(migration_status=status)))


class TestList(VolumeTestCase):

    def test_what_is_asked(self):
        pages, outcome = self.list(volumes(volume('a'), volume('b')),
                                   volumes(volume('c')))
        self.assertEqual([['a', 'b'], ['c']], fakes.ids(pages))
        self.assertEqual(reading.COMPLETE, outcome)
        self.assertEqual(
            [(VOLUMES, {'limit': 2, 'all_tenants': 1}),
             (VOLUMES, {'limit': 2, 'all_tenants': 1, 'marker': 'b'}),
             PROBE], self.session.asked)

    def test_each_page_has_its_own_window(self):
        pages, _ = self.list(volumes(volume('a'), volume('b')), volumes())
        self.assertEqual(fakes.window(1), pages[0].window)

    def test_a_lost_marker_restarts(self):
        pages, outcome = self.list(
            volumes(volume('a'), volume('b')), LOST, volumes(volume('a')))
        self.assertEqual([['a', 'b'], ['a']], fakes.ids(pages))
        self.assertTrue(outcome.complete)

    def test_a_page_that_comes_twice_is_partial(self):
        page = volumes(volume('a'), volume('b'))
        _, outcome = self.list(page, page)
        self.assertEqual('/volumes/detail: a page came twice',
                         outcome.reason)

    def test_without_the_role_an_empty_listing_is_not_believed(self):
        self.session.on(SCOPE, NOBODY)
        error = self.assertRaises(
            exception.Refused, self.list, volumes())
        self.assertIn('one project only', str(error))

    def test_without_the_role_no_record_is_taken(self):
        """It lacks fields, which would look like a change."""
        self.assertRaises(exception.Refused, self.list, fakes.sample(
            'cinder.volumes.as_owner'))
        self.assertNotIn(SCOPE, self.session.paths())

    def test_a_filter_that_was_dropped_on_the_way_proves_nothing(self):
        self.session.on(SCOPE, {'snapshots': [{'id': 's'}]})
        self.assertRaises(exception.Refused, self.list, volumes())

    def test_a_failing_probe_is_a_failing_listing(self):
        self.session.on(SCOPE, fakes.failure(exception.BrokenAnswer, 500))
        self.assertRaises(exception.BrokenAnswer, self.list, volumes())


class TestListSince(VolumeTestCase):

    def test_whole_seconds_of_the_services_clock(self):
        pages, outcome = self.since(volumes(volume('a')))
        self.assertEqual([['a']], fakes.ids(pages))
        self.assertTrue(outcome.complete)
        self.assertEqual(
            [(VOLUMES, {'limit': 2, 'all_tenants': 1,
                        'updated_at': 'gte:2026-11-20T13:14:52Z'}),
             PROBE], self.session.asked)

    def test_the_first_that_filters(self):
        self.session.microversion = '3.60'
        self.assertTrue(self.since(volumes())[1].complete)

    def test_older_ones_would_pass_the_filter_over(self):
        self.session.microversion = '3.59'
        pages, outcome = self.since(volumes(volume()))
        self.assertEqual([], pages)
        self.assertEqual('Cinder 3.59 cannot tell what moved',
                         outcome.reason)
        self.assertEqual([], self.session.asked)

    def test_nothing_moved_is_not_believed_without_the_role(self):
        self.session.on(SCOPE, NOBODY)
        self.assertRaises(exception.Refused, self.since, volumes())


class TestGet(VolumeTestCase):

    def test_has_the_shape_of_the_listing(self):
        page = self.get({'volume': volume()})
        self.assertEqual((volume(),), page.records)
        self.assertEqual(fakes.window(1), page.window)

    def test_absent_with_the_window_of_the_get(self):
        page = self.get(LOST)
        self.assertEqual((), page.records)
        self.assertEqual((fakes.window(3), 'at 3'),
                         (page.window, page.sampled_at))
        self.assertEqual([('/volumes/a', {}), PROBE, ('/volumes/a', {})],
                         self.session.asked)

    def test_a_role_that_comes_back_after_a_404(self):
        self.session.on('/volumes/a', LOST, {'volume': volume()})
        self.session.on(SCOPE, ADMIN)
        page = cinder.Volume().get(self.session, 'a')
        self.assertEqual((volume(),), page.records)

    def test_absent_is_not_believed_of_a_token_that_lost_its_role(self):
        self.assertRaises(exception.Refused, self.get, LOST, NOBODY)

    def test_nor_is_what_such_a_token_is_shown(self):
        shown, = fakes.sample('cinder.volumes.as_owner')['volumes']
        self.assertRaises(exception.Refused, self.get, {'volume': shown})

    def test_an_id_from_outside_stays_an_id(self):
        self.session.on('/volumes/..%2Fx%3F', LOST)
        self.kind.get(self.session, '../x?')

    def test_misshapen(self):
        self.assertRaises(exception.BrokenAnswer, self.get, {'volume': []})


class TestBeside(VolumeTestCase):

    def test_the_servers_that_it_is_attached_to(self):
        record = volume(volume_type_id='t', attachments=[
            {'server_id': 's1'}, {'server_id': 's2'}])
        self.assertEqual(
            [('nova.instance', 's1'), ('nova.instance', 's2')],
            list(self.kind.beside(self.kind.entity(record))))
