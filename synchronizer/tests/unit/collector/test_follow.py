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

"""Following the journals of other streams."""

from unittest import mock

import testtools

from synchronizer import exception
from synchronizer.collector import follow
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.store import base as store_base
from synchronizer.store import memory

OTHER, OWN, LATER = 'nova.instance', 'heat.drift', 'cinder.volume'


class _Plugin:
    name = 'reality'

    def __init__(self):
        self.anew, self.heeded, self.error = False, [], None
        self.streams = None

    def concerns(self, change):
        if self.error:
            raise self.error
        return [(OWN, change.id)]

    def heed(self, rows):
        self.heeded.append(set(rows))
        return self.anew

    def tend(self):
        raise NotImplementedError


class _Runner:
    def __init__(self):
        self.pollers = {OWN: None}
        self.looks, self.sweeps, self.active = [], 0, True

    def is_active(self):
        return self.active

    def look(self, hint):
        self.looks.append((hint.type, hint.id))

    def sweep_soon(self):
        # as the runner: before its first sweep there is nothing to ask for
        self.sweeps += self.active


class FollowerTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.store = memory.MemoryStore()
        self.store.ensure(store_base.StreamSpec(type_, 'p', 600)
                          for type_ in (OTHER, OWN))
        self.plugin, self.runner = _Plugin(), _Runner()
        self.plugin.streams = mock.Mock(
            rows=lambda: self.store.streams([OTHER, OWN, LATER]))
        self.follower = follow.Follower(
            self.plugin, self.runner, self.store)
        self.claims = {type_: self.store.claim(type_, 'o')
                       for type_ in (OTHER, OWN)}

    def _commit(self, *ids, type_=OTHER):
        writes = []
        for id_ in ids:
            entity = entity_module.Entity(type_, id_)
            writes.append(store_base.Write(
                entity, store_base.Stored('1:x', ''),
                change_module.Change('created', entity, 'sweep')))
        self.claims[type_], _ = self.store.commit(
            self.claims[type_], writes)

    def _begin(self):
        """Before the runner is started."""
        self.runner.active = False
        self.follower.step()
        self.runner.active = True

    def test_it_begins_with_what_comes_later(self):
        self._commit('a')
        self._begin()
        self._commit('b', 'c')
        self.follower.step()
        self.follower.step()
        self.assertEqual([(OWN, 'b'), (OWN, 'c')], self.runner.looks)
        self.assertEqual(0, self.runner.sweeps)

    def test_its_own_stream_is_not_followed(self):
        self._begin()
        self._commit('a', type_=OWN)
        self.follower.step()
        self.assertEqual([], self.runner.looks)
        self.assertEqual({OTHER}, self.plugin.heeded[-1])

    def test_many_pages_are_read(self):
        self._begin()
        ids = [str(number) for number in range(follow.PAGE + 1)]
        for id_ in ids:
            self._commit(id_)
        self.follower.step()
        self.assertEqual([(OWN, id_) for id_ in ids], self.runner.looks)

    def test_what_was_trimmed_is_swept(self):
        self._begin()
        self._commit('a', 'b')
        self.store.trim(OTHER, '9999', 0)
        self.follower.step()
        self.assertEqual(([], 1), (self.runner.looks, self.runner.sweeps))
        self._commit('c')
        self.follower.step()
        self.assertEqual([(OWN, 'c')], self.runner.looks)

    def test_another_epoch_is_swept(self):
        self._begin()
        self.store.reset(OTHER)
        self.follower.step()
        self.assertEqual(1, self.runner.sweeps)

    def test_a_stream_that_comes_later_is_swept(self):
        self._begin()
        self.store.ensure([store_base.StreamSpec(LATER, 'p', 600)])
        self.follower.step()
        self.assertEqual(1, self.runner.sweeps)

    def test_a_stream_that_was_switched_off_is_not_followed(self):
        self.store.ensure([store_base.StreamSpec('old.thing', 'p', 600)])
        self._begin()
        self.assertEqual({OTHER}, self.plugin.heeded[-1])

    def test_whoever_does_not_own_it_tells_nobody(self):
        self._begin()
        self.runner.active = False
        self._commit('a')
        self.follower.step()
        self.runner.active = True
        self._commit('b')
        self.follower.step()
        self.assertEqual([(OWN, 'b')], self.runner.looks)

    def test_what_the_plugin_finds_in_the_rows_is_swept(self):
        self.plugin.anew = True
        self._begin()
        self.assertEqual(0, self.runner.sweeps)
        self.follower.step()
        self.assertEqual(1, self.runner.sweeps)

    def test_what_could_not_be_read_is_read_later(self):
        self._begin()
        self._commit('a')
        streams = self.store.streams
        self.store.streams = self._unavailable
        self.assertRaises(exception.StoreUnavailable, self.follower.step)
        self.store.streams = streams
        self.follower.step()
        self.assertEqual([(OWN, 'a')], self.runner.looks)

    def _unavailable(self, types=None):
        raise exception.StoreUnavailable('away')

    def test_a_fault_of_the_plugin_loses_nothing(self):
        self._begin()
        self._commit('a')
        self.plugin.error = ValueError()
        self.assertRaises(ValueError, self.follower.step)
        self.plugin.error = None
        self.follower.step()
        self.assertEqual([(OWN, 'a')], self.runner.looks)

    def test_one_that_begins_late_has_all_swept(self):
        """The store was away when it was started, and the runner's first
        sweep came before it knew where the journals end."""
        self.follower.step()
        self.assertEqual(1, self.runner.sweeps)
