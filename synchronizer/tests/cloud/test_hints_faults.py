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

"""Notifications that lie, come late, twice, in disorder, or unheard."""

import collections
import json
from unittest import mock

import kombu

from synchronizer.plugins.nova import instance
from synchronizer.tests.cloud import listening
from synchronizer.tests.cloud.listening import has

SERVER = 'nova.instance'
BURST = 200


class TestFaults(listening.HintCase):

    def setUp(self):
        super().setUp()
        self.server = self.make_server('server')
        self.said = self.world.payload('instance.update', self.server)
        self.calm()
        self.asked = self.count_gets()

    def calm(self):
        """Until nothing more is heard of it."""
        self.await_heard('instance.create.end', self.server)
        self.rename('calm')
        self.await_shown(SERVER, self.server, has(
            name=f'{self.prefix}-calm', **{'OS-EXT-STS:task_state': None}))

    def rename(self, name):
        self.request('PUT', f'/servers/{self.server}', {
            'server': {'name': f'{self.prefix}-{name}'}})

    def count_gets(self):
        asked, look_up = collections.Counter(), instance.Instance.look_up

        def counting(kind, session, id_):
            page = look_up(kind, session, id_)
            asked[id_] += 1
            return page
        patch = mock.patch.object(instance.Instance, 'look_up', counting)
        patch.start()
        self.addCleanup(patch.stop)
        return asked

    def await_asked(self, times=1):
        listening.until(lambda: self.asked[self.server] >= times, lambda: (
            f'asked {self.asked[self.server]} times'))

    def told_since(self):
        return [change.action
                for change in self.changes(SERVER, self.server)]

    def test_a_forged_delete_deletes_nothing(self):
        self.since = len(self.world.told)
        self.world.say('nova', 'instance.delete.end', self.said)
        # it is asked again for a while, since it should be gone
        self.await_asked(4)
        self.assertEqual([], self.told_since())
        self.assertTrue(self.world.is_level(SERVER, self.server))

    def test_late_and_disordered_ones_change_nothing(self):
        self.since = len(self.world.told)
        for event, ago in (('instance.unlock', 300), ('instance.lock', 600),
                           ('instance.create.end', 900)):
            self.world.say('nova', event, self.said, ago=ago)
        self.await_asked()
        self.assertEqual([], self.told_since())

    def test_doubles_cost_nothing(self):
        since = len(self.world.heard)
        self.world.say('nova', 'instance.update', self.said, BURST,
                       id_='the-same')
        # it comes after them all
        self.world.say('nova', 'instance.unlock', self.said)
        self.await_heard('instance.unlock', self.server, since)
        self.await_asked()
        self.assertEqual(['instance.update', 'instance.unlock'],
                         self.world.events(self.server, since))
        self.assertLessEqual(self.asked[self.server], 2)

    def test_a_burst_costs_two_requests(self):
        since = len(self.world.heard)
        self.world.say('nova', 'instance.update', self.said, BURST)
        listening.until(lambda: len(
            self.world.events(self.server, since)) >= BURST, 'the burst')
        self.await_asked()
        # what comes after them all is seen after them all
        self.rename('after')
        self.await_shown(SERVER, self.server, has(
            name=f'{self.prefix}-after'))
        # some more for the renaming, which is told twice
        self.assertLessEqual(self.asked[self.server], 2 + 2)

    def test_forged_ones_of_nobody_do_no_harm(self):
        for payload in ({}, None, 'x', {'uuid': ['y']}, self.said | {
                'nova_object.data': {'uuid': '0' * 8}}):
            self.world.say('nova', 'instance.update', payload)
        self.rename('unharmed')
        self.await_shown(SERVER, self.server, has(
            name=f'{self.prefix}-unharmed'))

    def test_another_reader_misses_nothing(self):
        with self.world.broker() as channel:
            queue = kombu.Queue(f'{self.world.pool}-other', exclusive=True,
                                channel=channel)
            queue.declare()
            for topic in ('notifications', 'versioned_notifications'):
                queue.bind_to('nova', routing_key=f'{topic}.info')
            since = len(self.world.heard)
            self.rename('seen by both')
            self.await_shown(SERVER, self.server, has(
                name=f'{self.prefix}-seen by both'))
            self.request('PUT', f'/servers/{self.server}/tags/last')
            self.await_shown(SERVER, self.server, has(tags=['last']))
            theirs = self.drain(queue)
        self.assertEqual(collections.Counter(
            self.world.events(self.server, since)), theirs)

    def drain(self, queue):
        """What another one got of our server, by its event."""
        found = collections.Counter()
        while message := queue.get(no_ack=True):
            body = json.loads(json.loads(message.body)['oslo.message'])
            if self.server in json.dumps(body['payload']):
                found[body['event_type']] += 1
        return found


class TestAway(listening.HintCase):

    def test_what_was_said_meanwhile_is_read_afterwards(self):
        id_ = self.make_server('away')
        gone = self.make_server('gone')
        self.world.stop()
        since, name = len(self.world.heard), f'{self.prefix}-back'
        self.request('PUT', f'/servers/{id_}', {'server': {'name': name}})
        self.drop(f'/servers/{gone}')
        self.world.start()
        self.await_heard('instance.update', id_, since)
        self.await_heard('instance.delete.end', gone, since)
        listening.until(lambda: has(name=name)(
            self.world.mirror.get(SERVER, id_)), 'the new name')
        listening.until(lambda: self.world.mirror.get(SERVER, gone) is None,
                        'the deletion')
        self.assertTrue(self.world.is_level(SERVER, id_))
        self.assertEqual([], self.world.mirror.verify())
