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

"""An index equals what one would find by looking at everything."""

import hypothesis
from hypothesis import strategies as st

from synchronizer.client import index
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.tests import base

TYPE = 'nova.instance'


def change(action, id_, tags=()):
    return change_module.Change(action, entity_module.Entity(
        TYPE, id_, attributes={'tags': list(tags)}), 'sweep')


def tags_of(entity):
    return entity.attributes['tags']


class IndexTest(base.TestCase):

    def test_of_another_type_nothing_is_taken(self):
        made = index.Index('nova.host', tags_of)
        made.apply(change('created', 'a', ['x']))
        self.assertEqual(([], []), (made.ids('x'), made.keys()))

    def test_a_function_that_fails_costs_its_entity_only(self):
        made = index.Index(TYPE, lambda entity: [tags_of(entity)[0]])
        for id_, tags in (('a', ['x']), ('b', []), ('c', ['x'])):
            made.apply(change('created', id_, tags))
        self.assertEqual(['a', 'c'], made.ids('x'))
        self.assertIn('nova.instance b is in no index', self.log.output)

    @hypothesis.given(st.lists(st.tuples(
        st.sampled_from(['created', 'updated', 'deleted']),
        st.sampled_from('abcd'), st.sets(st.sampled_from('xyz')))))
    def test_it_equals_a_search(self, steps):
        made, held = index.Index(TYPE, tags_of), {}
        for action, id_, tags in steps:
            made.apply(change(action, id_, tags))
            if action == 'deleted':
                held.pop(id_, None)
            else:
                held[id_] = tags
        for key in 'xyz':
            self.assertEqual(
                sorted(id_ for id_, tags in held.items() if key in tags),
                made.ids(key))
        self.assertEqual(set().union(*held.values()), set(made.keys()))
