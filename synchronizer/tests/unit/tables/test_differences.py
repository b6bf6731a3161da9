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

"""Row by row or anew: the tables come out the same."""

import dataclasses

import hypothesis

from synchronizer import tables
from synchronizer.model.change import Change
from synchronizer.model.change import CREATED
from synchronizer.model.change import DELETED
from synchronizer.model.change import UPDATED
from synchronizer.tables import catalogue
from synchronizer.tests import base
from synchronizer.tests.unit.tables import samples
from synchronizer.tests.unit.tables.samples import SERVER


def anew(entities):
    """All rows of the entities, by table."""
    found = {}
    for entity in entities:
        for table in catalogue.of_type(entity.type):
            for row in table.rows(entity):
                found.setdefault(table.name, []).append(
                    dict(zip(table.names, row, strict=True)))
    return {name: sorted(rows, key=repr) for name, rows in found.items()}


def follow(state, steps):
    """The one rule that a consumer needs."""
    for _, table, key, rows in steps:
        kept = [row for row in state.get(table, ())
                if any(row[name] != value for name, value in key.items())]
        state[table] = kept + list(rows)


def shown(state):
    return {name: sorted(rows, key=repr)
            for name, rows in state.items() if rows}


def changed(**attributes):
    return dataclasses.replace(SERVER, revision=8, attributes={
        **SERVER.attributes, **attributes})


class RowsTest(base.TestCase):

    def test_created(self):
        steps = tables.rows(Change(CREATED, SERVER, 'sweep'))
        self.assertEqual({'insert'}, {step.action for step in steps})
        self.assertEqual('nova_instances', steps[0].table)
        self.assertEqual({'id': 's'}, steps[0].key)
        self.assertEqual(1, len(steps[0].rows))

    def test_deleted(self):
        steps = tables.rows(Change(DELETED, SERVER, 'sweep'))
        self.assertEqual({'delete'}, {step.action for step in steps})
        self.assertEqual({()}, {step.rows for step in steps})
        self.assertIn(('delete', 'nova_instance_tags',
                       {'instance_id': 's', 'tag': 'x'}, ()), steps)

    def test_an_update_alone_replaces_all_rows_of_the_entity(self):
        steps = tables.rows(Change(UPDATED, changed(tags=[]), 'sweep'))
        self.assertEqual(
            [table.name for table in catalogue.of_type('nova.instance')],
            [step.table for step in steps])
        self.assertEqual({'replace'}, {step.action for step in steps})
        self.assertIn(('replace', 'nova_instance_tags',
                       {'instance_id': 's'}, ()), steps)
        self.assertEqual({'type': 'nova.instance', 'id': 's'},
                         steps[-1].key)

    def test_an_update_with_the_entity_before_tells_what_differs(self):
        first, *rest = tables.rows(
            Change(UPDATED, changed(tags=['y', 'z'], metadata={'k': 'w'}),
                   'sweep'), SERVER)
        self.assertEqual(('update', 'nova_instances', {'id': 's'}),
                         first[:3])
        self.assertEqual(8, first.rows[0]['revision'])
        metadata = {'instance_id': 's', 'key': 'k'}
        self.assertEqual([
            ('delete', 'nova_instance_metadata',
             {'instance_id': 's', 'key': 'none'}, ()),
            ('update', 'nova_instance_metadata', metadata,
             ({**metadata, 'value': 'w'},)),
            ('delete', 'nova_instance_tags',
             {'instance_id': 's', 'tag': 'x'}, ()),
            ('insert', 'nova_instance_tags',
             {'instance_id': 's', 'tag': 'z'},
             ({'instance_id': 's', 'tag': 'z'},))], rest)

    def test_another_order_is_no_difference_in_child_tables(self):
        server = dataclasses.replace(SERVER, attributes={
            **SERVER.attributes, 'tags': ['y', 'x'], 'addresses': {
                'net': SERVER.attributes['addresses']['net'][::-1]}})
        self.assertEqual(
            ['nova_instances'],
            [step.table for step in tables.rows(
                Change(UPDATED, server, 'sweep'), SERVER)])


class TablesTest(base.TestCase):

    def test_a_change_that_was_followed_does_nothing(self):
        held = tables.Tables([SERVER])
        change = Change(UPDATED, changed(tags=[]), 'sweep')
        self.assertEqual(
            ['update', 'delete', 'delete'],
            [step.action for step in held.rows(change)])
        self.assertEqual([], held.rows(change))

    def test_what_is_not_held_is_inserted_and_never_deleted(self):
        held = tables.Tables()
        self.assertEqual([], held.rows(Change(DELETED, SERVER, 'sweep')))
        steps = held.rows(Change(UPDATED, SERVER, 'sweep'))
        self.assertEqual({'insert'}, {step.action for step in steps})
        state = {}
        for name, row in held.contents():
            state.setdefault(name, []).append(row)
        self.assertEqual(anew([SERVER]), shown(state))


class PropertyTest(base.TestCase):

    @hypothesis.given(samples.histories)
    def test_changes_alone(self, history):
        changes, left = history
        state = {}
        for change in changes:
            follow(state, tables.rows(change))
        self.assertEqual(anew(left), shown(state))

    @hypothesis.given(samples.histories)
    def test_changes_with_a_holder(self, history):
        changes, left = history
        held, state = tables.Tables(), {}
        for change in changes:
            steps = held.rows(change)
            self.assertNotIn('replace', [step.action for step in steps])
            follow(state, steps)
        self.assertEqual(anew(left), shown(state))
        contents = {}
        for name, row in held.contents():
            contents.setdefault(name, []).append(row)
        self.assertEqual(anew(left), shown(contents))

    @hypothesis.given(samples.histories)
    def test_a_database_that_follows(self, history):
        changes, left = history
        with tables.Database(samples.TYPES) as database:
            for change in changes:
                database.apply(change)
            state = {}
            for table in database.tables:
                result = database.query(f'SELECT * FROM {table.name}')
                state[table.name] = [
                    dict(zip(result.columns, row, strict=True))
                    for row in result.rows]
        self.assertEqual(anew(left), shown(state))
