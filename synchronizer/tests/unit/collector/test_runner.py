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

"""When a stream is swept, held, claimed anew or left to another."""

import random
import threading

from synchronizer import exception
from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests import base
from synchronizer.tests.unit.collector import doubles
from synchronizer.tests.unit.collector.doubles import record

TYPE = 'test.thing'


class RunnerTest(base.TestCase):
    """No thread is started: the steps are taken one by one."""

    def setUp(self):
        super().setUp()
        self.clock = doubles.Clock()
        self.store = memory.MemoryStore(self.clock.wall)
        self.thing = doubles.Thing(self.clock)
        self.store.ensure([store_base.StreamSpec(TYPE, 'test', 600)])
        self.woken = []
        self.runner = self.make('here')
        self.poller = self.runner.pollers[TYPE]

    def make(self, owner):
        return runner.Runner(
            doubles.Plugin(), [self.thing], self.store, owner,
            self.woken.append,
            settings.Settings(poll_interval=600, delta_interval=0,
                              retention_revisions=2),
            self.clock, random.Random(1))

    def sweeps(self):
        """Let what is due be done; how many sweeps that was."""
        before = len(self.thing.listings)
        while self.poller.step() <= self.clock.monotonic():
            continue
        return before - len(self.thing.listings)

    def script(self, count, *ids):
        for _ in range(count):
            self.thing.script([record(id_) for id_ in ids])

    def row(self):
        return self.store.streams([TYPE])[TYPE]

    def test_it_opens_sweeps_and_then_waits_for_its_interval(self):
        self.script(3, 'a')
        self.assertEqual(1, self.sweeps())
        self.assertEqual(('live', 'here', 1), (
            self.row().state, self.row().owner, self.row().entities))
        self.clock.advance(500)
        self.assertEqual(0, self.sweeps())
        self.clock.advance(100)
        self.assertEqual(1, self.sweeps())

    def test_a_store_that_is_away_is_waited_for(self):
        self.script(1, 'a')
        self.store.fail_next(exception.StoreUnavailable('away'), 'claim')
        self.assertEqual(0, self.sweeps())
        self.clock.advance(1)
        self.assertEqual(1, self.sweeps())

    def test_a_failed_sweep_is_tried_again_soon(self):
        self.thing.script(outcome=exception.Unreachable('x'))
        self.script(1, 'a')
        self.assertEqual(1, self.sweeps())
        self.clock.advance(1)
        self.assertEqual(1, self.sweeps())
        self.assertEqual('live', self.row().state)

    def test_a_plugins_own_fault_is_a_failed_sweep(self):
        self.thing.script(outcome=ZeroDivisionError('oops'))
        self.sweeps()
        self.assertIn('ZeroDivisionError', self.log.output)
        self.assertEqual('the last sweep failed: oops', self.row().error)

    def test_callers_that_ask_for_a_sweep_get_one_for_all(self):
        self.script(3, 'a')
        self.sweeps()
        for _ in range(5):
            self.store.request_sweep([TYPE])
        self.runner.watch()
        self.assertEqual(1, self.sweeps())
        self.assertEqual(5, self.row().sweeps_served)
        self.runner.watch()
        self.assertEqual(0, self.sweeps())

    def test_a_paused_stream_is_not_swept_and_a_resumed_one_is_at_once(self):
        self.script(3, 'a')
        self.sweeps()
        self.store.set_paused(TYPE, True)
        self.runner.watch()
        self.clock.advance(1000)
        self.assertEqual(0, self.sweeps())
        self.assertEqual('paused', self.row().state)
        self.store.set_paused(TYPE, False)
        self.runner.watch()
        self.assertEqual(1, self.sweeps())
        self.assertEqual('live', self.row().state)

    def test_a_reset_stream_is_announced_anew(self):
        self.script(2, 'a')
        self.sweeps()
        epoch = self.row().epoch
        self.store.reset(TYPE)
        self.runner.watch()
        self.assertEqual(1, self.sweeps())
        row = self.row()
        self.assertNotEqual(epoch, row.epoch)
        self.assertEqual((1, 'live'), (row.revision, row.state))

    def test_another_owner_makes_it_stand_by(self):
        self.script(2, 'a')
        self.sweeps()
        self.store.claim(TYPE, 'elsewhere')
        self.runner.watch()
        self.clock.advance(1000)
        self.assertEqual(0, self.sweeps())
        self.assertIn('test: elsewhere has taken over (test.thing first)',
                      self.log.output)
        self.assertEqual('elsewhere', self.row().owner)

    def test_a_row_that_was_read_before_the_claim_says_nothing(self):
        self.script(2, 'a')
        before = self.row()
        self.sweeps()
        self.poller.heed(before)
        self.clock.advance(600)
        self.assertEqual(1, self.sweeps())

    def test_a_row_that_was_read_before_the_fence_says_nothing(self):
        self.script(1, 'a')
        self.sweeps()
        before = self.row()
        self.store.claim(TYPE, 'elsewhere')
        self.thing.script([record('b')])
        self.poller.sweep_soon()
        self.sweeps()
        self.poller.heed(before)
        self.assertTrue(self.poller.standby)
        self.assertEqual('elsewhere', self.row().owner)

    def test_a_commit_whose_answer_was_lost_is_claimed_anew(self):
        self.script(1, 'a')
        self.store.fail_next(exception.StoreUnavailable('gone'), 'commit',
                             after=True)
        self.sweeps()
        self.thing.listings.clear()
        self.script(2, 'a', 'b')
        for _ in range(3):
            self.clock.advance(10)
            self.sweeps()
            self.runner.watch()
        self.sweeps()
        row = self.row()
        self.assertEqual((2, 2, 'live'),
                         (row.revision, row.entities, row.state))

    def test_the_journal_is_trimmed_by_whoever_writes_it(self):
        self.script(1, *'abcde')
        self.sweeps()
        self.runner.watch()
        self.assertEqual(4, self.row().oldest_revision)

    def test_doubts_that_cannot_be_settled_degrade_the_stream(self):
        self.script(1, 'a')
        self.sweeps()
        self.thing.truth['a'] = exception.Refused('403')
        self.runner.ask(TYPE, 'a', 'hint')
        self.runner._refetcher.step()
        self.runner.watch()
        self.assertEqual('1 doubts cannot be settled', self.row().error)
        del self.thing.truth['a']
        self.clock.advance(60)
        self.runner._refetcher.step()
        self.runner.watch()
        self.assertEqual(('live', 0), (self.row().state,
                                       self.row().entities))


class ThreadsTest(base.TestCase):

    def test_they_start_work_and_end(self):
        clock = settings.Clock()
        thing = doubles.Thing(doubles.Clock())
        thing.script([record('a')])
        store = memory.MemoryStore()
        store.ensure([store_base.StreamSpec(TYPE, 'test', 600)])
        committed = threading.Event()
        run = runner.Runner(
            doubles.Plugin(), [thing], store, 'here',
            lambda _: committed.set(), settings.Settings(), clock)
        run.start()
        self.assertTrue(committed.wait(10))
        run.stop(10)
        self.assertEqual([], [
            thread.name for thread in threading.enumerate()
            if thread.name.startswith(('poll-', 'refetch-', 'watch-'))])
