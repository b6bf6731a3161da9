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

from synchronizer.bus import backoff
from synchronizer.tests import base


class BackoffTest(base.TestCase):

    def test_doubles_up_to_the_longest(self):
        waits = backoff.Backoff(1, 5, lambda: 1.0)
        self.assertEqual([1, 2, 4, 5, 5],
                         [waits.failed() for _ in range(5)])
        waits.succeeded()
        self.assertEqual(1, waits.failed())

    def test_jitter(self):
        self.assertEqual(0.5, backoff.Backoff(1, 5, lambda: 0.0).failed())

    def test_for_ever(self):
        waits = backoff.Backoff(1, 5)
        waits.failures = 10 ** 6
        self.assertLessEqual(waits.failed(), 5)
