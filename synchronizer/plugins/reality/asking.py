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

"""Asking services, where no stream tells: bounded, and remembered."""

import collections
from collections.abc import Callable
import math
import threading
import time
from typing import Any

from oslo_log import log

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.plugins import derived
from synchronizer.plugins.reality import table

LOG = log.getLogger(__name__)

REST = 10.0
"""Seconds for which a service that did not answer is not asked again."""

ABSENT = 60.0
"""The same of one that the catalogue has not."""

MOST = 1000
"""How many entities whose stream is not to be believed are asked for one by
one within a minute."""

REMEMBERED = 20_000
"""How many answers are remembered."""

Get = Callable[..., Any]
"""(service type, path, query): the JSON, or a CloudError."""


class Asking:
    """All questions of the plugin. Thread-safe."""

    def __init__(self, streams: derived.Streams, get: Get, keep: float,
                 monotonic: Callable[[], float] = time.monotonic) -> None:
        """`keep`: for how many seconds an answer holds."""
        self._streams, self._get, self._keep = streams, get, keep
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._resting: dict[str, tuple[float, Exception]] = {}
        self._answers: collections.OrderedDict[
            tuple, tuple[float, Any]] = collections.OrderedDict()
        self._minute, self._asked = -60.0, 0
        self._answered: set[str] = set()

    def entity(self, type_: str, id_: str) -> entity_module.Entity | None:
        """One entity as its service shows it now."""
        return self._carefully(
            type_.partition('.')[0],
            lambda: self._streams.fresh(type_, id_))

    def doubted(self, type_: str, id_: str, revision: int, why: str
                ) -> entity_module.Entity | None:
        """The same of one whose stream is not to be believed, and has it in
        that revision. Of these only so many are asked for: else what was
        answered earlier counts, so that verdicts do not come and go."""
        key = 'stream', type_, id_, revision
        at, found = self._recall(key)
        if self._monotonic() - at < self._keep:
            return found
        if not self._may_ask():
            if at > -math.inf:
                return found
            raise table.Unknowable(why)
        at = self._monotonic()
        found = self.entity(type_, id_)
        self._remember(key, at, found)
        return found

    def _recall(self, key: tuple) -> tuple[float, Any]:
        with self._lock:
            return self._answers.get(key, (-math.inf, None))

    def _remember(self, key: tuple, at: float, found: Any) -> None:
        with self._lock:
            self._answers[key] = at, found
            self._answers.move_to_end(key)
            if len(self._answers) > REMEMBERED:
                self._answers.popitem(last=False)

    def _may_ask(self) -> bool:
        with self._lock:
            now = self._monotonic()
            if now - self._minute >= 60:
                self._minute, self._asked = now, 0
            self._asked += 1
            return self._asked <= MOST

    def other(self, service: str, path: str, query: dict[str, Any],
              fresh: bool) -> Any | None:
        """What a service says of what is no stream; None: 404."""
        key = service, path, tuple(sorted(query.items()))
        at, found = self._recall(key)
        if not fresh and self._monotonic() - at < self._keep:
            return found
        at = self._monotonic()
        found = self._carefully(
            service, lambda: self._or_none(service, path, query))
        self._remember(key, at, found)
        return found

    def _or_none(self, service: str, path: str, query: dict[str, Any]
                 ) -> Any | None:
        try:
            return self._get(service, path, **query)
        except exception.NotFound:
            return None

    def _carefully(self, service: str, ask: Callable[[], Any]) -> Any:
        with self._lock:
            until, said = self._resting.get(service, (0.0, None))
        if said is not None and self._monotonic() < until:
            raise said
        try:
            answer = ask()
        except exception.NotFound:
            self._answered.add(service)
            raise
        except exception.CloudError as error:
            found, pause = _meaning(service, error,
                                    service in self._answered)
            if pause:
                with self._lock:
                    self._resting[service] = self._monotonic() + pause, found
            if isinstance(found, table.NotComparable):
                LOG.warning('%(error)s: what stacks have of it cannot be '
                            'compared', {'error': error})
            raise found from error
        self._answered.add(service)
        return answer


def _meaning(service: str, error: exception.CloudError, has_answered: bool
             ) -> tuple[table.NotComparable | table.Unknowable, float]:
    """What is to be said, and for how long of the whole service."""
    if not has_answered and isinstance(
            error, exception.Unreachable) and getattr(
                error, 'final', False):
        return table.NotComparable(
            f'this cloud has no service {service}'), ABSENT
    pause = REST if isinstance(
        error, exception.Unreachable | exception.Throttled) else 0
    return table.Unknowable(str(error)), pause
