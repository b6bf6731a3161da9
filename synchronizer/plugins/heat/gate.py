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

"""A session that lets only so many requests of the plugin run at once."""

import threading
from typing import Any

from synchronizer.plugins import base


class GatedSession:
    """`base.Session`, behind a gate that all sessions of a plugin share."""

    def __init__(self, session: base.Session, gate: threading.Semaphore
                 ) -> None:
        self._session, self._gate = session, gate
        self.microversion = session.microversion
        self.page_size = session.page_size

    @property
    def project_id(self) -> str | None:
        """The project as which we ask."""
        return self._session.project_id

    def get(self, path: str, **query: Any) -> base.Answer:
        """GET the path, as soon as there is room."""
        with self._gate:
            return self._session.get(path, **query)

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """PATCH the path, as soon as there is room."""
        with self._gate:
            self._session.patch(path, body)
