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

"""What the types of Cinder share: versions, scope, pages, gets by id."""

from typing import Any
from typing import ClassVar
import urllib.parse

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import absent
from synchronizer.plugins import base
from synchronizer.plugins import paging

NEWEST = '3.71'
"""The newest microversion whose records were looked at."""

LEAST = '3.31'
"""Below it nothing tells an administrator who sees all projects from one
who sees but one."""

WITHOUT_SCHEDULER = '3.48'
"""From 3.49 on the listing of services asks the scheduler what the backends
are like: without a scheduler there is none."""


class CinderType(base.EntityType):
    """A type of Cinder's."""

    microversion = NEWEST
    least = LEAST


def check_scope(session: base.Session) -> None:
    """Raise Refused unless we see all projects.

    Without the role admin all_tenants is passed over, with 200. So this
    asks with a filter that there is not: an administrator may filter by
    anything, and finds nothing; to anybody else Cinder says 400. It tries
    the role itself, not some policy that may have been opened to others.
    """
    try:
        answer = session.get('/snapshots/detail', all_tenants=1, limit=1,
                             synchronizer='scope')
    except exception.BrokenAnswer as error:
        if getattr(error, 'status', None) != 400:
            raise
        raise _refused() from error
    if answer.records('snapshots'):
        raise _refused()


def _refused() -> exception.Refused:
    return exception.Refused(
        'cinder shows one project only: the user must have the role admin')


class PagedType(absent.ProvedType, CinderType):
    """A type with pages, and with gets by id that have the same shape."""

    path: ClassVar[str]
    """Where it is found; its detailed listing is below."""

    noun: ClassVar[str]
    """What one is called in an answer."""

    mark: ClassVar[str | None] = None
    """A field that only an administrator is shown, if there is any."""

    def list(self, session: base.Session) -> base.Listing:
        """Those of all projects."""
        return (yield from self.pages(session, self.walk(session)))

    def look_up(self, session: base.Session, id_: str) -> reading.Page:
        """One record, or none, as one answer says."""
        try:
            answer = session.get(
                f'{self.path}/{urllib.parse.quote(id_, safe="")}')
        except exception.NotFound as error:
            return absent.said(error)
        return answer.page(_trusted(
            [answer.record(self.noun)], self.mark))

    def check_scope(self, session: base.Session) -> None:
        """Raise Refused unless we see all projects."""
        check_scope(session)

    def walk(self, session: base.Session, **query: Any) -> paging.Walk:
        """By the default order, which no update changes: a migration swaps
        the creation times of two volumes too, but they are equal."""
        return paging.by_marker(
            session, f'{self.path}/detail', f'{self.noun}s', lost=404,
            all_tenants=1, **query)

    def pages(self, session: base.Session, walk: paging.Walk
              ) -> base.Listing:
        """What the walk finds, and then the proof that it was asked of all
        projects."""
        while True:
            try:
                answer, records = next(walk)
            except StopIteration as end:
                check_scope(session)
                return reading.Outcome(end.value)
            yield paging.page(answer, _trusted(records, self.mark))


def _trusted(records: list[base.Record], mark: str | None
             ) -> list[base.Record]:
    """The same, unless they were made for somebody who may see less: the
    fields that are left out would look like changes."""
    if mark and not all(mark in record for record in records):
        raise _refused()
    return records
