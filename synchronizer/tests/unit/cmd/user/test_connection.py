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

"""Where the bus is, and what is said when it is nowhere."""

import argparse
import pathlib
import tempfile
from unittest import mock

import fixtures

from synchronizer import exception
from synchronizer.bus import transport
from synchronizer.cmd.user import connection
from synchronizer.model import entity as entity_module
from synchronizer.tests import base


class ConnectionTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.EnvironmentVariable(connection.VARIABLE))
        patcher = mock.patch('synchronizer.cmd.user.broker.check')
        self.check = patcher.start()
        self.addCleanup(patcher.stop)

    def connection(self, url=None, file=None):
        files = []
        if file is not None:
            path = pathlib.Path(tempfile.mkdtemp()) / 'x.conf'
            path.write_text(f'[DEFAULT]\ntransport_url = {file}\n')
            files = [str(path)]
        return connection.Connection(argparse.Namespace(
            transport_url=url, config_file=files, config_dir=[], timeout=1,
            caller=[]))

    def asked(self, **where):
        """The URL that is used."""
        self.addCleanup(self.connection(**where).transport.cleanup)
        (url,), _ = self.check.call_args
        return url

    def test_three_ways_the_nearest_first(self):
        file, variable, flag = (f'rabbit://u:p@{host}/' for host in 'abc')
        self.assertEqual(file, self.asked(file=file))
        self.useFixture(fixtures.EnvironmentVariable(
            connection.VARIABLE, variable))
        self.assertEqual(variable, self.asked(file=file))
        self.assertEqual(flag, self.asked(file=file, url=flag))

    def test_what_one_says_of_oneself(self):
        for text, said in (('roles=reader,x', ('roles', ['reader', 'x'])),
                           ('project_id=p=1', ('project_id', 'p=1')),
                           ('is_admin=true', ('is_admin', True)),
                           ('is_admin=no', ('is_admin', False))):
            self.assertEqual(said, connection.claim(text))
        for text in ('roles', 'roles=', 'auth_token=secret', '=x'):
            self.assertRaises(
                argparse.ArgumentTypeError, connection.claim, text)

    def test_nowhere(self):
        error = self.assertRaises(exception.ConfigurationError, getattr,
                                  self.connection(), 'transport')
        for way in ('--transport-url', connection.VARIABLE,
                    'configuration file'):
            self.assertIn(way, str(error))

    def test_a_url_that_cannot_be(self):
        error = self.assertRaises(
            exception.ConfigurationError, getattr,
            self.connection('foo://u:secret@h/'), 'transport')
        self.assertIn('"foo"', str(error))
        self.assertNotIn('secret', str(error))

    def explained(self, text):
        return str(self.connection(transport.EMBEDDED).explained(
            exception.BusError(text)))

    def test_what_to_do(self):
        self.assertIn('does synchronizer-service run',
                      self.explained('no answer in 5 s'))
        self.assertIn('are user, password and virtual host',
                      self.explained('(403) ACCESS_REFUSED'))
        self.assertNotIn('secret', self.explained(
            'rabbit://u:secret@h/ is gone'))


class NamesTest(base.TestCase):

    def test_the_only_one(self):
        web = entity_module.Entity('a.b', 'i', 'web')
        self.assertIs(web, connection.only('a.b', 'web', [web], ()))

    def test_too_many_are_not_all_listed(self):
        found = [entity_module.Entity('a.b', f'i{number}', 'web')
                 for number in range(12)]
        error = self.assertRaises(exception.InvalidArgument, connection.only,
                                  'a.b', 'web', found, ())
        self.assertEqual(
            '12 of a.b are called web; name one by its id: '
            + ', '.join(f'i{number}' for number in range(10))
            + ' and 2 more', str(error))

    def test_types(self):
        for name, hint in (
                ('nova.hots', '; did you mean nova.host?'),
                ('host', '; did you mean nova.host?'),
                ('xyz', '; there are: heat.stack, nova.host')):
            self.assertTrue(str(connection.unknown_type(
                name, ['nova.host', 'heat.stack'])).endswith(hint))
