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

"""The words of a hint table, and what is read with them."""

import hypothesis
from hypothesis import strategies as st

from synchronizer.plugins import cinder
from synchronizer.plugins import heat
from synchronizer.plugins import hints
from synchronizer.plugins import nova
from synchronizer.plugins.hints import Hint
from synchronizer.plugins.hints import Look
from synchronizer.tests import base

NOON = '2026-11-20T12:00:00Z'
AT = 1795176000.0
"""The same as a Unix time."""

ONE = (Look('a.one', 'id'),)
ALL = (Look('a.all'),)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(['id', 'disks', hints.DATA, 'stamp']), inner))


class TestLooks(base.TestCase):

    def test_its_own_entry_comes_before_a_pattern(self):
        table = {'a.*': ALL, 'a.b': ONE, 'a.c': ()}
        self.assertEqual(ONE, hints.looks(table, 'a.b'))
        self.assertEqual((), hints.looks(table, 'a.c'))
        self.assertEqual(ALL, hints.looks(table, 'a.d.end'))
        self.assertEqual((), hints.looks(table, 'ab.c'))

    def test_the_first_pattern_that_fits(self):
        table = {'a.b.*': ONE, 'a.*': ALL}
        self.assertEqual(ONE, hints.looks(table, 'a.b.c'))
        self.assertEqual(ALL, hints.looks(table, 'a.c'))


class TestRead(base.TestCase):

    def read(self, look, payload, told_at=AT):
        return hints.read({'e': (look,)}, 'e', payload, told_at)

    def test_an_id(self):
        for payload in ({'id': 'x'}, {hints.DATA: {'id': 'x'}}):
            self.assertEqual([Hint('a.one', 'x')],
                             self.read(Look('a.one', 'id'), payload))

    def test_a_number_is_an_id(self):
        self.assertEqual([Hint('a.one', '7')],
                         self.read(Look('a.one', 'id'), {'id': 7}))

    def test_a_whole_type_needs_no_payload(self):
        self.assertEqual([Hint('a.all', None)],
                         self.read(Look('a.all'), None))

    def test_whom_it_is_about_is_told_of_a_whole_type_if_it_is_said(self):
        table = {'x': (Look('t', about='thing/id'),)}
        for payload, about in (({'thing': {'id': 7}}, '7'), ({}, None),
                               ({'thing': None}, None), (None, None)):
            self.assertEqual([Hint('t', None, about=about)],
                             hints.read(table, 'x', payload, None))

    def test_an_id_deeper_down(self):
        payload = {hints.DATA: {'disk': {hints.DATA: {'id': 'x'}}}}
        self.assertEqual([Hint('a.one', 'x')],
                         self.read(Look('a.one', 'disk/id'), payload))

    def test_each_of_a_list_and_none_of_an_empty_one(self):
        look = Look('a.one', 'disks/*/id')
        for ids in ([], ['x', 'y']):
            self.assertEqual(
                [Hint('a.one', id_) for id_ in ids],
                self.read(look, {'disks': [{'id': id_} for id_ in ids]}))

    def test_no_id(self):
        for payload in (None, [], 'x', {}, {'id': None}, {'id': ''},
                        {'id': True}, {'id': {'id': 'x'}}):
            self.assertRaises(ValueError, self.read, Look('a.one', 'id'),
                              payload)

    def test_of_an_event_that_is_not_in_the_table(self):
        self.assertEqual([], hints.read({}, 'e', {}, AT))

    def test_a_part(self):
        self.assertEqual([Hint('a.one', 'x', part=True)], self.read(
            Look('a.one', 'id', part=True), {'id': 'x'}))

    def test_gone(self):
        self.assertEqual([Hint('a.one', 'x', gone=True)], self.read(
            Look('a.one', 'id', shows=hints.GONE), {'id': 'x'}))

    def test_the_stamp_of_the_payload(self):
        look = Look('a.one', 'id', stamp='stamp')
        for stamp, written in ((NOON, AT), (None, None), ('soon', None),
                               ('2026-11-20T12:00:00', AT)):
            found, = self.read(look, {'id': 'x', 'stamp': stamp})
            self.assertEqual(written, found.written)

    def test_written_just_before_it_was_told(self):
        look = Look('a.one', 'id', shows=hints.WRITTEN)
        found, = self.read(look, {'id': 'x'})
        self.assertEqual(AT - hints.SLACK, found.written)
        found, = self.read(look, {'id': 'x'}, None)
        self.assertIsNone(found.written)

    @hypothesis.given(JSON)
    def test_whatever_comes_it_is_read_or_refused(self, payload):
        for path in ('id', 'disks/*/id', 'disks/id'):
            look = Look('a.one', path, stamp='stamp')
            try:
                found = self.read(look, payload)
            except ValueError:
                continue
            for hint in found:
                self.assertIsInstance(hint.id, str)
                self.assertNotEqual('', hint.id)


class TestTables(base.TestCase):
    """What the tables want of the types."""

    def looks(self):
        for plugin in (nova.NovaPlugin, cinder.CinderPlugin,
                       heat.HeatPlugin):
            kinds = {kind.name: kind for kind in plugin.types}
            for event, found in plugin.hints.items():
                for look in found:
                    yield event, look, kinds[look.type]

    def test_a_stamp_is_compared_with_one(self):
        for event, look, kind in self.looks():
            if look.stamp or look.shows == hints.WRITTEN:
                self.assertIsNotNone(kind.stamp, event)

    def test_what_has_an_id_can_be_asked_for(self):
        for event, look, kind in self.looks():
            if look.path and not look.part:
                self.assertTrue(kind.can_get, event)

    def test_what_has_parts_can_list_them(self):
        for event, look, kind in self.looks():
            self.assertEqual(
                look.part, 'list_part' in vars(kind), event)

    def test_what_is_told_and_what_is_not_is_said_of_what_has_ids(self):
        for event, look, kind in self.looks():
            if look.path and not look.part:
                self.assertIsNotNone(kind.untold, event)
