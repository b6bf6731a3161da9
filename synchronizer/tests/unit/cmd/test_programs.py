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

"""The programs, as they are called: exit codes, and one line of error."""

import contextlib
import io
import logging
import pathlib
import sys
import tempfile
from unittest import mock

import fixtures

from synchronizer import exception
from synchronizer.cmd import manage
from synchronizer.cmd import service
from synchronizer.cmd import shell
from synchronizer.cmd import status
from synchronizer.cmd.user import status as user_status
from synchronizer.tests import base
from synchronizer.tests.unit.service.test_options import CREDENTIALS

RESET = ('stream', 'reset', 'nova.zone')


class ProgramTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.path = self.directory / 'synchronizer.conf'
        self.write(CREDENTIALS)
        self.useFixture(fixtures.WarningsCapture())
        for name in ('out', 'err'):
            stream = io.StringIO()
            setattr(self, name, stream)
            self.useFixture(
                fixtures.MonkeyPatch(f'sys.std{name}', stream))
        patcher = mock.patch('oslo_log.log.setup')
        patcher.start()
        self.addCleanup(patcher.stop)

    @contextlib.contextmanager
    def _logging_of(self, program):
        """As it is in a process of its own: cliff sets up logging, and
        where nobody does it goes to stderr."""
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        if program is not shell:
            root.setLevel(logging.WARNING)
            last_resort = logging.StreamHandler(self.err)
            last_resort.setLevel(logging.WARNING)
            root.addHandler(last_resort)
        try:
            yield
        finally:
            root.handlers[:] = handlers
            root.setLevel(level)

    @property
    def database(self):
        return self.directory / 'synchronizer.sqlite'

    def write(self, text):
        self.path.write_text(
            f'[DEFAULT]\nstate_path = {self.directory}\n' + text)

    def call(self, program, *arguments):
        """The exit code, however it comes."""
        with self._logging_of(program):
            return self.leave(
                program.main, ['--config-file', str(self.path), *arguments])

    def leave(self, main, arguments):
        try:
            return main(arguments)
        except SystemExit as error:
            return error.code or 0

    def said(self):
        return self.err.getvalue().splitlines()

    def assert_refused(self, code, *words, program, arguments):
        """One line on stderr with all these words, and nothing else."""
        for stream in (self.out, self.err):
            stream.seek(0)
            stream.truncate()
        self.assertEqual(code, self.call(program, *arguments), arguments)
        (line,) = self.said()
        self.assertTrue(line.startswith(program.PROGRAM), line)
        for word in words:
            self.assertIn(word, line)
        self.assertEqual('', self.out.getvalue())


class EveryProgramTest(ProgramTestCase):

    def test_help_and_version(self):
        for program in (service, manage, status, shell):
            for flag in ('--help', '--version'):
                self.assertEqual(0, self.call(program, flag))
        self.assertIn('SIGHUP', self.out.getvalue())

    def test_the_version_names_the_program(self):
        for program in (service, manage, status, shell):
            self.out.seek(0)
            self.out.truncate()
            self.call(program, '--version')
            self.assertRegex(
                self.out.getvalue(), rf'\A{program.PROGRAM} \d\S*\n\Z')

    def test_a_wrong_command_line_is_one_line(self):
        for program, arguments, word in (
                (service, ['--nonsense'], '--nonsense'),
                (manage, ['nonsense'], 'nonsense'),
                (manage, ['stream', 'nonsense'], 'nonsense'),
                (manage, [], 'command'),
                (status, ['nonsense'], 'nonsense'),
                (shell, ['nonsense'], 'commands are: complete, drift,'),
                (shell, ['--nonsense'], 'option --nonsense'),
                (shell, ['status', '--nonsense'], '--nonsense')):
            self.assert_refused(2, word, '--help', program=program,
                                arguments=arguments)

    def test_a_bus_that_nobody_knows_is_one_line(self):
        self.write('transport_url = foo://x\n' + CREDENTIALS)
        for program, arguments in ((service, []), (shell, ['status'])):
            self.assert_refused(1, 'transport_url', '"foo"',
                                program=program, arguments=arguments)

    def test_a_database_that_nobody_knows_is_one_line(self):
        for url, word in (('oracle://x', 'mysql+pymysql://'),
                          ('smoke', 'sqlite:////'),
                          ('mysql+smoke://h/x', 'mysql+pymysql://'),
                          ('mysql+pymysql://u:secret@h:port/x', 'looks'),
                          ('postgresql+pg8000://h/x', 'pg8000')):
            self.write(CREDENTIALS + f'[database]\nconnection = {url}\n')
            for program, arguments in (
                    (service, []), (manage, ['stream', 'list'])):
                self.assert_refused(1, '[database] connection', word,
                                    program=program, arguments=arguments)
                self.assertNotIn('secret', self.err.getvalue())

    def test_a_bad_value_of_the_database_names_its_file(self):
        self.write(CREDENTIALS + '[database]\nmax_retries = x\n')
        self.assert_refused(1, 'max_retries', f'(in {self.path})',
                            program=manage, arguments=['stream', 'list'])

    def test_a_damaged_database_is_one_line_that_names_it(self):
        self.database.write_bytes(b'no database at all' * 400)
        for program, arguments in (
                (service, []), (manage, ['stream', 'list']),
                (manage, ['journal', 'purge']), (manage, ['db', 'upgrade']),
                (manage, ['db', 'version'])):
            self.assert_refused(1, f'{self.database}: ', 'move it away',
                                program=program, arguments=arguments)

    def test_a_file_that_is_not_there_is_one_line(self):
        self.path = self.directory / 'elsewhere'
        for program, arguments, code in (
                (service, [], 1), (manage, ['stream', 'list'], 1),
                (status, ['upgrade', 'check'], 2)):
            self.err.truncate(0)
            self.err.seek(0)
            self.assertEqual(code, self.call(program, *arguments))
            self.assertEqual(1, len(self.said()), self.said())
            self.assertIn('elsewhere', self.said()[0])


class ServiceTest(ProgramTestCase):

    def setUp(self):
        super().setUp()
        for name in ('launch', 'embedded'):
            patcher = mock.patch(f'synchronizer.cmd.service.{name}.run')
            setattr(self, name, patcher.start())
            self.addCleanup(patcher.stop)

    def test_it_is_launched_with_its_configuration(self):
        self.launch.return_value = 0
        self.assertEqual(0, self.call(service))
        (conf,), _ = self.launch.call_args
        self.assertEqual(600, conf.nova.poll_interval)
        self.embedded.assert_not_called()

    def test_all_in_one(self):
        self.embedded.return_value = 0
        self.assertEqual(0, self.call(service, '--all-in-one'))
        self.launch.assert_not_called()

    def test_every_problem_is_one_line(self):
        self.write(CREDENTIALS + '[nova]\npoll_interval = 0\npage_size = 0\n')
        self.assertEqual(1, self.call(service))
        self.assertEqual(2, len(self.said()))
        self.assertIn('synchronizer-service: [nova] ', self.said()[0])
        self.launch.assert_not_called()

    def test_an_old_schema(self):
        with mock.patch('synchronizer.cmd.service.schema.prepare',
                        side_effect=exception.SchemaOutdated('upgrade it')):
            self.assertEqual(1, self.call(service))
        self.assertEqual(['synchronizer-service: upgrade it'], self.said())

    def test_a_state_path_that_cannot_be_made(self):
        self.assertEqual(1, self.call(
            service, '--state-path', str(self.path)))
        self.assertEqual(1, len(self.said()), self.said())

    def test_a_log_that_cannot_be_written(self):
        for error in (OSError(13, 'Permission denied', '/x.log'),
                      RuntimeError('Systemd bindings do not exist')):
            with mock.patch('oslo_log.log.setup', side_effect=error):
                self.assert_refused(1, 'cannot write the log',
                                    program=service, arguments=[])

    def test_a_cloud_that_clouds_yaml_does_not_name(self):
        self.assertEqual(1, self.call(service, '--os-cloud', 'nowhere'))
        self.assertEqual(1, len(self.said()), self.said())
        self.assertIn('nowhere', self.said()[0])

    def test_an_auth_type_that_nobody_knows(self):
        self.write(CREDENTIALS.replace('= password', '= passwort'))
        self.assert_refused(1, '[service_credentials]', 'passwort',
                            program=service, arguments=[])


class NoDatabaseTest(ProgramTestCase):

    COMMANDS = (('stream', 'list'), ('stream', 'pause', 'nova.zone'),
                ('stream', 'resume', 'nova.zone'), (*RESET, '--yes'),
                ('journal', 'purge'))

    def test_who_looks_on_makes_nothing(self):
        state = self.directory / 'typo' / 'deeper'
        for command in self.COMMANDS:
            self.assert_refused(
                1, f'{state}/synchronizer.sqlite does not exist',
                'db upgrade', program=manage,
                arguments=['--state-path', str(state), *command])
        self.assertFalse(state.parent.exists())

    def test_an_empty_file_stays_so(self):
        self.database.touch()
        for command in self.COMMANDS:
            self.assert_refused(1, f'{self.database} is empty',
                                program=manage, arguments=command)

    def test_upgrade_makes_it(self):
        self.assertEqual(0, self.call(manage, 'db', 'upgrade'))
        self.assertEqual(0, self.call(manage, 'stream', 'list'))
        self.assertIn('no streams yet', self.out.getvalue())


class ShellTest(ProgramTestCase):

    def ask(self, *arguments, **behaviour):
        client = mock.Mock()
        client.describe.configure_mock(**behaviour)
        self.write('transport_url = kombu+memory://\n' + CREDENTIALS)
        with mock.patch('synchronizer.cmd.user.connection.rpc.'
                        'SynchronizerClient', return_value=client):
            return self.call(shell, *arguments)

    def test_status(self):
        names = (*user_status.Status.COLUMNS, *user_status.Status.LONG)
        code = self.ask('status', '-f', 'csv', return_value={
            'streams': [{**dict.fromkeys(names), 'type': 'nova.zone',
                         'interval': 1, 'state': 'paused'}]})
        self.assertEqual(0, code, self.said())
        self.assertIn('nova.zone', sys.stdout.getvalue())

    def test_a_service_that_does_not_answer_is_one_line(self):
        self.assertEqual(1, self.ask(
            'status', side_effect=exception.BusError('no answer')))
        self.assertEqual(1, len(self.said()), self.said())
        self.assertIn('transport_url', self.said()[0])

    def test_the_time_to_wait_has_limits(self):
        for value in ('-1', '0', 'nan', 'inf', 'long'):
            self.assert_refused(
                2, '--timeout', 'from 0.1 to 86400', program=shell,
                arguments=['--timeout', value, 'status'])

    def test_options_without_a_command(self):
        self.assert_refused(1, 'name a command', program=shell, arguments=[])

    def test_no_command_is_help(self):
        self.assertEqual(0, self.leave(shell.main, []))
        self.assertIn('status', sys.stdout.getvalue())
