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

"""Which processes the master wants, and what it does on SIGHUP."""

import os
import threading
from unittest import mock

from cotyledon import ServiceManager
from oslo_service import service

from synchronizer.service import death
from synchronizer.service import launch
from synchronizer.service import options
from synchronizer.tests import base


class ReloadTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.launcher = mock.Mock()
        self.conf = mock.Mock()
        self.restart = self.launcher._manager._reload
        self.roll, self.notifier = mock.Mock(), mock.Mock()
        launch._refuse_bad_files(
            self.launcher, self.conf, self.roll, self.notifier)
        for name in ('logging.setup', 'enabled.tell'):
            patcher = mock.patch(f'synchronizer.service.launch.{name}')
            patcher.start()
            self.addCleanup(patcher.stop)

    def test_a_good_file_restarts_the_workers(self):
        self.conf.reload_config_files.return_value = True
        self.launcher._manager._reload()
        self.restart.assert_called_once_with()
        self.roll.renew.assert_called_once_with()
        self.notifier.reloading.assert_called_once_with()

    def test_a_bad_file_leaves_them_alone(self):
        self.conf.reload_config_files.return_value = False
        self.launcher._manager._reload()
        self.restart.assert_not_called()
        self.roll.renew.assert_not_called()
        # who waits for the end of a reload hears of it all the same
        self.notifier.reloading.assert_called_once_with()

    def test_cotyledon_still_has_what_we_stand_before(self):
        self.assertTrue(callable(ServiceManager._reload))


class MasterTest(base.TestCase):

    def test_a_thread_of_it_that_dies_takes_it_along(self):
        self.patch(threading, 'excepthook', threading.excepthook)
        ended = mock.Mock()
        self.patch(os, '_exit', ended)
        launcher = mock.Mock()

        def lose_the_supervisor():
            thread = threading.Thread(target=lambda: [].pop(0))
            thread.start()
            thread.join()
        launcher.wait = lose_the_supervisor
        self.patch(service, 'ProcessLauncher', lambda conf: launcher)
        for name in ('report', 'enabled', 'crew_module', '_processes'):
            self.patch(launch, name, mock.Mock())
        launch.run(mock.Mock())
        ended.assert_called_once_with(death.FAILED)
        self.assertIn('pop from empty list', self.log.output)


class ProcessesTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.roll = mock.Mock()
        self.conf = options.make()
        self.conf([], default_config_files=[], default_config_dirs=[])
        self.conf.set_override('plugins', ['nova', 'cinder'])
        self.conf.set_override('workers', 1, group='snapshot')

    def titles(self):
        """By name; asked for anew each time, as after a reload."""
        found = launch._processes(self.conf, self.roll, 'family')
        return {name: process.title for name, process in found.items()}

    def test_one_for_each_plugin_and_one_that_answers(self):
        wanted = {name: name for name in
                  ('collector-nova', 'collector-cinder', 'snapshot')}
        self.assertEqual(wanted, self.titles())
        self.roll.expect.assert_called_once_with(
            dict.fromkeys(wanted, 1))

    def test_several_of_one_title_have_names_of_their_own(self):
        self.conf.set_override('workers', 2, group='snapshot')
        self.conf.set_override('plugins', ['nova'])
        self.assertEqual(
            {'collector-nova': 'collector-nova', 'snapshot': 'snapshot',
             'snapshot-2': 'snapshot'}, self.titles())
        self.roll.expect.assert_called_once_with(
            {'collector-nova': 1, 'snapshot': 2})

    def test_collectors_know_those_that_were_before_them(self):
        """By their master, before and after a SIGHUP."""
        made = launch._processes(self.conf, self.roll, 'family')
        worker = made['collector-nova']._build(self.conf)
        self.assertEqual('family', worker._family)

    def test_nobody_waits_for_the_metrics(self):
        self.conf.set_override('listen', '127.0.0.1:9099', group='metrics')
        self.assertEqual('metrics', self.titles()['metrics'])
        self.assertNotIn('metrics', self.roll.expect.call_args.args[0])

    def test_they_follow_the_configuration(self):
        before = self.titles()
        self.conf.set_override('plugins', ['nova', 'heat'])
        self.conf.set_override('enable_observer', True, group='reality')
        self.assertEqual(
            {'collector-heat', 'collector-reality'},
            self.titles().keys() - before.keys())
        self.assertEqual({'collector-cinder'},
                         before.keys() - self.titles().keys())
