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

"""How the user's command ends."""

import io
from unittest import mock

from synchronizer.cmd import shell
from synchronizer.tests import base


class FullDisk(io.StringIO):

    def flush(self):
        raise OSError(28, 'No space left on device')


class EndTest(base.TestCase):

    def setUp(self):
        super().setUp()
        patcher = mock.patch('synchronizer.cmd.user.app.Shell.run',
                             return_value=3)
        self.run_ = patcher.start()
        self.addCleanup(patcher.stop)

    def test_the_code_is_that_of_the_command(self):
        self.assertEqual(3, shell.main(['status']))
        self.run_.assert_called_once_with(['status'])

    def test_nothing_said_is_a_wish_for_help(self):
        shell.main([])
        self.run_.assert_called_once_with(['--help'])

    def test_an_interrupt(self):
        self.run_.side_effect = KeyboardInterrupt
        self.assertEqual(shell.INTERRUPTED, shell.main(['status']))

    def test_a_closed_pipe(self):
        self.run_.side_effect = BrokenPipeError
        with mock.patch.object(shell, '_let_go') as let_go:
            self.assertEqual(shell.PIPE_CLOSED, shell.main(['status']))
        let_go.assert_called_once_with()

    def test_output_that_cannot_be_written(self):
        with mock.patch('sys.stdout', FullDisk()), mock.patch(
                'sys.stderr', io.StringIO()) as err:
            self.assertEqual(1, shell.main(['status']))
        self.assertEqual('synchronizer: [Errno 28] No space left on device\n',
                         err.getvalue())

    def test_a_program_ends_at_once(self):
        with mock.patch('sys.argv', ['synchronizer', 'status']), mock.patch(
                'os._exit', side_effect=SystemExit) as leave:
            self.assertRaises(SystemExit, shell.main)
        leave.assert_called_once_with(3)
