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

"""The traces on the page about the baseline, executed as they stand."""

import doctest

import testtools

from synchronizer.tests import base
from synchronizer.tests import pages

PAGE = pages.DOCS / 'contributor' / 'baseline.rst'


@testtools.skipUnless(PAGE.exists(), 'needs the source tree')
class BaselinePageTest(base.TestCase):

    def test_each_verdict_is_as_the_page_has_it(self):
        done = doctest.testfile(str(PAGE), module_relative=False)
        self.assertEqual(0, done.failed)
        self.assertGreater(done.attempted, 15)
