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

"""The Nova plugin before a cloud that changes, hides and forgets."""

from synchronizer import exception
from synchronizer.plugins import nova
from synchronizer.tests.component.cloud import base


class TestTypes(base.CloudCase):

    def test_every_type_shows_the_truth(self):
        for kind_class in nova.NovaPlugin.types:
            kind = kind_class()
            truth = self.truth.truth()[kind.name]
            found, outcome = self.list(kind)
            self.assertEqual(set(truth), set(found), kind.name)
            self.assertIsNone(outcome.reason)

    def test_get_is_the_same_as_the_listing(self):
        for kind_class in nova.NovaPlugin.types:
            kind = kind_class()
            if not kind.can_get:
                continue
            for id_, entity in self.list(kind)[0].items():
                page = self.get(kind, id_)
                self.assertEqual(
                    self.digest(kind, entity),
                    self.digest(kind, kind.entity(page.records[0])))

    def test_page_size_changes_nothing(self):
        for kind_class in nova.NovaPlugin.types:
            kind = kind_class()
            small, _ = self.list(kind, self.make_plugin(page_size=2))
            large, _ = self.list(kind, self.make_plugin(page_size=1000))
            self.assertEqual(*(
                {id_: self.digest(kind, entity)
                 for id_, entity in found.items()}
                for found in (small, large)))

    def test_an_older_nova(self):
        for version in ('2.53', '2.60', '2.68', '2.79'):
            self.truth.nova_max_version = version
            plugin = self.make_plugin()
            for kind_class in nova.NovaPlugin.types:
                kind = kind_class()
                found, outcome = self.list(kind, plugin)
                self.assertEqual(
                    set(self.truth.truth()[kind.name]), set(found))
                self.assertIsNone(outcome.reason)


class TestAbsence(base.CloudCase):

    def setUp(self):
        super().setUp()
        self.kind = nova.Instance()

    def test_deleted(self):
        server = min(self.living())
        self.truth.delete_server(server)
        self.assertNotIn(server, self.list(self.kind)[0])
        self.assertEqual((), self.get(self.kind, server).records)

    def test_soft_deleted_leaves_the_listing_and_can_be_got(self):
        server = min(self.living())
        self.truth.soft_delete(server)
        self.assertNotIn(server, self.list(self.kind)[0])
        record, = self.get(self.kind, server).records
        self.assertEqual('SOFT_DELETED', self.kind.entity(record).state)

    def test_who_may_only_list_is_not_believed(self):
        self.truth.nova_listers = frozenset({'demo'})
        plugin = self.make_plugin(user='demo')
        mine = self.truth.projects['demo']
        other = next(id_ for id_, row in self.truth.truth()[
            'nova.instance'].items() if row['tenant_id'] != mine)
        self.assertIn(other, [server['id'] for server in plugin.session(
            self.kind).get('/servers/detail', all_tenants=1).body['servers']])
        error = self.assertRaises(
            exception.Refused, self.get, self.kind, other, plugin)
        self.assertIn('context_is_admin', str(error))

    def test_a_witness_costs_one_request(self):
        self.get(self.kind, 'nothing')
        before = len(self.counted)
        self.assertEqual((), self.get(self.kind, 'nothing').records)
        # two of what is not there, and one of the witness between them
        self.assertEqual(3, len(self.counted) - before)

    def test_since(self):
        server = min(self.living())
        before = self.truth.now()
        self.truth.delete_server(server)
        listing = self.kind.list_since(
            self.plugin.session(self.kind), before - 1)
        self.assertIsNone(self.drain(listing, self.kind)[0][server])

    def test_marker_that_was_archived(self):
        listing = self.listing(self.kind)
        page = next(listing)
        last = page.records[-1]['id']
        self.truth.delete_server(last)
        self.truth.archive_deleted()
        found, outcome = self.drain(listing, self.kind)
        first = {record['id'] for record in page.records}
        self.assertEqual(self.living(), (set(found) | first) - {last})
        self.assertTrue(outcome.complete)

    def test_markers_that_are_always_lost(self):
        self.server.faults.add('error', 'marker=', status=400)
        self.assertRaises(exception.BrokenAnswer, self.list, self.kind)

    def test_a_role_that_was_lost(self):
        """404 is what Nova says of everybody's servers but one's own."""
        mine = self.make_plugin(user='demo')
        foreign = next(
            id_ for id_, row in self.truth.truth()['nova.instance'].items()
            if row['tenant_id'] != self.truth.projects['demo'])
        self.assertRaises(
            exception.Refused, self.get, self.kind, foreign, mine)

    def test_a_404_of_a_proxy(self):
        server = min(self.living())
        self.server.faults.add('error', f'servers/{server}', status=404)
        self.assertRaises(
            exception.BrokenAnswer, self.get, self.kind, server)


class TestDownCells(base.CloudCase):

    def test_everything_that_is_hidden_is_fenced(self):
        for kind_class in nova.NovaPlugin.types:
            kind = kind_class()
            before, _ = self.list(kind)
            self.truth.cell_down('cell1')
            after, outcome = self.list(kind)
            self.truth.cell_up('cell1')
            hidden = [entity for id_, entity in before.items()
                      if id_ not in after]
            if hidden:
                self.assertFalse(outcome.complete, kind.name)
            for entity in hidden:
                self.assertTrue(outcome.fence(entity), kind.name)

    def test_what_is_not_hidden_is_not_fenced(self):
        self.truth.cell_down('cell1')
        found, outcome = self.list(nova.Instance())
        placed = [entity for entity in found.values()
                  if entity.attributes['OS-EXT-SRV-ATTR:host']]
        self.assertTrue(placed)
        self.assertFalse(any(map(outcome.fence, placed)))

    def test_down_in_the_middle(self):
        kind = nova.Instance()
        # after the last page: a marker of a down cell would be a 500
        listing = self.listing(kind, self.make_plugin(page_size=1000))
        next(listing)
        self.truth.cell_down('cell2')
        _, outcome = self.drain(listing, kind)
        self.assertFalse(outcome.complete)

    def test_a_marker_in_a_cell_that_went_down(self):
        self.assertRaises(
            exception.BrokenAnswer, self.list, nova.Instance(),
            between=self.all_down)

    def all_down(self):
        for cell in ('cell1', 'cell2'):
            self.truth.cell_down(cell)

    def test_nobody_knows_of_one_server(self):
        kind = nova.Instance()
        hosts = {row['name'] for row in self.truth.rows('nova.host')
                 if row['cell'] == 'cell1'}
        server = next(row['id'] for row in self.truth.live('nova.instance')
                      if row['host'] in hosts)
        self.truth.cell_down('cell1')
        self.assertRaises(exception.Undecided, self.get, kind, server)


class TestMany(base.CloudCase):

    sizes = {'hosts': 4, 'servers': 2300, 'volumes': 0, 'stacks': 0}

    def test_more_than_a_page_may_hold(self):
        plugin = self.make_plugin(page_size=5000)
        found, outcome = self.list(nova.Instance(), plugin)
        self.assertEqual(self.living(), set(found))
        self.assertIsNone(outcome.reason)
        self.assertEqual(
            3, self.server.requests['GET /compute/v2.1/servers/detail'])
