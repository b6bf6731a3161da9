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

"""What goes together, and when."""

from synchronizer.collector import batches
from synchronizer.tests import base


class BatchesTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.batches = batches.Batches()

    def add(self, kind, *items):
        for item in items:
            self.batches.add(kind, item)

    def pass_over(self, turns):
        for _ in range(turns):
            self.assertEqual([], self.batches.due())

    def test_nothing_goes_of_nothing(self):
        self.assertEqual(([], []), (self.batches.due(), self.batches.any()))

    def test_a_full_one_goes_before_other_work(self):
        self.add('k', *range(batches.MOST - 1))
        self.pass_over(1)
        self.add('k', 'last', 'next')
        self.assertEqual([*range(batches.MOST - 1), 'last'],
                         self.batches.due())
        self.pass_over(1)
        self.assertEqual(['next'], self.batches.any())

    def test_so_does_one_that_has_waited_long(self):
        self.add('k', 'a')
        self.pass_over(batches.PATIENCE - 1)
        self.add('k', 'b')
        self.pass_over(1)
        self.assertEqual(['a', 'b'], self.batches.due())

    def test_what_is_left_waits_since_it_came(self):
        self.add('k', *range(batches.MOST - 1))
        self.pass_over(10)
        self.add('k', 'last', 'late')
        self.assertEqual(batches.MOST, len(self.batches.due()))
        self.pass_over(batches.PATIENCE)
        self.assertEqual(['late'], self.batches.due())

    def test_kinds_do_not_mix_and_go_in_turn(self):
        self.add('k', *range(3 * batches.MOST))
        self.add('l', 'a')
        self.assertEqual(batches.MOST, len(self.batches.any()))
        self.assertEqual(['a'], self.batches.any())
        self.assertEqual(batches.MOST, len(self.batches.any()))
