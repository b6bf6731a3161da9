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

"""Whatever is lost, doubled or late: a follower ends equal, and tells each
change once and in order."""

import hypothesis
from hypothesis import strategies as st

from synchronizer.client import follower
from synchronizer.model import change as change_module
from synchronizer.tests import base
from synchronizer.tests.unit.client import world as world_module

IDS = 'abcd'

moves = st.one_of(
    st.tuples(st.just('touch'), st.sampled_from(IDS), st.booleans()),
    st.tuples(st.just('cast'), st.integers(1, 3)),
    st.tuples(st.just('bookmark')),
    st.tuples(st.just('deliver'), st.integers(0, 9), st.booleans()),
    st.tuples(st.just('lose'), st.integers(0, 9)),
    st.tuples(st.just('ask')),
    st.tuples(st.just('serve')),
    st.tuples(st.just('answer')),
    st.tuples(st.just('trim'), st.integers(1, 5)),
    st.tuples(st.just('reset')),
    st.tuples(st.just('collect')))

# most of a run is traffic; whole moves that change everything are rare
runs = st.lists(st.one_of(moves, moves.filter(
    lambda move: move[0] not in ('trim', 'reset'))), max_size=120)


class Run:
    """Plays moves, and checks after each what must always hold."""

    def __init__(self, resume=False):
        self.world = world_module.World()
        for id_ in 'abc':
            self.world.touch(id_)
        self.now = 0.0
        self.network = []
        self.cast = self.world.revision
        self.cast_epoch = self.world.epoch
        self.wish = None
        self.resumed = resume
        # only what is not to be had excuses a comparison
        self.excused = False
        position = self.world.position if resume else None
        self.follower = follower.Follower(world_module.TYPE, position)
        # what a subscriber knows; None: nothing was shown yet
        self.known = dict(self.world.living) if resume else None
        self.last = position
        self.shown = {}

    def play(self, move):
        self.now += 1
        name, *arguments = move
        getattr(self, name)(*arguments)

    # what the service and the network do

    def touch(self, id_, delete):
        self.world.touch(id_, delete)

    def trim(self, count):
        self.world.trim(count)

    def reset(self):
        self.world.reset()

    def collect(self):
        self.world.collected = True

    def cast_some(self, count):
        """As the publisher does: from where it was, or else the head."""
        if self.cast_epoch != self.world.epoch:
            self.cast_epoch, self.cast = self.world.epoch, 0
        self.cast = max(self.cast, self.world.oldest - 1)
        start = self.cast - self.world.oldest + 1
        changes = self.world.journal[start:start + count]
        self.cast += len(changes)
        if changes:
            self.network.append((self.world.epoch, changes))

    def bookmark(self):
        self.network.append((self.world.head, None))

    def lose(self, index):
        if self.network:
            self.network.pop(index % len(self.network))

    def deliver(self, index, again):
        if not self.network:
            return
        index %= len(self.network)
        first, changes = self.network[index]
        if not again:
            self.network.pop(index)
        if changes is None:
            step = self.follower.on_bookmark(first, self.now)
        else:
            step = self.follower.on_changed(first, changes, self.now)
        self.check(step)

    # what the mirror does

    def ask(self):
        if self.wish is None and self.follower.want is not None:
            self.wish = world_module.Wish(self.world, self.follower, self.now)

    def serve(self):
        if self.wish is not None:
            self.wish.serve('c')

    def answer(self):
        if self.wish is not None and self.wish.serve('c'):
            wish, self.wish = self.wish, None
            if isinstance(wish.want, follower.WantSnapshot):
                self.excused |= (self.last is not None
                                 and wish.head.epoch != self.last.epoch)
            else:
                self.excused |= wish.changes is None
            self.check(wish.answer(self.now))

    # what must hold

    def check(self, step):
        follows = self.follower.phase is follower.Phase.FOLLOWING
        for change in step.told:
            self.hear(change)
        for change in step.shown:
            if change.action == change_module.DELETED:
                del self.shown[change.id]
            else:
                self.shown[change.id] = change.entity
        if follows:
            there = self.world.past[self.follower.position]
            assert self.follower.entities == there
            if self.known is None or (
                    self.resumed and self.follower.position != self.last):
                self.known = dict(there)
            self.resumed = self.excused = False
            assert world_module.content(self.known) == (
                world_module.content(there))
            self.last = self.follower.position
        assert world_module.content(self.shown) == (
            world_module.content(self.follower.entities))

    def hear(self, change):
        if change.cause == change_module.RESYNC:
            assert self.excused
            if self.resumed:
                # it cannot know what it was told in its earlier life
                self.known, self.resumed = {}, False
        else:
            assert change.epoch == self.last.epoch, (change, self.last)
            assert change.revision == self.last.revision + 1
            self.last = self.world_position(change)
        if change.action == change_module.CREATED:
            assert change.id not in self.known
        else:
            assert change.id in self.known
        if change.action == change_module.DELETED:
            del self.known[change.id]
        else:
            self.known[change.id] = change.entity

    @staticmethod
    def world_position(change):
        return follower.position_module.Position(change.epoch,
                                                 change.revision)

    def settle(self):
        """Nothing moves any more, and one bookmark arrives."""
        self.world.collected = True
        self.catch_up()
        self.catch_up()

    def catch_up(self):
        self.network = []
        self.bookmark()
        self.now += 1
        self.deliver(0, False)
        for _ in range(100):
            self.now += 1
            self.ask()
            if self.wish is None:
                return
            self.answer_all()
        raise AssertionError('it wants for ever')

    def answer_all(self):
        while self.wish is not None:
            self.now += 1
            self.answer()


def play(run, moves_):
    for move in moves_:
        run.play(('cast_some', *move[1:]) if move[0] == 'cast' else move)
    run.settle()
    assert run.follower.phase is follower.Phase.FOLLOWING
    assert run.follower.position == run.world.position
    assert run.follower.entities == run.world.living
    assert run.follower.state == 'live'


class FollowerPropertiesTest(base.TestCase):

    timeout = 300

    @hypothesis.settings(max_examples=500, deadline=None)
    @hypothesis.given(runs)
    def test_a_new_mirror(self, moves_):
        play(Run(), moves_)

    @hypothesis.settings(max_examples=500, deadline=None)
    @hypothesis.given(runs)
    def test_a_resumed_mirror(self, moves_):
        play(Run(resume=True), moves_)
