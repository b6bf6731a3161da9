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

"""Notices that a service does not tell what it did. Pure: told the time.

A change that a listing found, and that no notification told of shortly
before or after, went untold. Some always do; when many of the last ones did,
something is wrong with the notifications.
"""

import collections
import threading

LATELY = 60.0
"""Seconds for which a notification may explain a change that is found."""

PATIENCE = 10.0
"""Seconds for which the notification of a change may come after it."""

LAST = 100
"""How many of the last changes are judged."""

ENOUGH, SHARE = 5, 0.2
"""How many of them, and which share, may not go untold."""

MOST = 10_000
"""How many ids are remembered."""


class Silence:
    """What one type's notifications told, and what they did not."""

    def __init__(self) -> None:
        self._heard: collections.OrderedDict[str | None, float] = (
            collections.OrderedDict())
        self._waiting: collections.OrderedDict[str, float] = (
            collections.OrderedDict())
        self._last: collections.deque[bool] = collections.deque(maxlen=LAST)
        self._pardoned = float('-inf')
        self._lock = threading.Lock()
        self.untold = 0
        """How many changes went untold so far."""

        self.hints = 0
        """How many hints were heard so far."""

    def heard(self, id_: str | None, now: float) -> None:
        """A notification told of that id; None: of the type as a whole."""
        with self._lock:
            self.hints += 1
            _remember(self._heard, id_, now)
            self._forget(now - LATELY)
            explained = ([self._waiting.pop(id_)] if id_ in self._waiting
                         else [])
            if id_ is None:
                explained = list(self._waiting.values())
                self._waiting.clear()
            self._last.extend(True for _ in explained)

    def _forget(self, before: float) -> None:
        """What was heard before then explains nothing any more."""
        while next(iter(self._heard.values())) < before:
            self._heard.popitem(last=False)

    def told(self) -> None:
        """A change was found because a notification told of it."""
        with self._lock:
            self._last.append(True)

    def found(self, id_: str, now: float) -> None:
        """A change was found by a listing."""
        with self._lock:
            lately = max(self._heard.get(id_, float('-inf')),
                         self._heard.get(None, float('-inf')))
            if now - lately <= LATELY:
                self._last.append(True)
            elif now > self._pardoned:
                _remember(self._waiting, id_, now)

    def pardon(self, now: float) -> None:
        """Nobody was listening until now: what is found is no wonder."""
        with self._lock:
            self._waiting.clear()
            self._last.clear()
            self._pardoned = now + LATELY

    def complains(self, now: float) -> str | None:
        """What is to be said of it now, if anything."""
        with self._lock:
            while self._waiting:
                id_, since = next(iter(self._waiting.items()))
                if now - since < PATIENCE:
                    break
                del self._waiting[id_]
                self._last.append(False)
                self.untold += 1
            untold = self._last.count(False)
            if untold < ENOUGH or untold < SHARE * len(self._last):
                return None
            return (f'{untold} of the last {len(self._last)} changes were '
                    'found by listing and told by no notification')


def _remember(ids: 'collections.OrderedDict', id_: str | None, now: float
              ) -> None:
    ids[id_] = now
    ids.move_to_end(id_)
    if len(ids) > MOST:
        ids.popitem(last=False)
