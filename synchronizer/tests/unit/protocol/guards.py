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

"""What is explored: the models as they are, and without each guard.

A guard is taken out of the real class that has it. What the explorer finds
then stands on the page about the models, and a test compares.
"""

from collections.abc import Callable
import contextlib
import dataclasses
import math
import os
from unittest import mock

from synchronizer.client import follower
from synchronizer.collector import poller
from synchronizer.collector import writer
from synchronizer.model import baseline
from synchronizer.northbound import endpoint
from synchronizer.northbound import publisher
from synchronizer.store import memory
from synchronizer.store import plan
from synchronizer.tests.unit.protocol import explorer
from synchronizer.tests.unit.protocol import kept
from synchronizer.tests.unit.protocol import owning
from synchronizer.tests.unit.protocol import parts
from synchronizer.tests.unit.protocol import plain
from synchronizer.tests.unit.protocol import streaming

DEPTH = 'SYNCHRONIZER_MODEL_DEPTH'
"""How much more may happen than by default; 0 unless the environment says."""

Follower, Plain = follower.Follower, plain.Plain
Bounds = streaming.Bounds | owning.Bounds


def depth() -> int:
    """What the environment says."""
    return int(os.environ.get(DEPTH) or 0)


# --- bounds ---------------------------------------------------------------

_A = {'ids': 'a', 'bookmarks': 0}
ALONE = streaming.Bounds(**_A, last_bookmark=False)
"""Nothing is lost, and no bookmark is needed."""
GAPS = streaming.Bounds(**_A, commits=3, drops=0, losses=1,
                        last_bookmark=False)
LOSSES = streaming.Bounds(drops=0, bookmarks=0, losses=1)
BOOKMARKS = streaming.Bounds(ids='a', drops=0, losses=1)
ERRORS = streaming.Bounds(commits=1, bookmarks=1, errors=1)
CRASHES = streaming.Bounds(commits=1, crashes=1)
TRIMS = streaming.Bounds(**_A, drops=0, trims=1, losses=1)
RESETS = streaming.Bounds(**_A, commits=1, drops=0, resets=1)
REPLICAS = streaming.Bounds(commits=1, drops=0, bookmarks=0, failovers=1)
SLEEPERS = streaming.Bounds(**_A | {'bookmarks': 1}, commits=2, drops=0,
                            takeovers=1)
UNNOTICED = dataclasses.replace(SLEEPERS, unnoticed=True,
                                late_bookmarks_count=False)
LATE = streaming.Bounds(ids='a', commits=1, drops=0, late=True)

STREAMS = {
    'nothing is lost': ALONE,
    'a cast is lost, and others follow': GAPS,
    'a cast is lost, and only a bookmark follows': LOSSES,
    'a bookmark comes early': BOOKMARKS,
    'a cast fails, and is repeated': ERRORS,
    'the publisher crashes': CRASHES,
    'the journal is trimmed': TRIMS,
    'the stream is reset': RESETS,
    'the store loses a commit': REPLICAS,
    'an owner sleeps, and wakes up': SLEEPERS,
    'an owner is overtaken, and does not notice': UNNOTICED,
    'messages and answers overtake one another': LATE,
}

TWO = owning.Bounds()
OWNERS = {
    'one host, whose commits get no answer': owning.Bounds(
        hosts='A', expiries=0, unanswered=2),
    'two hosts, one lease runs out': TWO,
    'two hosts, two leases run out': owning.Bounds(expiries=2, moves=1),
    'two hosts, and a commit gets no answer, or fails': owning.Bounds(
        moves=1, unanswered=1, failures=1),
    'two hosts, and one is killed': owning.Bounds(moves=1, kills=1),
    'three hosts': owning.Bounds(hosts='ABC', moves=1),
}
UNANSWERED = owning.Bounds(hosts='A', expiries=0, unanswered=1)
FAILING = owning.Bounds(hosts='A', expiries=0, failures=1)
REBORN = owning.Bounds(history=('v1', None, 'v2'), begun=2, moves=1)


def deeper(bounds: Bounds) -> Bounds:
    """More of everything that there is some of."""
    more = {name: count + depth() for name, count in vars(bounds).items()
            if type(count) is int and count
            and name not in ('drops', 'begun')}
    if 'moves' in more:
        more['moves'] = min(more['moves'], len(bounds.history) - bounds.begun)
    return dataclasses.replace(bounds, **more)


# --- guards ---------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Guard:
    """A rule, where it is, and a model without it."""

    name: str
    promise: str
    """What is broken without it."""

    bounds: Bounds
    rules: Callable[[], object]
    patch: tuple[str, Callable] | None = None
    """For what is not handed to a model: what to put there."""

    def explored(self) -> explorer.Report:
        """What comes of it."""
        kind = (streaming.Streaming if isinstance(
            self.bounds, streaming.Bounds) else owning.Owning)
        with contextlib.ExitStack() as stack:
            if self.patch is not None:
                stack.enter_context(mock.patch(*self.patch))
            return explorer.explore(kind(self.bounds, self.rules()))


def _plain(method: str, *changes: tuple[str, str]
           ) -> Callable[[], streaming.Rules]:
    return lambda: streaming.Rules(parts.without(Plain, method, *changes))


def _follower(method: str, *changes: tuple[str, str]
              ) -> Callable[[], streaming.Rules]:
    return lambda: streaming.Rules(parts.without(Follower, method, *changes))


def _store(method: str, *changes: tuple[str, str]) -> type:
    return type('Store', (kept.Store,), {
        method: parts.cut(memory.MemoryStore, method, *changes)})


_ASKS = 'arrived > self._read_ended'
_HEARD = 'self._heard = max(self._heard, (revision, arrived))'

# rules of a consumer, each taken out of the one that does no more
CONSUMING = [
    Guard('subscribe first', explorer.END, ALONE,
          lambda: streaming.Rules(Plain, subscribes_first=False)),
    Guard('hold what arrives before the snapshot', explorer.END, ALONE,
          _plain('_take_or_hold',
                 ('self._held.append((epoch, said, arrived))', 'pass'))),
    Guard('what is not newer is dropped', streaming.ONCE, ALONE,
          _plain('_count', ('revision == position.revision + 1',
                            'revision <= position.revision + 1'))),
    Guard('apply it unless what is held is as new', streaming.BACK, ALONE,
          _plain('_apply', ('held.revision >= change.revision', 'False'))),
    Guard('a gap is asked for', explorer.END, GAPS,
          _plain('_count', (_HEARD, 'pass'))),
    Guard('a bookmark ahead is asked for', explorer.END, LOSSES,
          _plain('_compare', (
              'self._heard = max(self._heard, (head.revision, arrived))',
              'pass'))),
    Guard('a bookmark behind is asked for', explorer.END, REPLICAS,
          _plain('_behind', (_ASKS, 'False'))),
    Guard('but not one that is older than the last reading',
          streaming.NEEDLESS, LATE, _plain('_behind', (_ASKS, 'True'))),
    Guard('another epoch is another stream', streaming.REPAIRED, RESETS,
          _plain('_take_or_hold', ('epoch != self.position.epoch',
                                   'False'))),
]

# rules of the service
SERVING = [
    Guard('positions are read before the first page', streaming.REPAIRED,
          ALONE, lambda: streaming.Rules(Plain, positions_first=False)),
    Guard('all pages are of one epoch', streaming.GONE,
          dataclasses.replace(RESETS, commits=0),
          lambda: streaming.Rules(Plain, endpoint=parts.without(
              endpoint.Endpoint, '_page',
              ('self._streams.demand_epochs(heads)', 'pass')))),
    Guard('no part of the changes is given for all', explorer.END, TRIMS,
          lambda: streaming.Rules(Plain, store=_store(
              'changes_since', (
                  'base.check_position(shelf.row, epoch, since)',
                  'since = max(since, shelf.row.oldest_revision - 1)')))),
    Guard('no bookmark is below a change cast before', streaming.BELOW,
          BOOKMARKS, lambda: streaming.Rules(publisher=parts.without(
              publisher.Publisher, '_cast_some',
              ('min(MOST_CHANGES, row.revision - since)',
               'MOST_CHANGES')))),
    Guard('what was seen a while ago is looked at again', streaming.BELOW,
          SLEEPERS, lambda: streaming.Rules(publisher=parts.without(
              publisher.Publisher, '_demand_ours',
              ('not self._is_old(row.type)', 'True')))),
]

# what the follower of a mirror does with the same rules, and what it adds
FOLLOWING = [
    Guard('subscribe first', explorer.END, ALONE,
          lambda: streaming.Rules(subscribes_first=False)),
    Guard('positions are read before the first page', streaming.SHOWN, ALONE,
          lambda: streaming.Rules(positions_first=False)),
    Guard('hold what arrives', explorer.END, ALONE,
          _follower('on_changed', (
              'self._pending.hold(epoch, changes, arrived)',
              'self.phase is Phase.FOLLOWING and '
              'self._pending.hold(epoch, changes, arrived)'))),
    Guard('what is not newer is dropped', streaming.BACK, BOOKMARKS,
          _follower('_take', ('change.revision != self._cursor.revision + 1',
                              'change.revision > self._cursor.revision + 1'
                              ))),
    Guard('a gap is asked for', explorer.END, GAPS,
          _follower('on_changed', (
              'self._pending.hold(epoch, changes, arrived)',
              'self._pending.hold(epoch, changes[:1], arrived)'))),
    Guard('a bookmark ahead is asked for', explorer.END, LOSSES,
          _follower('on_claim', (
              'self._pending.claim(epoch, revision, arrived)', 'pass'))),
    Guard('a bookmark behind is asked for', explorer.END, REPLICAS,
          _follower('_question', (_ASKS, 'False'))),
    Guard('but not one that is older than the last reading',
          streaming.NEEDLESS, LATE, _follower('_question', (_ASKS, 'True'))),
    Guard('another epoch is another stream', streaming.SHOWN, RESETS,
          _follower('on_changed', (
              'step = Step()', 'step = Step()\n'
              '    epoch = self._cursor.epoch if self._cursor else epoch'))),
    Guard('nothing is shown before it is level', streaming.SHOWN, ALONE,
          _follower('_begin', (
              'Phase.LEVELLING, None',
              'Phase.FOLLOWING, None\n    self.entities = self._next\n'
              '    self.position = self._cursor'))),
]

SECOND_BELT = Guard(
    'apply it unless what is held is as new', '', ALONE,
    _follower('_take', ('held < change.revision', 'True')))
"""What changes while a snapshot is levelled is not shown, so it may go back.
"""

OVERTAKEN = dataclasses.replace(UNNOTICED, late_bookmarks_count=True)
"""What is promised of one publisher does not quite hold of two."""

# rules of the owners
OWNING = [
    Guard('a commit checks the term', owning.ONE_WRITER, TWO, owning.Rules,
          ('synchronizer.store.plan.Plan.is_done', parts.cut(
              plan.Plan, 'is_done', ('(head.epoch, head.term) != ours',
                                     'head.epoch != ours[0]')))),
    Guard('a claim raises the term', owning.ONE_WRITER, TWO,
          lambda: owning.Rules(store=_store('claim', (
              'shelf.row.term + 1', 'shelf.row.term')))),
    Guard('a commit checks the revision that it builds on', owning.DENSE,
          UNANSWERED, owning.Rules,
          ('synchronizer.store.plan.Plan.is_done', parts.cut(
              plan.Plan, 'is_done',
              ('head.revision == self.claim.revision', 'True')))),
    Guard('a commit knows its own by the token', explorer.END, UNANSWERED,
          owning.Rules, ('synchronizer.store.plan.Plan.is_done', parts.cut(
              plan.Plan, 'is_done', (
                  '(head.revision, head.last_commit) == '
                  '(self.revision, self.token)',
                  'head.revision == self.revision')))),
    Guard('what is refused is noticed', explorer.END, UNANSWERED,
          lambda: owning.Rules(writer=parts.without(
              writer.StreamWriter, '_commit',
              ('self.fenced = True', 'pass')))),
    Guard('what failed is taken back', explorer.END, FAILING,
          lambda: owning.Rules(writer=parts.without(
              writer.StreamWriter, '_take_once', (
                  'self.baseline.hold(reading.id, before[reading.id])',
                  'pass')))),
    Guard('what is gone already is not deleted', owning.WORKS, UNANSWERED,
          lambda: owning.Rules(writer=parts.without(
              writer.StreamWriter, '_write',
              ('if known is None:\n            #',
               'if False:\n            #')))),
    Guard('claim first, then load', owning.TRUE, REBORN,
          lambda: owning.Rules(writer=parts.without(
              writer.StreamWriter, 'open', (
                  'self._claim = ',
                  'loaded = list(self._store.load(self._type))\n'
                  '        self._claim = '),
              ('(\n            self._store.load(self._type)', '(loaded')))),
    Guard('what was loaded is older than all that is read', explorer.END,
          TWO, owning.Rules,
          ('synchronizer.model.baseline.Baseline.entry', parts.cut(
              baseline.Baseline, 'entry', (
                  'BEFORE_THIS_RUN',
                  f"reading_module.Window(float('{math.inf}'), "
                  f"float('{math.inf}'))")))),
    Guard('who is fenced stands by', owning.SETTLES, TWO,
          lambda: owning.Rules(poller=parts.without(
              poller.Poller, '_heed_owner', ('row.owner == self._owner',
                                             'True')))),
    Guard('nobody claims without the lock', owning.SETTLES, TWO,
          lambda: owning.Rules(locks=False)),
]
