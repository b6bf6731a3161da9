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

"""Drift as rows, and as lines while it is watched."""

import hypothesis
from hypothesis import strategies

from synchronizer.cmd.user import drift_rows
from synchronizer.cmd.user import drift_watch
from synchronizer.model import change as change_module
from synchronizer.model.entity import Entity
from synchronizer.plugins.reality import act
from synchronizer.plugins.reality import verdict
from synchronizer.tests import base

JSON = strategies.recursive(
    strategies.none() | strategies.booleans() | strategies.integers()
    | strategies.text(), lambda inside: strategies.lists(inside, max_size=3)
    | strategies.dictionaries(strategies.text(max_size=9), inside,
                              max_size=3), max_leaves=6)


def drift(state='changed', *properties, **fields):
    return Entity('heat.drift', 's/web', 'web', 'p', state=state, attributes={
        'stack_name': 'shop', 'resource_name': 'web',
        'resource_type': 'OS::Nova::Server', 'properties': [
            {'property': name, 'desired': desired, 'actual': actual}
            for name, desired, actual in properties], **fields})


class RowsTest(base.TestCase):

    def test_one_for_each_property_and_at_least_one(self):
        for properties, expected in (
                ([('a', 1, 2), ('b', None, 'x')],
                 [('a', 1, 2), ('b', None, 'x')]),
                ([], [(None, None, None)])):
            self.assertEqual(expected, [
                (row['property'], row['desired'], row['actual'])
                for row in drift_rows.rows(drift('changed', *properties),
                                           long=True)])

    def test_what_cannot_be_compared_is_told_of_only_at_length(self):
        found = drift('changed', ('a', 1, 2), reason='why', not_comparable=[
            {'property': 'b', 'reason': 'secret'}])
        first, second = drift_rows.rows(found, long=True)
        self.assertEqual(('changed', 'why'),
                         (first['verdict'], first['reason']))
        self.assertEqual(
            ('b', 'not-comparable', 'secret', None),
            tuple(second[name] for name in (
                'property', 'verdict', 'reason', 'desired')))
        self.assertEqual([first], list(drift_rows.rows(found, long=False)))

    def test_the_words_are_those_of_the_plugin(self):
        self.assertEqual(verdict.VERDICTS, drift_rows.VERDICTS)
        self.assertEqual(act.stack_of(drift()), drift_rows.stack_of(drift()))

    @hypothesis.given(JSON, JSON)
    def test_in_a_table_a_row_is_one_line_and_not_wide(self, desired, actual):
        [row] = drift_rows.rows(drift('changed', ('a', desired, actual)),
                                long=True)
        told = drift_rows.for_people(row)
        self.assertEqual(row.keys(), told.keys())
        for name, text in told.items():
            self.assertEqual([text] if text else [], text.splitlines())
            self.assertLessEqual(len(text), drift_rows.WIDEST, name)

    def test_nothing_is_not_null(self):
        [row] = drift_rows.rows(drift('missing'), long=False)
        told = drift_rows.for_people(row)
        self.assertEqual(('', '', ''), (
            told['property'], told['desired'], told['initiator']))
        [row] = drift_rows.rows(drift('changed', ('a', None, '')), False)
        told = drift_rows.for_people(row)
        self.assertEqual(('null', ''), (told['desired'], told['actual']))


class LinesTest(base.TestCase):

    def line(self, found, action=change_module.CREATED, at=''):
        return drift_watch.as_text(change_module.Change(
            action, found, change_module.HINT, committed_at=at), False)

    def test_without_a_time(self):
        self.assertEqual(
            '- there shop/web OS::Nova::Server unknown (no answer)\n',
            self.line(drift('unknown', reason='no answer')))

    def test_what_goes_has_no_properties(self):
        text = self.line(drift('changed', ('a', 1, 2), initiator='u'),
                         change_module.DELETED, '2026-11-20T10:00:00Z')
        self.assertRegex(text, r'^2026-11-\d\d \d\d:\d\d:00 goes shop/web '
                         r'OS::Nova::Server changed by u\n$')

    def test_no_value_breaks_a_line(self):
        text = self.line(drift('changed', ('a', 'x\ny', '\x1b[2J')))
        self.assertEqual(r'    a: x\ny -> \u001b[2J', text.splitlines()[1])
