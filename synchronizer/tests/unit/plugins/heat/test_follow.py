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

"""When a stack that moves is looked at again."""

import dataclasses

import hypothesis
from hypothesis import strategies as st

from synchronizer.plugins import heat
from synchronizer.plugins.heat import follow
from synchronizer.plugins.heat import options
from synchronizer.tests import base
from synchronizer.tests.unit.plugins.heat import test_stack

CREATED, UPDATED = '2026-11-20T10:00:00Z', '2026-11-20T11:00:00Z'
THEN = 1795168800.0
"""When it was created, as a Unix time."""


class TestPause(base.TestCase):

    def pause(self, now, interval=5.0, updated=None):
        return follow.pause({'creation_time': CREATED,
                             'updated_time': updated}, now, interval)

    def test_soon_and_then_ever_later(self):
        for age, pause in ((0, 5), (50, 5), (60, 6), (3600, 360)):
            self.assertEqual(pause, self.pause(THEN + age))

    def test_since_its_last_action(self):
        self.assertEqual(6, self.pause(THEN + 3660, updated=UPDATED))

    def test_off(self):
        self.assertIsNone(self.pause(THEN, interval=0.0))

    def test_when_it_began_is_not_known(self):
        self.assertEqual(5, self.pause(None))
        self.assertEqual(5, self.pause(THEN, updated='soon'))

    @hypothesis.given(st.floats(0.1, 100), st.floats(60, 1e6))
    def test_a_stuck_one_is_looked_at_seldom(self, interval, patience):
        """Ten looks, and then each tenth of its age: a logarithm."""
        now, looks = THEN, 0
        while now < THEN + patience:
            now += self.pause(now, interval)
            looks += 1
        self.assertLessEqual(looks, 11 + max(
            0, 25 * len(str(int(patience / interval)))))


class TestStack(base.TestCase):

    def follow(self, status, **chosen):
        kind = heat.Stack(options.Options(**chosen))
        record, = test_stack.one(
            test_stack.GROUP, stack_status=status, creation_time=CREATED,
            updated_time=None)['stacks']
        entity = kind.entity({**record, 'synchronizer:root': 'x'})
        return kind.follow(dataclasses.replace(
            entity, sampled_at='2026-11-20T10:01:40.000000Z'))

    def test_while_it_moves(self):
        for action in ('CREATE', 'UPDATE', 'DELETE', 'ROLLBACK'):
            self.assertEqual(10, self.follow(f'{action}_IN_PROGRESS'))
        self.assertEqual(30, self.follow('CREATE_IN_PROGRESS',
                                         follow_interval=30.0))

    def test_at_rest(self):
        for status in ('CREATE_COMPLETE', 'UPDATE_FAILED'):
            self.assertIsNone(self.follow(status))

    def test_off(self):
        self.assertIsNone(self.follow('CREATE_IN_PROGRESS',
                                      follow_interval=0.0))
