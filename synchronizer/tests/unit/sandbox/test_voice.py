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
"""The thread between the cloud and the broker: order, mishaps, its end."""

import threading

from synchronizer.sandbox import Life
from synchronizer.tests.unit.sandbox import base


class Stuck(base.Recorder):
    """A broker that hangs until it is let go of."""

    def __init__(self):
        super().__init__()
        self.entered, self.go = threading.Event(), threading.Event()

    def send(self, message):
        self.entered.set()
        self.go.wait(10)
        super().send(message)


class VoiceTest(base.VoiceCase):

    def test_the_envelope(self):
        self.cloud.stop(self.server)
        first, second = self.heard()[:2]
        row = self.cloud.get('nova.instance', self.server)
        self.assertEqual(
            {'message_id', 'publisher_id', 'event_type', 'priority',
             'payload', 'timestamp'}, set(first.body))
        self.assertEqual('2027-01-15 08:00:00.000000',
                         first.body['timestamp'])
        self.assertNotEqual(first.body['message_id'],
                            second.body['message_id'])
        self.assertEqual(
            (None, row['project_id'], row['user_id'], 'demo'),
            tuple(first.context[name] for name in (
                'auth_token', 'project_id', 'user_id', 'project_name')))
        self.assertRegex(first.context['request_id'], 'req-[0-9a-f-]{36}$')
        self.assertEqual(first.context['request_id'], first.body['payload'][
            'nova_object.data']['request_id'])

    def test_one_request_has_one_id(self):
        self.cloud.stop(self.server)
        self.assertEqual(1, len({
            one.context['request_id'] for one in self.heard()}))
        self.cloud.rename_volume(self.volume, 'x')
        self.cloud.extend_volume(self.volume)
        self.assertEqual(2, len({
            one.context['request_id'] for one in self.heard()}))

    def test_the_formats(self):
        for name, expected in (
                ('versioned', ['instance.update', 'volume.update.end']),
                ('unversioned', ['compute.instance.update',
                                 'volume.update.end'])):
            self.voice.stop()
            self.voice = self.speak(notification_format=name)
            self.cloud.rename(self.server, name)
            self.cloud.rename_volume(self.volume, name)
            self.assertEqual(expected, self.events())

    def test_what_does_not_change_is_not_told(self):
        self.cloud.stop(self.server)
        self.heard()
        self.cloud.stop(self.server)
        self.assertEqual([], self.heard())

    def test_a_life_is_told_in_order(self):
        Life(self.cloud).run(100)
        told = self.heard()
        stamps = {}
        for one in told:
            if one.body['event_type'] == 'instance.update':
                data = one.body['payload']['nova_object.data']
                stamps.setdefault(data['uuid'], []).append((
                    data['state_update']['nova_object.data']['old_state'],
                    data['state']))
        self.assertGreater(len(stamps), 5)
        for states in stamps.values():
            self.assertEqual([new for _, new in states[:-1]],
                             [old for old, _ in states[1:]])
        self.assertEqual(len(told), self.voice.counts['said'])

    def test_silence_and_its_end(self):
        self.voice.set_mishaps(silent=True)
        self.cloud.stop(self.server)
        self.assertEqual([], self.heard())
        self.voice.set_mishaps(silent=False)
        self.cloud.extend_volume(self.volume)
        self.assertEqual(['volume.resize.end'], self.events())

    def test_an_echo_has_the_same_id(self):
        self.voice.set_mishaps(doubled=1)
        self.cloud.extend_volume(self.volume)
        first, second = self.heard()
        self.assertEqual(first.body, second.body)

    def test_a_delay_holds_until_it_is_lifted(self):
        self.voice.set_mishaps(delay=1000)
        self.cloud.extend_volume(self.volume)
        self.clock.tick(9)
        self.assertFalse(self.voice.wait_idle(0))
        self.assertEqual([], self.recorder.said)
        self.voice.set_mishaps(delay=0)
        message, = self.heard()
        self.assertEqual('2027-01-15 08:00:00.000000',
                         message.body['timestamp'])

    def test_a_forged_one_comes_in_its_turn_whatever_befalls_others(self):
        self.voice.set_mishaps(delay=1000, lost=1)
        self.cloud.stop(self.server)
        self.voice.say('heat', 'orchestration.stack.update.end',
                       {'stack_identity': 'x'})
        self.voice.set_mishaps(delay=0)
        message, = self.heard()
        self.assertEqual(
            ('heat', 'notifications', 'INFO', {'stack_identity': 'x'}),
            (message.service, message.topic, message.body['priority'],
             message.body['payload']))

    def test_nobody_forges_for_another(self):
        self.assertRaises(ValueError, self.voice.say, 'swift', 'x', {})
        self.assertRaises(ValueError, self.voice.say, 'nova', 'x', {},
                          topic='other')
        self.assertRaises(ValueError, self.voice.say, 'nova', 'x', {},
                          priority='loud')

    def test_what_is_too_much_pushes_out_the_oldest(self):
        self.voice.stop()
        self.voice = self.speak(limit=2)
        self.voice.set_mishaps(delay=1000)
        for name in 'abc':
            self.cloud.rename_volume(self.volume, name)
        self.voice.set_mishaps(delay=0)
        self.assertEqual(['b', 'c'], [
            one.body['payload']['display_name'] for one in self.heard()])
        self.assertEqual({'heard': 3, 'said': 2, 'dropped': 1},
                         dict(self.voice.counts))

    def test_stopped_it_hears_nothing_and_has_hung_up(self):
        self.assertTrue(self.voice.stop())
        self.assertTrue(self.recorder.closed)
        self.cloud.stop(self.server)
        self.assertEqual(0, self.voice.counts['heard'])

    def test_never_started_it_hangs_up_too(self):
        recorder = base.Recorder()
        self.assertTrue(base.Voice(self.cloud, recorder).stop())
        self.assertTrue(recorder.closed)

    def test_a_broker_that_hangs_stops_neither_verbs_nor_the_end(self):
        self.voice.stop()
        self.recorder = Stuck()
        self.voice = self.speak()
        self.addCleanup(self.recorder.go.set)
        self.cloud.stop(self.server)
        self.assertTrue(self.recorder.entered.wait(10))
        self.cloud.start(self.server)
        self.assertFalse(self.voice.stop(timeout=0))
        self.recorder.go.set()
        self.assertTrue(self.voice.stop(timeout=10))
        self.assertEqual(1, len(self.recorder.said))
        self.assertTrue(self.recorder.closed)
