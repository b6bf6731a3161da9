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

"""The store in memory."""

from synchronizer import exception
from synchronizer.store import memory
from synchronizer.tests import base
from synchronizer.tests import store_suite
from synchronizer.tests.store_suite import created
from synchronizer.tests.store_suite import TYPE


class MemoryStoreTest(store_suite.StoreSuite, base.TestCase):

    def new_store(self, clock):
        return memory.MemoryStore(clock)


class FailingMemoryStoreTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.store = memory.MemoryStore()
        self.store.ensure([
            store_suite.store_base.StreamSpec(TYPE, 'nova', 600)])
        self.claim = self.store.claim(TYPE, 'me')
        self.error = exception.StoreUnavailable('gone')

    def test_any_call_fails_once(self):
        self.store.fail_next(self.error)
        self.assertRaises(exception.StoreUnavailable, self.store.secret)
        self.store.secret()

    def test_one_method_fails_so_many_times(self):
        self.store.fail_next(self.error, 'commit', times=2)
        self.store.streams()
        for _ in range(2):
            self.assertRaises(exception.StoreUnavailable, self.store.commit,
                              self.claim, [created()])
        self.assertEqual(0, self.store.streams()[TYPE].revision)
        self.store.commit(self.claim, [created()])

    def test_an_answer_is_lost(self):
        self.store.fail_next(self.error, 'commit', after=True)
        self.assertRaises(exception.StoreUnavailable, self.store.commit,
                          self.claim, [created()])
        self.assertEqual(1, self.store.streams()[TYPE].revision)
        claim, changes = self.store.commit(self.claim, [created()])
        self.assertEqual((1, 1), (claim.revision, changes[0].revision))

    def test_heal(self):
        self.store.fail_next(self.error, times=5)
        self.store.heal()
        self.store.secret()
