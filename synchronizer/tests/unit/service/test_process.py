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

"""What oslo.service is given, and how a process dies."""

import os
import tempfile
import threading
from unittest import mock

from oslo_service import service

from synchronizer.service import death
from synchronizer.service import options
from synchronizer.service import process
from synchronizer.service.inside import names
from synchronizer.service.inside import probe
from synchronizer.tests import base


class ProcessTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.conf = options.make()
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.worker = mock.Mock()
        self.build = mock.Mock(return_value=self.worker)
        for name in ('setproctitle.setproctitle', 'logging.setup',
                     'death.watch_threads', 'gc.freeze'):
            patcher = mock.patch(f'synchronizer.service.process.{name}')
            setattr(self, name.rpartition('.')[2], patcher.start())
            self.addCleanup(patcher.stop)
        self.process = process.Process(self.conf, 'collector-x', self.build)

    def test_it_is_a_service_that_is_made_of_arguments(self):
        self.assertIsInstance(self.process, service.ServiceBase)
        self.build.assert_not_called()
        self.setproctitle.assert_not_called()

    def test_start_builds_the_worker_in_a_process_with_a_name(self):
        self.process.start()
        self.setproctitle.assert_called_once_with('synchronizer: collector-x')
        self.watch_threads.assert_called_once_with()
        self.build.assert_called_once_with(self.conf)
        self.worker.start.assert_called_once_with()

    def test_what_the_master_made_is_not_looked_through(self):
        self.process.start()
        self.freeze.assert_called_once_with()

    def test_the_roll_hears_of_it(self):
        roll = mock.Mock()
        process.Process(
            self.conf, 'collector-x', self.build, roll).start()
        roll.answer.assert_called_once_with(
            'collector-x', self.worker.working)

    def test_stop_leaves_room_before_the_alarm(self):
        self.conf.set_override('graceful_shutdown_timeout', 10)
        self.process.start()
        self.process.stop()
        self.worker.stop.assert_called_once_with(8)
        self.process.wait()

    def test_stop_before_start(self):
        self.process.stop()
        self.process.start()
        self.build.assert_not_called()
        self.process.wait()

    def test_it_can_be_asked_how_it_is_by_the_name_of_its_own(self):
        self.conf.set_override('listen', '127.0.0.1:1', group='metrics')
        self.conf.set_override('state_path', tempfile.mkdtemp())
        self.worker.owners = ('here:a',)
        self.worker.working.is_set.return_value = True
        process.Process(self.conf, 'snapshot', self.build, name='snapshot-2'
                        ).start()
        told = probe.ask(names.socket(self.conf, 'snapshot-2'), 5)
        self.assertEqual((True, ['here:a']), (told['works'], told['owners']))

    def test_nobody_asks_unless_something_listens(self):
        self.conf.set_override('state_path', tempfile.mkdtemp())
        self.process.start()
        self.assertEqual([], os.listdir(self.conf.state_path))

    def test_no_alarm_is_no_reason_to_stop_for_ever(self):
        self.conf.set_override('graceful_shutdown_timeout', 0)
        self.assertEqual(48, process.stop_budget(self.conf))


class DeathTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.addCleanup(setattr, threading, 'excepthook',
                        threading.excepthook)
        patcher = mock.patch('os._exit')
        self.exit = patcher.start()
        self.addCleanup(patcher.stop)
        death.watch_threads()

    def die(self, error):
        def fail():
            raise error
        thread = threading.Thread(target=fail, name='frail')
        thread.start()
        thread.join()

    def test_a_thread_that_dies_takes_its_process_with_it(self):
        self.die(KeyError('why'))
        self.exit.assert_called_once_with(1)
        self.assertIn('The thread frail died', self.log.output)
        self.assertIn("KeyError: 'why'", self.log.output)
        self.assertIn('Traceback', self.log.output)

    def test_a_thread_may_end_on_purpose(self):
        self.die(SystemExit(0))
        self.exit.assert_not_called()
