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

"""A census as metrics."""

import prometheus_client
from prometheus_client import parser

from synchronizer.model import stream
from synchronizer.service.inside import census
from synchronizer.service.inside import exposition
from synchronizer.tests import base
from synchronizer.tests.unit.service.inside import world

REQUESTS = ['synchronizer_requests', 'Asked.', 'counter', [
    ['synchronizer_requests_total', {'service': 'nova'}, 3.0]]]


class ExpositionTest(base.TestCase):

    def page(self, *rows, **given):
        text = prometheus_client.generate_latest(
            exposition.Exposition(world.found(*rows, **given))).decode()
        return {(sample.name, *sorted(sample.labels.items())): sample.value
                for family in parser.text_string_to_metric_families(text)
                for sample in family.samples}

    def test_a_stream(self):
        found = self.page(world.row(), at=world.NOW + 1261)
        type_ = ('type', 'nova.instance')
        for name, value in (
                ('entities', 5), ('revision', 9), ('journal_changes', 7),
                ('age_seconds', 1261), ('interval_seconds', 600),
                ('collected_timestamp_seconds', world.NOW), ('term', 2),
                ('stale', 1)):
            self.assertEqual(
                value, found[f'synchronizer_stream_{name}', type_], name)
        self.assertEqual(1, found[
            'synchronizer_stream_owner_info', ('owner', 'here'), type_])
        self.assertEqual(
            {'live': 1, 'starting': 0, 'degraded': 0, 'suspect': 0,
             'paused': 0},
            {state: found['synchronizer_stream_state', ('state', state),
                          type_] for state in stream.STATES})

    def test_one_that_was_never_collected_has_no_age(self):
        found = self.page(world.row(collected_at=None, owner=None))
        names = {name for name, *_ in found}
        self.assertIn('synchronizer_stream_entities', names)
        self.assertFalse(names & {
            'synchronizer_stream_age_seconds',
            'synchronizer_stream_collected_timestamp_seconds',
            'synchronizer_stream_owner_info'})

    def test_processes_and_the_database(self):
        found = self.page(error='away', processes=(
            world.DEAD, world.process('snapshot', works=False)))
        self.assertEqual(0, found['synchronizer_store_up',])
        self.assertEqual([0, 1], [
            found['synchronizer_process_up', ('process', name)]
            for name in ('collector-nova', 'snapshot')])
        self.assertEqual([0, 0], [
            found['synchronizer_process_works', ('process', name)]
            for name in ('collector-nova', 'snapshot')])

    def test_what_two_processes_count_is_one_family(self):
        found = self.page(processes=tuple(
            world.process(name, families=(REQUESTS,))
            for name in ('collector-nova', 'collector-heat')))
        self.assertEqual([3, 3], [
            found['synchronizer_requests_total', ('process', name),
                  ('service', 'nova')]
            for name in ('collector-nova', 'collector-heat')])

    def test_nothing_is_shown_of_a_process_that_did_not_answer(self):
        found = self.page(processes=(census.Process('snapshot'),))
        self.assertEqual(
            {'synchronizer_build_info', 'synchronizer_store_up',
             'synchronizer_process_up', 'synchronizer_process_works'},
            {name for name, *_ in found})
