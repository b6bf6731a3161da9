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
from typing import ClassVar
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


class FoundType(absent.ProvedType, NovaType):
    """A type with a get by id that is one request."""

    path: ClassVar[str]
    """Below it one is found by its id."""

    noun: ClassVar[str]
    """What one is called in an answer."""

    def look_up(self, session: base.Session, id_: str) -> reading.Page:
        """One record, or none, as one answer says."""
        try:
            answer = session.get(
                f'{self.path}/{urllib.parse.quote(id_, safe="")}')
        except exception.NotFound as error:
            return absent.said(error)
        return answer.page([answer.record(self.noun)])

    def check_scope(self, session: base.Session) -> None:
        """Raise Refused unless we still see all projects."""
        self.scope.check(session)


def check_scope(session: base.Session) -> None:
    """Raise Refused unless we see all projects."""
    scope.Scope().check(session)
