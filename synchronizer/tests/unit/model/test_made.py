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

"""Constructors that are written out: they do what dataclasses would."""

import copy
import dataclasses
import inspect
import pickle

import testscenarios

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.tests import base


class MadeTest(testscenarios.WithScenarios, base.TestCase):

    scenarios = [
        ('entity', {'kind': entity_module.Entity}),
        ('change', {'kind': change_module.Change}),
        ('relation', {'kind': entity_module.Relation}),
    ]

    def setUp(self):
        super().setUp()
        self.fields = dataclasses.fields(self.kind)
        self.values = {field.name: f'the {field.name}'
                       for field in self.fields}

    def seen(self, made):
        return {field.name: getattr(made, field.name)
                for field in self.fields}

    def test_by_position_and_by_name(self):
        self.assertEqual(self.values, self.seen(
            self.kind(*self.values.values())))
        self.assertEqual(self.values, self.seen(self.kind(**self.values)))

    def test_what_is_left_out(self):
        defaults = {}
        for field in self.fields:
            if field.default is not dataclasses.MISSING:
                defaults[field.name] = field.default
            elif field.default_factory is not dataclasses.MISSING:
                defaults[field.name] = field.default_factory()
        needed = {name: value for name, value in self.values.items()
                  if name not in defaults}
        self.assertEqual({**needed, **defaults},
                         self.seen(self.kind(**needed)))
        self.assertEqual(
            set(needed), {
                name for name, one in inspect.signature(
                    self.kind).parameters.items()
                if one.default is one.empty})

    def test_it_is_as_any_other(self):
        made = self.kind(**self.values)
        first = self.fields[0].name
        self.assertRaises(dataclasses.FrozenInstanceError,
                          setattr, made, first, 'x')
        self.assertRaises(TypeError, self.kind)
        for same in (copy.copy(made), copy.deepcopy(made),
                     pickle.loads(pickle.dumps(made)),
                     dataclasses.replace(made)):
            self.assertEqual(made, same)
        other = dataclasses.replace(made, **{first: 'x'})
        self.assertEqual({**self.values, first: 'x'}, self.seen(other))
        self.assertIn(f"{first}='x'", repr(other))


class AttributesTest(base.TestCase):

    def test_nothing_is_shared(self):
        one, other = (entity_module.Entity('t', 'i') for _ in range(2))
        self.assertIsNot(one.attributes, other.attributes)
