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

"""What collectors ask of each other."""

import threading

from synchronizer import exception
from synchronizer.collector import looks
from synchronizer.model.initiator import Initiator
from synchronizer.plugins.hints import Hint
from synchronizer.tests import base

PATIENCE = 10
A = {('t', 'a'): None}
B = {('t', 'b'): Initiator('u', 'p', 'req-1')}


class LooksTest(base.TestCase):

    def test_what_others_ask_for_is_a_hint(self):
        heard = []
        looks.Looks(heard.append).look(
            {}, things=[['test.thing', 'a'], ['test.thing', 'b']],
            said_by_a_later_version=1)
        self.assertEqual([Hint('test.thing', 'a'), Hint('test.thing', 'b')],
                         heard)

    def test_with_who_is_behind_it_as_far_as_it_is_told(self):
        heard = []
        looks.Looks(heard.append).look(
            {}, things=[['t', 'a'], ['t', 'b'], ['t', 'c']],
            initiators=[None, {'user_id': 'u', 'token': 'x'}])
        self.assertEqual([None, Initiator('u'), None],
                         [hint.initiator for hint in heard])


class AskerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.casts, self.errors = [], []
        self.cast_once = threading.Semaphore(0)
        self.may_cast = threading.Event()
        self.may_cast.set()
        self.asker = looks.Asker(self.cast)
        self.addCleanup(self.asker.stop, PATIENCE)
        self.addCleanup(self.may_cast.set)

    def cast(self, things):
        self.cast_once.release()
        self.may_cast.wait(PATIENCE)
        if self.errors:
            raise self.errors.pop()
        self.casts.append(things)

    def wait(self):
        self.assertTrue(self.cast_once.acquire(timeout=PATIENCE))

    def stop(self):
        self.asker.stop(PATIENCE)
        self.assertFalse(self.asker._thread.is_alive())

    def test_who_asks_does_not_wait_for_the_broker(self):
        self.may_cast.clear()
        self.asker.start()
        self.asker.ask(A)
        self.wait()
        self.asker.ask(B)
        self.asker.ask({('t', 'c'): None})
        self.may_cast.set()
        self.wait()
        self.stop()
        self.assertEqual([[*A.items()],
                          [*B.items(), (('t', 'c'), None)]], self.casts)

    def test_a_broker_that_is_away_loses_it_and_ends_nothing(self):
        self.errors.append(exception.BusError('away'))
        self.asker.start()
        self.asker.ask(A)
        self.wait()
        self.asker.ask(B)
        self.wait()
        self.stop()
        self.assertEqual([[*B.items()]], self.casts)

    def test_only_so_many_wait(self):
        self.asker.ask(('t', str(number))
                       for number in range(looks.MOST + 5))
        self.asker.start()
        self.wait()
        self.stop()
        self.assertEqual([(('t', str(number)), None) for number
                          in range(5, looks.MOST + 5)], self.casts[0])

    def test_it_may_be_stopped_before_it_began(self):
        self.asker.ask(A)
        self.asker.stop(PATIENCE)
        self.assertEqual([], self.casts)
