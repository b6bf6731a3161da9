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

"""The life of a stack, and of what is in it, as the service tells it."""

from tempest import config
from tempest.lib import decorators
from tempest.lib.common.utils import data_utils

from synchronizer.tests.tempest import base
from synchronizer.tests.tempest.base import RESOURCE
from synchronizer.tests.tempest.base import STACK
from synchronizer.tests.tempest.base import VOLUME
from synchronizer.tests.tempest.scenario import templates

CONF = config.CONF


class TestStack(base.SynchronizerTest):

    types = (STACK, RESOURCE, VOLUME)

    @decorators.idempotent_id('0e9f5f2a-3a64-4d39-93d8-6d0e52a8c1f7')
    def test_a_life(self):
        name = data_utils.rand_name('first', CONF.resource_name_prefix)
        stack, id_ = self.create_stack(
            templates.of(disk=templates.volume()), name=name)
        self.see_it_made(stack, id_, name)

        name = data_utils.rand_name('second', CONF.resource_name_prefix)
        self.update_stack(stack, templates.of(
            disk=templates.volume(), word=templates.text()), name=name)
        volume = self.physical_id(stack, 'disk')
        self.see_it_updated(id_, volume, name)

        self.delete_stack(stack)
        self.await_gone(STACK, id_)
        for resource in ('disk', 'word'):
            self.await_gone(RESOURCE, f'{id_}/{resource}')
        self.await_gone(VOLUME, volume)
        for type_ in self.types:
            self.assert_whole(type_)

    def see_it_made(self, stack, id_, name):
        volume = self.physical_id(stack, 'disk')
        self.await_shown(STACK, id_, state='CREATE_COMPLETE',
                         name=stack.partition('/')[0])
        self.await_shown(VOLUME, volume, state='available', name=name)
        disk = self.await_shown(
            RESOURCE, f'{id_}/disk', state='CREATE_COMPLETE', name='disk',
            physical_resource_id=volume).entity
        self.assertIn(('realized-by', VOLUME, volume), [
            (relation.kind, relation.type, relation.id)
            for relation in disk.relations])

    def see_it_updated(self, id_, volume, name):
        self.await_shown(STACK, id_, state='UPDATE_COMPLETE')
        self.await_shown(RESOURCE, f'{id_}/disk', state='UPDATE_COMPLETE')
        self.await_shown(RESOURCE, f'{id_}/word', state='CREATE_COMPLETE')
        self.await_shown(VOLUME, volume, name=name)
