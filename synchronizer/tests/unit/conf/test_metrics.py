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

"""Which addresses are believed."""

import ddt
from hypothesis import given
from hypothesis import strategies

from synchronizer.conf import metrics
from synchronizer.tests import base
from synchronizer.tests.unit.conf import test_conf


@ddt.ddt
class SplitTest(base.TestCase):

    @ddt.data(('127.0.0.1:9758', '127.0.0.1', 9758),
              ('[::1]:1', '::1', 1),
              ('controller.example.org:65535', 'controller.example.org',
               65535))
    @ddt.unpack
    def test_good(self, text, host, port):
        self.assertEqual((host, port), metrics.split(text))

    @ddt.data('9758', ':9758', '127.0.0.1', '127.0.0.1:', 'h:0', 'h:65536',
              'h:-1', 'h:٣', '::1:9758', '[h]:9758', '[::1]', '[]:1',
              'http://h:1/')
    def test_bad(self, text):
        error = self.assertRaises(ValueError, metrics.split, text)
        self.assertIn('is not HOST:PORT', str(error))

    @given(strategies.text())
    def test_whatever_is_written_is_split_or_refused(self, text):
        try:
            host, port = metrics.split(text)
        except ValueError:
            return
        self.assertTrue(host)
        self.assertIn(port, metrics.PORTS)


class ListenTest(test_conf.ConfTestCase):

    def test_nothing_listens_unless_wanted(self):
        self.assertEqual([], self.load(''))
        self.assertEqual('', self.conf.metrics.listen)

    def test_an_address(self):
        self.assertEqual([], self.load('[metrics]\nlisten = [::1]:9758\n'))
        self.assertEqual('[::1]:9758', self.conf.metrics.listen)

    def test_a_bad_one_is_one_line_with_its_place(self):
        (problem,) = self.load('[metrics]\nlisten = 9758\n')
        self.assertTrue(problem.startswith('[metrics] listen: '), problem)
        self.assertIn('HOST:PORT', problem)
