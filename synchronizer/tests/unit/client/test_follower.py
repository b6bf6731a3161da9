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

"""Each rule of "What a consumer does", as an example."""

import dataclasses

from synchronizer.bus import wire
from synchronizer.client import follower
from synchronizer.model import change as change_module
from synchronizer.model import position as position_module
from synchronizer.tests import base
from synchronizer.tests.unit.client import world as world_module

Reading = follower.Reading


def brief(changes):
    return [(c.action, c.id, c.revision, c.cause) for c in changes]


class FollowerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.world = world_module.World()
        self.world.touch('a')
        self.world.touch('b')
        self.follower = follower.Follower(world_module.TYPE,
                                          stamp=lambda: 'now')

    def ask(self, now=10.0, limit=1000):
        """Let one wish be answered at once."""
        wish = world_module.Wish(self.world, self.follower, now, limit)
        while not wish.serve('b'):
            pass
        return wish.answer(now + 1)

    def level(self, now=10.0):
        told = []
        while self.follower.want is not None:
            told += self.ask(now).told
            now += 2
        return told

    def at(self, revision, epoch=None):
        return position_module.Position(epoch or self.world.epoch, revision)

    def head(self, revision, epoch=None, **kwargs):
        return wire.Head(epoch or self.world.epoch, revision, **kwargs)

    def cast(self, *changes, arrived=100.0, epoch=None):
        return self.follower.on_changed(epoch or self.world.epoch, changes,
                                        arrived)


class FirstSnapshotTest(FollowerTest):

    def test_a_snapshot_is_wanted_first(self):
        self.assertEqual(follower.WantSnapshot(), self.follower.want)
        self.assertIsNone(self.follower.position)

    def test_nothing_is_shown_until_it_is_level(self):
        self.ask()
        self.assertEqual({}, self.follower.entities)
        self.assertEqual(follower.WantChanges(self.at(2)),
                         self.follower.want)
        step = self.ask()
        self.assertEqual(self.world.living, self.follower.entities)
        self.assertEqual([('created', 'a', 1, 'resync'),
                          ('created', 'b', 2, 'resync')], brief(step.shown))
        self.assertIsNone(self.follower.want)

    def test_nobody_observes_a_first_snapshot(self):
        self.follower = follower.Follower(
            self.follower.type, observed=lambda: False)
        self.ask()
        self.assertEqual([], self.ask().shown)
        self.assertEqual(self.world.living, self.follower.entities)

    def test_what_it_shows_first_is_not_told(self):
        self.assertEqual([], self.level())
        self.assertEqual(self.at(2), self.follower.position)

    def test_pages_newer_than_the_position(self):
        wish = world_module.Wish(self.world, self.follower, 1.0)
        wish.serve('b')
        self.world.touch('a')
        self.world.touch('b', delete=True)
        self.world.touch('c')
        wish.serve('b')
        wish.answer(2.0)
        self.level()
        self.assertEqual(self.world.living, self.follower.entities)
        self.assertEqual(self.at(5), self.follower.position)

    def test_a_stream_that_is_faster_than_we_read(self):
        self.ask()
        for _ in range(4):
            self.world.touch('a')
        self.ask(20.0, limit=3)
        self.assertIs(follower.Phase.LEVELLING, self.follower.phase)
        for _ in range(9):
            self.world.touch('a')
        step = self.ask(22.0, limit=3)
        self.assertIs(follower.Phase.FOLLOWING, self.follower.phase)
        self.assertEqual(self.at(8), self.follower.position)
        self.assertEqual([], step.told)
        self.assertEqual(list(range(9, 16)),
                         [c.revision for c in self.level(24.0)])

    def test_what_was_held_is_taken_and_told(self):
        self.ask()
        wish = world_module.Wish(self.world, self.follower, 20.0)
        wish.serve('')
        late = self.world.touch('c')
        self.cast(late, arrived=20.5)
        step = wish.answer(21.0)
        self.assertEqual([('created', 'c', 3, 'sweep')], brief(step.told))
        self.assertEqual(self.at(2), step.since)
        self.assertEqual(self.world.living, self.follower.entities)
        self.assertIsNone(self.follower.want)

    def test_a_snapshot_nobody_asked_for_is_ignored(self):
        self.level()
        self.follower.on_snapshot(self.head(0, 'other'), [], Reading(1, 2))
        self.assertEqual(self.world.living, self.follower.entities)


class FollowingTest(FollowerTest):

    def setUp(self):
        super().setUp()
        self.level()

    def test_the_next_revision_is_taken(self):
        step = self.cast(self.world.touch('a'))
        self.assertEqual([('updated', 'a', 3, 'sweep')], brief(step.told))
        self.assertEqual(step.told, step.shown)
        self.assertEqual(self.at(3), self.follower.position)

    def test_doubles_are_dropped(self):
        change = self.world.touch('a')
        self.cast(change)
        self.assertEqual([], self.cast(change).told)
        self.assertIsNone(self.follower.want)

    def test_a_deletion(self):
        self.cast(self.world.touch('a', delete=True))
        self.assertEqual({'b'}, set(self.follower.entities))

    def test_an_update_of_what_is_not_held_is_an_insert(self):
        change = dataclasses.replace(self.world.touch('z'),
                                     action=change_module.UPDATED)
        self.cast(change)
        self.assertIn('z', self.follower.entities)

    def test_further_ahead_asks_for_the_rest(self):
        first, second = self.world.touch('a'), self.world.touch('b')
        self.assertEqual([], self.cast(second).told)
        self.assertEqual(follower.WantChanges(self.at(2)),
                         self.follower.want)
        # the missing one was only late
        step = self.cast(first)
        self.assertEqual([3, 4], [c.revision for c in step.told])
        self.assertIsNone(self.follower.want)

    def test_the_answer_fills_the_gap_and_held_ones_follow(self):
        self.world.touch('a')
        self.cast(self.world.touch('b'))
        wish = world_module.Wish(self.world, self.follower, 200.0)
        wish.serve('')
        self.cast(self.world.touch('c'), arrived=200.5)
        self.assertEqual([3, 4, 5],
                         [c.revision for c in wish.answer(201.0).told])

    def test_a_bookmark_ahead_asks(self):
        self.world.touch('a')
        self.follower.on_bookmark(self.head(3), 100.0)
        self.assertEqual([('updated', 'a', 3, 'sweep')],
                         brief(self.ask(101.0).told))
        self.assertIsNone(self.follower.want)

    def test_it_asks_until_there_is_no_more(self):
        for _ in range(5):
            self.world.touch('a')
        self.follower.on_bookmark(self.head(3), 100.0)
        self.ask(101.0, limit=2)
        self.assertIsNotNone(self.follower.want)
        self.level(110.0)
        self.assertEqual(self.at(7), self.follower.position)

    def test_a_bookmark_behind_that_is_old_is_ignored(self):
        # the store was read last from 12 to 13
        self.follower.on_bookmark(self.head(1), 12.5)
        self.assertIsNone(self.follower.want)

    def test_a_bookmark_behind_that_is_new_is_a_question(self):
        self.follower.on_bookmark(self.head(1), 100.0)
        self.assertEqual(follower.WantChanges(self.at(2)),
                         self.follower.want)
        self.ask(101.0)
        self.assertIsNone(self.follower.want)

    def test_a_question_that_came_during_an_answer_stays_open(self):
        self.follower.on_bookmark(self.head(1), 100.0)
        wish = world_module.Wish(self.world, self.follower, 101.0)
        wish.serve('')
        self.follower.on_bookmark(self.head(0), 101.5)
        wish.answer(102.0)
        self.assertIsNotNone(self.follower.want)

    def test_a_late_message_of_an_earlier_epoch_does_no_harm(self):
        self.cast(self.world.touch('x'), epoch='before', arrived=100.0)
        self.assertEqual(follower.WantChanges(self.at(2)),
                         self.follower.want)
        step = self.ask(101.0)
        self.assertEqual([('created', 'x', 3, 'sweep')], brief(step.told))
        self.assertIsNone(self.follower.want)

    def test_a_claim_that_the_store_refutes_is_dropped(self):
        self.follower.on_bookmark(self.head(99), 100.0)
        self.ask(101.0)
        self.assertIsNone(self.follower.want)

    def test_a_change_that_the_store_refutes_is_dropped(self):
        ghost = change_module.Change(
            'created', world_module.entity('ghost', 1, 4), 'sweep', (),
            self.world.epoch, 4)
        self.cast(ghost)
        self.ask(101.0)
        self.assertEqual([3], [c.revision for c in self.cast(
            self.world.touch('a'), arrived=103.0).told])
        self.assertNotIn('ghost', self.follower.entities)

    def test_more_than_can_be_held_is_read(self):
        for _ in range(4):
            self.world.touch('a')
        self.follower._pending._most = 2
        self.cast(*self.world.journal[3:])
        self.level(101.0)
        self.assertEqual(self.at(6), self.follower.position)

    def test_what_is_gone_from_the_journal_matters_no_more(self):
        self.world.touch('a')
        late = self.world.journal[-1]
        self.cast(self.world.touch('b'))
        wish = world_module.Wish(self.world, self.follower, 101.0)
        self.world.trim(4)
        wish.serve('')
        self.cast(late)
        wish.answer(102.0)
        self.assertIs(follower.Phase.FOLLOWING, self.follower.phase)
        self.level(110.0)
        self.assertEqual(self.world.living, self.follower.entities)


class ResyncTest(FollowerTest):

    def setUp(self):
        super().setUp()
        self.world.touch('c')
        self.level()

    def trim(self):
        """Something happens that nobody hears of."""
        self.world.touch('a')
        self.world.touch('b', delete=True)
        self.world.touch('d')
        self.world.trim(6)
        self.follower.on_bookmark(self.head(6), 100.0)

    def test_what_differs_is_told(self):
        self.trim()
        self.assertEqual([
            ('deleted', 'b', 3, 'resync'), ('updated', 'a', 4, 'resync'),
            ('created', 'd', 6, 'resync')], brief(self.level(101.0)))
        self.assertEqual(self.at(6), self.follower.position)

    def test_what_differs_is_complete_and_true(self):
        self.trim()
        changes = self.level(101.0)
        self.assertEqual([(), ('attributes.value',), ()],
                         [c.changed for c in changes])
        self.assertEqual({'now'}, {c.committed_at for c in changes})
        self.assertEqual({self.world.epoch}, {c.epoch for c in changes})

    def test_the_old_is_shown_until_the_new_is_level(self):
        held = dict(self.follower.entities)
        self.trim()
        self.ask(101.0)
        self.assertIs(follower.Phase.LOADING, self.follower.phase)
        self.ask(103.0)
        self.assertIs(follower.Phase.LEVELLING, self.follower.phase)
        self.assertEqual(held, self.follower.entities)
        self.assertEqual(self.at(3), self.follower.position)

    def reset(self):
        self.world.reset()
        self.follower.on_bookmark(self.world.head, 100.0)
        self.ask(101.0)

    def test_a_reset_deletes_nothing_before_it_is_collected(self):
        held = dict(self.follower.entities)
        self.reset()
        self.ask(103.0)
        self.assertEqual(follower.WantSnapshot(), self.follower.want)
        self.assertEqual(held, self.follower.entities)

    def test_of_a_new_epoch_only_what_differs_is_told(self):
        values = {id_: e.attributes['value']
                  for id_, e in self.follower.entities.items()}
        self.reset()
        for id_ in 'ad':
            self.world.touch(id_)
        self.world.living['a'].attributes['value'] = values['a']
        self.world.collected = True
        self.assertEqual([
            ('deleted', 'b', 0, 'resync'), ('deleted', 'c', 0, 'resync'),
            ('created', 'd', 2, 'resync')], brief(self.level(103.0)))
        self.assertEqual(self.world.living, self.follower.entities)
        self.assertEqual(self.at(2), self.follower.position)

    def test_a_store_that_was_put_back(self):
        for _ in range(5):
            self.cast(self.world.touch('a'))
        del self.world.journal[3:]
        self.world.living['a'] = world_module.entity('a', 1, 1)
        self.follower.on_bookmark(self.head(3), 200.0)
        self.assertEqual([('updated', 'a', 1, 'resync')],
                         brief(self.level(201.0)))
        self.assertEqual(self.at(3), self.follower.position)


class StartingTest(FollowerTest):

    def setUp(self):
        super().setUp()
        self.world = world_module.World(collected=False)

    def test_level_with_an_empty_journal(self):
        self.assertEqual([], self.level())
        self.assertEqual(self.at(0), self.follower.position)
        self.assertEqual('starting', self.follower.state)
        self.assertEqual([('created', 'a', 1, 'sweep')],
                         brief(self.cast(self.world.touch('a')).told))

    def test_level_with_half_a_sweep(self):
        self.world.touch('a')
        self.assertEqual([], self.level())
        self.assertEqual(self.world.living, self.follower.entities)

    def test_resumed_in_the_middle_of_the_first_sweep(self):
        for id_ in 'abc':
            self.world.touch(id_)
        self.follower = follower.Follower(world_module.TYPE, self.at(2))
        self.assertEqual([('created', 'c', 3, 'sweep')],
                         brief(self.level()))
        self.assertEqual(self.world.living, self.follower.entities)


class ResumeTest(FollowerTest):

    def resume(self, revision, epoch=None):
        self.follower = follower.Follower(world_module.TYPE,
                                          self.at(revision, epoch))

    def test_every_change_after_the_position_is_told(self):
        self.resume(1)
        self.world.touch('a', delete=True)
        self.world.touch('a')
        self.assertEqual([
            ('created', 'b', 2, 'sweep'), ('deleted', 'a', 3, 'sweep'),
            ('created', 'a', 4, 'sweep')], brief(self.level()))
        self.assertEqual(self.world.living, self.follower.entities)

    def test_nothing_happened(self):
        self.resume(2)
        self.assertEqual([], self.level())
        self.assertEqual(self.world.living, self.follower.entities)

    def test_the_position_stays_until_something_is_told(self):
        self.resume(1)
        self.ask()
        self.assertEqual(self.at(1), self.follower.position)

    def test_not_in_the_journal_any_more(self):
        self.resume(0)
        self.world.trim(2)
        self.assertEqual([
            ('created', 'a', 1, 'resync'), ('created', 'b', 2, 'resync')],
            brief(self.level()))

    def test_beyond_the_head(self):
        self.resume(5)
        self.assertEqual(['a', 'b'], [c.id for c in self.level()])
        self.assertEqual(self.at(2), self.follower.position)

    def test_of_another_epoch(self):
        self.resume(1, 'before')
        self.assertEqual({'resync'}, {c.cause for c in self.level()})


class FreshnessTest(FollowerTest):

    EARLY = '2026-11-20T10:00:00.000000Z'
    LATE = '2026-11-20T10:10:00.000000Z'

    def setUp(self):
        super().setUp()
        self.level()

    def test_a_bookmark_tells(self):
        self.follower.on_bookmark(
            self.head(2, collected_at=self.EARLY, state='degraded'), 100.0)
        self.assertEqual(self.EARLY, self.follower.collected_at)
        self.assertEqual('degraded', self.follower.state)

    def test_it_holds_once_we_are_there(self):
        change = self.world.touch('a')
        self.follower.on_bookmark(
            self.head(3, collected_at=self.EARLY), 100.0)
        self.assertIsNone(self.follower.collected_at)
        self.cast(change)
        self.assertEqual(self.EARLY, self.follower.collected_at)

    def test_always_a_little_behind(self):
        for number in range(3, 9):
            self.follower.on_bookmark(self.head(
                number + 1, collected_at=self.EARLY), 100.0 + number)
            self.cast(self.world.touch('a'))
        self.assertEqual(self.EARLY, self.follower.collected_at)

    def test_it_never_goes_back(self):
        for when in (self.LATE, self.EARLY, None):
            self.follower.on_bookmark(self.head(2, collected_at=when), 100.0)
        self.assertEqual(self.LATE, self.follower.collected_at)

    def test_an_owner_that_slept_says_nothing_of_now(self):
        self.cast(self.world.touch('a'))
        self.follower.on_bookmark(
            self.head(3, collected_at=self.LATE, state='degraded'), 100.0)
        shown = dict(self.follower.entities)
        late = self.world.journal[-1]
        step = self.cast(late, arrived=101.0)
        self.follower.on_bookmark(
            self.head(2, collected_at=self.EARLY, state='live'), 101.0)
        self.assertEqual('degraded', self.follower.state)
        self.assertEqual(self.LATE, self.follower.collected_at)
        # it costs a question, which is answered by nothing new
        self.assertEqual(follower.WantChanges(self.at(3)),
                         self.follower.want)
        self.assertEqual([], step.told + self.ask(102.0).told)
        self.assertIsNone(self.follower.want)
        self.assertIs(follower.Phase.FOLLOWING, self.follower.phase)
        self.assertEqual(shown, dict(self.follower.entities))
