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

"""The example of the user guide's page on testing, executed as it stands."""

import pathlib
import re
import textwrap
import unittest

import testtools

import synchronizer
from synchronizer.tests import base

PAGE = pathlib.Path(synchronizer.__file__).parents[1].joinpath(
    'doc', 'source', 'user', 'testing.rst')
BLOCK = re.compile(
    r'^\.\. code-block:: python\n\n((?:(?:   .*)?\n)+)', re.MULTILINE)


@testtools.skipUnless(PAGE.exists(), 'needs the source tree')
class TestingPageTest(base.TestCase):

    def test_its_example_passes(self):
        text, = BLOCK.findall(PAGE.read_text())
        names = {'__name__': 'example'}
        exec(compile(textwrap.dedent(text), PAGE.name, 'exec'), names)
        result = unittest.TestResult()
        unittest.TestLoader().loadTestsFromTestCase(
            names['BillingTest']).run(result)
        self.assertEqual(([], []), (result.failures, result.errors))
        self.assertEqual(3, result.testsRun)
