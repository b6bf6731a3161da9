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

"""From a service's notification to the callback of a consumer."""

import random
import threading

from synchronizer.bus import ear
from synchronizer.bus import transport
from synchronizer.collector import listener
from synchronizer.collector import looks
from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.model.initiator import Initiator
from synchronizer.plugins.hints import Hint
from synchronizer.plugins.hints import Look
from synchronizer.tests import base
from synchronizer.tests.component import notifier
from synchronizer.tests.component import stream
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.collector.doubles import record

TYPE = 'test.thing'
PATIENCE = notifier.PATIENCE


class Hinted(stream.Told):
    """Keeps what hints led to."""

    def __call__(self, change):
        if change.cause == 'hint':
            super().__call__(change)


class HintsTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(stream.Service(TYPE))
        # its time stands still, so nothing is found but by hints
        self.clock = doubles.Clock()
        self.thing, self.plugin = doubles.Told(self.clock), doubles.Plugin()
        self.plugin.hints = {'thing.*': (Look(TYPE, 'id'),)}
        self.thing.script([record('a'), record('b')])
        self.thing.truth = {id_: record(id_) for id_ in 'ab'}
        self.elsewhere = lambda things: None
        self.told = Hinted()

    def start(self):
        """The collector, its ear, and a consumer."""
        self.runner = runner.Runner(
            self.plugin, [self.thing], self.service.store, 'here',
            self.service.publisher.wake, settings.Settings(hint_settle=0),
            self.clock, random.Random(1), elsewhere=self.elsewhere)
        self.ear = self.listen()
        self.runner.attach(self.ear)
        self.runner.start()
        self.addCleanup(self.runner.stop, PATIENCE)
        self.assertTrue(self.ear.wait(PATIENCE))
        self.mirror = self.service.mirror([TYPE], subscribe=self.told)
        self.notifier = self.useFixture(
            notifier.Notifier(transport.EMBEDDED))

    def listen(self):
        self.listener = listener.Listener(
            'test', self.plugin.hints, self.runner.hint)
        bus = transport.for_listening(notifier.conf(), transport.EMBEDDED)
        self.addCleanup(bus.cleanup)
        return self.started(ear.Ear(
            'test', lambda: transport.notification_listener(
                bus, notifier.EXCHANGE, [notifier.TOPIC], self.listener,
                'ours'), self.runner.catch_up))

    def started(self, made):
        made.start()
        self.addCleanup(made.stop, PATIENCE)
        return made

    def brief(self, count):
        return [(change.action, change.id) for change in
                self.told.wait(count)]

    def swept(self):
        """Wait for the first sweep, since what is told before, that one
        sees; and for the consumer, to whom no snapshot is news."""
        pause = threading.Event()
        for _ in range(PATIENCE * 100):
            if self.service.store.streams([TYPE])[TYPE].collected_at:
                break
            pause.wait(0.01)
        self.assertTrue(self.mirror.wait_synced(PATIENCE))

    def test_a_notification_becomes_a_change_at_a_consumers(self):
        self.start()
        self.swept()
        self.thing.truth['a'] = record('a', 'SHUTOFF')
        self.notifier.send('thing.stop', {'id': 'a'})
        self.assertEqual([('updated', 'a')], self.brief(1))
        self.thing.truth['b'] = None
        self.notifier.send('thing.delete', {'id': 'b'}, 'error')
        self.assertEqual([('updated', 'a'), ('deleted', 'b')], self.brief(2))
        self.assertEqual(['a', 'b'], self.thing.gets)

    def test_a_consumer_is_told_who_did_it(self):
        self.start()
        self.swept()
        self.thing.truth['a'] = record('a', 'SHUTOFF')
        self.notifier.send('thing.stop', {'id': 'a'}, user='u',
                           project_id='p', request_id='req-1',
                           user_identity='u p - - a-token')
        self.brief(1)
        self.thing.truth['a'] = record('a')
        self.notifier.send('thing.start', {'id': 'a'}, request_id='req-2')
        first, second = self.told.wait(2)
        self.assertEqual((Initiator('u', 'p', 'req-1'), None),
                         (first.initiator, second.initiator))
        self.assertEqual([second, first], [
            *self.service.store.history(TYPE, 'a', 2)])
        self.assertNotIn('a-token', repr([first, second]))

    def test_what_is_told_is_never_data(self):
        self.start()
        self.swept()
        self.notifier.send('thing.delete', {'id': 'a', 'status': 'FORGED'})
        self.thing.truth['n'] = record('n')
        self.notifier.send('thing.create', {'id': 'n', 'status': 'FORGED'})
        self.assertEqual([('created', 'n')], self.brief(1))
        self.assertEqual('ACTIVE', self.told.changes[0].entity.state)

    def test_another_listener_gets_everything_too(self):
        theirs = notifier.Heard()
        server, bus = notifier.listener(
            transport.EMBEDDED, theirs, 'theirs')
        self.addCleanup(bus.cleanup)
        server.start(override_pool_size=1)
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        self.start()
        self.swept()
        events = [f'thing.{number}' for number in range(50)]
        for number, event in enumerate(events):
            self.notifier.send(event, {'id': f'n{number}'},
                               ('info', 'error')[number % 2])
        self.thing.truth['a'] = record('a', 'SHUTOFF')
        self.notifier.send('thing.stop', {'id': 'a'})
        self.brief(1)
        self.assertEqual({*events, 'thing.stop'}, set(theirs.wait(51)))
        self.assertEqual(51, self.listener.heard.taken)

    def test_collectors_ask_each_other(self):
        caster_bus = transport.private(transport.EMBEDDED)
        self.addCleanup(caster_bus.cleanup)
        asker = self.started(looks.Asker(
            transport.LookCaster(caster_bus).cast))
        wishes, heard = [], threading.Event()

        def hear(hint):
            wishes.append(hint)
            heard.set()
        server = transport.look_server(
            self.service.transport, 'other', looks.Looks(hear))
        server.start(override_pool_size=1)
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        self.elsewhere = asker.ask
        self.start()
        self.swept()
        self.thing.truth['n'] = record('n', volume='v1')
        self.notifier.send('thing.create', {'id': 'n'}, user_id='u')
        self.assertTrue(heard.wait(PATIENCE))
        self.assertEqual(
            [Hint('other.volume', 'v1', initiator=Initiator('u'))], wishes)
