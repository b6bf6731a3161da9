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

"""The keystoneauth session of the process, and a type's way through it."""

from typing import Any
import urllib.parse

from keystoneauth1 import plugin
from keystoneauth1 import session as ksa_session
import requests

from synchronizer import exception
from synchronizer import version
from synchronizer.cloud import answer as answer_module
from synchronizer.cloud import api as api_module

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0

CONNECTIONS = 64
"""How many to one service are kept open at most: as many as a plugin may
ask it at once. Beyond the ten of requests each would be closed after one
answer."""


def _as_it_is(request: requests.PreparedRequest
              ) -> requests.PreparedRequest:
    """Adds nothing."""
    return request


class Http(requests.Session):
    """Searches the environment for the proxy of a service, and for what
    certificates to trust, once: it has dozens of variables, and is searched
    several times for each request otherwise."""

    def __init__(self) -> None:
        super().__init__()
        # a token is sent in any case; else a .netrc is looked for each time
        self.auth = _as_it_is
        self._found: dict[tuple[Any, ...], dict[str, Any]] = {}
        for scheme in list(self.adapters):
            self.mount(scheme, ksa_session.TCPKeepAliveAdapter(
                pool_connections=CONNECTIONS, pool_maxsize=CONNECTIONS))

    def merge_environment_settings(
            self, url: str, proxies: dict[str, str] | None,
            stream: bool | None, verify: bool | str | None,
            cert: str | tuple[str, str] | None) -> dict[str, Any]:
        """See requests. Nobody changes our proxies."""
        service = urllib.parse.urlsplit(url)[:2]
        key = (service, tuple(sorted((proxies or {}).items())), stream,
               verify, cert)
        if key not in self._found:
            self._found[key] = super().merge_environment_settings(
                url, proxies, stream, verify, cert)
        return self._found[key]


def build(auth: plugin.BaseAuthPlugin, *,
          verify: bool | str = True,
          cert: str | tuple[str, str] | None = None,
          connect_timeout: float = CONNECT_TIMEOUT,
          read_timeout: float = READ_TIMEOUT) -> ksa_session.Session:
    """One session; logins and discovery have its time-outs too."""
    session = ksa_session.Session(
        auth=auth, session=Http(), verify=verify, cert=cert,
        app_name='synchronizer', app_version=version.version_string())
    # The constructor takes one number for both; requests takes a pair.
    session.timeout = (connect_timeout, read_timeout)
    return session


class TypeSession:
    """One service at the microversion of one type: `base.Session`."""

    def __init__(self, api: 'api_module.Api', page_size: int,
                 declared: str | None = None, least: str | None = None
                 ) -> None:
        """Agrees on the microversion; none is declared: none is sent."""
        self.page_size = page_size
        self._api, self._declared, self._least = api, declared, least
        self.microversion = self._agree()
        self._has_spoken = False

    def _agree(self) -> str | None:
        if self._declared is None:
            return None
        return self._api.agree(self._declared, self._least)

    @property
    def project_id(self) -> str | None:
        """The project as which we ask."""
        return self._api.project_id()

    def get(self, path: str, **query: Any) -> answer_module.Answer:
        """GET the path, below the service's endpoint."""
        try:
            found = self._api.get(path, self.microversion, **query)
        except exception.Unsupported:
            found = self._get_anew(path, query)
        self._has_spoken = True
        return found

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """PATCH the path, below the service's endpoint."""
        self._api.patch(path, body)

    def _get_anew(self, path: str, query: dict[str, Any]
                  ) -> answer_module.Answer:
        """The service was replaced by an older one since we agreed."""
        refused = self.microversion
        self._api.forget()
        if self._declared is not None:
            self.microversion = self._agree()
        if self._has_spoken or self.microversion == refused:
            # Two shapes in one listing would look like changes.
            raise exception.Unsupported(
                f'{self._api.service} does not speak {refused} any more; '
                f'from now on it is {self.microversion}')
        return self._api.get(path, self.microversion, **query)
