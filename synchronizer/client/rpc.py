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

"""Requests to the service, as Python.

Every request is idempotent, so each is tried again where no answer came.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import queue
import threading
import time
from typing import Any

from oslo_config import cfg
import oslo_messaging

from synchronizer import exception
from synchronizer.bus import backoff as backoff_module
from synchronizer.bus import topics
from synchronizer.bus import transport as transport_module
from synchronizer.bus import wire
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import position as position_module

TIMEOUT = 60.0
PAST = '1.1'
"""The version of the requests that brought the past."""

PACKED = '1.2'
"""The version that brought entities as one text."""

MOST_IDS = 200
MOST_CALLS = 16


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Some entities of a snapshot."""

    heads: dict[str, wire.Head]
    """Where each stream stood before the first entity was read; the same
    on every page."""

    entities: list[entity_module.Entity]
    """In the order of type and id."""


@dataclasses.dataclass(frozen=True, slots=True)
class PastPage:
    """Some entities as they were."""

    time: str
    """The time that was asked for, as the service understood it."""

    positions: dict[str, position_module.Position]
    """Where each stream stood then; the same on every page."""

    entities: list[entity_module.Entity]
    """In the order of type and id."""


@dataclasses.dataclass(frozen=True, slots=True)
class Changes:
    """Some changes after a position."""

    epoch: str
    """Of all of them."""

    revision: int
    """The head."""

    changes: list[change_module.Change]
    """Oldest first."""

    more: bool
    """Whether the head is further than these."""


class SynchronizerClient:
    """Asks the service; safe to share between threads.

    Errors are `exception.RequestError`s, as the service raised them, and
    BusError where none of the attempts was answered in time. No call takes
    longer than its attempts' time-outs and the pauses between them, whatever
    the broker does.
    """

    def __init__(self, transport: oslo_messaging.Transport,
                 timeout: float = TIMEOUT, retries: int = 2,
                 wait: Callable[[float], Any] = time.sleep,
                 context: Mapping[str, Any] | None = None) -> None:
        """`context` says who asks, as `to_policy_values` of a context of
        oslo.context does; needed where the service has a policy."""
        self._client = transport_module.RequestClient(transport, context)
        self._timeout = timeout
        self._retries = retries
        self._wait = wait
        # a call that hangs in oslo.messaging cannot be ended: no more than
        # so many may hang
        self._slots = threading.BoundedSemaphore(MOST_CALLS)

    @classmethod
    def from_conf(cls, conf: cfg.ConfigOpts, **kwargs: Any
                  ) -> 'SynchronizerClient':
        """With the transport of a host program's configuration."""
        return cls(transport_module.get(conf), **kwargs)

    @classmethod
    def from_url(cls, url: str, **kwargs: Any) -> 'SynchronizerClient':
        """With nothing but a URL."""
        return cls(transport_module.private(url), **kwargs)

    def describe(self) -> wire.Json:
        """The service and its streams, as the contract has them."""
        return self._call('describe')

    def get_all(self, types: Sequence[str] | None = None, limit: int = 1000,
                max_age: float | None = None) -> Iterator[Page]:
        """A snapshot, page by page."""
        first = {'types': types and list(types), 'limit': limit,
                 'max_age': max_age}
        arguments = {name: value for name, value in first.items()
                     if value is not None}
        form = {'version': PACKED, 'form': wire.PACKED}
        while True:
            try:
                answer = self._call('get_all', **form, **arguments)
            except transport_module.TooOld:
                # while a service is upgraded some of its workers are
                if not form:
                    raise
                form = {}
                continue
            yield Page(
                {type_: wire.head_from_dict(head)
                 for type_, head in answer['streams'].items()},
                wire.entities_from(answer['entities']))
            if answer['marker'] is None:
                return
            arguments = {'limit': limit, 'marker': answer['marker']}

    def get(self, type_: str, ids: str | Iterable[str]
            ) -> dict[str, entity_module.Entity | None]:
        """Entities by id; None for those that are not there."""
        wanted = [ids] if isinstance(ids, str) else list(ids)
        found: dict[str, entity_module.Entity | None] = {}
        # in portions, so that no answer is too large for the bus
        for start in range(0, max(len(wanted), 1), MOST_IDS):
            answer = self._call('get', type=type_,
                                ids=wanted[start:start + MOST_IDS])
            found |= {id_: body and wire.entity_from_dict(body)
                      for id_, body in answer.items()}
        return found

    def get_changes(self, type_: str, epoch: str, since: int,
                    limit: int = 1000) -> Changes:
        """The changes after a position, oldest first."""
        answer = self._call('get_changes', type=type_, epoch=epoch,
                            since=since, limit=limit)
        return Changes(answer['epoch'], answer['revision'],
                       [wire.change_from_dict(body)
                        for body in answer['changes']], answer['more'])

    def get_history(self, type_: str, id_: str, limit: int = 100
                    ) -> list[change_module.Change]:
        """What the journal still has of one entity, newest first."""
        return [wire.change_from_dict(body) for body in self._call(
            'get_history', type=type_, id=id_, limit=limit)]

    def get_at(self, time: str, types: Sequence[str] | None = None,
               limit: int = 1000) -> Iterator[PastPage]:
        """The cloud as it was at a time (ISO 8601; UTC if it has no zone),
        page by page. BeyondJournal: that is too long ago."""
        arguments = {'time': time, 'limit': limit}
        if types is not None:
            arguments['types'] = list(types)
        while True:
            answer = self._call('get_at', PAST, **arguments)
            yield PastPage(
                answer['time'],
                {type_: position_module.Position(at['epoch'], at['revision'])
                 for type_, at in answer['streams'].items()},
                [wire.entity_from_dict(body) for body in answer['entities']])
            if answer['marker'] is None:
                return
            arguments = {'limit': limit, 'marker': answer['marker']}

    def get_entity_at(self, time: str, type_: str, id_: str
                      ) -> entity_module.Entity | None:
        """One entity as it was at a time; None: it was not there."""
        answer = self._call('get_entity_at', PAST, time=time, type=type_,
                            id=id_)
        return answer['entity'] and wire.entity_from_dict(answer['entity'])

    # --- calls -----------------------------------------------------------

    def _call(self, method: str, version: str = topics.VERSION,
              **arguments: Any) -> Any:
        backoff = backoff_module.Backoff(first=0.5, longest=5)
        while True:
            try:
                return self._attempt(method, arguments, version)
            except exception.BusError:
                if backoff.failures == self._retries:
                    raise
            self._wait(backoff.failed())

    def _attempt(self, method: str, arguments: dict[str, Any], version: str
                 ) -> Any:
        """One call in a thread of its own, which may hang; we do not."""
        deadline = time.monotonic() + self._timeout
        if not self._slots.acquire(timeout=self._timeout):
            raise exception.BusError('too many calls hang')
        answers: queue.SimpleQueue = queue.SimpleQueue()
        threading.Thread(target=self._run, name=f'call-{method}', daemon=True,
                         args=(answers, method, arguments, version)).start()
        try:
            # a little longer than the call, which knows better what it
            # waited for
            result, error = answers.get(
                timeout=max(0.0, deadline - time.monotonic()) + 1)
        except queue.Empty:
            raise exception.BusError(
                f'{method}: no answer in {self._timeout:g} s') from None
        if error is not None:
            raise error
        return result

    def _run(self, answers: queue.SimpleQueue, method: str,
             arguments: dict[str, Any], version: str) -> None:
        try:
            answers.put((self._client.call(
                method, arguments, self._timeout, version), None))
        except BaseException as error:
            answers.put((None, error))
        finally:
            self._slots.release()
