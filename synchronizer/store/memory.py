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

"""A store in memory: for tests, and for use as a library.

The same contract as a database, less the durability. It can be told to fail.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import datetime
import functools
import secrets
import threading
import uuid

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream as stream_module
from synchronizer.store import base
from synchronizer.store import budgets
from synchronizer.store import codec
from synchronizer.store import past
from synchronizer.store import plan as plan_module
from synchronizer.store import shelf as shelf_module


@dataclasses.dataclass(frozen=True, slots=True)
class _Fault:
    error: BaseException
    method: str | None
    after: bool


def _method(function: Callable) -> Callable:
    """Run under the lock; fail where that was asked for."""
    @functools.wraps(function)
    def guarded(self: 'MemoryStore', *args, **kwargs):  # noqa: ANN202
        with self._lock:
            fault = self._next_fault(function.__name__)
            if fault is not None and not fault.after:
                raise fault.error
            result = function(self, *args, **kwargs)
            if fault is not None:
                raise fault.error
            return result
    return guarded


class MemoryStore(base.Store):
    """See `base.Store`; nothing outlives the object."""

    def __init__(self, clock: Callable[[], datetime.datetime] | None = None
                 ) -> None:
        self._clock = clock or functools.partial(
            datetime.datetime.now, datetime.UTC)
        self._lock = threading.RLock()
        self._shelves: dict[str, shelf_module.Shelf] = {}
        self._faults: list[_Fault] = []
        self._secret = secrets.token_bytes(32)
        self._budgets: dict[str, int] = {}

    def fail_next(self, error: BaseException, method: str | None = None,
                  times: int = 1, after: bool = False) -> None:
        """Let the next call (of that method) raise, so many times.

        With `after` it does its work first: the answer was lost.
        """
        with self._lock:
            self._faults += [_Fault(error, method, after)] * times

    def heal(self) -> None:
        """Forget the faults that have not come to pass."""
        with self._lock:
            self._faults.clear()

    def _next_fault(self, method: str) -> _Fault | None:
        for fault in self._faults:
            if fault.method in (None, method):
                self._faults.remove(fault)
                return fault
        return None

    def _shelf(self, type_: str) -> shelf_module.Shelf:
        try:
            return self._shelves[type_]
        except KeyError:
            raise exception.UnknownType(f'no stream {type_}') from None

    @_method
    def ensure(self, specs: Iterable[base.StreamSpec]) -> None:
        for spec in specs:
            shelf = self._shelves.setdefault(spec.type, shelf_module.Shelf(
                stream_module.Stream(spec.type, spec.plugin,
                                     str(uuid.uuid4()))))
            shelf.set(plugin=spec.plugin, interval=spec.interval)

    @_method
    def streams(self, types: Iterable[str] | None = None
                ) -> dict[str, stream_module.Stream]:
        wanted = sorted(self._shelves if types is None else set(types))
        return {type_: self._shelves[type_].row for type_ in wanted
                if type_ in self._shelves}

    @_method
    def secret(self) -> bytes:
        return self._secret

    # --- the owner -------------------------------------------------------

    @_method
    def claim(self, type_: str, owner: str) -> base.Claim:
        shelf = self._shelf(type_)
        shelf.set(term=shelf.row.term + 1, owner=owner)
        row = shelf.row
        return base.Claim(type_, owner, row.epoch, row.term, row.revision)

    @_method
    def load(self, type_: str) -> Iterator[tuple[str, str]]:
        shelf = self._shelves.get(type_)
        return iter([(id_, shelf.living[id_].digest)
                     for id_ in shelf.ids()] if shelf else [])

    @_method
    def commit(self, claim: base.Claim, writes: Sequence[base.Write]
               ) -> tuple[base.Claim, tuple[change_module.Change, ...]]:
        plan = plan_module.make(claim, writes, codec.stamp(self._clock()))
        shelf = self._shelves.get(claim.type)
        if plan.is_done(shelf and shelf.head):
            return plan.result(shelf.committed_at)
        rows = plan.rows({id_: (row.revision, row.sampled_at) for id_ in
                          plan.touched if (row := shelf.living.get(id_))})
        for id_ in plan.touched:
            shelf.living.pop(id_, None)
        shelf.living.update((row.id, row) for row in rows)
        shelf.journal += plan.journal
        shelf.order = None
        shelf.last_commit, shelf.committed_at = plan.token, plan.committed_at
        shelf.set(revision=plan.revision, entities=len(shelf.living))
        return plan.result(plan.committed_at)

    @_method
    def report(self, claim: base.Claim, state: str, error: str | None,
               collected_at: str | None = None,
               sweeps_served: int | None = None) -> None:
        shelf = self._shelves.get(claim.type)
        ours = (claim.epoch, claim.term)
        if shelf is None or (shelf.row.epoch, shelf.row.term) != ours:
            raise exception.Fenced(
                f'{claim.type} has another owner than {claim.owner} now')
        given = {'collected_at': collected_at, 'sweeps_served': sweeps_served}
        shelf.set(collected_state=state, error=error, **{
            name: value for name, value in given.items()
            if value is not None})
        if collected_at is not None and shelf.known_since is None:
            shelf.known_since = codec.stamp(self._clock())

    @_method
    def trim(self, type_: str, before: str, keep: int) -> int:
        shelf = self._shelf(type_)
        excess = max(len(shelf.journal) - keep, 0)
        aged = next((number for number, row in enumerate(shelf.journal)
                     if row.committed_at >= before), len(shelf.journal))
        count = max(excess, aged)
        if shelf.known_since is not None:
            shelf.known_since = max([shelf.known_since, *(
                row.committed_at for row in shelf.journal[:count])])
        del shelf.journal[:count]
        shelf.set(oldest_revision=shelf.row.oldest_revision + count)
        return count

    # --- requests to the services -----------------------------------------

    @_method
    def reserve(self, service: str, count: int, rate: float) -> float:
        wait, self._budgets[service] = budgets.advance(
            self._budgets.get(service), budgets.microseconds(self._clock()),
            count, rate)
        return wait

    # --- readers ---------------------------------------------------------

    @_method
    def page(self, types: Sequence[str], after: tuple[str, str] | None,
             limit: int, max_bytes: int) -> list[entity_module.Entity]:
        rows: list[codec.EntityRow] = []
        room = codec.Room(limit, max_bytes)
        for type_ in sorted(set(types) & set(self._shelves)):
            if after is not None and type_ < after[0]:
                continue
            shelf = self._shelves[type_]
            start = after[1] if after and type_ == after[0] else None
            more = shelf.after(start, room.count)
            rows += more[:room.take(row.weight for row in more)]
        return [codec.entity(row) for row in rows]

    @_method
    def entities(self, type_: str, ids: Iterable[str]
                 ) -> dict[str, tuple[entity_module.Entity, base.Stored]]:
        shelf = self._shelves.get(type_)
        living = shelf.living if shelf else {}
        return {id_: (codec.entity(row), row.stored) for id_ in ids
                if (row := living.get(id_))}

    @_method
    def changes_since(self, type_: str, epoch: str, since: int, limit: int,
                      max_bytes: int
                      ) -> tuple[int, list[change_module.Change]]:
        shelf = self._shelf(type_)
        base.check_position(shelf.row, epoch, since)
        start = since + 1 - shelf.row.oldest_revision
        rows = shelf.journal[start:start + limit]
        count = codec.Room(limit, max_bytes).take(
            row.weight for row in rows)
        return shelf.row.revision, codec.changes(
            map(codec.told, rows[:count]), epoch)

    @_method
    def history(self, type_: str, id_: str, limit: int
                ) -> list[change_module.Change]:
        shelf = self._shelves.get(type_)
        if shelf is None:
            return []
        rows = [codec.told(row) for row in shelf.journal[::-1]
                if row.id == id_]
        return codec.changes(rows[:limit], shelf.row.epoch)

    # --- the past --------------------------------------------------------

    @_method
    def at(self, type_: str, time: str) -> int:
        shelf = self._shelf(type_)
        return past.revision_at(shelf.row, shelf.known_since, shelf.moment,
                                time)

    @_method
    def entities_at(self, revisions: Mapping[str, int],
                    after: tuple[str, str] | None, limit: int, max_bytes: int
                    ) -> list[entity_module.Entity]:
        room = codec.Room(limit, max_bytes)
        rows: list[shelf_module.Row] = []
        for type_ in sorted(revisions):
            if not room.count:
                break
            if after is not None and type_ < after[0]:
                continue
            start = after[1] if after and type_ == after[0] else None
            some = list(self._shelf(type_).lived(revisions[type_], start))
            count = room.take(weight for weight, _ in some)
            rows += [row for _, row in some[:count]]
        return [shelf_module.entity(row) for row in rows]

    @_method
    def entity_at(self, type_: str, id_: str, revision: int
                  ) -> entity_module.Entity | None:
        shelf = self._shelf(type_)
        row = shelf.first_after(revision).get(id_) or shelf.living.get(id_)
        return row and shelf_module.entity(row)

    # --- operators -------------------------------------------------------

    @_method
    def request_sweep(self, types: Iterable[str]) -> dict[str, int]:
        shelves = [self._shelves[type_] for type_ in sorted(set(types))
                   if type_ in self._shelves]
        for shelf in shelves:
            shelf.set(sweeps_requested=shelf.row.sweeps_requested + 1)
        return {shelf.row.type: shelf.row.sweeps_requested
                for shelf in shelves}

    @_method
    def set_paused(self, type_: str, paused: bool) -> None:
        self._shelf(type_).set(paused=paused)

    @_method
    def reset(self, type_: str) -> stream_module.Stream:
        shelf = self._shelf(type_)
        old = shelf.row
        self._shelves[type_] = shelf_module.Shelf(stream_module.Stream(
            type_, old.plugin, str(uuid.uuid4()), term=old.term + 1,
            owner=old.owner, paused=old.paused, interval=old.interval,
            sweeps_requested=old.sweeps_requested))
        return self._shelves[type_].row

    def close(self) -> None:
        """Nothing to let go of: what was kept can still be read."""
