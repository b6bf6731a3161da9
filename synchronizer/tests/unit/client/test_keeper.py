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

"""When the keeper reads, for whom, and when it does not. No thread runs."""

import threading

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.client import follower
from synchronizer.client import keeper
from synchronizer.client import reader
from synchronizer.client import rpc
from synchronizer.client import watch
from synchronizer.tests import base
from synchronizer.tests.unit.client import world as world_module

T, U = world_module.TYPE, 'heat.stack'


class Watch:
    def __init__(self, types, hear, listening):
        self.types, self.listening = types, listening

    def start(self):
        pass


class KeeperTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.full = False
        self.took = []
        self.keeper = keeper.Keeper(
            None, Watch, follower.Follower,
            lambda *args: self.took.append(args), lambda: self.full,
            threading.Condition(threading.RLock()), lambda: self.now)
        self.asked = []
        self.patch(self.keeper._reader, 'ask',
                   lambda *wish: self.asked.append(wish))

    def handle(self, item):
        self.keeper._handle(item)
        self.keeper._dispatch()

    def begin(self, *types):
        self.keeper._know(types)
        self.handle(keeper._Listening)

    def answer(self, result):
        type_, want = self.asked[-1]
        self.now += 1
        self.handle(reader.Answer(
            type_, want, result, follower.Reading(self.now - 1, self.now)))

    def snapshot(self, type_=T, revision=0):
        self.answer(reader.Snapshot(
            wire.Head('e', revision, None, 'live'), []))

    def level(self, revision=0):
        self.answer(rpc.Changes('e', revision, [], False))

    def kinds(self):
        return [(type_, type(want).__name__) for type_, want in self.asked]

    def test_the_types_are_asked_for_first(self):
        self.keeper._dispatch()
        self.assertEqual([('', 'WantTypes')], self.kinds())
        self.answer([T, U])
        self.assertEqual({T, U}, set(self.keeper.followers))

    def test_no_snapshot_before_the_subscription(self):
        self.keeper._know([T])
        self.keeper._dispatch()
        self.assertEqual([], self.asked)
        self.handle(keeper._Listening)
        self.assertEqual([(T, 'WantSnapshot')], self.kinds())

    def test_but_not_for_ever(self):
        self.keeper._know([T])
        self.now = keeper.PATIENCE
        self.keeper._dispatch()
        self.assertEqual([(T, 'WantSnapshot')], self.kinds())

    def test_one_at_a_time_and_in_turn(self):
        self.begin(T, U)
        self.assertEqual(1, len(self.asked))
        for _ in range(2):
            self.snapshot()
        self.level()
        self.level()
        self.assertEqual([
            (U, 'WantSnapshot'), (T, 'WantSnapshot'), (U, 'WantChanges'),
            (T, 'WantChanges')], self.kinds())

    def test_a_lost_bus_pauses_everything(self):
        self.begin(T, U)
        self.answer(exception.BusError('x'))
        self.assertEqual(1, len(self.asked))
        pause = self.keeper._until_due()
        self.assertLessEqual(pause, 0.2)
        self.now += pause
        self.keeper._dispatch()
        self.assertEqual(2, len(self.asked))

    def test_one_type_that_cannot_be_read_leaves_the_others(self):
        self.begin(T, U)
        self.answer(exception.UnknownType('x'))
        self.assertEqual(2, len({type_ for type_, _ in self.asked}))

    def test_resync_in_circles_is_paced(self):
        self.begin(T)
        for _ in range(3):
            self.snapshot()
            self.answer(exception.ResyncRequired('x'))
            self.assertEqual((T, 'WantChanges'), self.kinds()[-1])
            self.now += 5
            self.keeper._dispatch()
            self.assertEqual((T, 'WantSnapshot'), self.kinds()[-1])
        self.assertEqual(3, self.keeper._backoff(T).failures)
        self.snapshot()
        self.level()
        self.assertEqual(0, self.keeper._backoff(T).failures)

    def test_while_held_up_nothing_is_taken_or_read(self):
        self.begin(T)
        self.snapshot()
        self.level()
        self.full = True
        world = world_module.World(epoch='e')
        self.handle(watch.Changed(T, 'e', [world.touch('a')], 50.0))
        self.assertEqual(2, len(self.asked))
        self.assertEqual({}, self.keeper.followers[T].entities)
        self.full = False
        self.handle(keeper._Nudge)
        self.assertEqual((T, 'WantChanges'), self.kinds()[-1])

    def test_more_than_can_be_heard_is_thrown_away(self):
        self.patch(keeper, 'MOST_UNHEARD', 2)
        for _ in range(5):
            self.keeper.hear('x')
        self.assertEqual(2, self.keeper._inbox.qsize())

    def test_what_is_told_and_from_where(self):
        self.begin(T)
        self.snapshot()
        self.level()
        world = world_module.World(epoch='e')
        self.handle(watch.Changed(T, 'e', [world.touch('a')], 50.0))
        _, step = self.took[-1]
        self.assertEqual((0, [1]), (step.since.revision, [
            c.revision for c in step.told]))

    def test_messages_of_other_types_are_ignored(self):
        self.begin(T)
        self.handle(watch.Bookmark(U, wire.Head('e', 1), 1.0))
