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

"""Whatever is done to both, memory and SQLite answer alike."""

import dataclasses
import itertools
import os
import tempfile

import hypothesis
from hypothesis import strategies

from synchronizer import exception
from synchronizer.model.initiator import Initiator
from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import memory
from synchronizer.store import sql
from synchronizer.tests import base
from synchronizer.tests import store_suite

IDS = strategies.sampled_from(['a', 'A', 'a ', '\xe4', '\x00'])
KINDS = strategies.sampled_from(['created', 'updated', 'deleted', 'rewrite'])
SMALL = strategies.integers(0, 6)
BEHIND = (None, store_suite.WHO, Initiator(project_id='\xe4'))
STEPS = strategies.lists(max_size=12, elements=strategies.one_of(
    strategies.tuples(strategies.just('commit'), strategies.lists(
        strategies.tuples(KINDS, IDS, SMALL), max_size=6)),
    strategies.tuples(strategies.just('again')),
    strategies.tuples(strategies.just('take')),
    strategies.tuples(strategies.just('trim'), SMALL, SMALL),
    strategies.tuples(strategies.just('report'), SMALL),
    strategies.tuples(strategies.just('whole')),
    strategies.tuples(strategies.just('reset'))))


class Side:
    """One store, one owner, and what is seen of them."""

    def __init__(self, store, type_):
        self.store, self.type = store, type_
        store.ensure([store_base.StreamSpec(type_, 'x', 1)])
        self.claim, self.last = store.claim(type_, 'me'), None

    def do(self, step):
        name, *arguments = step
        try:
            return getattr(self, name)(*arguments)
        except exception.SynchronizerError as error:
            return type(error)

    def commit(self, plan):
        held = {id_: found[0] for id_, found in self.store.entities(
            self.type, {id_ for _, id_, _ in plan}).items()}
        living = set(held)
        self.last = self.claim, [
            self.write(kind, id_, n, held, living) for kind, id_, n in plan]
        self.claim, changes = self.store.commit(*self.last)
        return self.plain(changes)

    def write(self, kind, id_, n, held, living):
        """`held`: what the store has of what this commit has not touched;
        half of the changes say which version they end, as the service does.
        What lives is not created."""
        fields = {'type_': self.type, 'name': str(n), 'attributes': {'n': n}}
        known = held.get(id_)
        if kind == 'rewrite':
            return store_suite.rewrite(id_, **fields)
        held.pop(id_, None)
        if kind == 'created' and id_ in living:
            kind = 'updated'
        (living.discard if kind == 'deleted' else living.add)(id_)
        made = store_suite.write(kind, id_, initiator=BEHIND[n % 3],
                                 **fields)
        if not known or n % 2:
            return made
        if kind == 'updated':
            return made._replace(before=known)
        return made._replace(entity=known, change=dataclasses.replace(
            made.change, entity=known))

    def again(self):
        if self.last:
            return self.plain(self.store.commit(*self.last)[1])

    def take(self):
        self.claim = self.store.claim(self.type, 'me')

    def trim(self, hours, keep):
        before = f'2026-11-20T{12 + hours}:00:00.000000Z'
        return self.store.trim(self.type, before, keep)

    def report(self, number):
        self.store.report(self.claim, 'live', None, None, number)

    def whole(self):
        self.store.report(self.claim, 'live', None, store_suite.SAMPLED)

    def reset(self):
        self.store.reset(self.type)

    def past(self, revision, limit, max_bytes):
        return (self.store.entity_at(self.type, 'a', revision),
                self.store.entities_at({self.type: revision}, None, limit,
                                       max_bytes))

    def moment(self, hours):
        return self.store.at(
            self.type, f'2026-11-20T{12 + hours}:00:00.000000Z')

    @staticmethod
    def plain(changes):
        return [(c.action, c.revision, c.changed, c.committed_at, c.entity,
                 c.initiator) for c in changes]

    def seen(self, limit, max_bytes):
        row = self.store.streams([self.type])[self.type]
        since = row.oldest_revision - 1
        head, changes = self.store.changes_since(
            self.type, row.epoch, since, limit, max_bytes)
        return [
            [getattr(row, name) for name in row.__slots__
             if name != 'epoch'], head, self.plain(changes),
            self.store.page([self.type], None, limit, max_bytes),
            self.store.page([self.type], (self.type, 'a'), limit, max_bytes),
            sorted(self.store.load(self.type)),
            *(self.do((name, *arguments)) for name, *arguments in (
                *(('past', n, limit, max_bytes) for n in range(8)),
                *(('moment', hours) for hours in range(12)))),
            *(self.plain(self.store.history(self.type, id_, limit))
              for id_ in ('a', 'A'))]


class DriversAgreeTest(base.TestCase):

    timeout = 180

    def setUp(self):
        super().setUp()
        self.clock, self.names = store_suite.Clock(), itertools.count()
        self.memory = memory.MemoryStore(self.clock)
        path = os.path.join(tempfile.mkdtemp(), 'x')
        self.sql = sql.SqlStore(engine.Options(f'sqlite:///{path}'),
                                self.clock)
        self.addCleanup(self.sql.close)

    @hypothesis.given(STEPS, SMALL, strategies.integers(0, 6000))
    @hypothesis.settings(deadline=None, max_examples=60)
    def test_drivers_agree(self, steps, limit, max_bytes):
        type_ = f't.n{next(self.names)}'
        self.clock.now = store_suite.NOON
        sides = [Side(store, type_) for store in (self.memory, self.sql)]
        for step in steps:
            self.assertEqual(*(side.do(step) for side in sides))
            self.clock.forward(hours=1)
        self.assertEqual(*(side.seen(limit, max_bytes) for side in sides))
