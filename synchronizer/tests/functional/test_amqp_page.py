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

"""The user guide's page on other languages: its program, and its messages."""

import importlib.util
import json
import signal
import subprocess
import sys
import time

import testtools

from synchronizer.tests import pages
from synchronizer.tests.component import stream
from synchronizer.tests.functional import base
from synchronizer.tests.unit.northbound.filled import NOVA

PAGE = 'doc/source/user/amqp.rst'
PROGRAM = pages.DOCS / 'programs' / 'plain_amqp.py'
MANY = 1500


def load():
    spec = importlib.util.spec_from_file_location('plain_amqp', PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def keys(value):
    """The names in it, at any depth but in an entity."""
    if isinstance(value, list):
        return [keys(one) for one in value[:1]]
    if not isinstance(value, dict):
        return None
    return {name: None if name == 'entity' else keys(one)
            for name, one in value.items()}


@testtools.skipUnless(PROGRAM.exists(), 'needs the source tree')
class AmqpPageTest(base.FunctionalTestCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(stream.Service(
            NOVA, url=self.rabbitmq_url(), interval=0.5))
        self.ids = [f'{number:04}' for number in range(MANY)]
        self.service.commit('created', NOVA, *self.ids)
        self.service.collected(NOVA, time.time())
        self.amqp = load()

    def bus(self):
        bus = self.amqp.Bus(self.rabbitmq_url())
        self.addCleanup(bus.connection.release)
        return bus

    def follow(self, follower, count):
        found = []
        while len(found) < count:
            found += [(one['revision'], one['action'], one['entity']['id'])
                      for one in follower.follow()]
        return found

    def test_it_is_level_whatever_it_misses(self):
        follower = self.amqp.Follower(self.bus(), NOVA)
        self.assertEqual(self.ids, sorted(follower.held))
        self.service.commit('updated', NOVA, '0001')
        self.assertEqual([(MANY + 1, 'updated', '0001')],
                         self.follow(follower, 1))
        self.service.unplug(answer=False)
        self.service.commit('deleted', NOVA, '0002')
        self.service.plug()
        self.service.commit('created', NOVA, 'new')
        self.assertEqual(
            [(MANY + 2, 'deleted', '0002'), (MANY + 3, 'created', 'new')],
            self.follow(follower, 2))
        self.assertEqual(
            {one.id: one.revision for one in self.service.store.entities(
                NOVA, self.ids + ['new']).values() for one in [one[0]]},
            {id_: one['revision'] for id_, one in follower.held.items()})

    def test_a_refusal_is_told_in_its_words(self):
        error = self.assertRaises(self.amqp.Refused, self.bus().call,
                                  'get', type='nova.instans', ids=['x'])
        self.assertIn('nova.instans', str(error))

    def test_as_a_program(self):
        with subprocess.Popen(
                [sys.executable, str(PROGRAM), self.rabbitmq_url()],
                stdout=subprocess.PIPE, text=True) as process:
            self.addCleanup(process.kill)
            self.assertEqual(f'{MANY} nova.instance at {MANY}\n',
                             process.stdout.readline())
            self.service.commit('updated', NOVA, '0001')
            self.assertEqual(f'{MANY + 1} updated name of 0001\n',
                             process.stdout.readline())
            process.send_signal(signal.SIGINT)
            self.assertEqual(130, process.wait(20))

    def test_the_messages_are_as_the_page_has_them(self):
        shown = [json.loads(text) for language, _, text in pages.blocks(PAGE)
                 if language == 'json']
        envelope, request, answer, changed, bookmark = shown
        self.assertEqual(envelope.keys(), self.amqp.sealed({}).keys())
        heard = self.heard()
        for one, found in ((request, heard['sent']),
                           (answer, heard['answer']),
                           (changed, heard['changed']),
                           (bookmark, heard['bookmark'])):
            self.assertEqual({}, _lacking(keys(one), keys(found)))

    def heard(self):
        """A message of each kind, as it really was."""
        bus, found = self.bus(), {}
        opened, sealed = self.amqp.opened, self.amqp.sealed

        def open_(body):
            message = opened(body)
            found[message.get('method', 'answer')] = message
            return message

        def seal(message):
            found['sent'] = message
            return sealed(message)
        self.amqp.opened, self.amqp.sealed = open_, seal
        bus.subscribe(NOVA)
        bus.call('get_all', types=[NOVA], limit=1)
        self.service.commit('updated', NOVA, '0001')
        while not {'changed', 'bookmark'} <= found.keys():
            bus.cast()
        return found


def _lacking(shown, found):
    """What the page shows and nobody sent."""
    return {name: inner for name, inner in shown.items()
            if name not in found or isinstance(inner, dict)
            and isinstance(found[name], dict)
            and _lacking(inner, found[name])}
