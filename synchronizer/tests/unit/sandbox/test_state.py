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

"""The tables of the simulated cloud."""

from synchronizer.sandbox import state
from synchronizer.tests import base

KIND = 'a.thing'


class StateTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.state = state.State()
        for key in 'abc':
            self.put(key)

    def put(self, key, **more):
        self.state.put(KIND, key, {'id': key, **more})

    def live(self):
        return [row['id'] for row in self.state.live(KIND)]

    def rows(self):
        return [row['id'] for row in self.state.rows(KIND)]

    def test_what_lives_is_as_it_is_now(self):
        self.put('a', name='new')
        self.assertEqual({'id': 'a', 'name': 'new'},
                         self.state.live(KIND)[0])
        self.assertEqual([], self.state.live('other'))

    def test_what_is_deleted_lingers_and_may_come_back(self):
        self.put('b', deleted=True)
        self.assertEqual((['a', 'c'], ['a', 'b', 'c']),
                         (self.live(), self.rows()))
        self.assertRaises(state.SandboxError, self.state.get, KIND, 'b')
        self.put('b')
        self.assertEqual({'a', 'b', 'c'}, set(self.live()))

    def test_what_is_dropped_is_told(self):
        told = []
        self.state.observers.append(lambda *change: told.append(change))
        self.state.drop(KIND, 'b')
        self.assertEqual([(KIND, {'id': 'b'}, None)], told)
        self.assertEqual((['a', 'c'], ['a', 'c']),
                         (self.live(), self.rows()))

    def test_what_is_forgotten_is_not_told(self):
        self.put('b', deleted=True)
        told, known = [], len(self.state.journal)
        self.state.observers.append(lambda *change: told.append(change))
        for key in 'bc':
            self.state.forget(KIND, key)
        self.assertEqual((['a'], ['a']), (self.live(), self.rows()))
        self.assertEqual(([], known), (told, len(self.state.journal)))
