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

"""The stream on a real RabbitMQ: brokers that come and go, raw clients."""

import threading
import time

from oslo_config import cfg
import oslo_messaging

from synchronizer import exception
from synchronizer.bus import transport
from synchronizer.tests.component import stream
from synchronizer.tests.functional import base
from synchronizer.tests.functional import servers
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA

PATIENCE = 90


class RabbitTest(base.FunctionalTestCase):

    timeout = 300

    def setUp(self):
        super().setUp()
        self.url = self.broker()
        self.patch(stream, 'PATIENCE', PATIENCE)
        self.service = self.useFixture(stream.Service(
            NOVA, HEAT, url=self.url, interval=0.5))
        self.commit = self.service.commit
        self.commit('created', NOVA, 'a', 'b', 'c')
        for type_ in (NOVA, HEAT):
            self.service.collected(type_)
        self.told = stream.Told()

    def broker(self):
        return self.rabbitmq_url()

    def synced(self, *args, **kwargs):
        mirror = self.service.mirror(*args, subscribe=self.told, **kwargs)
        self.assertTrue(mirror.wait_synced(PATIENCE))
        return mirror

    def assert_told_all(self, mirror, first=4):
        last = self.service.store.streams()[NOVA].revision
        self.assertEqual(list(range(first, last + 1)),
                         self.told.revisions(last - first + 1))
        self.assertEqual([], mirror.verify(PATIENCE))


class StreamTest(RabbitTest):

    def test_changes_as_they_come(self):
        mirror = self.synced()
        self.commit('updated', NOVA, 'a')
        self.told.wait(1)
        for _ in range(50):
            self.commit('updated', NOVA, *'abc')
        self.assert_told_all(mirror)

    def test_the_last_consumer_leaves(self):
        mirror = self.synced([NOVA])
        mirror.stop(20)
        # its exchange is gone, and the publisher's connection knew it
        self.commit('updated', NOVA, 'a')
        self.told = stream.Told()
        mirror = self.synced([NOVA])
        self.commit('updated', NOVA, 'b')
        self.assertEqual([5], self.told.revisions(1))
        self.assertNotIn('Nothing can be published', self.log.output)

    def test_stop_is_bounded(self):
        mirror = self.synced()
        begun = time.monotonic()
        mirror.stop()
        self.assertLess(time.monotonic() - begun, 30)


class RawTest(RabbitTest):
    """A program that shares no code with us but the exceptions."""

    def setUp(self):
        super().setUp()
        self.raw = oslo_messaging.get_rpc_transport(
            cfg.CONF, self.url,
            allowed_remote_exmods=['synchronizer.exception'])
        self.addCleanup(self.raw.cleanup)
        self.client = oslo_messaging.get_rpc_client(
            self.raw, oslo_messaging.Target(
                exchange='synchronizer', topic='synchronizer',
                version='1.0'), timeout=30)

    def test_requests(self):
        answer = self.client.call({}, 'get_all', types=[NOVA], limit=2)
        rest = self.client.call({}, 'get_all', marker=answer['marker'])
        self.assertEqual(['a', 'b', 'c'], [
            e['id'] for e in answer['entities'] + rest['entities']])
        head = answer['streams'][NOVA]
        changes = self.client.call({}, 'get_changes', type=NOVA,
                                   epoch=head['epoch'], since=1)
        self.assertEqual([2, 3],
                         [c['revision'] for c in changes['changes']])

    def test_errors(self):
        self.assertRaises(exception.UnknownType, self.client.call, {},
                          'get', type='x.y', ids=['a'])
        self.service.store.set_paused(NOVA, True)
        error = self.assertRaises(
            exception.TooStale, self.client.call, {}, 'get_all',
            types=[NOVA], max_age=10)
        self.assertGreater(error.age, 10)

    def test_the_stream(self):
        heard, news = [], threading.Condition()

        class Ear:
            target = oslo_messaging.Target(version='1.0')

            def changed(self, ctxt, epoch, changes):
                self.hear(('changed', [c['revision'] for c in changes]))

            def bookmark(self, ctxt, epoch, revision, collected_at, state):
                self.hear(('bookmark', revision))

            def hear(self, message):
                with news:
                    heard.append(message)
                    news.notify_all()

        server = oslo_messaging.get_rpc_server(
            self.raw, oslo_messaging.Target(
                exchange='synchronizer', version='1.0', server='raw',
                topic='synchronizer.changes.nova.instance'), [Ear()])
        server.start(override_pool_size=1)
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        with news:
            news.wait_for(lambda: ('bookmark', 3) in heard, PATIENCE)
        self.commit('updated', NOVA, 'a')
        with news:
            news.wait_for(lambda: ('bookmark', 4) in heard, PATIENCE)
        messages = self.distinct(heard)
        # the first three changes may have been cast before it heard
        self.assertEqual(
            [('bookmark', 3), ('changed', [4]), ('bookmark', 4)],
            messages[messages.index(('bookmark', 3)):])

    @staticmethod
    def distinct(messages):
        return [message for number, message in enumerate(messages)
                if message not in messages[:number]]


class FaultsTest(RabbitTest):

    def broker(self):
        self.rabbit = self.own_server(servers.RabbitServer)
        return self.rabbit.url

    def test_a_restart_while_changes_flow(self):
        self.through(self.rabbit.restart)

    def test_a_restart_without_memory_while_changes_flow(self):
        self.through(self.rabbit.restart_empty)

    def through(self, fault):
        mirror = self.synced([NOVA], timeout=5)
        stop = threading.Event()
        writer = threading.Thread(target=self.write, args=(stop,))
        writer.start()
        self.addCleanup(stop.set)
        self.told.wait(20)
        fault()
        stop.set()
        writer.join()
        self.assert_told_all(mirror)

    def write(self, stop):
        number = 0
        while not stop.wait(0.02):
            number += 1
            self.commit('updated', NOVA, 'abc'[number % 3])

    def test_nobody_hangs_on_a_dead_broker(self):
        mirror = self.synced([NOVA], timeout=2)
        self.rabbit.kill()
        begun = time.monotonic()
        self.assertRaises(exception.BusError, mirror.verify)
        self.commit('updated', NOVA, 'a')
        self.service.publisher.stop(3)
        self.service.publisher = None
        mirror.stop(3)
        self.assertLess(time.monotonic() - begun, 25)
        self.rabbit.start()

    def test_nobody_hangs_on_a_paused_broker(self):
        mirror = self.synced([NOVA], timeout=2)
        self.rabbit.pause()
        begun = time.monotonic()
        self.assertRaises(exception.BusError, mirror.verify)
        self.commit('updated', NOVA, 'a')
        self.service.publisher.wake(NOVA)
        mirror.stop(3)
        self.service.publisher.stop(3)
        self.assertLess(time.monotonic() - begun, 25)
        self.service.publisher = None
        self.rabbit.resume()

    def test_a_mirror_that_starts_before_the_broker(self):
        self.rabbit.kill()
        mirror = self.service.mirror([NOVA], timeout=2,
                                     subscribe=self.told)
        self.assertFalse(mirror.wait_synced(3))
        self.rabbit.start()
        self.assertTrue(mirror.wait_synced(PATIENCE))

    def test_a_publisher_that_starts_before_the_broker(self):
        self.service.unplug(answer=False)
        self.rabbit.kill()
        self.service.plug(answer=False)
        self.commit('updated', NOVA, 'a')
        self.rabbit.start()
        mirror = self.synced([NOVA], timeout=5)
        first = mirror.position(NOVA).revision + 1
        self.commit('updated', NOVA, 'b')
        self.assert_told_all(mirror, first)


class CasterTest(base.FunctionalTestCase):

    def test_a_cast_to_nobody(self):
        bus = transport.private(self.rabbitmq_url())
        self.addCleanup(bus.cleanup)
        caster = transport.Caster(bus)
        for _ in range(3):
            caster.cast(NOVA, 'bookmark', epoch='e', revision=1)
