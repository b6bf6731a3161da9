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

"""What a worker makes of a bus that refuses it."""

import contextlib

import amqp.exceptions
import fixtures

from synchronizer import exception
from synchronizer.service import options
from synchronizer.service import workers
from synchronizer.tests import base


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
