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

"""The container recipe: what starts in it, and what it is made of."""

import importlib.util
import json
import os
import pathlib
import re
import tempfile
from unittest import mock

import synchronizer
from synchronizer.tests import base

TOP = pathlib.Path(synchronizer.__file__).parents[1]
FOLDER = TOP / 'container'


class StartTest(base.TestCase):

    def setUp(self):
        super().setUp()
        spec = importlib.util.spec_from_file_location(
            'start', FOLDER / 'start.py')
        self.start = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.start)
        self.addCleanup(os.umask, os.umask(0o022))
        self.top = pathlib.Path(tempfile.mkdtemp())
        self.config = self.top / 'config.json'

    def run_it(self, config=None, *arguments):
        if config is not None:
            self.config.write_text(json.dumps(config))
        with mock.patch('os.execvp') as execvp:
            self.start.main(list(arguments), str(self.config))
        (call,) = execvp.mock_calls
        return call.args

    def files(self, **entry):
        return {'config_files': [{
            'source': f'{self.top}/*.conf', 'dest': f'{self.top}/etc/',
            **entry}]}

    def test_the_arguments_are_the_command(self):
        self.assertEqual(('a', ['a', 'b c']), self.run_it(None, 'a', 'b c'))

    def test_the_configuration_goes_before_them(self):
        self.assertEqual(('x', ['x', 'y z']),
                         self.run_it({'command': 'x "y z"'}, 'a'))

    def test_files_are_put_in_their_place(self):
        (self.top / 'one.conf').write_text('[DEFAULT]')
        self.run_it(self.files(), 'a')
        made = self.top / 'etc/one.conf'
        self.assertEqual('[DEFAULT]', made.read_text())
        self.assertEqual(0o600, made.stat().st_mode & 0o777)
        # a container that is started again
        self.run_it(self.files(perm='0640'), 'a')
        self.assertEqual(0o640, made.stat().st_mode & 0o777)

    def test_the_folder_of_a_file_is_made(self):
        (self.top / 'one.conf').write_text('[DEFAULT]')
        self.run_it(self.files(dest=f'{self.top}/new/etc/x.conf'), 'a')
        self.assertEqual(
            '[DEFAULT]', (self.top / 'new/etc/x.conf').read_text())

    def test_a_folder_is_copied_with_all_that_is_in_it(self):
        (self.top / 'ca/more').mkdir(parents=True)
        (self.top / 'ca/more/a.pem').write_text('A')
        for _ in range(2):
            # a container that is started again
            self.run_it(self.files(source=f'{self.top}/ca', perm='0640'),
                        'a')
        made = self.top / 'etc/ca/more'
        self.assertEqual('A', (made / 'a.pem').read_text())
        self.assertEqual([0o750, 0o640], [
            path.stat().st_mode & 0o777 for path in (made, made / 'a.pem')])

    def test_what_cannot_be_copied_is_one_line(self):
        (self.top / 'one.conf').write_text('[DEFAULT]')
        dest = f'{self.top}/one.conf/x'
        end = self.assertRaises(
            SystemExit, self.run_it, self.files(dest=dest), 'a')
        self.assertIn(f'/one.conf cannot be copied to {dest}: ', str(end))
        self.assertNotIn('\n', str(end))

    def test_a_file_that_is_not_there(self):
        self.run_it(self.files(optional=True), 'a')
        end = self.assertRaises(SystemExit, self.run_it, self.files(), 'a')
        self.assertIn('is not there', str(end))

    def test_a_configuration_that_cannot_be_read(self):
        self.config.write_text('{')
        end = self.assertRaises(SystemExit, self.run_it)
        self.assertIn('config.json: ', str(end))

    def test_a_command_that_is_not_there(self):
        end = self.assertRaises(
            SystemExit, self.start.main, ['/nowhere'], str(self.config))
        self.assertEqual('/nowhere: No such file or directory', str(end))


class RecipeTest(base.TestCase):

    def setUp(self):
        super().setUp()
        text = (FOLDER / 'Dockerfile').read_text().replace('\\\n', ' ')
        self.steps = [line.split(None, 1) for line in text.splitlines()
                      if re.match('[A-Z]+ ', line)]

    def test_it_does_not_run_as_root(self):
        users = [rest for word, rest in self.steps if word == 'USER']
        self.assertEqual(['42499:42499'], users)
        after = [word for word, _ in self.steps]
        self.assertNotIn('RUN', after[after.index('USER'):])

    def test_what_it_copies_is_let_through(self):
        ignored = (TOP / '.dockerignore').read_text().splitlines()
        for word, rest in self.steps:
            if word == 'COPY' and '--from' not in rest:
                self.assertIn('!' + rest.split()[0], ignored)
        self.assertTrue((FOLDER / 'start.py').is_file())

    def test_no_program_stands_before_ours(self):
        (entry,) = [rest for word, rest in self.steps
                    if word == 'ENTRYPOINT']
        self.assertEqual(['python', '/usr/local/bin/start.py'],
                         json.loads(entry))
