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

"""What a worker makes of a bus that refuses it, and of its turn."""

import contextlib

import amqp.exceptions
import fixtures

from synchronizer import exception
from synchronizer.service import options
from synchronizer.service import workers
from synchronizer.tests import base


class CollectorWorkerTest(base.TestCase):
    """With other synchronizers beside it."""

    def setUp(self):
        super().setUp()
        conf = options.make()
        conf([], default_config_files=[], default_config_dirs=[])
        conf.set_override('backend_url', 'file:///nowhere',
                          group='coordination')
        self.worker = workers.CollectorWorker(conf, 'nova', 'family')
        self.parts = self.useFixture(fixtures.MockPatch(
            'synchronizer.service.workers.parts')).mock
        self.tenure = self.parts.tenure.return_value
        self.seldom = self.useFixture(fixtures.MockPatch(
            'synchronizer.memory.look_seldom_for_garbage')).mock

    def test_it_makes_so_much_that_it_seldom_looks_for_garbage(self):
        self.worker.run()
        self.seldom.assert_called_once_with()

    def test_standing_by_it_works_and_owns_nothing(self):
        self.worker.run()
        self.assertTrue(self.worker.working.is_set())
        self.assertEqual((), self.worker.owners)
        self.tenure.start.assert_called_once_with()
        self.assertEqual('family', self.parts.tenure.call_args.args[-1])
        self.parts.store.assert_not_called()
        self.worker.stop(5)
        self.tenure.stop.assert_called_once()

    def test_a_back_end_that_is_away_is_waited_for(self):
        self.parts.tenure.side_effect = [
            exception.CoordinationError('nobody there'), self.tenure]
        self.worker._pause = lambda event, pause: None
        self.worker.run()
        self.assertIn('collector-nova cannot work yet: nobody there',
                      self.log.output)
        self.assertTrue(self.worker.working.is_set())

    def test_a_term_of_work_owns_something_until_it_ends(self):
        self.worker.run()
        begin = self.parts.tenure.call_args.args[2]
        self.parts.owner.return_value = 'here:token'
        work = begin(lambda: seen.append(self.worker.owners))
        seen = []
        work.end(5)
        work.run()
        self.assertEqual(('here:token',), seen[0])
        self.assertEqual((), seen[-1])
        self.assertIs(work.limits.ending,
                      self.parts.build.call_args.args[2])
        self.assertEqual(work.lost, self.parts.collector.call_args.args[-1])

    def test_a_term_of_work_does_not_wait_for_a_database(self):
        self.worker.run()
        work = self.parts.tenure.call_args.args[2](lambda: None)
        self.parts.store.side_effect = exception.StoreUnavailable('away')
        work.run()
        self.assertEqual('away', str(work.error))
        self.parts.store.assert_called_once_with(
            self.worker._conf, waits=False)

    def test_one_that_is_alone_waits(self):
        self.worker._conf.clear_override('backend_url', 'coordination')
        self.worker.run()
        self.parts.store.assert_called_once_with(
            self.worker._conf, waits=True)
        self.worker.stop(5)

    def test_whether_it_could_work_is_what_it_tells_of_itself(self):
        self.worker.run()
        able = self.parts.tenure.call_args.args[3]
        able(False)
        self.assertFalse(self.worker.working.is_set())
        able(True)
        self.assertTrue(self.worker.working.is_set())
        self.worker.stop(5)
        able(True)
        self.assertFalse(self.worker.working.is_set())


class SnapshotWorkerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        conf = options.make()
        conf([], default_config_files=[], default_config_dirs=[])
        self.worker = workers.SnapshotWorker(conf)
        self.parts = self.useFixture(fixtures.MockPatch(
            'synchronizer.service.workers.parts')).mock

    def build(self):
        with contextlib.ExitStack() as stack:
            self.worker.build(stack)

    def test_a_broker_that_refuses_it_is_tried_again(self):
        server = self.parts.server.return_value
        server.start.side_effect = amqp.exceptions.AccessRefused('no')
        error = self.assertRaises(exception.BusError, self.build)
        self.assertIn('the bus refuses the service', str(error))
        self.parts.store.return_value.close.assert_called_once_with()
        self.parts.transport.return_value.cleanup.assert_called_once_with()
        server.stop.assert_not_called()

    def test_a_mistake_of_ours_is_not(self):
        server = self.parts.server.return_value
        server.start.side_effect = KeyError('ours')
        self.assertRaises(KeyError, self.build)
