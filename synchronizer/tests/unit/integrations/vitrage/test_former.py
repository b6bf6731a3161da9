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


"""Edges of the graph that Vitrage had stored before it was ended."""

from synchronizer import exception
from synchronizer.integrations.vitrage import feed as feed_module
from synchronizer.integrations.vitrage import former
from synchronizer.integrations.vitrage import rows
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.vitrage import test_feed
from synchronizer.tests.unit.integrations.vitrage import test_stacks
from synchronizer.tests.unit.integrations.vitrage import world

VOLUME = test_feed.VOLUME


class VolumesTest(test_feed.VolumesTestCase):

    def restart(self):
        """Another process, with the graph as it was."""
        self.feed = feed_module.PagedFeed(
            self.service, world.fields, rows.VOLUMES)

    def setUp(self):
        super().setUp()
        self.service.put(test_feed.volume('1', 'a'))
        self.service.put(test_feed.volume('2', 'b'))
        self.process(self.feed.snapshot())
        self.restart()

    def test_an_edge_that_went_meanwhile(self):
        self.service.put(test_feed.volume('1'))
        self.process(self.feed.snapshot())
        self.assertLevel()

    def test_one_that_was_drawn_before_the_journal_begins(self):
        self.service.trim(VOLUME)
        self.service.put(test_feed.volume('1'))
        self.process(self.feed.snapshot())
        self.assertLevel()

    def test_one_that_a_change_shows_first(self):
        self.service.put(test_feed.volume('1'))
        walk = self.feed.snapshot()
        self.graph.process(next(walk))
        self.process(self.feed.changed(
            self.service.put(test_feed.volume('2'))))
        self.process(walk)
        self.assertLevel()

    def test_only_the_first_snapshot_looks_back(self):
        list(self.feed.snapshot())
        self.service.asked.clear()
        events = list(self.feed.snapshot())
        self.assertEqual([('get_all', VOLUME)], self.service.asked)
        self.assertEqual(['update_entity'] * 2,
                         [event['action'] for event in events])

    def test_what_has_no_edges_that_go_is_not_looked_up(self):
        service = world.Service('nova.instance')
        list(feed_module.PagedFeed(
            service, world.fields, rows.INSTANCES).snapshot())
        self.assertEqual([('get_all', 'nova.instance')], service.asked)


class StacksTest(test_stacks.StacksTestCase):

    def test_an_edge_that_went_meanwhile(self):
        self.stack('s')
        self.stack('n', root='s')
        self.server('s', 'one', 'A')
        self.server('n', 'two', 'B')
        self.server('s', 'kept', 'C')
        self.service.delete('heat.resource', 's/one')
        self.service.delete('heat.resource', 'n/two')
        self.service.delete('heat.stack', 'n')
        self.assertEqual([('delete_relationship', 's', ['A', 'B']),
                          ('update_entity', 's', ['C'])],
                         self.shown(self.feed.snapshot()))
        self.assertEqual([('update_entity', 's', ['C'])],
                         self.shown(self.feed.snapshot()))


class VersionsTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.service = world.Service(VOLUME)
        for size in range(5):
            self.service.put(test_feed.volume('1', size=size))

    def sizes(self):
        return [one.attributes['size']
                for one in former.versions(self.service, VOLUME)]

    def test_all_of_a_journal_that_is_whole(self):
        self.assertEqual([0, 1, 2, 3, 4], self.sizes())

    def test_what_it_began_with_and_all_since(self):
        self.service.trim(VOLUME)
        self.service.put(test_feed.volume('1', size=5))
        self.assertEqual([4, 5], self.sizes())

    def test_a_journal_that_is_trimmed_meanwhile(self):
        described = self.service.describe()
        self.service.describe = lambda: described
        self.service.trim(VOLUME)
        self.assertEqual([4], self.sizes())
        self.assertIn('may stay', self.log.output)

    def test_a_beginning_that_nobody_knows(self):
        self.patch(world, 'SINCE', None)
        self.assertEqual([0, 1, 2, 3, 4], self.sizes())
        self.assertIn('nobody knows', self.log.output)

    def test_a_service_that_tells_no_past(self):
        def get_at(time, types):
            raise exception.Unavailable('no get_at yet')
        self.service.get_at = get_at
        self.assertEqual([0, 1, 2, 3, 4], self.sizes())
        self.assertIn('nobody knows', self.log.output)
