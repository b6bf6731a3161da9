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

"""The Cinder plugin before a cloud that changes, hides and forgets."""

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import cinder
from synchronizer.tests.component.cloud import base

DETAIL = 'volumes/detail'


class CinderCase(base.CloudCase):

    sizes = {'hosts': 2, 'servers': 4, 'volumes': 11, 'stacks': 0}
    plugin_class = cinder.CinderPlugin

    def setUp(self):
        super().setUp()
        self.truth.create_volume_type('secret', is_public=False)
        self.kind = cinder.Volume()

    def kinds(self):
        return [self.plugin.kind(one) for one in cinder.CinderPlugin.types]

    def ids(self, name='cinder.volume'):
        return set(self.truth.truth()[name])

    def digests(self, kind, plugin=None):
        return {id_: self.digest(kind, entity) for id_, entity
                in self.list(kind, plugin)[0].items()}

    def since(self, moment):
        return self.drain(self.kind.list_since(
            self.plugin.session(self.kind), moment), self.kind)


class TestTypes(CinderCase):

    def test_every_type_shows_the_truth(self):
        for kind in self.kinds():
            found, outcome = self.list(kind)
            self.assertEqual(self.ids(kind.name), set(found), kind.name)
            self.assertTrue(found, kind.name)
            self.assertIsNone(outcome.reason)
            self.assertIsNone(outcome.fence)

    def test_get_is_the_same_as_the_listing(self):
        for kind in self.kinds():
            if not kind.can_get:
                continue
            for id_, entity in self.list(kind)[0].items():
                page = self.get(kind, id_)
                self.assertEqual(
                    self.digest(kind, entity),
                    self.digest(kind, kind.entity(page.records[0])))

    def test_page_size_changes_nothing(self):
        for kind in self.kinds():
            small, large = (
                self.digests(kind, self.make_plugin(page_size=size))
                for size in (2, 1000))
            self.assertEqual(large, small)

    def test_a_page_that_cinder_cuts(self):
        self.truth.page_limit = 2
        for kind in self.kinds():
            found, outcome = self.list(kind, self.make_plugin(page_size=50))
            self.assertEqual(self.ids(kind.name), set(found), kind.name)
            self.assertIsNone(outcome.reason)

    def test_an_idle_cloud_does_not_change(self):
        for kind in self.kinds():
            self.assertEqual(self.digests(kind), self.digests(kind))

    def test_an_older_cinder(self):
        for version in ('3.31', '3.42', '3.55', '3.62'):
            self.truth.cinder_max_version = version
            self.plugin = self.make_plugin()
            for kind in self.kinds():
                found, outcome = self.list(kind)
                self.assertEqual(self.ids(kind.name), set(found), kind.name)
                self.assertIsNone(outcome.reason)

    def test_one_that_is_too_old(self):
        self.truth.cinder_max_version = '3.30'
        for kind in self.kinds():
            error = self.assertRaises(
                exception.Unsupported, self.list, kind)
            self.assertIn('offers microversions 3.0 to 3.30; we need 3.31',
                          str(error))

    def test_relations_point_to_what_is_there(self):
        known = {name: set(rows) for name, rows
                 in self.truth.truth().items()}
        arrows = set()
        for kind in self.kinds():
            for entity in self.list(kind)[0].values():
                for relation in entity.relations:
                    self.assertIn(relation.id, known[relation.type])
                    arrows.add((kind.name, relation.kind))
        self.assertEqual({
            ('cinder.volume', 'attached-to'), ('cinder.volume', 'of-type'),
            ('cinder.volume', 'stored-in'),
            ('cinder.snapshot', 'made-from'),
            ('cinder.backup', 'made-from')}, arrows)


class TestScope(CinderCase):

    def test_no_admin(self):
        mine = self.make_plugin(user='demo')
        for kind in self.kinds():
            self.assertRaises(exception.Refused, self.list, kind, mine)

    def test_no_admin_and_nothing_of_ones_own(self):
        """An empty listing that is only narrow."""
        for row in self.truth.rows('cinder.volume'):
            self.truth.create_backup(row['id'])
            self.truth.create_snapshot(row['id'])
        for name in ('cinder.snapshot', 'cinder.backup', 'cinder.volume'):
            for row in self.truth.rows(name):
                if row['project_id'] == self.truth.projects['demo']:
                    self.truth.drop(name, row['id'])
        mine = self.make_plugin(user='demo')
        for kind in (self.kind, cinder.Snapshot(), cinder.Backup()):
            self.assertTrue(self.ids(kind.name))
            self.assertRaises(exception.Refused, self.list, kind, mine)

    def test_a_role_that_was_lost(self):
        """404 is what Cinder says of everybody's volumes but one's own."""
        mine = self.make_plugin(user='demo')
        project = self.truth.projects['demo']
        for row in self.truth.rows('cinder.volume'):
            self.assertRaises(
                exception.Refused, self.get, self.kind, row['id'], mine)
        foreign = next(row['id'] for row in self.truth.rows(
            'cinder.snapshot') if row['project_id'] != project)
        self.assertRaises(
            exception.Refused, self.get, cinder.Snapshot(), foreign, mine)

    def test_what_moved(self):
        mine = self.make_plugin(user='demo')
        self.assertRaises(
            exception.Refused, self.drain, self.kind.list_since(
                mine.session(self.kind), self.truth.now()), self.kind)


class TestAbsence(CinderCase):

    def delete(self):
        volume = next(row['id'] for row in self.truth.rows('cinder.volume')
                      if not row['attachments'])
        self.truth.delete_volume(volume)
        return volume

    def test_deleted(self):
        volume = self.delete()
        self.assertNotIn(volume, self.list(self.kind)[0])
        self.assertEqual((), self.get(self.kind, volume).records)

    def test_marker_that_was_deleted(self):
        listing = self.listing(self.kind)
        page = next(listing)
        last = page.records[-1]['id']
        self.truth.drop('cinder.volume', last)
        found, outcome = self.drain(listing, self.kind)
        first = {record['id'] for record in page.records}
        self.assertEqual(self.ids(), (set(found) | first) - {last})
        self.assertTrue(outcome.complete)

    def test_markers_that_are_always_lost(self):
        self.server.faults.add('error', 'marker=', status=404)
        self.assertRaises(exception.BrokenAnswer, self.list, self.kind)

    def test_a_404_of_a_proxy(self):
        volume = min(self.ids())
        self.server.faults.add('error', f'volumes/{volume}', status=404)
        self.assertRaises(
            exception.BrokenAnswer, self.get, self.kind, volume)

    def test_a_probe_that_fails_is_a_failing_sweep(self):
        self.server.faults.add('error', 'synchronizer=', status=500)
        for kind in self.kinds()[:4]:
            self.assertRaises(exception.BrokenAnswer, self.list, kind)

    def test_refused_in_the_middle(self):
        self.server.faults.add('refuse', DETAIL, skip=1)
        self.assertRaises(exception.Refused, self.list, self.kind)


class TestSince(CinderCase):

    def test_only_what_moved(self):
        volume = min(self.ids())
        before = self.truth.now()
        self.truth.extend_volume(volume)
        found, outcome = self.since(before)
        self.assertEqual({volume}, set(found))
        self.assertTrue(outcome.complete)

    def test_metadata_moves_no_stamp_and_is_found_by_the_sweep(self):
        volume = min(self.ids())
        before = self.list(self.kind)[0][volume]
        moment = self.truth.now() + 1
        self.truth.set_volume_metadata(volume, {'a': 'b'})
        self.assertEqual({}, self.since(moment)[0])
        after = self.list(self.kind)[0][volume]
        self.assertEqual({'a': 'b'}, after.attributes['metadata'])
        self.assertEqual({}, before.attributes['metadata'])

    def test_an_older_cinder_is_not_asked(self):
        self.truth.cinder_max_version = '3.59'
        self.plugin = self.make_plugin()
        found, outcome = self.since(0.0)
        self.assertEqual(({}, False), (found, outcome.complete))


class TestMigration(CinderCase):
    """The two rows of a migration, as a real Cinder shows them."""

    def setUp(self):
        super().setUp()
        self.volume = next(
            row['id'] for row in self.truth.rows('cinder.volume')
            if row['attachments'])
        self.before = self.ids()
        row = self.truth.get('cinder.volume', self.volume)
        self.there = self.other(row['pool'])
        self.target = self.truth.new_id()
        self.truth.put('cinder.volume', self.target, {
            **row, 'id': self.target, 'pool': self.there,
            'migration_status': f'target:{self.volume}'})

    def other(self, pool):
        return next(row['name'] for row in self.truth.rows('cinder.pool')
                    if row['name'] != pool)

    def swap(self):
        row = self.truth.get('cinder.volume', self.volume)
        self.truth.change('cinder.volume', self.target, pool=row['pool'],
                          status='deleting', migration_status='deleting')
        self.truth.change('cinder.volume', self.volume, pool=self.there,
                          migration_status='success')

    def assert_one_volume(self, found):
        living = {id_ for id_, entity in found.items() if entity}
        self.assertEqual(self.before, living)

    def test_the_target_is_in_no_listing(self):
        self.assert_one_volume(self.list(self.kind)[0])
        self.assertIsNone(self.since(0.0)[0][self.target])
        record, = self.get(self.kind, self.target).records
        self.assertIsNone(self.kind.entity(record))

    def test_swapped_it_is_an_update_of_one(self):
        self.swap()
        found, _ = self.list(self.kind)
        self.assert_one_volume(found)
        self.assertIn(Relation('stored-in', 'cinder.pool', self.there),
                      found[self.volume].relations)
        self.truth.drop('cinder.volume', self.target)
        self.assert_one_volume(self.list(self.kind)[0])

    def test_swapped_between_two_pages(self):
        found, outcome = self.list(self.kind, between=self.swap)
        self.assert_one_volume(found)
        self.assertTrue(outcome.complete)


class TestPools(CinderCase):

    def setUp(self):
        super().setUp()
        self.pool = cinder.Pool()
        self.held = self.list(self.pool)[0]

    def test_a_small_volume_changes_no_pool_a_large_one_does(self):
        name = 'sandbox-control@fast#fast'
        before = self.digests(self.pool)
        self.truth.create_volume(size=100, volume_type='fast')
        middle = self.digests(self.pool)
        self.truth.create_volume(size=5001, volume_type='fast')
        after = self.digests(self.pool)
        self.assertNotEqual(middle[name], after[name])
        self.assertEqual(
            5000, self.list(self.pool)[0][name].attributes['capacity'][
                'allocated_capacity_gb'])
        other = 'sandbox-control@slow#slow'
        self.assertEqual(1, len({one[other] for one in (
            before, middle, after)}))

    def test_a_service_that_is_down(self):
        self.truth.cinder_service_down('cinder-volume@sandbox-control@fast')
        found, _ = self.list(self.pool)
        self.assertEqual(
            ['down', 'up'], [found[name].state for name in sorted(found)])

    def test_a_scheduler_that_was_just_started(self):
        self.server.faults.add('empty', 'get_pools')
        found, outcome = self.list(self.pool)
        self.assertEqual({}, found)
        self.assertTrue(all(map(outcome.fence, self.held.values())))
