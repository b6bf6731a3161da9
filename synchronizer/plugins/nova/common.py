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

"""What the types of Nova share: versions, scope, and gets by id."""

import urllib.parse

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import base

NEWEST = '2.104'
"""The newest microversion whose records were looked at."""

LEAST = '2.53'
"""Below it services and hypervisors have no uuid."""


class NovaType(base.EntityType):
    """A type of Nova's."""

    microversion = NEWEST
    least = LEAST


def check_scope(session: base.Session) -> None:
    """Raise Refused unless we still see all projects.

    A token that has lost its role gets 404 for the servers and the private
    flavors of others, and lists without them, with 200. This listing alone
    says 403.
    """
    session.get('/servers/detail', all_tenants=1, limit=1)


def get_one(session: base.Session, path: str, id_: str, key: str
            ) -> reading.Page:
    """One record by id, or none: it is absent, and we could see it."""
    try:
        answer = session.get(f'{path}/{urllib.parse.quote(id_, safe="")}')
    except exception.NotFound as error:
        check_scope(session)
        return reading.Page((), error.window, error.sampled_at)
    return answer.page([answer.record(key)])
