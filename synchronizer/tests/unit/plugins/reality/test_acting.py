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

"""Marking resources unhealthy: what is asked of Heat, and when."""

import dataclasses

import testtools

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import stream
from synchronizer.plugins.reality import act
from synchronizer.plugins.reality import acting
from synchronizer.tests.unit.plugins.reality import fakes

WALL = 1795176000.0


def _drift(number=0, state='missing', **attributes):
    return entity_module.Entity(
        'heat.drift', f'stack-1/r{number}', name=f'r{number}', state=state,
        attributes={
            'stack_id': 'stack-1', 'stack_name': 'app', 'verdict': state,
            'resource_type': 'OS::Nova::Server', 'properties': [],
            'caused_by': None, 'since': f'2026-11-20T12:00:0{number}Z',
            **attributes})


class ActorTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.streams = fakes.Streams(
            'heat.stack', 'heat.resource', 'nova.instance', 'heat.drift')
        self.streams.put(fakes.stack())
        self.time = 0.0

    def _actor(self, **options):
        return acting.Actor(
            self.streams, {'act': 'mark-unhealthy', 'act_limit': 10,
                           **options},
            lambda type_, name: name in ('name', act.ITSELF),
            lambda: self.time, lambda: WALL)

    def _put(self, *drifts):
        for drift in drifts:
            self.streams.put(drift)
            self.streams.put(fakes.resource(name=drift.name))
        row = self.streams.streams['heat.drift']
        self.streams.set_row('heat.drift', revision=row.revision + 1)

    def _marked(self):
        return [path.rpartition('/')[2]
                for path, _ in self.streams.heat.patched]

    def test_what_is_missing_is_marked_once(self):
        self._put(_drift())
        actor = self._actor()
        for _ in range(3):
            actor.step()
            self.time += acting.AGAIN
        self.assertEqual([(
            '/stacks/app/stack-1/resources/r0',
            {'mark_unhealthy': True, 'resource_status_reason':
             'synchronizer: what stands behind it is missing'})],
            self.streams.heat.patched)
        self.assertEqual([('heat.resource', 'stack-1/r0')],
                         self.streams.looks)

    def test_another_drift_of_it_is_marked_again(self):
        self._put(_drift())
        actor = self._actor()
        actor.step()
        self._put(_drift(since='2026-11-20T13:00:00Z'))
        actor.step()
        self.assertEqual(['r0', 'r0'], self._marked())

    def test_nothing_is_done_unless_it_is_asked_for(self):
        self._put(_drift())
        self._actor(act='report').step()
        self._actor(act_dry_run=True).step()
        self._actor(act_limit=0).step()
        self.assertEqual([], self.streams.heat.patched)

    def test_the_limit_holds_and_the_oldest_come_first(self):
        self._put(*(_drift(number) for number in (3, 1, 2, 0)))
        actor = self._actor(act_limit=2)
        actor.step()
        self.time += 3599
        actor.step()
        self.assertEqual(['r0', 'r1'], self._marked())
        self.time += 2
        self._put()
        actor.step()
        self.assertEqual(['r0', 'r1', 'r2', 'r3'], self._marked())

    def test_what_was_marked_before_the_start_counts(self):
        marked = dataclasses.replace(fakes.resource(
            'CHECK_FAILED', name='x', resource_status_reason=(
                'synchronizer: changed behind Heat: name')),
            sampled_at='2026-11-20T11:30:00.000000Z')
        self.streams.put(marked)
        self.streams.put(dataclasses.replace(
            marked, id='stack-1/y', sampled_at='2026-11-20T10:30:00Z'))
        self._put(_drift(0), _drift(1))
        self._actor(act_limit=2).step()
        self.assertEqual(['r0'], self._marked())

    def test_a_stream_that_is_not_live_acts_on_nothing(self):
        for type_ in ('heat.drift', 'heat.resource', 'heat.stack',
                      'nova.instance'):
            for state in (stream.SUSPECT, stream.DEGRADED):
                self._put(_drift())
                self.streams.set_row(type_, collected_state=state)
                self._actor().step()
                self.assertEqual([], self.streams.heat.patched)
                self.streams.set_row(type_, collected_state=stream.LIVE)

    def test_what_heat_shows_as_marked_or_busy_is_left_alone(self):
        self._put(_drift())
        for state in ('CHECK_FAILED', 'UPDATE_IN_PROGRESS'):
            self.streams.cloud['heat.resource', 'stack-1/r0'] = (
                fakes.resource(state, name='r0'))
            self._actor().step()
        self.assertEqual([], self.streams.heat.patched)

    def test_what_heat_refuses_is_tried_again_after_others(self):
        self._put(_drift())
        actor = self._actor(act_limit=1)
        self.streams.heat.error = exception.Refused('403')
        actor.step()
        self.streams.heat.error = None
        self._put(_drift(1))
        actor.step()
        self.assertEqual(['r1'], self._marked())
        self.time += 3601
        actor.step()
        self.assertEqual(['r1', 'r0'], self._marked())

    def test_what_is_busy_is_marked_when_it_rests(self):
        self._put(_drift())
        actor = self._actor()
        self.streams.cloud['heat.resource', 'stack-1/r0'] = (
            fakes.resource('UPDATE_IN_PROGRESS', name='r0'))
        actor.step()
        del self.streams.cloud['heat.resource', 'stack-1/r0']
        self.time += acting.REST
        actor.step()
        self.assertEqual(['r0'], self._marked())

    def test_a_mark_that_was_taken_back_is_not_set_again(self):
        self._put(_drift())
        marked = fakes.resource(
            'CHECK_FAILED', name='r0',
            resource_status_reason='synchronizer: missing')
        self.streams.changes['heat.resource', 'stack-1/r0'] = [
            dataclasses.replace(fakes.change('updated', marked, 8),
                                committed_at='2026-11-20T12:30:00Z')]
        self._actor().step()
        self.assertEqual([], self._marked())
