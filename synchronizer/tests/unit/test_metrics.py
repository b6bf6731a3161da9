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

"""What is counted, and that pages and rules know it by the same names."""

import json
import pathlib
import re

import yaml

from synchronizer import metrics
from synchronizer.model import change
from synchronizer.tests import base

ADMIN = pathlib.Path(__file__).parents[3] / 'doc' / 'source' / 'admin'
WORD = re.compile(r'\bsynchronizer_[a-z_]+[a-z]\b')
SUFFIXES = {'counter': ('_total',), 'gauge': ('',),
            'histogram': ('_bucket', '_sum', '_count')}


def value(name, **labels):
    return metrics.REGISTRY.get_sample_value(f'synchronizer_{name}', labels)


def declared():
    """Name, kind, labels and help of all that there is."""
    counted = [
        (family.name + ('_total' if family.type == 'counter' else ''),
         family.type, tuple(collector._labelnames), family.documentation)
        for collector in metrics.REGISTRY._collector_to_names
        if hasattr(collector, '_labelnames')
        for family in collector.collect()]
    return [*counted, *(
        (f'synchronizer_{gauge.name}', 'gauge', gauge.labels, gauge.help)
        for gauge in metrics.gauges())]


def sample_names():
    """What a query may ask for."""
    names = {name.removesuffix('_total') + suffix
             for name, kind, _, _ in declared()
             for suffix in SUFFIXES[kind]}
    return names | {f'synchronizer_process_{name}' for name in (
        'resident_memory_bytes', 'cpu_seconds_total')}


class CountTest(base.TestCase):

    def test_words_are_those_of_the_model(self):
        self.assertEqual(change.ACTIONS, metrics.ACTIONS)
        self.assertEqual(change.CAUSES, metrics.CAUSES)

    def test_what_will_be_counted_is_shown_at_zero(self):
        labels = {'type': 't.zero', 'action': 'created', 'cause': 'hint'}
        self.assertIsNone(value('changes_total', **labels))
        metrics.prepare('t', ['t.zero'])
        self.assertEqual(0, value('changes_total', **labels))
        self.assertEqual(0, value(
            'sweeps_total', type='t.zero', outcome='failed'))
        self.assertEqual(0, value(
            'notifications_total', plugin='t', result='taken'))
        self.assertEqual(0, value('hint_seconds_count', type='t.zero'))

    def test_changes_by_action_and_cause(self):
        metrics.changed('t.one', 'sweep', ['created', 'updated', 'created'])
        self.assertEqual([2, 1], [
            value('changes_total', type='t.one', action=action, cause='sweep')
            for action in ('created', 'updated')])

    def test_a_request_without_an_answer_has_a_status_too(self):
        metrics.requested('t', 404, 0.2)
        metrics.requested('t', None, 7)
        self.assertEqual([1, 1], [
            value('requests_total', service='t', status=status)
            for status in ('404', 'none')])
        self.assertEqual(7.2, value('request_seconds_sum', service='t'))

    def test_an_answer_is_counted_come_what_may(self):
        with metrics.answering('t_method'):
            pass

        def fail():
            with metrics.answering('t_method'):
                raise KeyError
        self.assertRaises(KeyError, fail)
        self.assertEqual([1, 1], [
            value('answers_total', method='t_method', status=status)
            for status in ('ok', 'KeyError')])
        self.assertEqual(2, value('answer_seconds_count', method='t_method'))


class GaugeTest(base.TestCase):

    def test_a_source_is_asked_while_it_works(self):
        entities = [metrics.ENTITIES.at(3, 't.gauge')]
        forget = metrics.watch(lambda: entities)
        self.assertEqual(3, value('stream_entities', type='t.gauge'))
        entities[:] = [metrics.ENTITIES.at(4, 't.gauge')]
        self.assertEqual(4, value('stream_entities', type='t.gauge'))
        forget()
        self.assertIsNone(value('stream_entities', type='t.gauge'))

    def test_a_name_comes_once_however_many_tell_of_it(self):
        one, other = metrics.families([
            metrics.AGE.at(1, 't.a'), metrics.TERM.at(2, 't.a'),
            metrics.AGE.at(3, 't.b')])
        self.assertEqual('synchronizer_stream_age_seconds', one.name)
        self.assertEqual(
            [({'type': 't.a'}, 1), ({'type': 't.b'}, 3)],
            [(sample.labels, sample.value) for sample in one.samples])
        self.assertEqual(1, len(other.samples))


class PagesTest(base.TestCase):

    def read(self, name):
        return (ADMIN / name).read_text()

    def test_the_page_has_every_metric_as_it_is(self):
        page = ' '.join(self.read('metrics.rst').split())
        for name, kind, labels, help_ in declared():
            told = ', '.join(f'``{label}``' for label in labels) or '\\-'
            self.assertIn(f'* - ``{name}`` - {kind} - {told} - {help_}', page)

    def test_the_page_has_no_metric_that_is_not(self):
        self.assertEqual(set(), set(WORD.findall(self.read('metrics.rst')))
                         - sample_names() - {name for name, *_ in declared()})

    def test_the_dashboard_asks_for_what_there_is(self):
        board = json.loads(self.read('synchronizer-dashboard.json'))
        asked = {name for panel in board['panels']
                 for target in panel.get('targets', ())
                 for name in WORD.findall(target['expr'])}
        self.assertEqual(set(), asked - sample_names())
        # all but the version are shown somewhere
        shown = {re.sub('_(bucket|sum|count)$', '', name) for name in asked}
        self.assertEqual(
            {'synchronizer_build_info', 'synchronizer_stream_revision',
             'synchronizer_stream_collected_timestamp_seconds'},
            {name for name, *_ in declared()} - shown)

    def test_panels_have_names_and_places_of_their_own(self):
        panels = json.loads(self.read('synchronizer-dashboard.json'))['panels']
        self.assertEqual(len(panels), len({one['id'] for one in panels}))
        taken = set()
        for panel in panels:
            place = panel['gridPos']
            cells = {(x, y)
                     for x in range(place['x'], place['x'] + place['w'])
                     for y in range(place['y'], place['y'] + place['h'])}
            self.assertEqual(set(), taken & cells, panel['title'])
            self.assertLessEqual(place['x'] + place['w'], 24)
            taken |= cells

    def test_alerts_ask_for_what_there_is(self):
        rules = self.rules()
        asked = {name for rule in rules
                 for name in WORD.findall(rule['expr'])}
        self.assertEqual(set(), asked - sample_names())

    def test_every_alert_is_tried_and_explained(self):
        names = {rule['alert'] for rule in self.rules()}
        tests = yaml.safe_load(self.read('synchronizer-alerts-test.yml'))
        fired = {tried['alertname'] for test in tests['tests']
                 for tried in test['alert_rule_test'] if tried['exp_alerts']}
        quiet = {tried['alertname'] for test in tests['tests']
                 for tried in test['alert_rule_test']
                 if not tried['exp_alerts']}
        self.assertEqual((names, names), (fired, quiet))
        page = self.read('metrics.rst')
        self.assertEqual([], [name for name in names if name not in page])

    def rules(self):
        return yaml.safe_load(self.read('synchronizer-alerts.yml')
                              )['groups'][0]['rules']
