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
"""From a verb to a listener of oslo.messaging, over a bus in memory."""

import queue

from oslo_config import cfg
import oslo_messaging

from synchronizer.bus import transport
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import speaker
from synchronizer.sandbox import Voice
from synchronizer.sandbox.state import SandboxError
from synchronizer.tests import base

OLD, NEW = 'notifications', 'versioned_notifications'


class Endpoint:
    """Keeps what comes in, with its priority."""

    def __init__(self, heard):
        self.heard = heard

    def info(self, context, publisher, event, payload, metadata):
        self.heard.put(('info', event, payload, context, metadata))

    def error(self, context, publisher, event, payload, metadata):
        self.heard.put(('error', event, payload, context, metadata))


class SpeakerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.addCleanup(transport.forget_embedded)
        transport.forget_embedded()
        self.cloud = SandboxCloud(hosts=2, servers=1, volumes=1, stacks=0)
        self.server = self.cloud.rows('nova.instance')[0]['id']

    def listen(self, exchange, topic):
        """A queue of what comes on one topic of one exchange."""
        conf = cfg.ConfigOpts()
        conf([], project='test', default_config_files=[])
        bus = transport.for_notifications(conf, transport.EMBEDDED)
        self.addCleanup(bus.cleanup)
        heard = queue.Queue()
        listener = oslo_messaging.get_notification_listener(
            bus, [oslo_messaging.Target(exchange=exchange, topic=topic)],
            [Endpoint(heard)], executor='threading',
            # without a pool, queues are named after topics alone
            pool=f'{exchange}-{topic}')
        listener.start()
        self.addCleanup(listener.wait)
        self.addCleanup(listener.stop)
        return heard

    def speak(self):
        voice = Voice(self.cloud, speaker.Speaker(transport.EMBEDDED))
        voice.start()
        self.addCleanup(voice.stop)
        return voice

    def test_each_service_has_its_exchange(self):
        heard = {key: self.listen(*key) for key in (
            ('nova', NEW), ('nova', OLD), ('openstack', OLD),
            ('heat', OLD))}
        self.speak()
        volume = self.cloud.create_volume()
        self.cloud.stop(self.server)
        stack = self.cloud.create_stack(servers=0, volumes=0, settle=False)
        events = {key: [where.get(timeout=10)[1] for _ in range(
            2 if key[0] == 'nova' else 1)] for key, where in heard.items()}
        self.assertEqual({
            ('nova', NEW): ['instance.update', 'instance.power_off.end'],
            ('nova', OLD): ['compute.instance.update',
                            'compute.instance.power_off.end'],
            ('openstack', OLD): ['volume.create.end'],
            ('heat', OLD): ['orchestration.stack.create.start']}, events)
        self.cloud.settle_stack(stack, 'FAILED')
        self.assertEqual(
            ('error', 'orchestration.stack.create.error', stack),
            _brief(heard['heat', OLD].get(timeout=10), 'stack_identity'))
        self.cloud.delete_volume(volume)
        self.assertEqual(
            ('info', 'volume.delete.end', volume),
            _brief(heard['openstack', OLD].get(timeout=10), 'volume_id'))

    def test_an_echo_keeps_its_id_and_its_stamp(self):
        heard = self.listen('openstack', OLD)
        self.speak().set_mishaps(doubled=1)
        self.cloud.create_volume()
        first, second = (heard.get(timeout=10) for _ in range(2))
        self.assertEqual(first[4], second[4])
        self.assertIsNone(first[3]['auth_token'])
        self.assertTrue(first[3]['request_id'].startswith('req-'))

    def test_a_url_that_is_none(self):
        for url in ('nonsense', 'nothing://host'):
            self.assertRaises(SandboxError, speaker.Speaker, url)


def _brief(message, name):
    return message[0], message[1], message[2][name]
