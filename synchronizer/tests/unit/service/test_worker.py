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

"""A worker builds until it works, and stops whatever hangs."""

import threading

from synchronizer import exception
from synchronizer.service import worker
from synchronizer.tests import base


class Scripted(worker.Worker):
    """Fails as it is told, and remembers what was opened and closed."""

    name = 'scripted'

    def __init__(self, *failures, during=None):
        self.pauses = []
        super().__init__(wait=lambda event, pause: self.pauses.append(pause))
        self.failures = list(failures)
        self.during = during or (lambda: None)
        self.done = []

    def build(self, parts):
        self.done.append('store')
        parts.callback(self.done.append, 'store closed')
        if self.failures:
            raise self.failures.pop(0)
        self.during()
        self.done.append('server')
        parts.callback(self.done.append, 'server closed')


class WorkerTest(base.TestCase):

    def test_parts_are_closed_in_the_opposite_order(self):
        scripted = Scripted()
        scripted.run()
        self.assertEqual(['store', 'server'], scripted.done)
        self.assertTrue(scripted.stop(5))
        self.assertEqual(['server closed', 'store closed'],
                         scripted.done[2:])

    def test_it_tries_again_and_closes_what_a_failure_left(self):
        scripted = Scripted(exception.StoreUnavailable('down'),
                            exception.SchemaOutdated('old'))
        scripted.run()
        self.assertEqual(
            ['store', 'store closed'] * 2 + ['store', 'server'],
            scripted.done)
        self.assertIn('scripted cannot work yet: down', self.log.output)
        self.assertIn('old', self.log.output)

    def test_it_works_from_the_build_to_the_stop(self):
        scripted = Scripted()
        self.assertFalse(scripted.working.is_set())
        scripted.run()
        self.assertTrue(scripted.working.is_set())
        scripted.stop(5)
        self.assertFalse(scripted.working.is_set())

    def test_pauses_double_up_to_a_limit(self):
        scripted = Scripted(*[exception.StoreUnavailable('down')] * 9)
        scripted.run()
        for pause, longest in zip(
                scripted.pauses, (1, 2, 4, 8, 16, 30, 30, 30, 30),
                strict=True):
            self.assertTrue(longest / 2 <= pause <= longest, pause)

    def test_what_nobody_foresaw_is_not_hidden(self):
        scripted = Scripted(KeyError('a mistake of ours'))
        self.assertRaises(KeyError, scripted.run)
        self.assertEqual(['store', 'store closed'], scripted.done)

    def test_stop_before_start(self):
        scripted = Scripted()
        self.assertTrue(scripted.stop(5))
        scripted.run()
        self.assertEqual([], scripted.done)

    def test_stop_between_two_tries(self):
        scripted = Scripted(*[exception.StoreUnavailable('down')] * 2)
        scripted._pause = lambda event, pause: scripted.stop(0)
        scripted.run()
        self.assertEqual(['store', 'store closed'], scripted.done)

    def test_a_build_that_stop_did_not_wait_for_is_closed(self):
        scripted = Scripted()
        scripted.during = lambda: scripted.stop(0)
        scripted.run()
        self.assertEqual(['server closed', 'store closed'],
                         scripted.done[2:])

    def test_stop_ends_in_time_while_the_build_hangs(self):
        release, hangs = threading.Event(), threading.Event()
        self.addCleanup(release.set)

        def hang():
            hangs.set()
            release.wait()

        scripted = Scripted(during=hang)
        scripted.start()
        hangs.wait()
        self.assertTrue(scripted.stop(0.02))

    def test_stop_ends_in_time_while_a_part_hangs(self):
        release = threading.Event()
        self.addCleanup(release.set)
        scripted = Scripted()
        scripted.run()
        scripted._parts.callback(release.wait)
        self.assertFalse(scripted.stop(0.02))
        self.assertIn('could not close everything', self.log.output)
