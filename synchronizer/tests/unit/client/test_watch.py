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

import threading

from oslo_messaging.rpc import dispatcher

from synchronizer.bus import wire
from synchronizer.client import watch
from synchronizer.tests import base
from synchronizer.tests.unit.client import world

T = world.TYPE


class Server:
    """In place of oslo.messaging's."""

    def __init__(self, errors=()):
        self.errors = list(errors)
        self.done = []
        self.hang = None

    def start(self, override_pool_size):
        self.done.append(('start', override_pool_size))
        if self.hang is not None:
            self.hang.wait(30)
        if self.errors:
            raise self.errors.pop(0)

    def stop(self):
        self.done.append('stop')
        if self.errors:
            raise self.errors.pop(0)

    def wait(self):
        self.done.append('wait')


class WatchTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.server = Server()
        self.listening = threading.Event()
        self.heard = []

    def watch(self, types=(T,)):
        return watch.Watch(
            'transport', types, self.heard.append, self.listening.set,
            'name', lambda: 5.0, lambda *args: self.server)

    def test_its_life(self):
        subject = self.watch()
        subject.start()
        self.assertTrue(self.listening.wait(10))
        self.assertTrue(subject.stop(10))
        self.assertEqual([('start', 1), 'stop', 'wait'], self.server.done)

    def test_a_start_that_fails_is_tried_again(self):
        self.patch(watch.backoff_module.Backoff, 'failed', lambda self: 0.0)
        self.server.errors = [RuntimeError('x')]
        subject = self.watch()
        subject.start()
        self.assertTrue(self.listening.wait(10))
        subject.stop(10)
        self.assertIn('no subscription', self.log.output)

    def test_a_start_that_hangs(self):
        self.server.hang = threading.Event()
        subject = self.watch()
        subject.start()
        self.assertFalse(subject.stop(0.01))
        self.server.hang.set()
        self.assertTrue(subject.stop(10))
        self.assertIn('stop', self.server.done)
        self.assertFalse(self.listening.is_set())

    def test_a_stop_that_fails(self):
        subject = self.watch()
        subject.start()
        self.listening.wait(10)
        self.server.errors = [RuntimeError('x')]
        self.assertTrue(subject.stop(10))

    def test_stopped_before_it_started(self):
        self.assertTrue(self.watch().stop(0))


class EarTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.heard = []
        self.ear = watch.Ear(T, self.heard.append, lambda: 5.0)

    def test_changes(self):
        made = world.World().touch('a')
        self.ear.changed({}, 'e0', [wire.change_to_dict(made)], new=1)
        self.assertEqual([watch.Changed(T, 'e0', [made], 5.0)], self.heard)

    def test_bookmarks(self):
        self.ear.bookmark({}, epoch='e', revision=3, collected_at=None,
                          state='live', new=1)
        self.assertEqual(
            [watch.Bookmark(T, wire.Head('e', 3, None, 'live'), 5.0)],
            self.heard)

    def test_what_is_not_understood_raises(self):
        self.assertRaises(ValueError, self.ear.changed, {}, 'e', [{}])
        self.assertEqual([], self.heard)

    def test_exposed(self):
        policy = dispatcher.ExplicitRPCAccessPolicy()
        self.assertEqual(['bookmark', 'changed'], [
            name for name in dir(self.ear)
            if policy.is_allowed(self.ear, name)])
