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

"""Listening to a real RabbitMQ: beside others, and through its faults."""

import threading
import time
import uuid

import kombu

from synchronizer.bus import ear
from synchronizer.bus import transport
from synchronizer.tests.component import notifier
from synchronizer.tests.functional import base
from synchronizer.tests.functional import servers

PATIENCE = 90
PULSE = 0.5


class HintsCase(base.FunctionalTestCase):

    timeout = 300

    def setUp(self):
        super().setUp()
        self.url = self.broker()
        # the broker is shared: nobody else has these
        self.exchange = f'things-{uuid.uuid4().hex[:8]}'
        self.queues = []

    def broker(self):
        return self.rabbitmq_url()

    def sender(self, topic=notifier.TOPIC, retry=1):
        return self.useFixture(notifier.Notifier(
            self.url, self.exchange, topic, retry))

    def pool(self, name):
        """The name of a pool; its queue goes with the test."""
        name = f'{self.exchange}.{name}'
        self.addCleanup(self.drop, name)
        return name

    def listener(self, pool, topics=(notifier.TOPIC,)):
        """Who hears, and the listener, started."""
        heard = notifier.Heard()
        made, bus = notifier.listener(
            self.url, heard, pool, self.exchange, topics)
        self.addCleanup(bus.cleanup)
        made.start(override_pool_size=1)
        self.addCleanup(made.wait)
        self.addCleanup(made.stop)
        self.addCleanup(heard.gate.set)
        return heard

    def amqp(self):
        connection = kombu.Connection(self.url.replace('rabbit:', 'amqp:'))
        self.addCleanup(connection.release)
        return connection

    def drop(self, *names):
        with kombu.Connection(
                self.url.replace('rabbit:', 'amqp:')) as connection:
            for name in names:
                connection.default_channel.queue_delete(name)
            for topic in ('info', 'error', 'warn'):
                connection.default_channel.queue_delete(
                    f'{notifier.TOPIC}.{topic}')

    def waiting(self, queue):
        """How many messages wait in a queue that exists."""
        declared = self.amqp().default_channel.queue_declare(
            queue, passive=True)
        return declared.message_count


class PoolTest(HintsCase):

    def test_two_pools_both_get_all_in_order(self):
        ours = self.listener(self.pool('ours'))
        theirs = self.listener(self.pool('theirs'))
        sender, events = self.sender(), []
        for number in range(100):
            events.append(f'thing.{number}')
            sender.send(events[-1], {'id': 'a'},
                        ('info', 'error', 'warn')[number % 3])
        self.assertEqual([events, events],
                         [ours.wait(100), theirs.wait(100)])

    def test_what_came_while_nobody_listened_waits_in_its_queue(self):
        pool = self.pool('ours')
        heard = notifier.Heard()
        made, bus = notifier.listener(self.url, heard, pool, self.exchange)
        made.start(override_pool_size=1)
        made.stop()
        made.wait()
        bus.cleanup()
        sender = self.sender()
        for number in range(5):
            sender.send(f'thing.{number}', {'id': 'a'})
        self.assertEqual(5, self.waiting(pool))
        self.assertEqual([f'thing.{number}' for number in range(5)],
                         self.listener(pool).wait(5))

    def test_no_more_than_agreed_is_held(self):
        pool = self.pool('ours')
        heard = self.listener(pool)
        heard.gate.clear()
        sender, more = self.sender(), 20
        for number in range(transport.PREFETCH + more):
            sender.send(f'thing.{number}', {'id': 'a'})
        # it holds some, the broker the rest
        self.assertEqual(more, self.settled(pool, more))
        heard.gate.set()
        self.assertEqual(transport.PREFETCH + more,
                         len(heard.wait(transport.PREFETCH + more)))

    def settled(self, pool, expected):
        end = time.monotonic() + PATIENCE
        while (count := self.waiting(pool)) != expected and (
                time.monotonic() < end):
            threading.Event().wait(0.05)
        return count

    def test_garbage_in_the_queue_does_not_end_it(self):
        pool = self.pool('ours')
        heard = self.listener(pool)
        sender = self.sender()
        sender.send('thing.before', {'id': 'a'})
        heard.wait(1)
        producer = kombu.Producer(self.amqp().default_channel)
        for body, kind in (
                (b'', 'application/json'), (b'{', 'application/json'),
                (b'\xff\xfe', 'text/plain'), (b'[1, 2]', 'application/json'),
                (b'null', 'application/json'), (b'"x"', 'application/json'),
                (b'{"oslo.message": "{"}', 'application/json'),
                (b'{"oslo.version": "2.0", "oslo.message": "[]"}',
                 'application/json'),
                (b'{"oslo.version": "2.0", "oslo.message": "{}"}',
                 'application/json'),
                (b'{"oslo.version": "9.9", "oslo.message": "{}"}',
                 'application/json'),
                (b'{"priority": 5, "payload": []}', 'application/json'),
                (b'x', 'application/x-python-serialize')):
            producer.publish(body, routing_key=pool, content_type=kind,
                             content_encoding='utf-8')
        sender.send('thing.after', {'id': 'a'})
        self.assertIn('thing.after', heard.wait_for('thing.after'))


class EarCase(HintsCase):

    def setUp(self):
        super().setUp()
        self.heard, self.news = notifier.Heard(), threading.Condition()
        self.listening = 0

    def broker(self):
        self.rabbit = self.own_server(servers.RabbitServer)
        return self.rabbit.url

    def started(self):
        """An ear as the service has it, with a quicker pulse."""
        bus = transport.for_listening(notifier.conf(), self.url)
        self.addCleanup(bus.cleanup)
        pulse = transport.Pulse(notifier.conf(), self.url)
        self.addCleanup(pulse.close)
        made = ear.Ear(
            'test', lambda: transport.notification_listener(
                bus, self.exchange, [notifier.TOPIC], self.heard, 'ours'),
            self.listens, pulse.beat, PULSE)
        self.addCleanup(made.stop, 10)
        made.start()
        made.want(True)
        return made

    def listens(self):
        # what the broker has now, is ours to catch up with
        with self.news:
            self.listening += 1
            self.news.notify_all()

    def wait(self, count):
        with self.news:
            self.news.wait_for(lambda: self.listening >= count, PATIENCE)
            return self.listening

    def assert_heard(self, event):
        """What is sent from now on is heard."""
        self.sender(retry=3).send(event, {'id': 'a'}, 'error')
        self.assertIn(event, self.heard.wait_for(event, PATIENCE))


class FaultsTest(EarCase):

    def test_a_restart_is_noticed_and_nothing_sent_later_is_missed(self):
        self.through(self.rabbit.restart)

    def test_a_broker_that_lost_everything_is_told_anew(self):
        self.through(self.rabbit.restart_empty)

    def through(self, fault):
        self.started()
        self.assertEqual(1, self.wait(1))
        self.assert_heard('thing.before')
        fault()
        begun = time.monotonic()
        self.assertGreaterEqual(self.wait(2), 2)
        self.assertLess(time.monotonic() - begun, 40)
        # its queue is bound when it says so
        self.assertEqual(0, self.waiting('ours'))
        self.assert_heard('thing.after')

    def test_a_broker_that_is_away_at_the_start(self):
        self.rabbit.kill()
        made = self.started()
        self.assertFalse(made.wait(1))
        self.rabbit.start()
        self.assertTrue(made.wait(PATIENCE))
        self.assert_heard('thing.first')

    def test_an_exchange_that_is_not_there_yet(self):
        made = self.started()
        self.assertTrue(made.wait(PATIENCE))
        self.assert_heard('thing.first')

    def test_it_ends_in_time_while_the_broker_is_away(self):
        made = self.started()
        self.assertTrue(made.wait(PATIENCE))
        self.rabbit.kill()
        begun = time.monotonic()
        made.stop(3)
        self.assertLess(time.monotonic() - begun, 20)
        self.rabbit.start()
