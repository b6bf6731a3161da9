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

"""What the master does on SIGHUP."""

from unittest import mock

from cotyledon import ServiceManager

from synchronizer.service import launch
from synchronizer.tests import base


class ReloadTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.launcher = mock.Mock()
        self.conf = mock.Mock(plugins=['nova'])
        self.conf.reality.enable_observer = False
        self.conf.fresh.return_value = self.conf
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

    def test_processes_are_not_made_by_a_reload(self):
        wanted = self.conf.fresh.return_value = mock.Mock(
            plugins=['nova', 'heat'], snapshot=self.conf.snapshot)
        wanted.reality.enable_observer = False
        self.launcher._manager._reload()
        self.assertIn('until the service is started anew', self.log.output)

    def test_nor_is_the_observer(self):
        wanted = self.conf.fresh.return_value = mock.Mock(
            plugins=['nova'], snapshot=self.conf.snapshot)
        wanted.reality.enable_observer = True
        self.launcher._manager._reload()
        self.assertIn('until the service is started anew', self.log.output)

    def test_cotyledon_still_has_what_we_stand_before(self):
        self.assertTrue(callable(ServiceManager._reload))


class LaunchTest(base.TestCase):

    def launched(self, *each):
        launcher, self.roll = mock.Mock(), mock.Mock()
        launch._launch(launcher, self.roll, mock.Mock(), 'snapshot',
                       mock.Mock(), each)
        return [call.args[0]
                for call in launcher.launch_service.call_args_list]

    def test_one(self):
        (process,) = self.launched()
        self.assertEqual(('snapshot', 'snapshot'),
                         (process.title, process._name))
        self.roll.expect.assert_called_once_with('snapshot', 1)

    def test_several_of_one_title_have_names_of_their_own(self):
        processes = self.launched('snapshot', 'snapshot-2')
        self.assertEqual([('snapshot', 'snapshot'),
                          ('snapshot', 'snapshot-2')], [
            (process.title, process._name) for process in processes])
        self.roll.expect.assert_called_once_with('snapshot', 2)
