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

"""Which microversion is spoken with a service."""

from collections.abc import Callable
import time

from keystoneauth1 import adapter
from keystoneauth1 import discover

from synchronizer import exception

Version = tuple[int, ...]

_GOOD_FOR = 300.0
"""Seconds after which the service is asked again: it may be newer now."""


class Versions:
    """What a service offers, asked for once in a while."""

    def __init__(self, service: str, http: adapter.Adapter,
                 monotonic: Callable[[], float] = time.monotonic,
                 await_turn: Callable[[], None] = lambda: None) -> None:
        self._service, self._http = service, http
        self._monotonic, self._await_turn = monotonic, await_turn
        self._offered: tuple[Version, Version] | None = None
        self._asked_at = 0.0

    def forget(self) -> None:
        """Ask again, next time."""
        self._offered = None

    def agree(self, declared: str, least: str | None) -> str:
        """The lower of what we and the service know at most."""
        low, high = self._offer()
        ours = discover.normalize_version_number(declared)
        agreed = min(ours, high)
        lowest = max(low, discover.normalize_version_number(
            least)) if least else low
        if agreed < lowest:
            raise exception.Unsupported(
                f'{self._service} offers microversions {_text(low)} to '
                f'{_text(high)}; we need {least or declared} to {declared}')
        return _text(agreed)

    def _offer(self) -> tuple[Version, Version]:
        now = self._monotonic()
        offered = self._offered
        if offered is None or now - self._asked_at > _GOOD_FOR:
            offered = self._ask()
            self._offered, self._asked_at = offered, now
        return offered

    def _ask(self) -> tuple[Version, Version]:
        self._await_turn()
        self._drop_discovered()
        data = self._http.get_endpoint_data()
        if data is None:
            raise exception.Unreachable(
                f'{self._service}: the catalogue has no such endpoint '
                f'({self._http.service_type}, region '
                f'{self._http.region_name})', final=True)
        if data.max_microversion is None:
            # keystoneauth keeps silent when discovery fails: find out why
            discover.get_discovery(self._http.session, data.url)
            raise exception.Unsupported(
                f'{self._service}: {data.url} offers no microversions')
        return data.min_microversion, data.max_microversion

    def _drop_discovered(self) -> None:
        """keystoneauth remembers version documents for the life of the
        process, and has no public way to forget one."""
        session = self._http.session
        for owner in (session, self._http.auth or session.auth):
            getattr(owner, '_discovery_cache', {}).clear()


def _text(version: Version) -> str:
    return discover.version_to_string(version)
