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

"""tools/suites.py: what it says of a run."""

import importlib.util
import io
import pathlib
import subprocess
import sys
import types
import unittest

import subunit
from subunit import v2
import testtools

import synchronizer
from synchronizer.tests import base

TOOL = pathlib.Path(
    synchronizer.__file__).parent.parent / 'tools' / 'suites.py'


def _cases():
    """Two tests that no loader finds."""
    class Case(unittest.TestCase):

        def fails(self):
            self.fail('\n'.join(f'line {number}' for number in range(40)))

        def passes(self):
            """Nothing is the matter with it."""
    return Case('fails'), Case('passes')


class SuitesTest(base.TestCase):

    def setUp(self):
        super().setUp()
        if not TOOL.exists():
            self.skipTest('this is not a checkout')
        spec = importlib.util.spec_from_file_location('suites', TOOL)
        self.tool = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.tool)

    def read(self, stream):
        stream.seek(0)
        return self.tool.read_run(types.SimpleNamespace(
            get_test=lambda: subunit.ByteStreamToStreamResult(
                stream, non_subunit_name='stdout')))

    def test_what_failed_and_why(self):
        stream = io.BytesIO()
        result = testtools.ExtendedToStreamDecorator(
            v2.StreamResultToBytes(stream))
        result.startTestRun()
        cases = _cases()
        for case in cases:
            case.run(result)
        result.stopTestRun()
        count, why = self.read(stream)
        self.assertEqual('1 passed, 1 failed, 0 skipped', str(count))
        (name, text), = why.items()
        self.assertEqual(cases[0].id(), name)
        self.assertTrue(text.endswith('line 39'), text)
        self.assertLess(len(text.splitlines()), 20)

    def test_one_that_never_ended(self):
        stream = io.BytesIO()
        v2.StreamResultToBytes(stream).status('a.test', 'inprogress')
        count, why = self.read(stream)
        self.assertEqual('0 passed, 1 failed, 0 skipped', str(count))
        self.assertEqual({'a.test': 'it never ended'}, why)

    def test_a_suite_that_there_is_not(self):
        done = self.run_tool('unit', 'nonsense')
        self.assertEqual((2, ''), (done.returncode, done.stdout))
        self.assertEqual(1, done.stderr.count('\n'))
        self.assertIn('nonsense; there are unit', done.stderr)

    def test_none_at_all(self):
        # as where the only one that is wanted was left out
        done = self.run_tool()
        self.assertEqual((1, '0 passed, 0 failed, 0 skipped\n'),
                         (done.returncode, done.stdout))

    def run_tool(self, *names):
        return subprocess.run([sys.executable, str(TOOL), *names], text=True,
                              capture_output=True)
