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


from hypothesis import given
from hypothesis import settings
from hypothesis import strategies as st

from synchronizer import exception
from synchronizer.integrations.vitrage import feed as feed_module
from synchronizer.integrations.vitrage import rows
from synchronizer.tests import base
from synchronizer.tests.unit.integrations.vitrage import world

SERVER, VOLUME = 'nova.instance', 'cinder.volume'


def volume(id_, *servers, size=1):
    return world.entity(
        VOLUME, id_, 'in-use' if servers else 'available', id=id_, size=size,
        attachments=[{'server_id': server} for server in servers])


def truth(service):
    """What Vitrage should show of the volumes."""
    return {id_: (rows.volume(one), {
        str({'server_id': each['server_id']})
        for each in one.attributes['attachments']})
        for id_, one in service.living[VOLUME].items()}


class VolumesTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.service = world.Service(VOLUME)
        self.graph = world.Graph()
        self.feed = feed_module.PagedFeed(
            self.service, world.fields, rows.VOLUMES)

    def process(self, events):
        found = list(events)
        for event in found:
            self.graph.process(event)
        return found

    def assertLevel(self):
        self.assertEqual(truth(self.service), self.graph.shown())


class PagedFeedTest(VolumesTestCase):

    def test_a_snapshot_of_many_pages(self):
        for number in range(5):
            self.service.put(volume(str(number), 'a'))
        self.process(self.feed.snapshot())
        self.assertLevel()

    def test_the_last_attachment(self):
        self.service.put(volume('v', 'a'))
        self.process(self.feed.snapshot())
        events = self.process(self.feed.changed(
            self.service.put(volume('v'))))
        self.assertEqual(['delete_relationship', 'update_entity'],
                         [event['action'] for event in events])
        self.assertLevel()

    def test_a_detachment_that_a_snapshot_shows(self):
        self.service.put(volume('v', 'a'))
        self.process(self.feed.snapshot())
        self.service.put(volume('v'))
        self.process(self.feed.snapshot())
        self.assertLevel()

    def test_a_deletion(self):
        self.service.put(volume('v', 'a'))
        self.process(self.feed.snapshot())
        events = self.process(self.feed.changed(
            self.service.delete(VOLUME, 'v')))
        self.assertEqual(['delete_entity'],
                         [event['action'] for event in events])
        self.assertLevel()

    def test_a_deletion_that_is_over_at_once(self):
        self.service.put(volume('v', 'a'))
        self.process(self.feed.snapshot())
        self.service.delete(VOLUME, 'v')
        self.process(self.feed.changed(self.service.put(volume('v'))))
        self.assertLevel()

    def test_changes_that_a_snapshot_has_shown(self):
        changes = [self.service.put(volume('v', 'a')),
                   self.service.put(volume('v', 'b'))]
        self.process(self.feed.snapshot())
        self.assertEqual([], [event for change in changes
                              for event in self.feed.changed(change)])

    def test_changes_that_never_came(self):
        self.process(self.feed.snapshot())
        for number in range(5):
            self.service.put(volume(str(number)))
        last = self.service.put(volume('4', 'a'))
        self.process(self.feed.changed(last))
        self.assertLevel()
        self.assertEqual([], self.feed.changed(last))

    def test_changes_while_a_snapshot_is_read(self):
        for number in range(6):
            self.service.put(volume(str(number), 'a'))
        walk = self.feed.snapshot()
        self.graph.process(next(walk))
        late = [self.service.put(volume('1', 'b')),
                self.service.delete(VOLUME, '2')]
        # the page that is being read is older than they are
        for change in late:
            self.process(self.feed.changed(change))
        self.process(walk)
        self.assertLevel()

    def test_a_page_that_cannot_be_read(self):
        for number in range(3):
            self.service.put(volume(str(number)))
        walk = self.feed.snapshot()
        next(walk)
        self.service.away = True
        self.assertRaises(exception.BusError, list, walk)

    def test_no_service_to_ask_for_what_is_missing(self):
        self.process(self.feed.snapshot())
        self.service.asked.clear()
        self.service.put(volume('1'))
        last = self.service.put(volume('2'))
        self.service.away = True
        self.process(self.feed.changed(last))
        self.assertEqual({'2'}, set(self.graph.rows))
        self.process(self.feed.changed(self.service.put(volume('3'))))
        self.assertEqual(1, self.service.asked.count(
            ('get_changes', VOLUME)))
        self.service.away = False
        self.process(self.feed.snapshot())
        self.assertLevel()

    def test_another_epoch(self):
        self.service.put(volume('1', 'a'))
        self.process(self.feed.snapshot())
        self.service.journal[VOLUME].clear()
        self.service.epoch = 'e1'
        self.process(self.feed.changed(self.service.put(volume('1', 'b'))))
        self.assertLevel()
        self.process(self.feed.snapshot())
        self.process(self.feed.changed(self.service.put(volume('1'))))
        self.assertLevel()

    def test_servers_that_no_listing_shows(self):
        service = world.Service(SERVER)
        feed = feed_module.PagedFeed(service, world.fields, rows.INSTANCES)
        service.put(world.entity(SERVER, '1', 'SOFT_DELETED', id='1'))
        self.assertEqual([], list(feed.snapshot()))
        [event] = feed.changed(service.put(
            world.entity(SERVER, '1', 'ACTIVE', id='1')))
        self.assertEqual('update_entity', event['action'])
        [event] = feed.changed(service.put(
            world.entity(SERVER, '1', 'SOFT_DELETED', id='1')))
        self.assertEqual('delete_entity', event['action'])


class OrderTest(base.TestCase):

    @settings(deadline=None)
    @given(st.data())
    def test_the_order_of_messages_and_of_threads_is_of_no_account(
            self, data):
        """Messages come in any order, some twice or never, and what they
        amount to is processed in any order, too."""
        service = world.Service(VOLUME)
        graph = world.Graph()
        feed = feed_module.PagedFeed(service, world.fields, rows.VOLUMES)
        steps = data.draw(st.lists(st.tuples(
            st.sampled_from('12'), st.sets(st.sampled_from('abc'))),
            min_size=1, max_size=12))
        for event in feed.snapshot():
            graph.process(event)
        changes = [service.put(volume(id_, *sorted(servers), size=size))
                   for size, (id_, servers) in enumerate(steps)]
        changes += [service.delete(VOLUME, id_) for id_ in data.draw(
            st.sets(st.sampled_from(sorted(service.living[VOLUME]))))]
        # of the last a message must come; what is lost at the very end only
        # the next snapshot can tell
        sent = data.draw(st.permutations(
            [*data.draw(st.lists(st.sampled_from(changes))), changes[-1]]))
        waiting = []
        for change in sent:
            waiting += feed.changed(change)
            for _ in range(data.draw(st.integers(0, len(waiting)))):
                graph.process(waiting.pop(
                    data.draw(st.integers(0, len(waiting) - 1))))
        for event in data.draw(st.permutations(waiting)):
            graph.process(event)
        self.assertEqual(truth(service), graph.shown())
