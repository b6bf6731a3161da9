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

"""What is wrong, what is not, and whom a restart would help."""

from hypothesis import given
from hypothesis import strategies

from synchronizer.model import stream
from synchronizer.service.inside import census
from synchronizer.service.inside import health
from synchronizer.tests import base
from synchronizer.tests.unit.service.inside import world


def judge(*rows, **given):
    return health.Health(world.found(*rows, **given), 'here')


class VerdictTest(base.TestCase):

    def verdict(self, row, **given):
        (found,) = judge(row, **given).verdicts()
        return found

    def test_all_is_well(self):
        found = self.verdict(world.row())
        self.assertEqual(('ok', None, 0), (
            found.verdict, found.why, found.age))

    def test_stale_though_its_process_lives(self):
        at = world.NOW + 2 * 600 + 61
        found = self.verdict(world.row(error='nova: 503'), at=at)
        self.assertEqual('stale', found.verdict)
        self.assertIn('1261 s ago', found.why)
        self.assertIn('nova: 503', found.why)
        found = self.verdict(world.row(), at=at)
        self.assertIn('its process lives', found.why)
        found = self.verdict(world.row(owner='there:d'), at=at)
        self.assertIn('its owner is there:d, which is not us', found.why)

    def test_not_stale_yet(self):
        found = self.verdict(world.row(), at=world.NOW + 2 * 600 + 60)
        self.assertEqual('ok', found.verdict)

    def test_dead_is_worse_than_stale(self):
        found = self.verdict(world.row(), at=world.NOW + 9999,
                             processes=(world.DEAD, world.SNAPSHOT))
        self.assertEqual('dead', found.verdict)
        self.assertIn('collector-nova', found.why)

    def test_a_dead_process_is_no_matter_where_another_host_collects(self):
        found = self.verdict(world.row(owner='there:d'),
                             processes=(world.DEAD,))
        self.assertEqual('ok', found.verdict)

    def test_the_death_of_another_plugin_is_no_matter(self):
        found = self.verdict(world.row(), processes=(
            world.process(), census.Process('collector-heat')))
        self.assertEqual('ok', found.verdict)

    def test_all_in_one(self):
        found = self.verdict(world.row(), processes=(
            census.Process('all-in-one'),))
        self.assertEqual('dead', found.verdict)

    def test_a_held_stream_grows_old_and_is_not_stale(self):
        found = self.verdict(world.row(paused=True), at=world.NOW + 9999)
        self.assertEqual('paused', found.verdict)

    def test_states_that_are_not_live(self):
        for state in (stream.STARTING, stream.DEGRADED, stream.SUSPECT):
            found = self.verdict(world.row(
                collected_state=state, error='the reason'))
            self.assertEqual((state, 'the reason'),
                             (found.verdict, found.why))

    def test_never_collected(self):
        found = self.verdict(world.row(
            collected_at=None, collected_state=stream.STARTING))
        self.assertEqual('starting', found.verdict)
        self.assertIsNone(found.age)
        self.assertIn('no complete sweep', found.why)

    def test_not_in_the_database(self):
        (found,) = judge(types=('nova.host',)).verdicts()
        self.assertEqual('missing', found.verdict)
        self.assertIsNone(found.to_dict()['state'])

    @given(strategies.floats(0, 1e7), strategies.floats(1, 1e6),
           strategies.booleans())
    def test_stale_is_later_than_twice_the_interval_and_a_minute(
            self, age, interval, paused):
        row = world.row(interval=interval, paused=paused)
        late = age > 2 * interval + 60
        self.assertEqual(late and not paused,
                         health.is_stale(row, world.NOW + age))


class LiveTest(base.TestCase):

    def test_a_process_that_does_not_answer(self):
        self.assertEqual(['collector-nova is dead or hangs'],
                         judge(processes=(world.DEAD, world.SNAPSHOT)
                               ).not_live())

    def test_neither_database_nor_streams_have_a_part_in_it(self):
        found = judge(error='away', processes=(
            world.process(works=False),))
        self.assertEqual([], found.not_live())


class ReadyTest(base.TestCase):

    def test_ready(self):
        self.assertEqual([], judge(world.row()).not_ready())

    def test_what_is_stale_or_dead_can_still_be_served(self):
        found = judge(world.row(), at=world.NOW + 9999,
                      processes=(world.DEAD, world.SNAPSHOT))
        self.assertEqual([], found.not_ready())

    def test_a_bus_that_was_lost_after_the_start(self):
        lost = ['the bus does not take what collector-nova publishes']
        for up, reasons in ((0.0, lost), (1.0, [])):
            found = judge(world.row(), processes=(
                world.bus(up), world.SNAPSHOT))
            self.assertEqual((reasons, reasons, []), (
                found.not_ready(), found.wrong(), found.not_live()))

    def test_a_coordination_back_end_that_is_lost_keeps_nobody_waiting(self):
        gauge = [census.COORDINATION_UP, '', 'gauge',
                 [[census.COORDINATION_UP, {}, 0.0]]]
        found = judge(world.row(), processes=(
            world.process(families=(gauge,)), world.SNAPSHOT))
        self.assertEqual([], found.not_ready())
        self.assertEqual(['the coordination back end does not answer '
                          'collector-nova'], found.wrong())

    def test_no_database(self):
        self.assertEqual(['away'], judge(error='away').not_ready())

    def test_nobody_answers_requests(self):
        for snapshot in (world.process('snapshot', works=False),
                         census.Process('snapshot')):
            self.assertEqual(
                ['no process answers requests yet'],
                judge(processes=(world.process(), snapshot)).not_ready())
        self.assertEqual([], judge(processes=(
            census.Process('snapshot'), world.process('snapshot-2'))
        ).not_ready())

    def test_a_type_was_never_collected(self):
        found = judge(world.row(collected_at=None),
                      types=('nova.instance', 'nova.host'))
        self.assertEqual(['nova.instance was never collected',
                          'nova.host was never collected'],
                         found.not_ready())


class WholeTest(base.TestCase):

    def test_all_is_well(self):
        found = judge(world.row(), world.row('nova.host', paused=True)
                      ).to_dict()
        self.assertEqual(('ok', [], 'here'), (
            found['status'], found['reasons'], found['host']))
        self.assertEqual(
            {'name': 'collector-nova', 'pid': 7, 'alive': True,
             'works': True, 'owns': True}, found['processes'][0])
        self.assertEqual(
            {'type': 'nova.instance', 'verdict': 'ok', 'why': None,
             'state': 'live', 'age': 0, 'interval': 600, 'entities': 5,
             'revision': 9, 'owner': 'here', 'error': None},
            found['streams'][0])

    def test_all_that_is_wrong_has_a_reason(self):
        found = judge(world.row(), processes=(
            world.DEAD, world.process('snapshot', works=False))).to_dict()
        self.assertEqual('failing', found['status'])
        self.assertEqual(
            ['collector-nova is dead or hangs',
             'snapshot lacks what it needs to work',
             'nova.instance is dead: its process collector-nova does not '
             'answer'], found['reasons'])

    def test_without_a_database_nothing_is_said_of_streams(self):
        found = judge(types=('nova.host',), error='away').to_dict()
        self.assertEqual((['away'], []), (
            found['reasons'], found['streams']))
