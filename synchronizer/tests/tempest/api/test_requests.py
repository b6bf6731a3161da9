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

"""What the service answers, beside snapshots."""

from tempest.lib import decorators
from tempest.lib.common.utils import data_utils

from synchronizer import exception
from synchronizer.tests.tempest import base
from synchronizer.tests.tempest.base import VOLUME


class TestRequests(base.SynchronizerTest):

    types = (VOLUME,)

    @decorators.idempotent_id('6b2d4f81-0a9c-4d57-8e36-1f7c5b9a2e43')
    def test_describe(self):
        stream = next(one for one in self.asking.describe()['streams']
                      if one['type'] == VOLUME)
        self.assertEqual(('live', None), (stream['state'], stream['error']))
        self.assertEqual('cinder', stream['plugin'])

    @decorators.idempotent_id('c95e7a30-5d18-4f2b-a6c4-8b3d0e1f7a62')
    def test_one_entity_and_its_history(self):
        volume = self.create_volume()
        shown = self.await_shown(VOLUME, volume['id'], state='available')
        got = self.asking.get(VOLUME, volume['id'])[volume['id']]
        self.assertEqual(volume['size'], got.attributes['size'])
        told = self.changes(VOLUME, volume['id'])
        history = self.asking.get_history(VOLUME, volume['id'])
        self.assertIn(shown.revision, [one.revision for one in history])
        self.assertEqual(
            [one.revision for one in told],
            [one.revision for one in reversed(history)][:len(told)])

    @decorators.idempotent_id('e0834c6b-b7f2-4195-9d1e-27a6f5c3b801')
    def test_changes_since_a_position(self):
        position = self.mirror.position(VOLUME)
        volume = self.create_volume()
        last = self.await_shown(VOLUME, volume['id'], state='available')
        answer = self.asking.get_changes(
            VOLUME, position.epoch, position.revision)
        revisions = [change.revision for change in answer.changes]
        self.assertEqual(list(range(
            position.revision + 1,
            position.revision + 1 + len(revisions))), revisions)
        self.assertIn(last.revision, revisions)

    @decorators.idempotent_id('18f6d2a9-3e4c-4b70-95a8-c6e0b1d7f354')
    def test_an_unknown_id(self):
        unknown = data_utils.rand_uuid()
        self.assertEqual({unknown: None}, self.asking.get(VOLUME, unknown))
        self.assertEqual([], self.asking.get_history(VOLUME, unknown))

    @decorators.attr(type=['negative'])
    @decorators.idempotent_id('94b7e5d0-6a21-4c8f-b3d7-0e5f1c9a2b68')
    def test_an_unknown_type(self):
        self.assertRaises(exception.UnknownType, self.asking.get,
                          'no.type', 'any')
