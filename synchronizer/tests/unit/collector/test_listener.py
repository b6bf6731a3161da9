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

"""What becomes of notifications, and of what only looks like one."""

import fixtures
import hypothesis
from hypothesis import strategies

from synchronizer.collector import listener
from synchronizer.model.initiator import Initiator
from synchronizer.plugins import hints
from synchronizer.plugins.hints import Hint
from synchronizer.plugins.hints import Look
from synchronizer.tests import base

TOKEN = 'gAAAAABtoken-of-a-caller'
PRIORITIES = ('audit', 'debug', 'info', 'warn', 'error', 'critical',
              'sample')
TABLE = {
    'thing.update': (Look('test.thing', 'thing/id', stamp='thing/at'),),
    'thing.delete': (Look('test.thing', 'thing/id', shows=hints.GONE),),
    'thing.move': (Look('test.thing', 'thing/id', shows=hints.WRITTEN),
                   Look('test.place', None)),
    'place.*': (Look('test.place', 'places/*/id', part=True),)}


class ListenerCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.hints = []
        self.listener = self.make()

    def make(self):
        return listener.Listener('test', TABLE, self.hints.append)

    def tell(self, event='thing.update', payload=None, priority='info',
             context=None, **metadata):
        getattr(self.listener, priority)(
            {'auth_token': TOKEN, **(context or {})}, 'publisher', event,
            {'thing': {'id': 'a'}} if payload is None else payload, metadata)

    def counts(self):
        heard = self.listener.heard
        return heard.taken, heard.others, heard.doubled, heard.unreadable


class ListenerTest(ListenerCase):

    def test_every_priority_is_heard(self):
        for priority in PRIORITIES:
            self.tell(priority=priority)
        self.assertEqual([Hint('test.thing', 'a')] * 7, self.hints)
        self.assertEqual((7, 0, 0, 0), self.counts())

    def test_only_where_to_look_is_kept(self):
        self.tell('thing.delete')
        self.tell('thing.move', timestamp='2026-11-20 10:00:00.000000')
        self.assertEqual([
            Hint('test.thing', 'a', gone=True),
            Hint('test.thing', 'a', written=1795168800.0 - hints.SLACK),
            Hint('test.place', None)], self.hints)

    def test_one_notification_may_name_several(self):
        self.tell('place.left', {'places': [{'id': 'x'}, {}, {'id': 'y'}]})
        self.assertEqual([Hint('test.place', 'x', part=True),
                          Hint('test.place', 'y', part=True)], self.hints)

    def test_who_did_it_is_kept_with_each(self):
        who = {'user_id': 'u', 'project_id': 'p', 'request_id': 'req-1',
               'user_identity': TOKEN, 'service_catalog': [TOKEN]}
        self.tell('place.left', {'places': [{'id': 'x'}, {'id': 'y'}]},
                  context=who)
        self.tell(context={'user_id': TOKEN * 20, 'request_id': 'req-2'})
        self.assertEqual([Initiator('u', 'p', 'req-1')] * 2 + [None],
                         [hint.initiator for hint in self.hints])
        self.assertNotIn(TOKEN, repr(self.hints))

    def test_one_that_comes_twice_counts_once(self):
        for _ in range(3):
            self.tell(message_id='m1')
        self.tell(message_id='m2', priority='error')
        self.assertEqual(2, len(self.hints))
        self.assertEqual((2, 0, 2, 0), self.counts())

    def test_without_an_id_of_its_own_each_counts(self):
        for id_ in (None, None, 5, 5, ['m'], ['m']):
            self.tell(message_id=id_)
        self.assertEqual((6, 0, 0, 0), self.counts())

    def test_only_the_last_message_ids_are_remembered(self):
        for number in range(listener.REMEMBERED + 1):
            self.tell(message_id=f'm{number}')
        self.tell(message_id=f'm{listener.REMEMBERED}')
        self.assertEqual(1, self.listener.heard.doubled)
        self.tell(message_id='m0')
        self.assertEqual(1, self.listener.heard.doubled)

    def test_what_is_in_no_table_is_counted(self):
        self.tell('thing.unheard_of')
        self.tell('')
        self.assertEqual(([], (0, 2, 0, 0)), (self.hints, self.counts()))

    def test_what_cannot_be_read_is_counted_and_said_once(self):
        for payload in ({}, {'thing': 'a'}, [], 'x', 0,
                        {'thing': {'id': 7.5}}):
            self.tell(payload=payload)
        self.assertEqual(([], (0, 0, 0, 6)), (self.hints, self.counts()))
        self.assertEqual(1, self.log.output.count('cannot be read'))
        self.assertIn("'thing.update' cannot be read: no thing/id in it",
                      self.log.output)

    def test_no_number_of_event_types_fills_the_memory(self):
        for number in range(listener.REMEMBERED + 100):
            self.tell({'no': number})
        self.assertEqual(listener.REMEMBERED,
                         len(self.listener._complained))

    def test_a_callers_token_is_nowhere(self):
        secret = {'token': TOKEN, 'args': {'context': {'auth': TOKEN}}}
        for priority in PRIORITIES:
            for event in ('thing.update', 'thing.move', 'place.left', 'x'):
                for payload in (secret, {'thing': secret}, {'thing': TOKEN},
                                {'thing': {'id': secret}}, [secret],
                                {'thing': {'id': 'a', 'at': TOKEN}},
                                {'places': secret}, {'places': [secret]}):
                    self.tell(event, payload, priority, token=TOKEN,
                              timestamp=TOKEN, context={
                                  'user_id': 'u', 'roles': [TOKEN],
                                  'user_identity': TOKEN})
        self.assertNotEqual([], self.hints)
        self.assertNotIn(TOKEN, repr(self.hints))
        self.assertNotIn(TOKEN, self.log.output)


class DebugTest(ListenerCase):
    """The same where everything is logged."""

    def setUp(self):
        self.useFixture(fixtures.EnvironmentVariable('OS_DEBUG', '1'))
        super().setUp()

    def test_a_callers_token_is_nowhere(self):
        self.tell(payload={'thing': {'id': 'a'}, 'token': TOKEN})
        self.tell(payload={'token': TOKEN})
        self.tell(payload={'thing': TOKEN})
        self.assertIn('test: thing.update', self.log.output)
        self.assertEqual(2, self.log.output.count('cannot be read'))
        self.assertNotIn(TOKEN, self.log.output)


JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | strategies.floats() | strategies.text(),
    lambda inner: strategies.lists(inner) | strategies.dictionaries(
        strategies.sampled_from(['thing', 'id', 'places', 'at', hints.DATA])
        | strategies.text(), inner), max_leaves=8)
CONTEXTS = JSON | strategies.dictionaries(
    strategies.sampled_from(['user_id', 'user', 'tenant', 'request_id']),
    JSON)
EVENTS = strategies.sampled_from(
    [*TABLE, 'place.left', 'thing']) | JSON
METADATA = strategies.fixed_dictionaries({}, optional={
    'message_id': JSON, 'timestamp': JSON | strategies.datetimes(
        timezones=strategies.none() | strategies.timezones()
    ).map(str)})


class GarbageTest(base.TestCase):

    @hypothesis.given(strategies.lists(
        strategies.tuples(CONTEXTS, EVENTS, JSON, METADATA), max_size=5))
    @hypothesis.settings(deadline=None, database=None, max_examples=100)
    def test_nothing_that_comes_ends_it(self, told):
        found = []
        ear = listener.Listener('test', TABLE, found.append)
        for context, event, payload, metadata in told:
            ear.info(context, 'publisher', event, payload, metadata)
        heard = ear.heard
        assert len(told) == (heard.taken + heard.others + heard.doubled
                             + heard.unreadable)
        for hint in found:
            assert hint.id is None or (
                isinstance(hint.id, str) and hint.id != '')
            assert hint.written is None or isinstance(hint.written, float)
