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

"""Store, endpoint, publisher and mirror on the embedded bus."""

import threading

import fixtures
from oslo_config import cfg
import oslo_messaging

from synchronizer import client
from synchronizer import exception
from synchronizer.bus import topics
from synchronizer.bus import transport
from synchronizer.tests import base
from synchronizer.tests.component import stream
from synchronizer.tests.unit.northbound.filled import HEAT
from synchronizer.tests.unit.northbound.filled import NOVA


class StreamTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(stream.Service(NOVA, HEAT))
        self.store = self.service.store
        self.commit = self.service.commit
        self.told = stream.Told()

    def fill(self):
        self.commit('created', NOVA, 'a', 'b', 'c')
        for type_ in (NOVA, HEAT):
            self.service.collected(type_)

    def synced(self, *args, **kwargs):
        mirror = self.service.mirror(*args, subscribe=self.told, **kwargs)
        self.assertTrue(mirror.wait_synced(stream.PATIENCE))
        return mirror

    def brief(self, count):
        return [(c.action, c.id, c.revision, c.cause)
                for c in self.told.wait(count)]


class MirrorTest(StreamTest):

    def test_all_enabled_types(self):
        self.fill()
        mirror = self.synced()
        self.assertEqual({NOVA, HEAT}, set(mirror.types))
        self.assertEqual(['a', 'b', 'c'], [e.id for e in mirror.all(NOVA)])
        self.assertEqual([], self.told.changes)

    def test_changes_as_they_come(self):
        self.fill()
        mirror = self.synced([NOVA])
        self.commit('updated', NOVA, 'a')
        self.commit('deleted', NOVA, 'b')
        self.commit('created', NOVA, 'd')
        self.assertEqual([
            ('updated', 'a', 4, 'sweep'), ('deleted', 'b', 5, 'sweep'),
            ('created', 'd', 6, 'sweep')], self.brief(3))
        self.assertEqual(['a', 'c', 'd'], [e.id for e in mirror.all(NOVA)])
        self.assertIsNone(mirror.get(NOVA, 'b'))
        self.assertEqual([], mirror.verify())

    def test_filters(self):
        self.fill()
        self.commit('created', NOVA, 'd', **{'OS:host': 'h1'})
        mirror = self.synced([NOVA])
        for filters, expected in (
                ({'name': 'name of a'}, ['a']), ({'project_id': 'q'}, []),
                ({'OS:host': 'h1'}, ['d']), ({'nonsense': None}, []),
                ({'id': 'b', 'project_id': 'p'}, ['b'])):
            self.assertEqual(expected, [
                e.id for e in mirror.all(NOVA, **filters)])

    def test_an_index(self):
        self.fill()
        self.commit('created', NOVA, 'd', host='h1')
        mirror = self.synced([NOVA])
        mirror.add_index('host', NOVA, lambda server: [
            server.attributes.get('host')])

        def found(key):
            return [server.id for server in mirror.find('host', key)]
        self.assertEqual((['d'], ['a', 'b', 'c'], []),
                         (found('h1'), found(None), found('h2')))
        self.commit('updated', NOVA, 'a', host='h1')
        self.commit('updated', NOVA, 'd', host='h2')
        self.commit('deleted', NOVA, 'b')
        self.brief(3)
        self.assertEqual((['a'], ['c'], ['d']),
                         (found('h1'), found(None), found('h2')))
        self.assertEqual({'h1', 'h2', None}, set(mirror.index_keys('host')))
        self.assertRaises(ValueError, mirror.add_index, 'host', NOVA, list)
        self.assertRaises(KeyError, mirror.find, 'nonsense', 1)

    def test_what_is_not_mirrored(self):
        self.fill()
        mirror = self.synced([NOVA])
        self.assertEqual((None, [], float('inf'), None, None), (
            mirror.get(HEAT, 'x'), mirror.all(HEAT), mirror.age(HEAT),
            mirror.position(HEAT), mirror.state(HEAT)))

    def test_age_and_state(self):
        self.service.collected(NOVA, 1000.0, 'degraded')
        mirror = self.synced([NOVA], wall=lambda: 1007.5)
        self.assertEqual((7.5, 'degraded'),
                         (mirror.age(NOVA), mirror.state(NOVA)))

    def test_never_collected(self):
        mirror = self.synced([NOVA])
        self.assertEqual(float('inf'), mirror.age(NOVA))
        self.assertEqual('starting', mirror.state(NOVA))
        self.commit('created', NOVA, 'a')
        self.assertEqual([('created', 'a', 1, 'sweep')], self.brief(1))

    def test_lost_messages_are_read_from_the_journal(self):
        self.fill()
        mirror = self.synced([NOVA])
        self.service.unplug(answer=False)
        self.commit('updated', NOVA, *'abcabc')
        # it begins at the head: only its bookmark shows the gap
        self.service.plug()
        self.assertEqual(list(range(4, 10)), self.told.revisions(6))
        self.assertEqual([], mirror.verify())

    def test_a_service_that_goes_away_and_comes_back(self):
        self.fill()
        mirror = self.synced([NOVA], timeout=0.5)
        self.service.unplug(publish=False)
        self.store.fail_next(exception.StoreUnavailable('x'), 'streams')
        self.commit('updated', NOVA, 'a')
        self.told.wait(1)
        self.service.unplug()
        self.commit('updated', NOVA, 'b')
        self.service.plug()
        self.assertEqual([4, 5], self.told.revisions(2))
        self.assertTrue(mirror.synced)

    def test_a_service_that_comes_late(self):
        self.service.unplug()
        mirror = self.service.mirror([NOVA], timeout=0.2)
        self.assertFalse(mirror.wait_synced(0.3))
        self.fill()
        self.service.plug()
        self.assertTrue(mirror.wait_synced(stream.PATIENCE))

    def test_a_reset(self):
        self.fill()
        mirror = self.synced([NOVA])
        epoch = mirror.position(NOVA).epoch
        self.store.reset(NOVA)
        self.service.filled.claim(NOVA)
        self.commit('created', NOVA, 'b', 'x')
        self.service.collected(NOVA)
        self.assertEqual([
            ('deleted', 'a', 0, 'resync'), ('deleted', 'c', 0, 'resync'),
            ('updated', 'b', 1, 'resync'), ('created', 'x', 2, 'resync')],
            self.brief(4))
        self.assertEqual([], mirror.verify())
        self.assertNotEqual(epoch, mirror.position(NOVA).epoch)

    def test_a_trimmed_journal(self):
        self.fill()
        mirror = self.synced([NOVA])
        self.service.unplug(answer=False)
        self.commit('deleted', NOVA, 'a')
        self.commit('updated', NOVA, 'b')
        self.store.trim(NOVA, '', 0)
        self.service.plug()
        self.assertEqual([('deleted', 'a', 3, 'resync'),
                          ('updated', 'b', 5, 'resync')], self.brief(2))
        self.assertEqual([], mirror.verify())

    def test_under_fire(self):
        """A first snapshot in small pages while everything changes."""
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.northbound.arguments.LARGEST_LIMIT', 20))
        self.fill()
        self.commit('created', NOVA, *map(str, range(100)))
        stop = threading.Event()
        self.addCleanup(stop.set)
        writer = threading.Thread(target=self.fire, args=(stop,))
        writer.start()
        mirror = self.synced([NOVA])
        first = self.told.revisions(50)[0]
        stop.set()
        writer.join()
        last = self.store.streams()[NOVA].revision
        self.assertEqual(list(range(first, last + 1)),
                         self.told.revisions(last - first + 1))
        self.assertEqual([], mirror.verify())

    def fire(self, stop):
        for number in range(10_000):
            if stop.is_set():
                return
            id_ = str(number % 100)
            self.commit('deleted', NOVA, id_)
            self.commit('created', NOVA, id_)
            stop.wait(0.003)

    def test_verify_says_what_differs(self):
        self.fill()
        mirror = self.synced([NOVA])
        follower = mirror._keeper.followers[NOVA]
        del follower.entities['a']
        follower.entities['z'] = follower.entities.pop('b')
        self.assertEqual(
            [('a', 'not held here'), ('b', 'not held here'),
             ('z', 'not in the store')],
            [(d.id, d.reason) for d in mirror.verify()])

    def test_the_graph(self):
        self.fill()
        mirror = self.synced([NOVA])
        graph = mirror.graph
        self.assertIsNotNone(graph.entity(NOVA, 'a'))
        self.commit('deleted', NOVA, 'a')
        self.commit('created', NOVA, 'd')
        self.told.wait(2)
        self.assertIsNone(graph.entity(NOVA, 'a'))
        self.assertIsNotNone(graph.entity(NOVA, 'd'))
        self.assertIs(graph, mirror.graph)

    def test_the_graph_before_it_is_level(self):
        self.fill()
        mirror = self.service.mirror([NOVA], start=False)
        graph = mirror.graph
        mirror.start()
        self.addCleanup(mirror.stop)
        self.assertTrue(mirror.wait_synced(stream.PATIENCE))
        self.assertIsNotNone(graph.entity(NOVA, 'a'))


class SubscriberTest(StreamTest):

    def setUp(self):
        super().setUp()
        self.fill()

    def test_one_that_raises(self):
        mirror = self.service.mirror([NOVA], start=False)
        mirror.subscribe(lambda change: 1 / 0)
        mirror.subscribe(self.told)
        mirror.start()
        self.addCleanup(mirror.stop)
        mirror.wait_synced(stream.PATIENCE)
        self.commit('updated', NOVA, 'a', 'b')
        self.assertEqual([4, 5], self.told.revisions(2))
        # it is told after the others, and ends after it was counted
        mirror.stop()
        self.assertEqual(2, mirror.errors)
        self.assertIn('ZeroDivisionError', self.log.output)

    def test_a_late_one_with_replay(self):
        mirror = self.synced([NOVA])
        late = stream.Told()
        mirror.subscribe(late, replay=True)
        self.commit('created', NOVA, 'd')
        self.assertEqual([
            ('a', 1, 'resync'), ('b', 2, 'resync'), ('c', 3, 'resync'),
            ('d', 4, 'sweep')],
            [(c.id, c.revision, c.cause) for c in late.wait(4)])

    def test_positions_count_what_was_told(self):
        mirror = self.synced([NOVA])
        go, seen = threading.Event(), []
        self.addCleanup(go.set)

        def slow(change):
            go.wait(stream.PATIENCE)
            seen.append(mirror.position(NOVA).revision)

        mirror.subscribe(slow)
        self.commit('updated', NOVA, 'a', 'b')
        self.told.wait(1)
        self.assertEqual(3, mirror.positions()[NOVA].revision)
        go.set()
        self.told.wait(2)
        self.commit('updated', NOVA, 'c')
        self.told.wait(3)
        self.assertEqual([3, 4], seen[:2])

    def test_a_slow_one_loses_nothing(self):
        mirror = self.synced([NOVA], backlog=5)
        go = threading.Event()
        self.addCleanup(go.set)
        mirror.subscribe(lambda change: go.wait(stream.PATIENCE))
        for _ in range(20):
            self.commit('updated', NOVA, 'a')
        self.told.wait(1)
        go.set()
        self.assertEqual(list(range(4, 24)), self.told.revisions(20))
        self.assertEqual([], mirror.verify())

    def test_stop_from_a_callback(self):
        mirror = self.synced([NOVA])
        stopped = threading.Event()

        def stop(change):
            mirror.stop()
            stopped.set()

        mirror.subscribe(stop)
        self.commit('updated', NOVA, 'a')
        self.assertTrue(stopped.wait(stream.PATIENCE))

    def test_resumed(self):
        mirror = self.synced([NOVA])
        self.commit('updated', NOVA, 'a')
        self.told.wait(1)
        mirror.stop()
        positions = mirror.positions()
        self.assertEqual(4, positions[NOVA].revision)
        self.commit('deleted', NOVA, 'b')
        self.commit('created', NOVA, 'b')
        for saved in (positions, {NOVA: (positions[NOVA].epoch, 4)},
                      {NOVA: {'epoch': positions[NOVA].epoch,
                              'revision': 4}}):
            self.told = stream.Told()
            mirror = self.synced([NOVA], positions=saved)
            self.assertEqual([('deleted', 'b', 5, 'sweep'),
                              ('created', 'b', 6, 'sweep')], self.brief(2))
            self.assertEqual([], mirror.verify())


class ConfTest(StreamTest):

    def test_configurations_of_a_host_program(self):
        self.fill()
        private = cfg.ConfigOpts()
        private([], default_config_files=[], default_config_dirs=[])
        for conf in (private, cfg.CONF):
            transport.complete(conf)
            # registered by the first transport, and overridden before it
            conf.register_opts(oslo_messaging.transport._transport_opts)
            conf.set_override('transport_url', transport.EMBEDDED)
            self.addCleanup(conf.clear_override, 'transport_url')
            with client.Mirror(conf, [NOVA]) as mirror:
                self.assertTrue(mirror.wait_synced(stream.PATIENCE))
                self.assertEqual(3, len(mirror.all(NOVA)))

    def test_a_transport_of_the_host_program(self):
        self.fill()
        own = transport.private(transport.EMBEDDED)
        self.addCleanup(own.cleanup)
        with client.Mirror(types=[NOVA], transport=own) as mirror:
            self.assertTrue(mirror.wait_synced(stream.PATIENCE))

    def test_a_text_is_no_list_of_types(self):
        self.assertRaises(ValueError, client.Mirror.from_url,
                          transport.EMBEDDED, NOVA)


class RawClientTest(StreamTest):
    """A caller that shares no code with us but the exception classes."""

    def setUp(self):
        super().setUp()
        self.fill()
        raw = oslo_messaging.get_rpc_transport(
            self.service.transport.conf, transport.EMBEDDED,
            allowed_remote_exmods=['synchronizer.exception'])
        self.addCleanup(raw.cleanup)
        self.raw = oslo_messaging.get_rpc_client(
            raw, oslo_messaging.Target(
                exchange='synchronizer', topic='synchronizer',
                version='1.0'), timeout=stream.PATIENCE)

    def test_errors(self):
        for error, method, arguments in (
                ('UnknownType', 'get', {'type': 'x', 'ids': 'a'}),
                ('InvalidArgument', 'get', {'type': NOVA, 'ids': 5}),
                ('InvalidArgument', 'get', {'type': NOVA}),
                ('InvalidMarker', 'get_all', {'marker': 'x'}),
                ('ResyncRequired', 'get_changes',
                 {'type': NOVA, 'epoch': 'x', 'since': 0})):
            seen = self.assertRaises(getattr(exception, error),
                                     self.raw.call, {}, method, **arguments)
            self.assertEqual(f'{error}_Remote', type(seen).__name__)

    def test_too_stale_has_an_age(self):
        self.store.set_paused(NOVA, True)
        seen = self.assertRaises(exception.TooStale, self.raw.call, {},
                                 'get_all', types=[NOVA], max_age=1)
        self.assertGreater(seen.age, 1)
        self.assertIn('paused', seen.args[0])

    def test_nothing_of_our_inside(self):
        # what the publisher does not read
        self.store.fail_next(KeyError('password'), 'entities')
        seen = self.assertRaises(exception.Unavailable, self.raw.call, {},
                                 'get', type=NOVA, ids='a')
        self.assertNotIn('password', str(seen))
        self.assertNotIn('KeyError', str(seen))
        self.assertNotIn('memory.py', str(seen))

    def test_what_is_not_exposed(self):
        self.assertRaises(oslo_messaging.RemoteError, self.raw.call, {},
                          '_page')

    def test_our_client_raises_the_bare_error(self):
        ours = client.SynchronizerClient(self.service.transport)
        seen = self.assertRaises(exception.UnknownType, ours.get, 'x', 'a')
        self.assertIs(exception.UnknownType, type(seen))
        self.assertNotIn('Traceback', str(seen))

    def test_our_client(self):
        ours = client.SynchronizerClient(self.service.transport)
        self.assertEqual(2, len(ours.describe()['streams']))
        pages = list(ours.get_all([NOVA], limit=2))
        self.assertEqual([2, 1], [len(page.entities) for page in pages])
        head = pages[0].heads[NOVA]
        self.assertEqual(3, len(ours.get_changes(
            NOVA, head.epoch, 0).changes))
        self.assertEqual(['a', None], [
            e and e.id for e in ours.get(NOVA, ['a', 'x']).values()])
        self.assertEqual('a', ours.get(NOVA, 'a')['a'].id)
        self.assertEqual({}, ours.get(NOVA, []))
        self.assertEqual(1, len(ours.get_history(NOVA, 'a')))


class NotificationTest(StreamTest):

    def test_notifications(self):
        notifications = transport.for_notifications(
            self.service.transport.conf, transport.EMBEDDED)
        self.addCleanup(notifications.cleanup)
        heard = []
        arrived = threading.Event()

        class Listener:
            def info(self, ctxt, publisher_id, event_type, payload, meta):
                heard.append((publisher_id, event_type, payload['revision']))
                arrived.set()

        listener = oslo_messaging.get_notification_listener(
            notifications, [oslo_messaging.Target(
                topic=topics.notifications(NOVA))], [Listener()])
        listener.start()
        self.addCleanup(listener.wait)
        self.addCleanup(listener.stop)
        announcer = transport.Announcer(notifications, [NOVA], 'host')
        announcer.announce(NOVA, 'created', {'revision': 7})
        self.assertTrue(arrived.wait(stream.PATIENCE))
        self.assertEqual(
            [('synchronizer.host', 'nova.instance.created', 7)], heard)
