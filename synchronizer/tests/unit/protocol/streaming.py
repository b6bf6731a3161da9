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

"""The snapshot-and-stream protocol as a model, made of the real classes.

A memory store, which a hand of the model commits to; a publisher; an
endpoint; and a consumer: `client.follower.Follower`, or `plain.Plain`. Between
publisher and consumer there is a queue that may lose, double and delay; a
request is read in steps, between which everything else may happen.

Time is an order, and nothing else: what is still compared with is kept, and
numbered from 1.
"""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import functools
import json
from typing import Any
from typing import NamedTuple

from oslo_messaging.rpc import dispatcher

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.client import follower as follower_module
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import position as position_module
from synchronizer.northbound import drivers
from synchronizer.northbound import endpoint as endpoint_module
from synchronizer.northbound import publisher as publisher_module
from synchronizer.tests.unit.protocol import explorer
from synchronizer.tests.unit.protocol import kept
from synchronizer.tests.unit.protocol import parts
from synchronizer.tests.unit.protocol.kept import TYPE

NOW = 1000.0
"""Later than all that was."""

SLEPT = 1000.0
"""Longer than anything that was seen is good for."""

HOST, OTHER = 'host', 'other'
"""Owners of the stream, one after the other."""

Phase = follower_module.Phase
Step = explorer.Step

SHOWN = 'what is shown was so, at the position that is named'
ONCE = 'every change is told once, in order, as it was committed'
BACK = 'no entity goes back in time'
REPAIRED = 'what a snapshot mixes up is right once its changes are counted'
ADDS_UP = 'what is told adds up to what is held'
BELOW = 'no bookmark is below a change that was cast before it'
GONE = 'what lives all the while is in every snapshot'
NEEDLESS = 'nothing is read that the last reading has answered'


@dataclasses.dataclass(frozen=True)
class Bounds:
    """What may happen, and how often."""

    commits: int = 2
    """After the two that made a and b."""

    drops: int = 1
    """Of these, deletions."""

    ids: str = 'ab'
    """Of what is written or deleted."""

    trims: int = 0
    resets: int = 0
    losses: int = 0
    """Casts that never arrive, though nobody is told."""

    errors: int = 0
    """Casts that raise, whether they went out or not."""

    crashes: int = 0
    """Of the publisher's process."""

    takeovers: int = 0
    """By the publisher of another host, while the old one sleeps, and wakes
    up later: between its look and its cast."""

    unnoticed: bool = False
    """Whether the old one sleeps after the last thing that it does before
    a cast, or was not asleep at all and another host took over even so."""

    failovers: int = 0
    """To a replica that lacks the last commit, while the consumer is level
    and reads nothing; then no other commit follows. A store promises more
    than that."""

    bookmarks: int = 1
    """Those that come before all is quiet."""

    last_bookmark: bool = True
    """Whether there is one when all is quiet. Without one, commits are
    certain to come, and none is lost but what another one follows."""

    late_bookmarks_count: bool = True
    """Whether BELOW binds whoever was overtaken, too."""

    late: bool = False
    """Whether what has arrived may wait for an answer to overtake it."""

    def budget(self) -> tuple[tuple[str, int], ...]:
        """Those that can be spent."""
        return tuple((name, count) for name, count in vars(self).items()
                     if type(count) is int and count)


@dataclasses.dataclass(frozen=True)
class Rules:
    """The classes that are run, and what is not in a class."""

    consumer: type = follower_module.Follower
    publisher: type = publisher_module.Publisher
    endpoint: type = endpoint_module.Endpoint
    store: type = kept.Store
    positions_first: bool = True
    """Whether positions are read before the first page."""

    subscribes_first: bool = True
    """Whether the first request waits for the subscription."""


class Request(NamedTuple):
    """One on its way: what was read of it so far."""

    since: tuple[str, int] | None
    """The position after which changes are wanted; None: a snapshot."""

    positions: int | None = None
    """Of a snapshot, the store as it was when these were read."""

    answers: tuple[str, ...] = ()
    """What was read, as JSON: pages, changes, or an error's name."""

    done: bool = False
    """The answer is whole, and on its way."""


class Inside(NamedTuple):
    """What the consumer's process holds."""

    consumer: int
    started: float | None = None
    """When the request was sent."""

    ended: float | None = None
    """When its answer came in, if it waits to be looked at."""

    inbox: tuple[tuple[str, float], ...] = ()
    """What arrived, and when, and waits to be looked at."""


class State(NamedTuple):
    """All there is."""

    store: int
    publisher: int
    looked: tuple[int, bool] | None
    """The store as the publisher saw it when it looked at the row, and
    whether a bookmark is due."""

    highest: tuple[str, int]
    """The last change that was cast."""

    queue: tuple[str, ...] | None
    """Messages; None: nobody has subscribed."""

    sleeper: tuple[int, int, bool] | None
    """The publisher of the last owner, and what it had looked at."""

    inside: Inside
    request: Request | None
    mixed: tuple[str, int] | None
    """The head when the last page of a snapshot was read."""

    budget: tuple[tuple[str, int], ...]
    """What may still happen."""

    def can(self, name: str) -> bool:
        return any(key == name for key, _ in self.budget)

    def spend(self, name: str) -> 'State':
        return self._replace(budget=tuple(
            (key, count - (key == name)) for key, count in self.budget
            if (key, count) != (name, 1)))


@dataclasses.dataclass(frozen=True, eq=False)
class View:
    """What a consumer shows, and wants."""

    phase: Phase
    position: tuple[str, int] | None
    entities: kept.Content
    since: tuple[str, int] | None
    wants: bool
    read_ended: bool

    @property
    def follows(self) -> bool:
        return self.phase is Phase.FOLLOWING


def _view(consumer: Any, late: float) -> View:
    at, want = consumer.position, consumer.want
    since = getattr(want, 'position', None)
    return View(consumer.phase, at and (at.epoch, at.revision),
                kept.content(consumer.entities),
                since and (since.epoch, since.revision), want is not None,
                consumer._read_ended >= late)


class _Casts:
    """Takes what is cast, and fails at the cast that it is told of."""

    def __init__(self, fails_at: int = 0) -> None:
        self.said: list[tuple[str, dict]] = []
        self._fails_at = fails_at

    def cast(self, type_: str, method: str, **arguments: Any) -> None:
        self.said.append((method, json.loads(json.dumps(arguments))))
        if len(self.said) == self._fails_at:
            raise exception.BusError('no answer')


class _Rows:
    """The store, to a publisher that looked at the row earlier, and has
    slept since; with the clock of its host."""

    def __init__(self, looked: kept.Store, now: kept.Store, slept: float
                 ) -> None:
        self._looked, self._now, self._slept = looked, now, slept
        self.changes_since = now.changes_since
        self.time = 0.0

    def streams(self, types: Any) -> Any:
        store, self._looked = self._looked, self._now
        found = store.streams(types)
        self.time, self._slept = self.time + self._slept, 0.0
        return found


class _Moments:
    """The store, to an endpoint that reads positions and page apart."""

    def __init__(self, positions: kept.Store, page: kept.Store) -> None:
        self._positions, self._page = positions, page
        self.secret, self.page = page.secret, page.page

    def streams(self, types: Any) -> Any:
        store, self._positions = self._positions, self._page
        return store.streams(types)


class Streaming:
    """See the module's text."""

    def __init__(self, bounds: Bounds, rules: Rules | None = None) -> None:
        self.bounds, self.rules = bounds, rules or Rules()
        self._stores = parts.Part(
            self.rules.store, ('_shelves', 'cloud', 'moments'),
            ('_clock', '_lock', '_faults', '_secret', '_budgets'))
        self._publishers = parts.Part(
            lambda: self._publisher(None, None), ('_cast', '_owner'),
            vars(self._publisher(None, None)).keys() - {'_cast', '_owner'})
        new = self._consumer()
        self._strict = isinstance(new, follower_module.Follower)
        fixed = {'type', '_stamp', '_observed'} & vars(new).keys()
        self._consumers = parts.Part(
            self._consumer, vars(new).keys() - fixed, fixed)
        for name in ('store', '_done', '_cast', '_page', '_changes',
                     '_heard', '_answered', '_consumer_view'):
            setattr(self, name, functools.cache(getattr(self, name)))

    def _consumer(self) -> Any:
        if issubclass(self.rules.consumer, follower_module.Follower):
            return self.rules.consumer(TYPE)
        return self.rules.consumer()

    def _publisher(self, store: Any, casts: Any, owner: str = HOST,
                   clock: Callable[[], float] = float) -> Any:
        # a clock that stands, and no interval: a bookmark is always due
        return self.rules.publisher(
            store, [TYPE], [drivers.FanoutDriver(casts)], 0, owner,
            clock=clock, wall=lambda: 0.0)

    def start(self) -> State:
        store = self.rules.store()
        store.begin()
        store.write({'a': 'v1'})
        store.write({'b': 'v1'})
        store.collected()
        publisher = self._publisher(store, _Casts())
        publisher.step()
        return State(
            self._stores.keep(store), self._publishers.keep(publisher), None,
            store.position, None, None, Inside(self._consumers.keep(
                self._consumer())), None, None, self.bounds.budget())

    # --- what may happen -------------------------------------------------

    def steps(self, state: State) -> Iterator[Step]:
        yield from self._store_steps(state)
        yield from self._publisher_steps(state)
        yield from self._consumer_steps(state)
        yield from self._request_steps(state)

    def good(self, state: State) -> bool:
        view = self._consumer_view(state.inside.consumer, NOW)
        store = self.store(state.store)
        return (view.follows and not view.wants
                and view.position == store.position
                and view.entities == store.moments[store.position]
                and store.row.collected_at is not None)

    # --- the store -------------------------------------------------------

    def store(self, number: int) -> kept.Store:
        """To be read, and not to be changed."""
        return self._stores.again(number)

    def _done(self, number: int, what: str, *arguments: Any) -> int:
        store = self._stores.again(number)
        getattr(store, what)(*arguments)
        return self._stores.keep(store)

    def _store_steps(self, state: State) -> Iterator[Step]:
        store = self.store(state.store)
        if store.row.collected_at is None:
            yield self._refilled(state, store)
            return
        if state.can('commits'):
            yield from self._commits(state, store)
        if state.can('trims') and store.journal > 1:
            yield Step('the journal is trimmed to its last change',
                       state.spend('trims')._replace(store=self._done(
                           state.store, 'trim', TYPE, '', 1)))
        if state.can('resets'):
            yield Step('the stream is reset: another epoch',
                       state.spend('resets')._replace(store=self._done(
                           state.store, 'begin_anew')))
        if (state.can('failovers') and store.journal
                and state.request is None and self.good(state)):
            yield self._failed_over(state, store)

    def _refilled(self, state: State, store: kept.Store) -> Step:
        if store.row.revision == 0 and store.cloud:
            return Step(
                'all that lives is committed anew, as created',
                state._replace(store=self._done(
                    state.store, 'write_all')), True)
        return Step('the first sweep of the epoch is complete',
                    state._replace(store=self._done(
                        state.store, 'collected')), True)

    def _commits(self, state: State, store: kept.Store) -> Iterator[Step]:
        number = store.row.revision + 1
        spent = state.spend('commits')
        for id_ in self.bounds.ids:
            yield Step(f'{id_} is written: revision {number}',
                       spent._replace(store=self._done(
                           state.store, 'touch', id_)),
                       not self.bounds.last_bookmark)
            if id_ in store.cloud and state.can('drops'):
                yield Step(f'{id_} is deleted: revision {number}',
                           spent.spend('drops')._replace(store=self._done(
                               state.store, 'drop', id_)),
                           not self.bounds.last_bookmark)

    def _failed_over(self, state: State, store: kept.Store) -> Step:
        budget = tuple((name, count) for name, count in state.budget
                       if name not in ('commits', 'failovers'))
        number = self._done(state.store, 'lose_last')
        return Step('the database fails over to a replica that lacks '
                    f'revision {store.row.revision}', state._replace(
                        store=number, budget=budget,
                        highest=self.store(number).position))

    # --- the publisher ---------------------------------------------------

    def _is_behind(self, state: State) -> bool:
        cast = self._publishers.again(state.publisher)._cast.get(TYPE)
        epoch, revision = self.store(state.store).position
        return cast is not None and (
            cast.epoch != epoch or cast.revision < revision)

    def _publisher_steps(self, state: State) -> Iterator[Step]:
        if state.can('crashes'):
            yield Step('the publisher is killed, and begins again',
                       state.spend('crashes')._replace(
                           publisher=self._publishers.keep(
                               self._publisher(None, None)), looked=None))
        if state.sleeper is not None:
            yield from self._wakes_up(state, *state.sleeper)
        if state.looked is not None:
            if state.can('takeovers'):
                yield self._taken_over(state, *state.looked)
            yield from self._casts(state, *state.looked, True)
            return
        behind = self._is_behind(state)
        if behind:
            yield self._looks(state, False)
        if not behind and self._is_silent(state):
            yield from self._casts(state, state.store, True, True)
        elif state.can('bookmarks'):
            paid = state.spend('bookmarks')
            if behind:
                yield self._looks(paid, True)
            else:
                yield from self._casts(paid, state.store, True, False)

    def _taken_over(self, state: State, looked: int, due: bool) -> Step:
        # that of a host which stands by has kept up
        other = self._publisher(None, None, OTHER)
        other._cast = {TYPE: position_module.Position(
            *self.store(state.store).position)}
        return Step(('the publisher is overtaken unawares'
                     if self.bounds.unnoticed else 'the publisher sleeps')
                    + '; another host takes over',
                    state.spend('takeovers')._replace(
                        sleeper=(state.publisher, looked, due), looked=None,
                        publisher=self._publishers.keep(other),
                        store=self._done(state.store, 'take', OTHER)))

    def _wakes_up(self, state: State, publisher: int, looked: int, due: bool
                  ) -> Iterator[Step]:
        _, said = self._cast(publisher, looked, state.store, due, 0,
                             0.0 if self.bounds.unnoticed else SLEPT)
        step = self._went_out(state, state.publisher, said, said, '', True)
        yield step._replace(
            name=(f'the first one goes on: {step.name}'
                  if self.bounds.unnoticed
                  else f'the sleeper wakes up: {step.name}'),
            state=step.state._replace(sleeper=None, looked=state.looked),
            broken=step.broken if self.bounds.late_bookmarks_count else None)

    def _is_silent(self, state: State) -> bool:
        """Whether it is time for the last bookmark."""
        inside = state.inside
        return (self.bounds.last_bookmark and state.queue == ()
                and not inside.inbox and state.request is None
                and state.sleeper is None
                and not self._consumer_view(inside.consumer, NOW).wants
                and self.store(state.store).row.collected_at is not None
                and not self.good(state))

    def _looks(self, state: State, due: bool) -> Step:
        head = self.store(state.store).row.revision
        what = ', and a bookmark is due' if due else ''
        return Step(f'the publisher sees the head, {head}{what}',
                    state._replace(looked=(state.store, due)), not due)

    def _casts(self, state: State, looked: int, due: bool, quiet: bool
               ) -> Iterator[Step]:
        seen = looked, state.store, due
        publisher, said = self._cast(state.publisher, *seen, 0)
        yield self._went_out(state, publisher, said, said, '', quiet)
        for number, message in enumerate(said, 1):
            what = _name(message)
            if state.can('losses') and (self.bounds.last_bookmark
                                        or state.can('commits')):
                yield self._went_out(
                    state.spend('losses'), publisher, said,
                    said[:number - 1] + said[number:], f'; {what} is lost')
            if state.can('errors'):
                failed, tried = self._cast(state.publisher, *seen, number)
                for arrived, says in (
                        (tried, 'comes through, but no answer'),
                        (tried[:-1], 'is refused')):
                    yield self._went_out(
                        state.spend('errors'), failed, tried, arrived,
                        f'; {what} {says}')

    def _cast(self, publisher: int, looked: int, now: int, due: bool,
              fails_at: int, slept: float = 0.0
              ) -> tuple[int, tuple[str, ...]]:
        """The publisher after its step, and what it cast."""
        casts = _Casts(fails_at)
        rows = _Rows(self.store(looked), self.store(now), slept)
        held = self._publishers.again(publisher)
        made = self._publisher(rows, casts, held._owner, lambda: rows.time)
        made._cast = held._cast
        row = self.store(looked).row
        made._due = {TYPE: 0.0 if due else 1.0}
        # news of the state is a bookmark that may be lost, no more
        made._said = {TYPE: (row.collected_at, row.state)}
        made.step([TYPE])
        return self._publishers.keep(made), tuple(
            json.dumps(said) for said in casts.said)

    def _went_out(self, state: State, publisher: int, said: tuple[str, ...],
                  arrived: tuple[str, ...], but: str,
                  quiet: bool = False) -> Step:
        highest, broken = state.highest, None
        for message in said:
            epoch, what = _opened(message)
            if not isinstance(what, wire.Head):
                last = epoch, what[-1].revision
                highest = max(highest, last) if epoch == highest[0] else last
            elif epoch == highest[0] and what.revision < highest[1]:
                broken = BELOW
        queue = state.queue
        if queue is not None:
            queue += arrived
        name = ' and '.join(map(_name, said)) or 'nothing'
        return Step(f'{name} cast{but}', state._replace(
            publisher=publisher, looked=None, highest=highest, queue=queue),
            quiet, broken)

    # --- the consumer hears ----------------------------------------------

    def _consumer_steps(self, state: State) -> Iterator[Step]:
        if state.queue is None:
            yield Step('the consumer subscribes',
                       state._replace(queue=()), True)
            return
        if state.queue:
            message, *rest = state.queue
            left = state._replace(queue=tuple(rest))
            if self.bounds.late:
                yield self._arrives(left, message)
            else:
                yield self._hears(left, message, None)
        if state.inside.inbox:
            (message, arrived), *later = state.inside.inbox
            yield self._hears(
                state._replace(inside=state.inside._replace(
                    inbox=tuple(later))), message, arrived)

    def _arrives(self, state: State, message: str) -> Step:
        inside = state.inside
        inside = inside._replace(inbox=(*inside.inbox, (message, NOW)))
        return Step(f'{_name(message)} arrives', state._replace(
            inside=self._renumbered(inside)), True)

    def _hears(self, state: State, message: str, arrived: float | None
               ) -> Step:
        inside, told, before, after = self._heard(
            state.inside, message, NOW if arrived is None else arrived)
        broken = (self._broken(state, told, before, after)
                  or _needless(message, before, after))
        return Step(f'the consumer takes {_name(message)}',
                    state._replace(inside=inside), True, broken)

    def _heard(self, inside: Inside, message: str, arrived: float) -> tuple:
        consumer = self._consumers.again(inside.consumer)
        before = _view(consumer, arrived)
        epoch, said = _opened(message)
        if isinstance(said, wire.Head):
            step = consumer.on_bookmark(said, arrived)
        else:
            step = consumer.on_changed(epoch, said, arrived)
        return (self._kept(inside, consumer), tuple(step.told), before,
                _view(consumer, arrived))

    def _consumer_view(self, number: int, late: float) -> View:
        return _view(self._consumers.again(number), late)

    def _renumbered(self, inside: Inside) -> Inside:
        return self._kept(inside, self._consumers.again(inside.consumer))

    def _kept(self, inside: Inside, consumer: Any) -> Inside:
        others = [arrived for _, arrived in inside.inbox]
        number, now = self._consumers.renumber(
            consumer, [inside.started, inside.ended, *others])
        return Inside(number, now[inside.started], now[inside.ended],
                      tuple((message, now[arrived])
                            for message, arrived in inside.inbox))

    # --- the consumer asks -----------------------------------------------

    def _request_steps(self, state: State) -> Iterator[Step]:
        if state.request is None:
            yield from self._asks(state)
        elif not state.request.done:
            yield self._reads(state, state.request)
        elif self.bounds.late and state.inside.ended is None:
            yield Step('the answer arrives', state._replace(
                inside=self._renumbered(
                    state.inside._replace(ended=NOW))), True)
        else:
            yield self._takes_answer(state, state.request)

    def _asks(self, state: State) -> Iterator[Step]:
        view = self._consumer_view(state.inside.consumer, NOW)
        if not view.wants or (
                state.queue is None and self.rules.subscribes_first):
            return
        what = ('a snapshot' if view.since is None
                else f'the changes after {view.since[1]}')
        # whoever asks a stream that is being filled may ask for ever
        quiet = self.store(state.store).row.collected_at is not None
        yield Step(f'the consumer asks for {what}', state._replace(
            request=Request(view.since), inside=self._renumbered(
                state.inside._replace(started=NOW))), quiet)

    def _reads(self, state: State, request: Request) -> Step:
        if request.since is not None:
            return Step('the changes are read', state._replace(
                request=request._replace(done=True, answers=(
                    self._changes(state.store, *request.since),))), True)
        if request.positions is None:
            what = 'positions are' if self.rules.positions_first else (
                'first page is')
            return Step(f'the {what} read', state._replace(
                request=request._replace(positions=state.store)), True)
        answer = self._page(request.positions, state.store,
                            request.answers[-1:])
        done = json.loads(answer).get('marker') is None
        number = len(request.answers) + 1
        what = (f'page {number} is' if self.rules.positions_first
                or number > 1 else 'positions are')
        return Step(f'{what} read', state._replace(
            request=request._replace(
                done=done, answers=(*request.answers, answer)),
            mixed=self._mixed(state.store) if done else None), True)

    def _mixed(self, store: int) -> kept.Position | None:
        # one that levels first has no use for it
        return None if self._strict else self.store(store).position

    def _page(self, positions: int, page: int, before: tuple[str, ...]
              ) -> str:
        first, second = self.store(positions), self.store(page)
        if not self.rules.positions_first and not before:
            first, second = second, first
        if before:
            first = second
        arguments = {'types': [TYPE]} if not before else {
            'marker': json.loads(before[0])['marker']}
        moments = _Moments(first, second)
        endpoint = self.rules.endpoint(moments, [TYPE], '1', 'host')
        try:
            answer = endpoint.get_all({}, limit=1, **arguments)
        except dispatcher.ExpectedException as wrapped:
            answer = {'error': type(wrapped.exc_info[1]).__name__,
                      'head': wire.head_to_dict(
                          wire.head_of(second.row))}
        return json.dumps(answer)

    def _changes(self, number: int, epoch: str, since: int) -> str:
        endpoint = self.rules.endpoint(self.store(number), [TYPE], '1',
                                       'host')
        try:
            answer = endpoint.get_changes({}, type=TYPE, epoch=epoch,
                                          since=since, limit=1)
        except dispatcher.ExpectedException as wrapped:
            answer = {'error': type(wrapped.exc_info[1]).__name__}
        return json.dumps(answer)

    def _takes_answer(self, state: State, request: Request) -> Step:
        inside, says, told, before, after = self._answered(
            state.inside, request)
        state = state._replace(request=None, inside=inside)
        return Step(f'the consumer takes the answer{says}', state, True,
                    self._broken(state, told, before, after))

    def _answered(self, inside: Inside, request: Request) -> tuple:
        consumer = self._consumers.again(inside.consumer)
        ended = NOW if inside.ended is None else inside.ended
        reading = follower_module.Reading(inside.started, ended)
        before = _view(consumer, NOW)
        step, says = _answer(consumer, request, reading)
        inside = inside._replace(started=None, ended=None)
        return (self._kept(inside, consumer), says, tuple(step.told), before,
                _view(consumer, NOW))

    # --- what must hold --------------------------------------------------

    def _broken(self, state: State, told: tuple, before: View, after: View
                ) -> str | None:
        moments = self.store(state.store).moments
        return (_misorder(told, before, moments, self._strict)
                or self._misfit(told, before, after)
                or self._untrue(state, after, moments)
                or _lacking(before, after, moments))

    @staticmethod
    def _misfit(told: tuple, before: View, after: View) -> str | None:
        if not before.follows and not before.entities:
            return None
        known = {id_: said for id_, (_, said) in before.entities.items()}
        for change in told:
            if change.action == change_module.DELETED:
                known.pop(change.id, None)
            else:
                known[change.id] = change.entity.state
        held = {id_: said for id_, (_, said) in after.entities.items()}
        return None if known == held or not after.follows else ADDS_UP

    def _untrue(self, state: State, after: View,
                moments: dict[kept.Position, kept.Content]) -> str | None:
        if not after.follows:
            return None
        right = after.entities == moments.get(after.position)
        if self._strict:
            return None if right else SHOWN
        counted = (state.mixed is not None
                   and after.position[0] == state.mixed[0]
                   and after.position[1] >= state.mixed[1])
        return REPAIRED if counted and not right else None


def _lacking(before: View, after: View,
             moments: dict[kept.Position, kept.Content]) -> str | None:
    """Whether a new snapshot lacks what has lived since its position."""
    if before.follows or not after.follows:
        return None
    epoch, revision = after.position
    lived = [moment.keys() for at, moment in moments.items()
             if at[0] == epoch and at[1] >= revision]
    always = set.intersection(*map(set, lived))
    return None if always <= after.entities.keys() else GONE


@functools.cache
def _opened(message: str
            ) -> tuple[str, wire.Head | list[change_module.Change]]:
    """The epoch, and the head or the changes."""
    method, body = json.loads(message)
    if method == 'bookmark':
        return body['epoch'], wire.head_from_dict(body)
    return body['epoch'], _changes(json.dumps(body['changes']))


@functools.cache
def _changes(text: str) -> list[change_module.Change]:
    return [wire.change_from_dict(body) for body in json.loads(text)]


@functools.cache
def _entities(page: str) -> list[entity_module.Entity]:
    return [wire.entity_from_dict(body)
            for body in json.loads(page)['entities']]


@functools.cache
def _name(message: str) -> str:
    _, said = _opened(message)
    if isinstance(said, wire.Head):
        return f'bookmark {said.revision}'
    if len(said) == 1:
        return f'change {said[0].revision}'
    return f'changes {said[0].revision}-{said[-1].revision}'


def _answer(consumer: Any, request: Request,
            reading: follower_module.Reading) -> tuple[Any, str]:
    """Hand it over as the keeper does; the step, and what it was."""
    answers = [json.loads(answer) for answer in request.answers]
    error = answers[-1].get('error')
    if request.since is None:
        return _snapshot(consumer, request, answers[-1], reading)
    asked = follower_module.WantChanges(
        position_module.Position(*request.since))
    if error:
        return consumer.on_resync(asked, reading), f': {error}'
    changes = _changes(json.dumps(answers[0]['changes']))
    return consumer.on_changes(
        asked, answers[0]['revision'], changes, answers[0]['more'],
        reading), ': ' + (', '.join(
            str(change.revision) for change in changes) or 'no changes')


def _snapshot(consumer: Any, request: Request, last: dict,
              reading: follower_module.Reading) -> tuple[Any, str]:
    error = last.get('error')
    if error == 'SnapshotNotReady':
        head = wire.head_from_dict(last['head'])
        return consumer.on_no_snapshot(head, reading), f': {error}'
    if error:
        return follower_module.Step(), f': {error}'
    head = wire.head_from_dict(last['streams'][TYPE])
    entities = [entity for page in request.answers
                for entity in _entities(page)]
    held = ', '.join(f'{entity.id}@{entity.revision}' for entity in entities)
    return (consumer.on_snapshot(head, entities, reading),
            f': {held or "nothing"}, at {head.revision}')


def _needless(message: str, before: View, after: View) -> str | None:
    """Whether a bookmark behind, older than the last reading, led to
    another one."""
    epoch, said = _opened(message)
    behind = (isinstance(said, wire.Head) and before.position is not None
              and epoch == before.position[0]
              and said.revision < before.position[1])
    asks = after.wants and not before.wants
    return NEEDLESS if behind and before.read_ended and asks else None


def _misorder(told: tuple, before: View,
              moments: dict[kept.Position, kept.Content], strict: bool
              ) -> str | None:
    """Whether something is told twice, out of order, or untruly."""
    # a new snapshot has another position, though it may tell nothing
    last = before.position if before.follows else None
    held = dict(before.entities) if before.follows else {}
    for change in told:
        at = change.epoch, change.revision
        if change.cause == change_module.RESYNC:
            last, held = None, {}
            continue
        if change.id in held and held[change.id][0] >= change.revision:
            return BACK
        if last is not None and (
                at[0] != last[0] or at[1] <= last[1]
                or (strict and at[1] != last[1] + 1)):
            return ONCE
        now = moments.get(at, {}).get(change.id)
        gone = change.action == change_module.DELETED
        if at not in moments or now != (
                None if gone else (change.revision, change.entity.state)):
            return ONCE
        last = at
        if not gone:
            held[change.id] = change.revision, change.entity.state
    return None
