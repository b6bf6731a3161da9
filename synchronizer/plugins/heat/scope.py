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

"""What a listing of Heat's shows: all projects, or one.

``global_tenant`` shows all, where the policy lets us (as shipped it lets
nobody). A plain listing shows all to an administrator, who alone gets the
field ``project`` in each record; to anybody else it shows the own project,
and nothing tells that there is more. A role may be lost between two pages,
and then a listing is cut short with 200: what proves the scope must come
with the last page or after it.
"""

from collections.abc import Generator
from collections.abc import Sequence
import dataclasses
from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins import paging

STACKS = '/stacks'
WHOLE = {'show_nested': True, 'show_hidden': True}
ALSO_DELETED = {**WHOLE, 'show_deleted': True}


@dataclasses.dataclass(frozen=True, slots=True)
class Sight:
    """How much a listing saw, and what it is worth."""

    everywhere: bool
    """Whether it is proved that all projects were seen."""

    project: str | None = None
    """Else: the one that was seen."""

    reason: str | None = None
    """Why the listing is only partial."""

    note: str | None = None
    """What people should know of it."""

    def partial(self, reasons: Sequence[str]) -> 'Sight':
        """The same, with what else could not be read."""
        if not reasons:
            return self
        told = [self.reason] if self.reason else []
        return dataclasses.replace(
            self, reason='; '.join([*told, *reasons]))

    def outcome(self, **more: Any) -> reading.Outcome:
        """Nothing of other projects can be missing from it."""
        return reading.Outcome(
            self.reason, None if self.everywhere else self._is_out_of_sight,
            note=self.note, **more)

    def _is_out_of_sight(self, entity: entity_module.Entity) -> bool:
        return entity.project_id is None or (
            entity.project_id != self.project)


Look = Generator[tuple[base.Answer, list[base.Record]], None, Sight]


def walk(session: base.Session, path: str, key: str, **query: Any) -> Look:
    """All records of the widest listing that we get."""
    pages = paging.by_marker(session, path, key, global_tenant=True, **query)
    try:
        first = next(pages)
    except StopIteration as end:
        return Sight(True, reason=end.value)
    except exception.Refused:
        return (yield from _plain(session, path, key, query))
    yield first
    return Sight(True, reason=(yield from pages))


def _plain(session: base.Session, path: str, key: str,
           query: dict[str, Any]) -> Look:
    pages = paging.by_marker(session, path, key, **query)
    seen: set[bool] = set()
    proved: bool | None = None
    while True:
        try:
            answer, records = next(pages)
        except StopIteration as end:
            return _told(session, seen, proved or prove(session), end.value)
        told = {'project' in record for record in records}
        seen |= told
        # a full page is followed by another, which may be empty
        proved = told == {True} and len(records) < session.page_size
        yield answer, records


def _told(session: base.Session, seen: set[bool], proved: bool | None,
          reason: str | None) -> Sight:
    """What a plain listing saw, by its records and what its end proved."""
    if proved and False not in seen:
        return Sight(True, reason=reason)
    if True in seen:
        reason = reason or 'the role of an administrator was lost meanwhile'
    project = session.project_id
    if proved is None and may_list_services(session):
        # an empty Heat: what we hold is not to be seen, but nothing shows
        # that there is a project that we cannot see
        return Sight(False, None, reason)
    return Sight(
        False, project, reason,
        f'only project {project} is seen: the service user is no '
        'administrator of Heat')


def prove(session: base.Session) -> bool | None:
    """Whether plain listings show all projects; None: there is no stack,
    not even a deleted one, that could tell."""
    records = session.get(STACKS, limit=1, **ALSO_DELETED).records('stacks')
    if not records:
        return None
    return all('project' in record for record in records)


def may_list_services(session: base.Session) -> bool:
    """What only an administrator may, of whatever scope."""
    try:
        session.get('/services')
    except exception.Refused:
        return False
    return True
