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

"""What a collector hears of other owners, where several share the work."""

from collections.abc import Callable

from oslo_log import log as logging

from synchronizer.collector import ownership

LOG = logging.getLogger(__name__)


class SharedOwnership(ownership.Ownership):
    """A change of owners is nothing unusual; whoever is not the owner any
    more ends his work, and stands by until it is his turn again."""

    def __init__(self, plugin: str, owner: str,
                 lost: Callable[[str], None]) -> None:
        super().__init__(plugin, owner)
        self._lost = lost

    def tell_taken(self, type_: str, last: str) -> None:
        """The first stream of that host is ours."""
        LOG.info('%(plugin)s: taken over from %(last)s',
                 {'plugin': self.plugin, 'last': last})

    def tell_lost(self, type_: str, to: str) -> None:
        """The first stream is that owner's."""
        LOG.warning('%(plugin)s: %(owner)s has taken over; this host stands '
                    'by until it is its turn again',
                    {'plugin': self.plugin, 'owner': to})
        self._lost(to)
