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

"""What the clocks of the services say, beside ours.

A service tells its time with an answer, to the second, if its web server
does so at all (uwsgi does not); Keystone tells it with each token as well.
"""

from collections.abc import Callable
import math
import time
from typing import Any
import urllib.parse

from keystoneauth1 import session as ksa_session
import requests

from synchronizer.cloud import failures

KEYSTONE = 'keystone'


class Clocks:
    """Looks at every answer that a session gets."""

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._offsets: dict[str, tuple[float, float]] = {}

    def watch(self, session: ksa_session.Session) -> None:
        """From now on."""
        session.session.hooks['response'].append(self._on_response)

    def login(self, session: ksa_session.Session) -> None:
        """Get a token, which tells when it was made; raises a CloudError."""
        begin = self._wall()
        with failures.translated('login', begin):
            get_access = getattr(session.auth, 'get_access', None)
            if get_access is None:
                # a way without Keystone
                session.get_auth_headers()
                return
            issued = get_access(session).issued
        if issued is not None:
            self.note(KEYSTONE, issued.timestamp(), begin, self._wall())

    def note(self, place: str, told: float, begin: float, end: float
             ) -> None:
        """A clock told a time, in whole seconds, between two of ours."""
        low, high = self._offsets.get(place, (-math.inf, math.inf))
        self._offsets[place] = (max(low, told - end),
                                min(high, told + 1 - begin))

    def skews(self) -> dict[str, float]:
        """By place, the seconds that its clock is ahead of ours (or, below
        0, behind) at the least."""
        return {place: max(low, 0.0) + min(high, 0.0)
                for place, (low, high) in self._offsets.items()}

    def _on_response(self, response: requests.Response, *unused: Any,
                     **unused_too: Any) -> None:
        end = self._wall()
        told = failures.moment_of(response.headers.get('Date'))
        if told is not None:
            place = urllib.parse.urlsplit(response.request.url).netloc
            self.note(place, told, end - response.elapsed.total_seconds(),
                      end)
