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

"""The user guide's page on the command: every command on it is run."""

import os
import pathlib
import re
import shlex
import tempfile
import textwrap

import fixtures
import testtools

import synchronizer
from synchronizer.cmd.user import app
from synchronizer.tests.component import user_command

PAGE = pathlib.Path(synchronizer.__file__).parents[1].joinpath(
    'doc', 'source', 'user', 'command.rst')
BLOCK = re.compile(
    r'^\.\. code-block:: console\n\n((?:(?:   .*)?\n)+)', re.MULTILINE)
PROMPT = '$ synchronizer '
INTERRUPTED = 130


def _examples():
    """Command lines, each with the output that is shown below it."""
    found = []
    for block in BLOCK.findall(PAGE.read_text()):
        for line in textwrap.dedent(block).splitlines():
            if line.startswith(PROMPT):
                found.append((line.removeprefix(PROMPT), []))
            elif line:
                found[-1][1].append(line)
    return found


@testtools.skipUnless(PAGE.exists(), 'needs the source tree')
class CommandPageTest(user_command.UserCommandTestCase):

    timeout = 180

    def setUp(self):
        super().setUp()
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(tempfile.mkdtemp())

        def interrupt(*arguments):
            raise KeyboardInterrupt
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.watch.Watch._begin', interrupt))
        self.useFixture(fixtures.MonkeyPatch(
            'synchronizer.cmd.user.drift_watch.Following._begin', interrupt))
        self.put_drift()

    def put_drift(self):
        """A server that somebody gave another role behind Heat's back."""
        self.service.put(
            'heat.drift', 's1/server', name='server', state='changed',
            relations=[('about', 'heat.resource', 's1/server')], attributes={
                'stack_id': 's1', 'stack_name': 'shop',
                'resource_name': 'server',
                'resource_type': 'OS::Nova::Server',
                'physical_resource_id': 'id-web', 'verdict': 'changed',
                'reason': None, 'since': '2026-11-20T17:10:58.000000Z',
                'caused_by': None, 'initiator': None, 'not_comparable': [],
                'properties': [{'property': 'metadata', 'desired': {
                    'role': 'db'}, 'actual': {'role': 'web'}}]})

    def test_each_does_what_the_page_shows(self):
        for line, shown in _examples():
            words = shlex.split(re.split(r' [|>] ', line)[0])
            code, out, err = self.call(*words)
            self.assertEqual(
                INTERRUPTED if words[0] == 'watch' or '--watch' in words
                else 0, code, (line, err))
            if shown:
                self.assertEqual(shown, out.splitlines(), line)

    def test_each_command_is_there(self):
        lines = [line for line, _ in _examples()]
        for name in app.COMMANDS:
            self.assertTrue(
                any(line.startswith(name) for line in lines), name)
