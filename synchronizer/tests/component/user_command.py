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

"""The user's command in the test's process, and a small cloud to ask."""

import io
import json
import logging
from unittest import mock

import fixtures

from synchronizer.bus import transport
from synchronizer.cmd import shell
from synchronizer.fixture import SynchronizerFixture
from synchronizer.tests import base

TYPES = ('cinder.volume', 'heat.drift', 'heat.resource', 'heat.stack',
         'nova.flavor', 'nova.host', 'nova.instance')
WEB, DB, DISK = 'id-web', 'id-db', 'id-disk'


class UserCommandTestCase(base.TestCase):
    """Two servers on one host, one of them with a volume, in a stack."""

    timeout = 120

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(SynchronizerFixture(TYPES))
        self.useFixture(fixtures.EnvironmentVariable(
            'SYNCHRONIZER_TRANSPORT_URL', transport.EMBEDDED))
        self.fill()

    def fill(self):
        put = self.service.put
        put('nova.host', 'cmp-1', name='cmp-1', state='up')
        put('nova.flavor', 'f1', name='small', attributes={'ram': 512})
        put('nova.instance', WEB, name='web-1', state='ACTIVE',
            project_id='p1', attributes={
                'flavor': {'ram': 512}, 'metadata': {'role': 'web'},
                'OS-EXT-SRV-ATTR:hypervisor_hostname': 'cmp-1'},
            relations=[('runs-on', 'nova.host', 'cmp-1')])
        put('nova.instance', DB, name='db-1', state='SHUTOFF',
            project_id='p2', attributes={
                'flavor': {'ram': 4096}, 'metadata': {},
                'OS-EXT-SRV-ATTR:hypervisor_hostname': 'cmp-1'},
            relations=[('runs-on', 'nova.host', 'cmp-1')])
        put('cinder.volume', DISK, name='disk', state='in-use',
            attributes={'size': 3},
            relations=[('attached-to', 'nova.instance', DB)])
        put('heat.stack', 's1', name='shop', state='CREATE_COMPLETE')
        put('heat.resource', 's1/server', name='server',
            state='CREATE_COMPLETE',
            relations=[('contains', 'heat.stack', 's1'),
                       ('realized-by', 'nova.instance', WEB)])

    def call(self, *arguments, stdout=None):
        """Exit code, what was written, and what was said, as lines."""
        out, err = stdout or io.StringIO(), io.StringIO()
        root = logging.getLogger()
        handlers, level = root.handlers[:], root.level
        with mock.patch('sys.stdout', out), mock.patch('sys.stderr', err):
            try:
                code = shell.main(list(arguments))
            except SystemExit as end:
                code = end.code
            finally:
                root.handlers[:] = handlers
                root.setLevel(level)
        return code, out.getvalue(), err.getvalue().splitlines()

    def answer(self, *arguments):
        """What a command writes that goes well and says nothing else."""
        code, out, err = self.call(*arguments)
        self.assertEqual((0, []), (code, err), arguments)
        return out

    def json(self, *arguments):
        return json.loads(self.answer(*arguments, '-f', 'json'))

    def assert_refused(self, words, *arguments, code=1):
        """One line, with these words, and nothing else."""
        found, out, err = self.call(*arguments)
        self.assertEqual((code, ''), (found, out), arguments)
        line, = err
        self.assertIn(words, line)
        self.assertTrue(line.startswith('synchronizer'), line)
