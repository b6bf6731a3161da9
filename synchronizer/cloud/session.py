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

from keystoneauth1 import plugin
from keystoneauth1 import session as ksa_session

from synchronizer import exception
from synchronizer import version
from synchronizer.cloud import answer as answer_module
from synchronizer.cloud import api as api_module
from synchronizer.cloud import http

CONNECT_TIMEOUT = 10.0
READ_TIMEOUT = 60.0


def build(auth: plugin.BaseAuthPlugin, *,
          verify: bool | str = True,
          cert: str | tuple[str, str] | None = None,
          connect_timeout: float = CONNECT_TIMEOUT,
          read_timeout: float = READ_TIMEOUT) -> ksa_session.Session:
    """One session; logins and discovery have its time-outs too."""
    session = ksa_session.Session(
        auth=auth, session=http.Http(), verify=verify, cert=cert,
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
