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

"""Capacities in steps."""

import hypothesis
from hypothesis import strategies

from synchronizer.plugins.cinder import capacity
from synchronizer.tests import base

TOTAL, FREE = 'total_capacity_gb', 'free_capacity_gb'
GIGABYTES = strategies.floats(0, 1e7)


def free(value, percent=5, total=1000):
    return capacity.in_steps({TOTAL: total, FREE: value}, percent)[FREE]


class TestApart(base.TestCase):

    def test_capacities_are_known_by_their_names(self):
        fixed, moving = capacity.apart({
            'pool_name': 'p', TOTAL: 1, 'free_flash_capacity_gb': 2,
            'reserved_percentage': 3, 'max_over_subscription_ratio': '4'})
        self.assertEqual({'pool_name': 'p', 'reserved_percentage': 3}, fixed)
        self.assertEqual({TOTAL, 'free_flash_capacity_gb',
                          'max_over_subscription_ratio'}, set(moving))


class TestInSteps(base.TestCase):

    def test_down_to_a_multiple(self):
        self.assertEqual([1000, 950, 950, 0, 1050, -50], [
            free(value) for value in (1000, 999.99, 950, 49, 1099, -1)])

    def test_the_step_is_one_of_1_2_5(self):
        self.assertEqual([20, 10, 5, 0.5, 0.02], [
            free(step * 1.5, total=total) for total, step in (
                (999, 20), (399, 10), (199, 5), (10, 0.5), (0.9, 0.02))])

    def test_no_number_stays_what_it_is(self):
        self.assertEqual(
            {TOTAL: 'infinite', FREE: 'unknown', 'a_capacity_gb': None,
             'b_capacity_gb': True},
            capacity.in_steps({
                TOTAL: 'infinite', FREE: 'unknown', 'a_capacity_gb': None,
                'b_capacity_gb': True}, 5))

    def test_without_a_total_the_largest_is_the_measure(self):
        for total in ('infinite', None, 0):
            self.assertEqual(980, free(999, total=total))
            self.assertEqual(6, capacity.in_steps({
                TOTAL: total, 'allocated_capacity_gb': 7,
                'max_over_subscription_ratio': 200}, 30)[
                    'allocated_capacity_gb'])

    def test_nothing_at_all(self):
        self.assertEqual({}, capacity.in_steps({}, 5))
        self.assertEqual({TOTAL: 0, FREE: 0},
                         capacity.in_steps({TOTAL: 0, FREE: 0}, 5))

    def test_a_ratio_is_measured_by_itself(self):
        ratio = 'max_over_subscription_ratio'
        self.assertEqual([20, 4.2, 'auto'], [
            capacity.in_steps({TOTAL: 1e6, ratio: value}, 5)[ratio]
            for value in (20.0, 4.3, 'auto')])

    def test_0_percent_is_as_it_is(self):
        self.assertEqual(999.99, free(999.99, 0))

    @hypothesis.settings(deadline=None)
    @hypothesis.given(GIGABYTES, GIGABYTES, strategies.floats(1, 1e7),
                      strategies.floats(0.1, 100))
    def test_what_moves_by_a_step_always_shows(
            self, one, other, total, percent):
        hypothesis.assume(
            abs(one - other) > total * percent / 100 * 1.000001)
        self.assertNotEqual(*(free(value, percent, total)
                              for value in (one, other)))

    @hypothesis.settings(deadline=None)
    @hypothesis.given(GIGABYTES, strategies.floats(1, 1e7),
                      strategies.floats(0.1, 100))
    def test_never_more_and_never_less_by_a_step(
            self, value, total, percent):
        found = free(value, percent, total)
        rest = (value - found) / (total * percent / 100)
        self.assertGreaterEqual(rest, -1e-6)
        self.assertLessEqual(rest, 1 + 1e-6)
