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

"""From the name of a flavor to its id.

From 2.47 on a server shows a copy of its flavor, with a name and no id. The
flavors are another listing than the servers, read at another time, and that
time is on purpose not part of a server's window: what is taken from here
holds for long. Two living flavors never share a name, and none is ever
renamed; so a name stands for one id until that flavor is deleted, and for
another one only if one of the same name is made later. A server of such a
flavor may point to the old id, or to none, until the next sweep. It is no
more exact in Nova itself, where the server does not know which it was.
"""

from collections.abc import Callable
import threading
import time

from synchronizer.plugins import base
from synchronizer.plugins import paging

_GOOD_FOR = 60.0


class FlavorNames:
    """The ids of all flavors by name, read again once in a while."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic
                 ) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._ids: dict[str, str] = {}
        self._missing: set[str] = set()
        self._read_at: float | None = None

    def refresh(self, session: base.Session) -> None:
        """Read them now."""
        with self._lock:
            self._read(session)

    def id_of(self, session: base.Session, name: str | None) -> str | None:
        """None for a flavor that is gone: its id cannot be known."""
        if not name:
            return None
        with self._lock:
            if self._is_old():
                self._read(session)
            if name not in self._ids and name not in self._missing:
                # made since, or deleted: asked once, not for each server
                self._read(session)
                if name not in self._ids:
                    self._missing.add(name)
            return self._ids.get(name)

    def _is_old(self) -> bool:
        return self._read_at is None or (
            self._monotonic() - self._read_at > _GOOD_FOR)

    def _read(self, session: base.Session) -> None:
        """Whole, or not at all: then it raises."""
        self._ids = {
            record['name']: record['id']
            for _, records in paging.whole(all_flavors(session))
            for record in records}
        if self._is_old():
            self._missing = set()
        self._read_at = self._monotonic()


def all_flavors(session: base.Session) -> paging.Walk:
    """All flavors, private ones included."""
    return paging.by_marker(
        session, '/flavors/detail', 'flavors', is_public='None')
