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

"""What a resource should be: its events, else its template."""

import testtools

from synchronizer import exception
from synchronizer.plugins.reality import desired
from synchronizer.plugins.reality import template
from synchronizer.tests.unit.plugins.reality import fakes

PATH = '/stacks/app/stack-1'
EVENTS = f'{PATH}/resources/server/events'
TEMPLATE = {
    'parameters': {'n': {}}, 'resources': {
        'server': {'properties': {
            'name': {'get_param': 'n'},
            'flavor': {'get_attr': ['other', 'flavor']}}},
        'odd': {'properties': None}}}


def _event(id_, physical='server-1', status='CREATE_COMPLETE'):
    return {'id': id_, 'physical_resource_id': physical,
            'resource_status': status}


class WishesTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.streams = fakes.Streams()
        self.heat = self.streams.heat
        self.wishes = desired.Wishes(self.streams)
        self.heat.answers.update({
            f'{EVENTS}/new': {'event': {
                'resource_properties': {'name': 'a', 'user_data': 'x'}}},
            f'{PATH}/template': TEMPLATE,
            PATH: {'stack': {'parameters': {'n': 'web'}}}})

    def _of(self, names=frozenset({'name'}), **fields):
        return self.wishes.of(fakes.resource(**fields), fakes.stack(), names)

    def _events(self, *events):
        self.heat.answers[EVENTS] = {'events': list(events)}

    def test_the_newest_event_tells(self):
        self._events(_event('new'), _event('old'))
        self.assertEqual({'name': 'a', 'user_data': None},
                         self._of().properties)

    def test_events_of_what_was_replaced_are_passed_over(self):
        self._events(_event('x', status='DELETE_COMPLETE'),
                     _event('y', physical='server-0'),
                     _event('new'))
        self.assertEqual('a', self._of().properties['name'])

    def test_all_pages_are_looked_through(self):
        others = [_event(str(n), 'server-0') for n in range(desired.PAGE)]

        def page(limit, sort_dir, marker=None):
            self.assertEqual((desired.PAGE, 'desc'), (limit, sort_dir))
            return {'events': [_event('new')] if marker else others}
        self.heat.answers[EVENTS] = page
        self.assertEqual('a', self._of().properties['name'])

    def test_a_marker_that_heat_forgot_is_no_endless_loop(self):
        self._events(*(_event(str(n), 'server-0')
                       for n in range(desired.PAGE)))
        self.assertEqual('web', self._of().properties['name'])

    def test_without_an_event_the_template_tells(self):
        self._events()
        found = self._of()
        self.assertEqual({'name': 'web'}, found.properties)
        self.assertEqual({'flavor': 'its value is made by get_attr'},
                         found.silent)

    def test_an_event_without_properties_does_not_tell(self):
        self._events(_event('new'))
        self.heat.answers[f'{EVENTS}/new'] = {
            'event': {'resource_properties': {}}}
        self.assertEqual({'name': 'web'}, self._of().properties)

    def test_it_is_asked_for_once_until_the_resource_changes(self):
        self._events(_event('new'))
        self._of()
        count = len(self.heat.asked)
        self._of()
        self.assertEqual(count, len(self.heat.asked))
        for fields in ({'state': 'UPDATE_COMPLETE'},
                       {'updated_time': '2026-11-20T11:00:00Z'},
                       {'physical': 'server-2'}):
            self._of(**fields)
            self.assertLess(count, len(self.heat.asked))
            count = len(self.heat.asked)

    def test_an_error_is_raised(self):
        self.heat.error = exception.Refused('403')
        self.assertRaises(exception.Refused, self._of)


class ResolverTest(testtools.TestCase):

    def setUp(self):
        super().setUp()
        self.resolver = template.Resolver(
            {'n': 'web', 'l': ['a', 'b'], 'd': {'k': {'m': 1}},
             'pw': '******', 'i': 2},
            {'net': 'net-1', 'empty': ''}.get)

    def test_what_is_certain_is_resolved(self):
        for says, comes_to in (
                ('x', 'x'), (3, 3), (None, None), ([{'get_param': 'n'}],
                                                   ['web']),
                ({'get_param': ['d', 'k', 'm']}, 1),
                ({'get_param': ['l', 1]}, 'b'),
                ({'get_resource': 'net'}, 'net-1'),
                ({'Ref': 'n'}, 'web'), ({'Ref': 'net'}, 'net-1'),
                ({'a': {'get_param': 'n'}, 'b': 1}, {'a': 'web', 'b': 1}),
                ({'str_replace': {'template': 'h-X-XY', 'params': {
                    'X': 'a', 'XY': {'get_param': 'i'}}}}, 'h-a-2'),
                ({'list_join': ['-', {'get_param': 'l'}, ['c']]}, 'a-b-c'),
                ({'Fn::Join': ['', ['a', {'Ref': 'n'}]]}, 'aweb')):
            self.assertEqual(comes_to, self.resolver.value(says), says)

    def test_what_is_not_is_told_with_its_reason(self):
        for says, reason in (
                ({'get_attr': ['a', 'b']}, 'its value is made by get_attr'),
                ({'if': ['c', 1, 2]}, 'its value is made by if'),
                ({'Fn::Select': [0, []]}, 'its value is made by Fn::Select'),
                ({'get_param': 'none'}, 'there is no parameter none'),
                ({'get_param': 'pw'}, 'the parameter pw is hidden'),
                ({'get_param': ['d', 'x']}, 'the parameter d has no x'),
                ({'get_resource': 'empty'}, 'the id of empty is not known'),
                ({'list_join': 'x'}, 'its value is made by list_join'),
                ({'list_join': [',', [{'a': 1}]]},
                 'its value is made of what is no text'),
                ({'str_replace': {}}, 'its value is made by str_replace')):
            error = self.assertRaises(
                template.Unresolved, self.resolver.value, says)
            self.assertEqual(reason, str(error))

    def test_parameters_are_text_until_their_type_is_known(self):
        says = {'parameters': {
            'l': {'type': 'comma_delimited_list'}, 'j': {'type': 'json'},
            'bad': {'type': 'json'}, 's': {'type': 'string'},
            'h': {'type': 'json', 'hidden': True}}}
        resolver = template.Resolver.of(says, {
            'l': 'a, b', 'j': '{"k": [1]}', 'bad': '{', 's': 'a,b',
            'h': '******', 'more': '[]'}, {}.get)
        for name, value in (('l', ['a', 'b']), ('j', {'k': [1]}),
                            ('s', 'a,b'), ('more', '[]')):
            self.assertEqual(value, resolver.value({'get_param': name}))
        for name in ('bad', 'h'):
            self.assertRaises(template.Unresolved, resolver.value,
                              {'get_param': name})

    def test_both_kinds_of_templates_are_read(self):
        for one in ({'resources': {'r': {'properties': {'a': 1}}}},
                    {'Resources': {'r': {'Properties': {'a': 1}}}}):
            self.assertEqual(({'a': 1}, {}),
                             self.resolver.properties(one, 'r'))
        for odd in (None, [], {}, {'resources': None},
                    {'resources': {'r': None}}, TEMPLATE):
            self.assertEqual(({}, {}), self.resolver.properties(odd, 'odd'))
