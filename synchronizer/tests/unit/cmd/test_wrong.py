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

"""Every kind of wrong configuration: one line, an exit code, no secret."""

import sqlite3
from unittest import mock

from synchronizer.cmd import manage
from synchronizer.cmd import service
from synchronizer.cmd import shell
from synchronizer.cmd import status
from synchronizer.tests.unit.cmd import test_programs
from synchronizer.tests.unit.service import test_options

SECRET = 'pw-secret'
BUS = f'transport_url = rabbit://u:{SECRET}@127.0.0.1:1/\n'
CREDENTIALS = test_options.CREDENTIALS.replace(
    'password = p\n', f'password = {SECRET}\n')


def database(url):
    return f'{BUS}{CREDENTIALS}[database]\nconnection = {url}\n'


def nova(line):
    return f'{BUS}{CREDENTIALS}[nova]\n{line}\n'


FILES = (
    # what the file has, and what the line about it names
    ('no section\n', 'elsewhere'),
    ('[nova\n', 'elsewhere'),
    ('\xff', 'elsewhere'))

VALUES = (
    (nova('poll_interval = abc'), '[nova] poll_interval: could not convert'),
    (nova('poll_interval = -5'), '[nova] poll_interval: Should be greater'),
    (nova('page_size = 1.5'), '[nova] page_size'),
    (nova('types ='), '[nova] types is empty'),
    (nova('types = nova.instanse'), 'did you mean nova.instance?'),
    (nova(f'notification_urls = rabbit://u:{SECRET}@h:port/'),
     '[nova] notification_urls'),
    (f'{BUS}{CREDENTIALS}[snapshot]\nworkers = 0\n', '[snapshot] workers'),
    (f'{BUS}{CREDENTIALS}[publisher]\ndrivers = smoke\n',
     '[publisher] drivers'),
    (f'{BUS}{CREDENTIALS}[oslo_messaging_notifications]\n'
     f'transport_url = rabbit://u:{SECRET}@h:port/\n',
     '[oslo_messaging_notifications] transport_url'),
    (f'{BUS}plugins = novva\n{CREDENTIALS}', 'did you mean nova?'),
    (f'{BUS}plugins =\n{CREDENTIALS}', 'plugins is empty'),
    (f'{BUS}host = a b\n{CREDENTIALS}', '[DEFAULT] host'),
    (BUS, '[service_credentials] auth_type is not set'),
    (BUS + CREDENTIALS.replace('= password', '= passwort'), 'passwort'),
    (BUS + CREDENTIALS.replace('auth_url', 'auth_urll'), 'auth_url'))

BUSES = (f'foo://u:{SECRET}@h/', f'rabbit://u:{SECRET}@h:port/', 'rabbit')

DATABASES = (f'mysqll+pymysql://u:{SECRET}@h/x',
             f'mysql+mysqldb://u:{SECRET}@h/x',
             f'mysql+pymysql://u:{SECRET}@h:port/x', 'sqlite://', '')


class WrongTest(test_programs.ProgramTestCase):

    def setUp(self):
        super().setUp()
        for name in ('launch', 'embedded'):
            patcher = mock.patch(
                f'synchronizer.cmd.service.{name}.run',
                side_effect=AssertionError('it was started'))
            patcher.start()
            self.addCleanup(patcher.stop)

    def assert_line(self, program, arguments, word):
        """Refused with one line, which names that and no secret."""
        self.assert_refused(2 if program is status else 1, word,
                            program=program, arguments=arguments)
        self.assertNotIn(SECRET, self.err.getvalue())

    def assert_row(self, word):
        """synchronizer-status tells it in a row, and nothing besides."""
        self.out.truncate(0)
        self.err.truncate(0)
        self.assertEqual(
            2, self.call(status, 'upgrade', 'check', '--json'))
        self.assertIn(word, self.out.getvalue())
        self.assertNotIn('Traceback', self.out.getvalue())
        self.assertNotIn(SECRET, self.out.getvalue())
        self.assertEqual('', self.err.getvalue())

    def test_a_file_that_is_none(self):
        self.path = self.directory / 'elsewhere'
        for text, word in FILES:
            self.path.write_bytes(text.encode('latin-1'))
            self.assert_line(service, [], word)
            self.assert_line(manage, ['stream', 'list'], word)
            self.assert_line(status, ['upgrade', 'check'], word)
            self.assert_line(shell, ['status'], word)

    def test_a_file_that_cannot_be_read(self):
        self.path = self.directory
        for program, arguments in (
                (service, []), (manage, ['stream', 'list']),
                (status, ['upgrade', 'check']), (shell, ['status'])):
            self.assert_line(program, arguments, str(self.directory))

    def test_values(self):
        for text, word in VALUES:
            self.write(text)
            self.assert_line(service, [], word)
            self.assert_row(word)

    def test_a_bus_that_cannot_be(self):
        for url in BUSES:
            self.write(f'transport_url = {url}\n{CREDENTIALS}')
            self.assert_line(service, [], 'transport_url')
            self.assert_line(shell, ['status'], 'transport_url')
            self.assert_row('transport_url')

    def test_a_bus_that_is_away(self):
        self.write(BUS + CREDENTIALS)
        self.assert_line(shell, ['--timeout', '1', 'status'],
                         '127.0.0.1:1 (Connection refused)')
        self.assert_row('127.0.0.1:1 (Connection refused)')

    def test_a_database_that_cannot_be(self):
        for url in DATABASES:
            self.write(database(url))
            self.assert_line(service, [], '[database] connection')
            self.assert_line(manage, ['stream', 'list'],
                             '[database] connection')
            self.assert_line(manage, ['db', 'upgrade'],
                             '[database] connection')
            self.assert_row('[database] connection')

    def test_a_database_of_a_newer_release(self):
        with sqlite3.connect(self.database) as connection:
            connection.execute('CREATE TABLE alembic_version (version_num)')
            connection.execute("INSERT INTO alembic_version VALUES ('9999')")
        connection.close()
        self.write(BUS + CREDENTIALS)
        word = '(9999) is of a newer release than this program'
        self.assert_line(service, [], word)
        self.assert_line(manage, ['stream', 'list'], word)
        self.assert_line(manage, ['db', 'upgrade'], word)
        self.assert_row(word)

    def test_log_levels_that_are_none(self):
        self.write(f'default_log_levels = x\n{BUS}{CREDENTIALS}')
        with mock.patch('oslo_log.log.setup',
                        side_effect=ValueError('Unknown level')):
            self.assert_line(service, [], '[DEFAULT] default_log_levels')
