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

"""Which server group a server is in, which no listing of servers tells."""

from collections.abc import Iterable
import threading

from synchronizer.plugins import base


class Members:
    """The groups of servers, as the groups were last read."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._groups: dict[str, str] = {}

    def groups_of(self, server: str) -> list[str]:
        """The group of a server; none, or one that it was in before."""
        with self._lock:
            return [self._groups[server]] if server in self._groups else []

    def learn(self, groups: Iterable[base.Record]) -> None:
        """What was read of some groups."""
        found = _by_server(groups)
        with self._lock:
            self._groups.update(found)

    def replace(self, groups: Iterable[base.Record]) -> None:
        """What was read of all groups; other members are forgotten."""
        found = _by_server(groups)
        with self._lock:
            self._groups = found


def _by_server(groups: Iterable[base.Record]) -> dict[str, str]:
    return {server: str(group['id'])
            for group in groups for server in group.get('members') or ()}
