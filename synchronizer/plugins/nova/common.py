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

import functools
import urllib.parse

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import absent
from synchronizer.plugins import base
from synchronizer.plugins.nova import scope

NEWEST = '2.104'
"""The newest microversion whose records were looked at."""

LEAST = '2.53'
"""Below it services and hypervisors have no uuid."""


class NovaType(base.EntityType):
    """A type of Nova's."""

    microversion = NEWEST
    least = LEAST

    @functools.cached_property
    def scope(self) -> scope.Scope:
        """Its own, unless the plugin gives it the one that all share."""
        return scope.Scope()

    def get_one(self, session: base.Session, path: str, id_: str, key: str
                ) -> reading.Page:
        """One record by id, or none: it is absent, and we could see it."""
        try:
            answer = absent.surely(
                lambda: session.get(
                    f'{path}/{urllib.parse.quote(id_, safe="")}'),
                lambda: self.scope.check(session))
        except exception.NotFound as error:
            return reading.Page((), error.window, error.sampled_at)
        return answer.page([answer.record(key)])


def check_scope(session: base.Session) -> None:
    """Raise Refused unless we see all projects."""
    scope.Scope().check(session)
