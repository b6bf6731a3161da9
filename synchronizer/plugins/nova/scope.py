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

"""Whether we see the servers, flavors and groups of all projects.

Nova lists the servers of all projects for whoever has the rule
``servers:detail:get_all_tenants``, but gets them by id, and shows private
flavors and foreign groups, only to its administrators. To anybody else it
says 404, or lists without them, with 200. So what proves the scope is a GET
of a server of another project.
"""

from typing import Any

from synchronizer import exception
from synchronizer.plugins import base

SERVERS = '/servers/detail'
FEW = 20
"""So many servers are looked through for one of another project."""

TRIES = 2
"""One of them may be deleted between the listing and the GET."""


class Scope:
    """Remembers a server of another project, as a witness."""

    def __init__(self) -> None:
        self._witness: str | None = None

    def check(self, session: base.Session) -> None:
        """Raise Refused unless we still see all projects.

        One request, as long as the witness lives.
        """
        if self._witness is None or not _shows(session, self._witness):
            self._witness = _new_witness(session)


def _new_witness(session: base.Session) -> str | None:
    """None: no server of another project is among the newest, and that we
    may list all is all that is known."""
    answer = session.get(SERVERS, all_tenants=1, limit=FEW)
    ours = session.project_id
    strangers = [record['id'] for record in answer.records('servers')
                 if _project(record) not in (None, ours)][:TRIES]
    for id_ in strangers:
        if _shows(session, id_):
            return id_
    if strangers:
        raise exception.Refused(
            'servers of other projects are listed, but a GET of '
            f'{strangers[0]} says 404: the role is none of Nova\'s '
            'context_is_admin, and no 404 can be believed')
    return None


def _project(record: dict[str, Any]) -> str | None:
    return record.get('tenant_id')


def _shows(session: base.Session, id_: str) -> bool:
    try:
        session.get(f'/servers/{id_}')
    except exception.NotFound:
        return False
    return True
