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

"""What every plugin gets from the contract's own classes."""

from unittest import mock

from synchronizer.model.entity import Relation
from synchronizer.plugins import base as plugin_base
from synchronizer.plugins import nova
from synchronizer.tests import base


class Thing(plugin_base.EntityType):
    name = 'test.thing'
    volatile = ('ticks',)
    secrets = ('password',)

    def list(self, session):
        raise NotImplementedError

    def entity(self, record):
        arrow = Relation('on', 'test.other', '1')
        return self.make(record, name=record['name'], state='',
                         relations=[arrow, Relation('a', 'b', 'c'), arrow])


class TestEntityType(base.TestCase):

    def test_make(self):
        entity = Thing().entity(
            {'id': 7, 'name': '', 'ticks': 1, 'password': 'x', 'size': 2})
        self.assertEqual('test.thing', entity.type)
        self.assertEqual('7', entity.id)
        self.assertIsNone(entity.name)
        self.assertIsNone(entity.state)
        self.assertEqual((Relation('a', 'b', 'c'),
                          Relation('on', 'test.other', '1')),
                         entity.relations)
        self.assertEqual({'id': 7, 'name': '', 'size': 2},
                         entity.attributes)

    def test_what_it_cannot(self):
        self.assertRaises(NotImplementedError, Thing().get, None, '7')
        self.assertRaises(
            NotImplementedError, Thing().list_since, None, 0.0)
        self.assertRaises(
            NotImplementedError, Thing().list_part, None, 'stack')
        self.assertRaises(NotImplementedError, Thing().prove, None)

    def test_whose_get_proves_by_itself_is_looked_up_by_it(self):
        class Got(Thing):
            def get(self, session, id_):
                return session, id_
        self.assertEqual(('way', '7'), Got().look_up('way', '7'))

    def test_what_needs_no_second_look(self):
        entity = Thing().entity({'id': 7, 'name': ''})
        self.assertIsNone(Thing().follow(entity))
        self.assertEqual([], list(Thing().beside(entity)))


class TestPlugin(base.TestCase):

    def test_session(self):
        cloud = mock.Mock()
        cloud.api.return_value.agree.return_value = '2.90'
        plugin = nova.NovaPlugin(cloud, page_size=50, region_name='R')
        way = plugin.session(nova.Instance())
        cloud.api.assert_called_once_with('nova', region_name='R')
        plugin.api.agree.assert_called_once_with('2.104', '2.53')
        self.assertEqual(('2.90', 50), (way.microversion, way.page_size))
