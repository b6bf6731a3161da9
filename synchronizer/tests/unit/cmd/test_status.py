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

"""synchronizer-status: its rows, and its exit code."""

import json
from unittest import mock

from synchronizer.cmd import status
from synchronizer.cmd.checks import base
from synchronizer.tests.unit.cmd import test_programs
from synchronizer.tests.unit.service.test_options import CREDENTIALS

AWAY = ('transport_url = rabbit://u:secret@127.0.0.1:1/\n'
        'plugins = nova,heat\n' + CREDENTIALS)
"""Of all that is outside nothing answers."""

OUTSIDE = ('bus', 'notifications', 'login')
"""The checks that ask something outside."""


class StatusTestCase(test_programs.ProgramTestCase):

    def check(self, text):
        """The exit code, and the rows by name."""
        self.out.seek(0)
        self.out.truncate()
        self.write(text)
        code = self.call(status, 'upgrade', 'check', '--json')
        self.assertEqual([], self.said())
        self.assertNotIn('secret', self.out.getvalue())
        rows = json.loads(self.out.getvalue())['checks']
        return code, {row['check']: (row['result'], row['details'])
                      for row in rows}


class OutsideTest(StatusTestCase):

    def setUp(self):
        super().setUp()
        self.answer = base.Result(base.SUCCESS)
        checks = [(name, self.ask if check.__name__ in OUTSIDE else check)
                  for name, check in status.CHECKS]
        for place, name, value in (
                (status, 'CHECKS', checks),
                (status.services, 'service', self.ask),
                (status.cloud, 'clock', self.ask)):
            patcher = mock.patch.object(place, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def ask(self, subject, **unused):
        return self.answer

    def test_all_is_well(self):
        code, rows = self.check(AWAY)
        self.assertEqual(0, code, rows)
        self.assertEqual({base.SUCCESS}, {code for code, _ in rows.values()})
        self.assertEqual(
            ['Plugins load', 'Configuration values are valid',
             'Options in the files are known',
             'Database is there, and its schema is current',
             'Other synchronizers can be agreed with',
             'Message bus can be used', 'Notifications can be heard',
             'Login to the cloud works',
             'Service of nova shows all that is copied',
             'Service of heat shows all that is copied', 'Clocks agree'],
            list(rows))
        self.assertFalse(self.database.exists())

    def test_the_worst_counts(self):
        for code in (base.WARNING, base.FAILURE):
            self.answer = base.Result(code, 'look')
            self.assertEqual(int(code), self.check(AWAY)[0])

    def test_as_a_table(self):
        self.answer = base.Result(base.WARNING, 'look at this')
        self.write(AWAY)
        self.assertEqual(1, self.call(status, 'upgrade', 'check'))
        self.assertIn('Details: look at this', self.out.getvalue())

    def test_a_misspelt_option_is_a_warning(self):
        code, rows = self.check(AWAY + '[nova]\npol_interval = 5\n')
        self.assertEqual(1, code)
        result, details = rows['Options in the files are known']
        self.assertEqual(base.WARNING, result)
        self.assertIn('did you mean poll_interval?', details)

    def test_a_plugin_of_streams_is_no_service(self):
        _, rows = self.check(
            AWAY + '[reality]\nenable_observer = true\n')
        self.assertEqual([], [name for name in rows if 'reality' in name])


class AwayTest(StatusTestCase):

    def test_everything_is_said_and_nothing_is_made(self):
        code, rows = self.check(AWAY)
        self.assertEqual(2, code)
        for name, result, word in (
                ('Message bus', base.FAILURE, '127.0.0.1:1 (Connection'),
                ('Notifications', base.FAILURE, 'Connection refused'),
                ('Login', base.FAILURE, 'Keystone does not answer'),
                ('Service of nova', base.WARNING, 'not looked at'),
                ('Clocks', base.WARNING, 'not looked at')):
            (row,) = [row for key, row in rows.items()
                      if key.startswith(name)]
            self.assertEqual(result, row[0], row)
            self.assertIn(word, row[1])
        self.assertFalse(self.database.exists())

    def test_what_is_wrong_is_a_row(self):
        self.database.write_bytes(b'no database at all' * 400)
        for text, word in (
                (CREDENTIALS, 'transport_url is not set'),
                (CREDENTIALS + '[nova]\npoll_interval = 0\n',
                 '[nova] poll_interval'),
                ('plugins = novva\n' + CREDENTIALS, 'no plugin novva'),
                ('transport_url = foo://x\n' + CREDENTIALS,
                 'transport_url'),
                (CREDENTIALS, 'move it away'),
                (CREDENTIALS + '[database]\nmax_retries = x\n',
                 'max_retries'),
                (CREDENTIALS.replace('= password', '= passwort'),
                 'passwort')):
            code, rows = self.check(text)
            self.assertEqual(2, code)
            self.assertIn(word, str(rows))
        self.assertNotIn('Traceback', self.out.getvalue())
