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

"""The embedded bus rests, and wakes whoever waits."""

import threading
import time

import kombu
from kombu.transport import memory as kombu_memory

from synchronizer.bus import memory
from synchronizer.bus import transport
from synchronizer.tests import base

PATIENCE = 10


class MemoryTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.addCleanup(transport.forget_embedded)
        self.listener = self.connection(memory.Transport)
        self.got = []
        consumer = self.listener.Consumer(
            [kombu.Queue('q')], callbacks=[
                lambda body, message: self.got.append(body)], no_ack=True)
        consumer.consume()

    def connection(self, transport_class):
        made = kombu.Connection(transport=transport_class)
        self.addCleanup(made.release)
        return made

    def say(self, text, transport_class=memory.Transport):
        with self.connection(transport_class) as connection:
            connection.Producer().publish(
                text, routing_key='q', declare=[kombu.Queue('q')])

    def test_what_waits_is_delivered(self):
        self.say('one')
        self.listener.drain_events(timeout=PATIENCE)
        self.assertEqual(['one'], self.got)

    def test_nothing_comes(self):
        began = time.monotonic()
        self.assertRaises(TimeoutError, self.listener.drain_events,
                          timeout=0.02)
        self.assertLess(time.monotonic() - began, PATIENCE)

    def test_it_asks_no_more_than_it_must(self):
        asked = []
        cycle = self.listener.transport.cycle
        get = cycle.get

        def counted(*args, **kwargs):
            asked.append(args)
            return get(*args, **kwargs)
        cycle.get = counted
        self.assertRaises(TimeoutError, self.listener.drain_events,
                          timeout=4 * memory.PATIENCE)
        self.assertLessEqual(len(asked), 6)

    def test_whoever_waits_is_woken(self):
        for kind in (memory.Transport, kombu_memory.Transport):
            thread = threading.Thread(
                target=self.listener.drain_events,
                kwargs={'timeout': PATIENCE}, daemon=True)
            thread.start()
            self.say(kind.__module__, kind)
            thread.join(PATIENCE)
            self.assertFalse(thread.is_alive())
        self.assertEqual([memory.__name__, kombu_memory.__name__], self.got)

    def test_it_is_what_our_transports_use(self):
        made = transport.private(transport.EMBEDDED)
        self.addCleanup(made.cleanup)
        self.assertIs(memory.Transport, type(
            kombu.Connection('memory://').transport))
