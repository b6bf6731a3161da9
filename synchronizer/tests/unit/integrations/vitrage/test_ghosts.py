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


"""Changes that Vitrage is told while a snapshot is read.

What it is told of meanwhile it keeps, whatever the snapshot leaves out.
"""

import dataclasses

from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from synchronizer import exception
from synchronizer.integrations.vitrage import feed as feed_module
from synchronizer.integrations.vitrage import rows
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.vitrage import test_feed
from synchronizer.tests.unit.integrations.vitrage import test_stacks
from synchronizer.tests.unit.integrations.vitrage import world

SERVER, VOLUME = test_feed.SERVER, test_feed.VOLUME


class PagedGhostTest(test_feed.VolumesTestCase):

    def late(self, *changes):
        """Let them come while the first page is read."""
        read = self.service.get_all

        def get_all(types):
            pages = read(types)
            yield next(pages)
            for change in changes:
                self.process(self.feed.changed(change))
            yield from pages
        self.service.get_all = get_all

    def test_one_that_was_gone_before_the_snapshot(self):
        self.service.put(test_feed.volume('1'))
        self.process(self.feed.snapshot())
        made = self.service.put(test_feed.volume('2', 'a'))
        gone = self.service.delete(VOLUME, '2')
        self.late(made)
        self.process(self.feed.snapshot())
        self.assertLevel()
        self.assertEqual([], self.process(self.feed.changed(gone)))

    def test_one_that_was_told_just_before_the_snapshot(self):
        self.process(self.feed.snapshot())
        self.process(self.feed.changed(
            self.service.put(test_feed.volume('1', 'a'))))
        self.service.delete(VOLUME, '1')
        self.process(self.feed.snapshot())
        self.assertLevel()

    def test_an_old_version_after_the_page(self):
        old = self.service.put(test_feed.volume('1', 'a'))
        self.service.put(test_feed.volume('1', 'b', size=2))
        self.late(old)
        self.process(self.feed.snapshot())
        self.assertLevel()

    def test_what_is_still_there_is_not_taken_back(self):
        change = self.service.put(test_feed.volume('1', 'a'))
        self.late(change)
        events = self.process(self.feed.snapshot())
        self.assertEqual(['update_entity'],
                         [event['action'] for event in events])
        self.assertLevel()

    def test_a_server_that_no_listing_shows_any_more(self):
        service = world.Service(SERVER)
        feed = feed_module.PagedFeed(service, world.fields, rows.INSTANCES)
        feed.changed(service.put(
            world.entity(SERVER, '1', 'ACTIVE', id='1')))
        service.put(world.entity(SERVER, '1', 'SOFT_DELETED', id='1'))
        [event] = feed.snapshot()
        self.assertEqual(('1', 'delete_entity'),
                         (event['id'], event['action']))


def happen(data, service, dead):
    """Some changes of some volumes."""
    changes = []
    for id_, servers in data.draw(st.lists(st.tuples(
            st.sampled_from('1234'), st.sets(st.sampled_from('ab'))),
            max_size=3)):
        if id_ in dead:
            continue
        if id_ in service.living[VOLUME] and data.draw(st.booleans()):
            changes.append(service.delete(VOLUME, id_))
            dead.add(id_)
        else:
            changes.append(service.put(
                test_feed.volume(id_, *sorted(servers))))
    return changes


class AnyTimeTest(base.TestCase):

    @settings(deadline=None)
    @given(st.data())
    def test_when_changes_come_is_of_no_account(self, data):
        """Before, in the middle of a snapshot and after it. No id that is
        gone comes back: nobody gives one twice."""
        service, graph = world.Service(VOLUME), world.Graph()
        service.page_size = 1
        feed = feed_module.PagedFeed(service, world.fields, rows.VOLUMES)
        coming, told, dead = [], set(), set()

        def process(events):
            for event in events:
                graph.process(event)
                told.add(event['id'])

        def come(everything=False):
            while coming and (everything or data.draw(st.booleans())):
                process(feed.changed(coming.pop(
                    data.draw(st.integers(0, len(coming) - 1)))))
        for _ in range(2):
            coming += happen(data, service, dead)
            come()
            told.clear()
            for event in feed.snapshot():
                process([event])
                coming += happen(data, service, dead)
                come()
            # what a snapshot and the changes since have not told of goes
            graph.keep(told)
        come(everything=True)
        self.assertEqual(test_feed.truth(service), graph.shown())


class StackGhostTest(test_stacks.StacksTestCase):

    def late(self, *changes):
        read = self.service.get_all

        def get_all(types):
            for page in read(types):
                for change in changes:
                    self.feed.changed(change)
                yield page
        self.service.get_all = get_all

    def setUp(self):
        super().setUp()
        list(self.feed.snapshot())

    def test_a_stack_that_was_gone_before_the_snapshot(self):
        made = self.stack('s')
        self.service.delete('heat.stack', 's')
        self.late(made)
        self.assertEqual([('delete_entity', 's', [])],
                         self.shown(self.feed.snapshot()))
        self.assertEqual([], self.shown(self.feed.snapshot()))

    def test_a_stack_that_is_dying_by_then(self):
        self.feed.changed(self.stack('s'))
        self.stack('s', state='DELETE_IN_PROGRESS')
        self.assertEqual([('delete_entity', 's', [])],
                         self.shown(self.feed.snapshot()))

    def test_a_resource_that_was_gone_before_the_snapshot(self):
        self.stack('s')
        list(self.feed.snapshot())
        made = self.server('s', 'one', 'A')
        self.service.delete('heat.resource', 's/one')
        self.late(made)
        self.assertEqual([('delete_relationship', 's', ['A']),
                          ('update_entity', 's', [])],
                         self.shown(self.feed.snapshot()))


    def test_a_stack_of_an_epoch_that_began_meanwhile(self):
        self.late(dataclasses.replace(self.stack('s'), epoch='e1'))
        self.service.delete('heat.stack', 's')
        self.assertEqual([], self.shown(self.feed.snapshot()))


class PartialStackTest(test_stacks.StacksTestCase):
    """Before the first snapshot, what is known of a stack is a part."""

    def test_only_that_a_stack_is_gone_is_told(self):
        self.assertEqual([], self.feed.changed(self.server('s', 'x', 'A')))
        self.assertEqual([], self.feed.changed(self.stack('s')))
        self.assertEqual([], self.feed.changed(self.server('s', 'y', 'B')))
        self.assertEqual([], self.drop('heat.resource', 's/y'))
        self.assertEqual([('delete_entity', 's', [])],
                         self.shown(self.drop('heat.stack', 's')))

    def test_nor_after_a_snapshot_that_failed(self):
        self.service.away = True
        self.assertRaises(exception.BusError, list, self.feed.snapshot())
        self.assertEqual([], self.feed.changed(self.stack('s')))
        self.service.away = False
        self.server('s', 'x', 'A')
        self.assertEqual([('update_entity', 's', ['A'])],
                         self.shown(self.feed.snapshot()))

    def test_a_deletion_of_another_life(self):
        self.stack('s')
        late = self.service.delete('heat.stack', 's')
        self.stack('s')
        self.feed.changed(self.service.journal['heat.stack'][-1])
        self.assertEqual([], self.feed.changed(late))
