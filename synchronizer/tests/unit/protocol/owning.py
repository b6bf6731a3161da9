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

"""The ownership protocol as a model, made of the real classes.

Some hosts, each with the writer of one stream (`collector.writer`), one store,
a lock whose lease may run out while its holder sleeps, and a cloud in which
one thing comes, changes and goes. Every call to the store is a step of its
own, and before any step a host may sleep for as long as it likes: so whatever
it does next, it may do with an old reading, an old claim, an old baseline.
"""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import functools
import types
from typing import Any
from typing import NamedTuple

from synchronizer import exception
from synchronizer.collector import collector as collector_module
from synchronizer.collector import poller as poller_module
from synchronizer.collector import writer as writer_module
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import reading as reading_module
from synchronizer.store import base
from synchronizer.tests.unit.protocol import explorer
from synchronizer.tests.unit.protocol import kept
from synchronizer.tests.unit.protocol import parts
from synchronizer.tests.unit.protocol.kept import TYPE

NOW = 1000.0
"""Later than all that was."""

ID = 'a'
Step = explorer.Step

ONE_WRITER = 'only whoever claimed last writes'
DENSE = 'every revision is spent, and spent once'
TRUE = 'what is committed is a step forward in what was so in the cloud'
WORKS = 'whatever the others did, an owner can go on'
SETTLES = 'a stream is claimed once, and at most twice more for each mishap'


@dataclasses.dataclass(frozen=True)
class Bounds:
    """What may happen, and how often."""

    hosts: str = 'AB'
    history: tuple[str | None, ...] = ('v1', 'v2', None, 'v3')
    """What the cloud shows, one after the other; None: gone."""

    begun: int = 1
    """How much of it was committed before."""

    moves: int = 2
    """Of the cloud."""

    expiries: int = 1
    """Of the lock's lease, whatever its holder does."""

    unanswered: int = 0
    """Commits that are carried out, and their answers lost."""

    failures: int = 0
    """Commits that are not carried out."""

    kills: int = 0
    """Processes that end, and begin again from nothing."""

    def budget(self) -> tuple[tuple[str, int], ...]:
        """Those that can be spent."""
        return tuple((name, count) for name, count in vars(self).items()
                     if type(count) is int and count and name != 'begun')

    @property
    def mishaps(self) -> int:
        """How many there may be, of those that cost a claim."""
        return self.expiries + self.unanswered + self.kills


@dataclasses.dataclass(frozen=True)
class Rules:
    """What is run."""

    store: type = kept.Store
    writer: type = writer_module.StreamWriter
    poller: type = poller_module.Poller
    locks: bool = True
    """Whether a host claims only what it has the lock of."""


class Host(NamedTuple):
    """One process, and how far it is."""

    writer: int
    opened: bool = False
    ends: bool = False
    """It found that it is not the owner any more."""

    reading: tuple[str | None, float, float] | None = None
    """What it has read of the cloud, and its window."""

    calls: tuple[tuple[str, Any], ...] | None = None
    """The answers of the store so far, to what it does now; None: it does
    nothing."""


class State(NamedTuple):
    """All there is."""

    store: int
    cloud: int
    lock: str | None
    hosts: tuple[Host, ...]
    budget: tuple[tuple[str, int], ...]

    def can(self, name: str) -> bool:
        return any(key == name for key, _ in self.budget)

    def spend(self, name: str) -> 'State':
        return self._replace(budget=tuple(
            (key, count - (key == name)) for key, count in self.budget
            if (key, count) != (name, 1)))


_STATE = ('_claim', 'baseline', 'fenced')


class _Cut(BaseException):
    """A run of real code ends here, and goes on in a later step."""


class _Calls:
    """A store to a host that sleeps after every call.

    What it did before is done again with the same answers: a read on the
    store as it was then, a write not at all.
    """

    def __init__(self, answers: tuple[tuple[str, Any], ...], store: Any,
                 number: int, again: Callable[[int], Any]) -> None:
        self._before, self.answers = list(answers), answers
        self._store, self._number, self._again = store, number, again
        self.called: str | None = None

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return functools.partial(self._call, name)

    def _call(self, name: str, *arguments: Any) -> Any:
        if self._before:
            done, answer = self._before.pop(0)
            if done == 'claim':
                return answer
            return getattr(self._again(answer), name)(*arguments)
        if self.called is not None:
            raise _Cut
        self.called = name
        answer = getattr(self._store, name)(*arguments)
        self.answers += ((name, answer if name == 'claim'
                          else self._number),)
        return answer


class Owning:
    """See the module's text."""

    def __init__(self, bounds: Bounds, rules: Rules | None = None) -> None:
        self.bounds, self.rules = bounds, rules or Rules()
        self._stores = parts.Part(
            self.rules.store, ('_shelves', 'cloud', 'moments'),
            ('_clock', '_lock', '_faults', '_secret', '_budgets'))
        self._writers = parts.Part(
            lambda: self._writer('', None), _STATE,
            vars(self._writer('', None)).keys() - set(_STATE))
        for name in ('store', 'writer', '_new_host', '_heeded', '_is_due',
                     '_effect', '_committed'):
            setattr(self, name, functools.cache(getattr(self, name)))

    def _writer(self, owner: str, store: Any) -> Any:
        return self.rules.writer(store, TYPE, owner)

    def _new_host(self) -> Host:
        return Host(self._writers.keep(self._writer('', None)))

    def store(self, number: int) -> Any:
        """To be read, and not to be changed."""
        return self._stores.again(number)

    def writer(self, number: int) -> Any:
        """Likewise."""
        return self._writers.again(number)

    def start(self) -> State:
        store = self.rules.store()
        store.begin()
        begun = self.bounds.begun
        for shows in self.bounds.history[:begun]:
            store.write({ID: shows})
        return State(self._stores.keep(store), begun - 1, None,
                     (self._new_host(),) * len(self.bounds.hosts),
                     self.bounds.budget())

    def good(self, state: State) -> bool:
        """One owner, who has the lock; and all that is so is committed."""
        row = self.store(state.store).row
        owners = [name for name, host in self._named(state)
                  if host.opened and not host.ends]
        shows = self.bounds.history[state.cloud]
        return (owners == [state.lock] == [row.owner]
                and self._committed(state.store) == shows)

    def _committed(self, store: int) -> str | None:
        return self.store(store).living.get(ID, (0, None))[1]

    def _named(self, state: State) -> Iterator[tuple[str, Host]]:
        return zip(self.bounds.hosts, state.hosts, strict=True)

    # --- what may happen -------------------------------------------------

    def steps(self, state: State) -> Iterator[Step]:
        if state.can('moves'):
            shows = self.bounds.history[state.cloud + 1]
            yield Step(f'the cloud: {ID} is {shows or "gone"}',
                       state.spend('moves')._replace(cloud=state.cloud + 1))
        if state.lock is not None and state.can('expiries'):
            yield Step(f'the lease of {state.lock} runs out',
                       state.spend('expiries')._replace(lock=None))
        for name, host in self._named(state):
            if state.can('kills') and host != self._new_host():
                yield self._killed(state.spend('kills'), name)
            yield from self._host_steps(state, name, host)

    def _killed(self, state: State, name: str) -> Step:
        lock = None if state.lock == name else state.lock
        return Step(f'{name} is killed, and begins again', self._with(
            state._replace(lock=lock), name, self._new_host()))

    def _with(self, state: State, name: str, host: Host) -> State:
        number = self.bounds.hosts.index(name)
        return state._replace(hosts=(
            *state.hosts[:number], host, *state.hosts[number + 1:]))

    def _host_steps(self, state: State, name: str, host: Host
                    ) -> Iterator[Step]:
        yield from self._lock_steps(state, name, host)
        if host.opened and not host.ends:
            yield from self._heeds(state, name, host)
        if host.calls is not None:
            yield from self._goes_on(state, name, host)
        elif host.ends:
            lock = None if state.lock == name else state.lock
            yield Step(f'{name} has ended its work', self._with(
                state._replace(lock=lock), name, self._new_host()), True)
        elif host.opened:
            yield self._reads(state, name, host)
        elif not self.rules.locks:
            yield from self._goes_on(state, name, host._replace(calls=()))

    def _lock_steps(self, state: State, name: str, host: Host
                    ) -> Iterator[Step]:
        if not self.rules.locks:
            return
        if state.lock is None and not host.ends and host.calls is None:
            # from here on it is about to claim, however long it sleeps
            calls = None if host.opened else ()
            yield Step(f'{name} gets the lock', self._with(
                state._replace(lock=name), name,
                host._replace(calls=calls)), True)
        elif (state.lock not in (None, name) and host.opened
                and not host.ends):
            yield Step(f'{name} sees that the lock is another\'s',
                       self._with(state, name, host._replace(ends=True)),
                       True)

    def _heeds(self, state: State, name: str, host: Host) -> Iterator[Step]:
        standby, opened = self._heeded(state.store, name, host.writer)
        if standby:
            owner = self.store(state.store).row.owner
            yield Step(f'{name} sees that {owner} is the owner',
                       self._with(state, name, host._replace(ends=True)),
                       True)
        elif not opened and host.calls is None:
            yield from self._goes_on(state, name, host._replace(
                opened=False, calls=()))

    def _heeded(self, store: int, name: str, writer: int
                ) -> tuple[bool, bool]:
        """What a poller makes of the stream's row: whether it stands by,
        and whether it holds the stream open."""
        row, opened = self.store(store).row, self.writer(writer)
        collector = types.SimpleNamespace(
            _writer=opened, claim=opened.claim, row=lambda: row)
        collector.is_fenced = functools.partial(
            collector_module.Collector.is_fenced, collector)
        poller = types.SimpleNamespace(
            _opened=True, _asked=0, _owner=name, standby=False,
            collector=collector,
            _ownership=types.SimpleNamespace(lost=lambda *what: None))
        self.rules.poller._heed_owner(poller, row)
        return poller.standby, poller._opened

    def _reads(self, state: State, name: str, host: Host) -> Step:
        shows = self.bounds.history[state.cloud]
        return Step(f'{name} reads the cloud: {shows or "gone"}',
                    self._with(state, name, host._replace(
                        reading=(shows, NOW, NOW + 1), calls=())),
                    self._is_due(state.store, name, host.writer, shows))

    def _is_due(self, store: int, name: str, writer: int, shows: str | None
                ) -> bool:
        """What is level need not be read again, what is fenced not first."""
        row, holds = self.store(store).row, self.writer(writer)
        return (self._committed(store) != shows and not holds.fenced
                and (holds.claim.term, name) == (row.term, row.owner))

    # --- what a host does, call by call ----------------------------------

    def _goes_on(self, state: State, name: str, host: Host
                 ) -> Iterator[Step]:
        yield self._call(state, name, host, None)
        if self._is_to_commit(host):
            for what in ('unanswered', 'failures'):
                if state.can(what):
                    yield self._call(state.spend(what), name, host, what)

    @staticmethod
    def _is_to_commit(host: Host) -> bool:
        return host.opened and bool(host.calls)

    def _call(self, state: State, name: str, host: Host, fault: str | None
              ) -> Step:
        store, after, says, broken = self._effect(
            state.store, name, host, fault)
        broken = broken or self._unsettled(state, store)
        return Step(f'{name} {says}', self._with(
            state._replace(store=store), name, after), True, broken)

    def _unsettled(self, state: State, store: int) -> str | None:
        left = sum(count for what, count in state.budget
                   if what in ('expiries', 'unanswered', 'kills'))
        claims = self.store(store).row.term - kept.TERM
        return SETTLES if (
            claims > 1 + 2 * (self.bounds.mishaps - left)) else None

    def _effect(self, number: int, name: str, host: Host, fault: str | None
                ) -> tuple[int, Host, str, str | None]:
        """One call to the store, and what comes before and after it."""
        store = self._stores.again(number)
        row = store.row
        if fault is not None:
            store.fail_next(exception.StoreUnavailable(fault), 'commit',
                            after=fault == 'unanswered')
        calls = _Calls(host.calls, store, number, self.store)
        writer, held = self._writer(name, calls), self.writer(host.writer)
        for attribute, value in parts.copied(
                {key: vars(held)[key] for key in _STATE}).items():
            setattr(writer, attribute, value)
        claim = writer._claim
        after, says = self._run(writer, host, calls)
        broken = self._broken(row, store, claim)
        if says.startswith('fails'):
            broken = WORKS
        return self._stores.keep(store), after, says, broken

    def _run(self, writer: Any, host: Host, calls: _Calls
             ) -> tuple[Host, str]:
        what = _WORDS.get
        says = None
        try:
            if host.reading is None:
                writer.open()
            else:
                writer.take([_reading(*host.reading)], 'shape',
                            change_module.SWEEP)
        except _Cut:
            return host._replace(calls=calls.answers), what(calls.called)
        except exception.Fenced:
            says = 'is refused: fenced'
        except exception.StoreUnavailable as error:
            says = ('commits, and gets no answer'
                    if str(error) == 'unanswered' else 'cannot commit')
        except TypeError as error:
            says = f'fails: {error}'
        if host.reading is not None and says is None:
            says = what(calls.called, 'sees nothing new')
        times = () if host.reading is None else host.reading[1:]
        number, _ = self._writers.renumber(writer, times)
        return (Host(number, True, host.ends),
                says or what(calls.called))

    # --- what must hold --------------------------------------------------

    def _broken(self, row: Any, store: Any, claim: base.Claim) -> str | None:
        journal = store.changes
        if [change.revision for change in journal] != list(
                range(1, store.row.revision + 1)):
            return DENSE
        if store.row.revision == row.revision:
            # nothing was written
            return None
        if (claim.owner, claim.term) != (row.owner, row.term):
            return ONE_WRITER
        return None if _is_true(journal, self.bounds.history) else TRUE


_WORDS = {'claim': 'claims', 'load': 'loads what was committed',
          'entities': 'looks up what it holds', 'commit': 'commits'}


def _reading(shows: str | None, start: float, end: float
             ) -> reading_module.Reading:
    window = reading_module.Window(start, end)
    if shows is None:
        return reading_module.Reading(ID, reading_module.ABSENT, window)
    entity = entity_module.Entity(TYPE, ID, state=shows,
                                  sampled_at=kept.WHEN)
    return reading_module.Reading(ID, f'1:{shows}', window, entity)


def _is_true(journal: list[change_module.Change],
             history: tuple[str | None, ...]) -> bool:
    """Whether the changes go forward in the cloud's history, none of them
    twice, and each from what the one before left."""
    at, lives = -1, False
    for change in journal:
        gone = change.action == change_module.DELETED
        shows = None if gone else change.entity.state
        now = history.index(shows)
        if now <= at:
            return False
        if lives == (change.action == change_module.CREATED):
            return False
        at, lives = now, not gone
    return True
