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

"""What a plugin's collector hears of other owners, said once for each."""

import threading

from oslo_log import log

LOG = log.getLogger(__name__)


class Ownership:
    """Of a service that nobody tells who should own what: it takes what it
    has on, and stands by where another one does so after it."""

    def __init__(self, plugin: str, owner: str) -> None:
        self.plugin, self._host = plugin, host(owner)
        self._lock = threading.Lock()
        self._told: set[tuple[str, str]] = set()

    def taken(self, type_: str, before: str | None) -> None:
        """A stream is ours; who had it until now."""
        last = before and host(before)
        if last and last != self._host and self._is_news('taken', last):
            self.tell_taken(type_, last)

    def lost(self, type_: str, to: str) -> None:
        """A stream is another's."""
        if self._is_news('lost', to):
            self.tell_lost(type_, to)

    def tell_taken(self, type_: str, last: str) -> None:
        """The first stream of that host is ours."""
        LOG.warning(
            '%(plugin)s: taken over from %(last)s (%(type)s first). If the '
            'service there still runs, it stands by from now on: two '
            'services on one database need [coordination] backend_url',
            {'plugin': self.plugin, 'last': last, 'type': type_})

    def tell_lost(self, type_: str, to: str) -> None:
        """The first stream is that owner's."""
        LOG.error(
            '%(plugin)s: %(owner)s has taken over (%(type)s first); this '
            'service stands by. Two services on one database need '
            '[coordination] backend_url; if that one is there by mistake, '
            'end it and restart this one',
            {'plugin': self.plugin, 'owner': to, 'type': type_})

    def _is_news(self, *what: str) -> bool:
        with self._lock:
            if what in self._told:
                return False
            self._told.add(what)
        return True


def host(owner: str) -> str:
    """The host of an owner."""
    return owner.partition(':')[0]
