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

"""What differs between two moments."""

import dataclasses

import hypothesis

from synchronizer import graph
from synchronizer.graph.arrows import Edge
from synchronizer.graph.moments import Differences
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples
from synchronizer.tests.unit.graph.samples import entity


class DifferencesTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.graph = samples.cloud_graph()
        self.before = self.graph.copy()

    def test_a_migration_and_a_deletion(self):
        server = self.graph.entity(*samples.SERVER)
        moved = entity(samples.SERVER, ('has-flavor', samples.FLAVOR),
                       ('runs-on', samples.OTHER_HOST), name='web',
                       state='MIGRATING', project_id=server.project_id)
        new = ('nova.flavor', 'new')
        self.graph.put(moved)
        self.graph.put(entity(new))
        self.graph.remove(*samples.SNAPSHOT)
        self.assertEqual(Differences(
            added=(new,), removed=(samples.SNAPSHOT,),
            changed=((samples.SERVER, ('state', 'relations')),),
            edges_added=(Edge(samples.SERVER, 'runs-on',
                              samples.OTHER_HOST),),
            edges_removed=(
                Edge(samples.SNAPSHOT, 'made-from', samples.VOLUME),
                Edge(samples.SERVER, 'runs-on', samples.HOST))),
            self.before.differences(self.graph))

    def test_a_revision_alone_is_no_difference(self):
        self.graph.put(self.graph.entity(*samples.HOST).stamped(7))
        self.assertFalse(self.before.differences(self.graph))

    def test_a_type_that_only_one_has_loaded_did_not_come(self):
        fewer = graph.EntityGraph(
            (one for one in samples.cloud() if one.type != 'cinder.volume'),
            types=set(samples.TYPES) - {'cinder.volume'})
        self.assertFalse(fewer.differences(self.graph))
        self.assertFalse(self.graph.differences(fewer))

    @hypothesis.given(samples.graphs(), samples.graphs())
    def test_one_way_is_the_other_way_turned_round(self, one, two):
        there, back = one.differences(two), two.differences(one)
        self.assertEqual(there, dataclasses.replace(
            back, added=back.removed, removed=back.added,
            edges_added=back.edges_removed, edges_removed=back.edges_added))
        self.assertFalse(one.differences(one.copy()))
