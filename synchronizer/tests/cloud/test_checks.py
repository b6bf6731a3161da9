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

"""What synchronizer-status says of the cloud that OS_CLOUD names."""

import contextlib
import io
import json
import logging
import os
import pathlib
import tempfile
import unittest
from unittest import mock

from synchronizer.cmd import status
from synchronizer.tests import base

SETTINGS = '''
[DEFAULT]
state_path = {state}
transport_url = kombu+memory://
'''
SMALL = os.environ.get('SYNCHRONIZER_TEST_SMALL_CLOUD', 'reader')
"""A cloud of clouds.yaml whose user is no administrator."""


@unittest.skipUnless(os.environ.get('OS_CLOUD'), 'no OS_CLOUD')
class ChecksTest(base.TestCase):

    def setUp(self):
        # the home of clouds.yaml, if that is where it lies, goes with setUp
        home = os.environ.get('HOME', '')
        super().setUp()
        patcher = mock.patch.dict(os.environ, HOME=home)
        patcher.start()
        self.addCleanup(patcher.stop)
        # the program silences what is not its own
        root = logging.getLogger()
        self.addCleanup(root.setLevel, root.level)
        self.state = pathlib.Path(tempfile.mkdtemp())
        (self.state / 'conf').write_text(SETTINGS.format(state=self.state))

    def check(self, cloud):
        """The rows, by name."""
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            status.main(['--config-file', str(self.state / 'conf'),
                         '--os-cloud', cloud, 'upgrade', 'check', '--json'])
        return {row['check']: (row['result'], row['details'] or '')
                for row in json.loads(said.getvalue())['checks']}

    def test_an_administrator_sees_all(self):
        for name, (result, details) in self.check(
                os.environ['OS_CLOUD']).items():
            self.assertEqual(0, result, f'{name}: {details}')

    def test_a_role_that_is_too_small_is_named_with_what_is_lost(self):
        rows = self.check(SMALL)
        for service, word in (('nova', 'nova.instance'),
                              ('cinder', 'cinder.volume'),
                              ('heat', 'heat.service')):
            result, details = rows[
                f'Service of {service} shows all that is copied']
            self.assertEqual(2, result, details)
            self.assertIn('role is too small', details)
            self.assertIn(word, details)
        self.assertEqual((0, ''), rows['Login to the cloud works'])
