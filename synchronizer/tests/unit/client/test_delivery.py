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

from synchronizer.client import delivery
from synchronizer.model import change as change_module
from synchronizer.model import position as position_module
from synchronizer.tests import base
from synchronizer.tests.unit.client import world

T = world.TYPE


def at(revision):
    return position_module.Position('e', revision)


def change(revision, cause='sweep'):
    return change_module.Change(
        'updated', world.entity('a', 0, revision), cause, (), 'e', revision)


class DeliveryTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.drained = threading.Event()
        self.delivery = delivery.Delivery(3, self.drained.set)
        self.addCleanup(self.delivery.stop, 10)
        self.seen, self.news = [], threading.Condition()
        self.positions = []

    def see(self, item):
        with self.news:
            self.seen.append(item.revision)
            self.positions.append(self.delivery.position(T, at(99)))
            self.news.notify_all()

    def wait(self, count):
        with self.news:
            self.news.wait_for(lambda: len(self.seen) >= count, 10)
            return self.seen

    def test_in_order(self):
        self.delivery.join(self.see, [])
        self.delivery.start()
        self.delivery.tell(T, [change(1), change(2)], at(0), at(2))
        self.delivery.tell(T, [change(3)], at(2), at(3))
        self.assertEqual([1, 2, 3], self.wait(3))

    def test_who_joins_later_hears_what_came_later(self):
        self.delivery.tell(T, [change(1)], at(0), at(1))
        self.delivery.join(self.see, [change(7)])
        self.delivery.tell(T, [change(2)], at(1), at(2))
        self.delivery.start()
        self.assertEqual([7, 2], self.wait(2))

    def test_a_position_counts_when_all_have_returned(self):
        self.delivery.join(self.see, [])
        self.delivery.tell(T, [change(1), change(2)], at(0), at(2))
        self.delivery.start()
        self.wait(2)
        self.assertEqual([at(0), at(1)], self.positions)

    def test_within_a_resync_it_stays(self):
        self.delivery.join(self.see, [])
        self.delivery.tell(T, [change(5, 'resync'), change(6, 'resync')],
                           at(3), at(6))
        self.delivery.start()
        self.wait(2)
        self.assertEqual([at(3), at(3)], self.positions)

    def test_with_nothing_left_it_is_what_is_shown(self):
        self.assertEqual(at(99), self.delivery.position(T, at(99)))
        self.delivery.tell(T, [change(1)], at(0), at(1))
        self.assertEqual(at(0), self.delivery.position(T, at(99)))
        self.assertEqual(at(99), self.delivery.position('other', at(99)))

    def test_full_and_drained(self):
        self.assertFalse(self.delivery.is_full())
        self.delivery.tell(T, [change(n) for n in range(3)], at(0), at(2))
        self.assertTrue(self.delivery.is_full())
        self.delivery.start()
        self.assertTrue(self.drained.wait(10))
        self.assertFalse(self.delivery.is_full())

    def test_an_error_is_counted_and_logged(self):
        self.delivery.join(lambda item: 1 / 0, [])
        self.delivery.join(self.see, [])
        self.delivery.start()
        self.delivery.tell(T, [change(1)], at(0), at(1))
        self.wait(1)
        self.assertEqual(1, self.delivery.errors)
        self.assertIn('ZeroDivisionError', self.log.output)

    def test_stop_leaves_the_rest_untold(self):
        began, go = threading.Event(), threading.Event()
        self.delivery.join(lambda item: (began.set(), go.wait(10)), [])
        self.delivery.join(self.see, [])
        self.delivery.tell(T, [change(1), change(2)], at(0), at(2))
        self.delivery.start()
        began.wait(10)
        self.delivery.stop(0)
        go.set()
        self.delivery.stop(10)
        self.assertEqual([1], self.seen)
        self.assertEqual(at(1), self.delivery.position(T, at(2)))
