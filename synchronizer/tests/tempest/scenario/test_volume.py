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

"""The life of a volume, as the service tells it."""

from tempest import config
from tempest.lib import decorators
from tempest.lib.common.utils import data_utils

from synchronizer.tests.tempest import base
from synchronizer.tests.tempest.base import VOLUME

CONF = config.CONF


class TestVolume(base.SynchronizerTest):

    types = (VOLUME,)

    @decorators.idempotent_id('5f0c9f2b-7a4e-4b3e-8d8a-2e1b6c7f9d04')
    def test_a_life(self):
        volume = self.create_volume()
        id_, size = volume['id'], volume['size']
        made = self.await_shown(
            VOLUME, id_, state='available', name=volume['name'])
        self.assertEqual(volume['user_id'], made.entity.user_id)
        self.assertEqual('created', self.changes(VOLUME, id_)[0].action)

        name = data_utils.rand_name(
            'renamed', prefix=CONF.resource_name_prefix)
        self.volumes_client.update_volume(id_, name=name)
        renamed = self.await_shown(VOLUME, id_, name=name)
        self.assertIn('name', renamed.changed)

        self.volumes_client.extend_volume(id_, new_size=size + 1)
        self.await_shown(VOLUME, id_, state='available', size=size + 1)

        self.volumes_client.delete_volume(id_)
        gone = self.await_gone(VOLUME, id_)
        self.assertEqual(name, gone.entity.name)
        self.assertIsNone(self.mirror.get(VOLUME, id_))
        self.assert_whole(VOLUME)
