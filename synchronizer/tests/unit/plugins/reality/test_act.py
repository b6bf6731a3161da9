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

"""What is marked unhealthy, what is not and why, and how many in an hour."""

import dataclasses

import ddt
import hypothesis
from hypothesis import strategies

from synchronizer.model.entity import Entity
from synchronizer.model.entity import Relation
from synchronizer.plugins.reality import act
from synchronizer.tests import base

SINCE = '2026-11-20T10:00:00Z'
STATES = dict.fromkeys(
    ('heat.drift', 'heat.resource', 'heat.stack', 'nova.instance',
     'cinder.volume', 'nova.host'), 'live')
RESOURCE = Entity(
    'heat.resource', 's/web', 'web', state='CREATE_COMPLETE',
    relations=(Relation('realized-by', 'nova.instance', 'i'),))
STACK = Entity('heat.stack', 's', 'shop', state='CREATE_COMPLETE')


def drift(verdict='changed', names=('metadata',), since=SINCE, **fields):
    return Entity('heat.drift', 's/web', 'web', state=verdict, attributes={
        'stack_id': 's', 'resource_type': 'OS::Nova::Server',
        'since': since, 'properties': [
            {'property': name, 'desired': 'SECRET', 'actual': 'SECRET'}
            for name in names],
        'caused_by': {'type': 'nova.instance', 'id': 'i', 'revision': 3},
        **fields})


def repairable(resource_type, name):
    return (resource_type, name) in {
        ('OS::Nova::Server', 'metadata'), ('OS::Nova::Server', 'flavor'),
        ('OS::Nova::Server', act.ITSELF)}


def judge(found, resource=RESOURCE, stack=STACK, **states):
    return act.judge(found, resource, stack, {
        **STATES, **{name.replace('_', '.'): state
                     for name, state in states.items()}}, repairable)


def in_state(entity, state):
    return dataclasses.replace(entity, state=state)


@ddt.ddt
class JudgeTest(base.TestCase):

    def test_what_an_update_repairs(self):
        self.assertEqual(
            act.Decision(True, 'an update repairs metadata, flavor',
                         'synchronizer: changed behind Heat: metadata, '
                         'flavor'),
            judge(drift(names=('metadata', 'name', 'flavor'))))

    def test_what_is_missing(self):
        self.assertEqual(
            act.Decision(True, 'it is missing', 'synchronizer: what stands '
                         'behind it is missing'),
            judge(drift('missing', names=())))

    def test_what_is_made_anew_under_the_same_id(self):
        self.assertEqual(
            act.Decision(
                False, 'Heat would make it anew, and delete it at once'),
            judge(drift('missing', names=(),
                        resource_type='OS::Nova::KeyPair')))

    @ddt.data(
        ({'names': ('name', 'tags')}, {}, 'no update repairs name, tags'),
        ({'names': ()}, {}, 'no update repairs it'),
        ({'resource_type': 'OS::Nova::Keypair'}, {},
         'no update repairs metadata'),
        ({'verdict': 'unknown'}, {}, 'nobody knows how it is'),
        ({'verdict': 'a new one'}, {}, 'nobody knows how it is'),
        ({}, {'resource': None}, 'the resource is gone'),
        ({}, {'stack': None}, 'the stack is gone'),
        ({}, {'resource': in_state(RESOURCE, 'UPDATE_IN_PROGRESS')},
         'the resource is being worked on (UPDATE_IN_PROGRESS)'),
        ({}, {'stack': in_state(STACK, 'DELETE_IN_PROGRESS')},
         'the stack is being worked on (DELETE_IN_PROGRESS)'),
        ({}, {'stack': in_state(STACK, 'DELETE_FAILED')},
         'the stack is to be deleted (DELETE_FAILED)'),
        ({}, {'resource': in_state(RESOURCE, 'SUSPEND_COMPLETE')},
         'the resource is suspended'),
        ({}, {'resource': in_state(RESOURCE, 'CHECK_FAILED')},
         'it is marked already'))
    @ddt.unpack
    def test_what_speaks_against_it(self, fields, around, why):
        self.assertEqual(act.Decision(False, why),
                         judge(drift(**fields), **around))

    def test_a_stack_that_failed_its_check_is_no_mark(self):
        self.assertTrue(
            judge(drift(), stack=in_state(STACK, 'CHECK_FAILED')).act)

    @ddt.data('heat_drift', 'heat_resource', 'heat_stack', 'nova_instance')
    def test_never_by_a_stream_that_is_not_live(self, name):
        for state in ('starting', 'degraded', 'suspect', 'paused'):
            for found in (drift(), drift('missing', names=())):
                self.assertEqual(
                    act.Decision(False, 'the stream '
                                 f'{name.replace("_", ".")} is {state}'),
                    judge(found, **{name: state}))

    def test_a_stream_that_says_nothing_of_it_does_not_matter(self):
        self.assertTrue(judge(drift(), cinder_volume='suspect').act)

    def test_what_stands_behind_matters_and_what_made_it(self):
        """A volume that a server has lost is seen by both."""
        found = drift(caused_by={'type': 'cinder.volume', 'id': 'v',
                                 'revision': 1})
        for name in ('nova_instance', 'cinder_volume'):
            self.assertFalse(judge(found, **{name: 'degraded'}).act)
        self.assertTrue(judge(drift(caused_by=None)).act)
        self.assertEqual(
            'the stream other.thing is off',
            judge(drift(caused_by={'type': 'other.thing'})).why)

    @hypothesis.given(strategies.lists(strategies.text(
        'abcdefgh_', min_size=1, max_size=30), min_size=1, max_size=30))
    def test_a_reason_is_short_and_tells_no_values(self, names):
        found = act.judge(drift(names=names), RESOURCE, STACK, STATES,
                          lambda type_, name: True)
        self.assertTrue(found.reason.startswith('synchronizer: '))
        self.assertLessEqual(len(found.reason), 200)
        self.assertNotIn('SECRET', found.reason + found.why)


class Clock:

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class LimitTest(base.TestCase):

    @hypothesis.given(
        strategies.integers(0, 5),
        strategies.lists(strategies.floats(0, 4000), max_size=60))
    def test_never_more_in_any_hour(self, per_hour, pauses):
        clock = Clock()
        limit = act.Limit(per_hour, clock)
        taken = []
        for pause in pauses:
            clock.now += pause
            recent = [at for at in taken if clock.now - at <= act.AN_HOUR]
            # nor fewer than there may be
            self.assertEqual(len(recent) < per_hour, limit.allows())
            if len(recent) < per_hour:
                taken.append(clock.now)
            self.assertLessEqual(len([
                at for at in taken if clock.now - at <= act.AN_HOUR]),
                per_hour)


class PlanTest(base.TestCase):

    def plan(self, drifts, limit=None, states=STATES):
        held = {'heat.resource': RESOURCE, 'heat.stack': STACK}
        return list(act.plan(drifts, lambda type_, id_: held[type_],
                             states, repairable, limit))

    def test_the_oldest_first_and_the_rest_waits(self):
        old, middle, new = (drift(since=f'2026-11-20T1{hour}:00:00Z')
                            for hour in range(3))
        made = self.plan([new, old, middle], act.Limit(2, Clock()))
        self.assertEqual([old, middle, new], [found for found, _ in made])
        self.assertEqual([True, True, False],
                         [decision.act for _, decision in made])
        self.assertEqual(
            act.Decision(False, 'act_limit of 2 an hour is reached'),
            made[-1][1])

    def test_what_is_left_alone_takes_nothing_of_the_limit(self):
        clock = Clock()
        limit = act.Limit(1, clock)
        self.plan([drift('unknown'), drift(names=('name',))], limit)
        self.assertTrue(limit.allows())

    def test_one_is_taken_only_when_its_turn_comes(self):
        clock = Clock()
        limit = act.Limit(2, clock)
        next(act.plan([drift(), drift()], lambda type_, id_: RESOURCE,
                      STATES, repairable, limit))
        self.assertTrue(limit.allows())

    def test_without_a_limit(self):
        self.assertEqual([True] * 50, [
            decision.act for _, decision in self.plan([drift()] * 50)])

    def test_without_a_time_it_is_the_oldest(self):
        first, _ = self.plan([drift(), drift(since=None)])
        self.assertIsNone(first[0].attributes['since'])
