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

"""Filters, and paths into records."""

import argparse
import dataclasses

from synchronizer import exception
from synchronizer.cmd.user import paths
from synchronizer.cmd.user import selection
from synchronizer.model import entity as entity_module
from synchronizer.tests import base

WEB = entity_module.Entity(
    'nova.instance', 'i', 'web-1', 'p', None, 'ACTIVE',
    (entity_module.Relation('runs-on', 'nova.host', 'h'),),
    {'flavor': {'ram': 512, 'a.b': {'c': 'deep'}},
     'OS-EXT-SRV-ATTR:host': 'cmp-1', 'locked': True, 'fault': None,
     'volumes': [{'id': 'v1'}, {'id': 'v2'}], 'size': '10',
     'metadata': {'with.dots': 'yes'}}, 5)


class PathTest(base.TestCase):

    def one(self, text):
        return paths.Path(text).one(WEB)

    def test_fields(self):
        self.assertEqual('p', self.one('Project ID'))
        self.assertEqual(5, self.one('revision'))
        self.assertEqual([{'kind': 'runs-on', 'type': 'nova.host',
                           'id': 'h'}], self.one('relations'))

    def test_attributes(self):
        for text, value in (
                ('flavor.ram', 512), ('attributes.flavor.ram', 512),
                ('OS-EXT-SRV-ATTR:host', 'cmp-1'),
                ('metadata.with.dots', 'yes'), ('flavor.a.b.c', 'deep'),
                ('volumes.id', ['v1', 'v2']), ('fault', None),
                ('flavor.none', None), ('name.x', None)):
            self.assertEqual(value, self.one(text), text)

    def test_one_that_nobody_has(self):
        path = paths.Path('volumes.ids')
        path.check()
        path.one(WEB)
        error = self.assertRaises(exception.InvalidArgument, path.check)
        self.assertEqual('no entity here has volumes.ids; did you mean '
                         'volumes.id?', str(error))

    def test_one_that_some_have(self):
        path = paths.Path('flavor.ram')
        path.one(entity_module.Entity('nova.instance', 'j'))
        path.one(WEB)
        path.check()

    def test_flat(self):
        self.assertEqual(
            [('x.a', 1), ('x.b.c', [2]), ('x.d', {})],
            list(paths.flat({'b': {'c': [2]}, 'a': 1, 'd': {}}, 'x')))


class ConditionTest(base.TestCase):

    def assert_holds(self, *texts, but=False):
        for text in texts:
            self.assertEqual(
                not but, selection.Condition(text).holds(WEB), text)

    def test_true(self):
        self.assert_holds(
            'flavor.ram=512', 'flavor.ram=512.0', 'flavor.ram>=512',
            'flavor.ram < 1000', 'size>9', 'size<=10', 'locked=true',
            'locked=True', 'fault=null', 'name=web-1', 'name~web-*',
            'name>web-0', 'volumes.id=v2', 'volumes.id!=v3',
            'nothing.there!=1', 'OS-EXT-SRV-ATTR:host~cmp-?',
            'metadata.with.dots!=', 'flavor.a.b.c=deep')

    def test_of_a_list_one_member_is_enough(self):
        server = dataclasses.replace(WEB, attributes={
            'hosts': ['cmp-1', 'cmp-2'], 'a': {'hosts': [['x', 1]]}})
        for text, holds in (
                ('hosts=cmp-1', True), ('hosts~cmp-*', True),
                ('hosts!=cmp-1', False), ('hosts=cmp-3', False),
                ('hosts!=cmp-3', True), ('a.hosts=x', True),
                ('a.hosts>=1', True)):
            self.assertEqual(
                holds, selection.Condition(text).holds(server), text)

    def test_false(self):
        self.assert_holds(
            'flavor.ram=5120', 'flavor.ram>512', 'size>10', 'locked=false',
            'fault>1', 'name=web', 'name~WEB-*', 'volumes.id=v3',
            'volumes.id!=v2', 'nothing.there=1', 'nothing.there~*',
            'locked=1', but=True)

    def test_no_condition(self):
        for text in ('', 'flavor.ram', '=5'):
            self.assertRaises(argparse.ArgumentTypeError,
                              selection.Condition, text)


class SelectionTest(base.TestCase):

    def takes(self, *arguments):
        parser = argparse.ArgumentParser()
        selection.add_options(parser)
        return selection.Selection(parser.parse_args(arguments)).takes(WEB)

    def test_each_kind_must_hold(self):
        for arguments, expected in (
                ([], True), (['--project', 'p', '--state', 'active'], True),
                (['--project', 'p', '--state', 'error'], False),
                (['--state', 'error', '--state', 'active'], True),
                (['--name', 'x', '--name', 'web-?'], True),
                (['--name', 'web'], False),
                (['--where', 'flavor.ram=512', '--where', 'size=1'], False)):
            self.assertEqual(expected, self.takes(*arguments), arguments)
