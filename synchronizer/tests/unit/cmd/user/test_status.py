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

"""What is wrong with a stream, and what to do about it."""

from synchronizer.cmd.user import status
from synchronizer.tests import base


class AdviceTest(base.TestCase):

    def advice(self, age=10, most=100, **fields):
        stream = {'type': 'nova.zone', 'plugin': 'nova', 'state': 'live',
                  'owner': 'h', 'error': None, **fields}
        return status._advice(stream, age, most)

    def test_each(self):
        for fields, words in (
                ({'age': 101}, 'runs on h'),
                ({'owner': None}, 'with the plugin nova'),
                ({'state': 'starting', 'age': None}, 'wait'),
                ({'state': 'starting', 'error': 'x'}, 'cure'),
                ({'state': 'degraded'}, 'cure'),
                ({'state': 'suspect'}, 'really lost'),
                ({'state': 'paused', 'owner': None}, 'resume nova.zone'),
                ({'state': 'new one'}, 'look at the error')):
            self.assertIn(words, self.advice(**fields))

    def test_nothing_to_do(self):
        self.assertIsNone(self.advice())
        self.assertIsNone(self.advice(error='a note'))
