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

"""What the types of Heat share: which stacks there are, and which are gone.

A stack's name, project and parent never change, and a deleted one never
comes back; so what was once learned of a stack holds for ever, and is
forgotten only because a listing does not have it any more.
"""

from collections.abc import Callable
from collections.abc import Iterable
import threading
import time
import urllib.parse
import zlib

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.heat import scope

GONE = 'DELETE_COMPLETE'
ROOT = 'synchronizer:root'
"""Where a record of ours has the id of its root stack."""

_LOCKS = 16
_REMEMBERED = 3600.0
"""Seconds for which a stack that is gone is not asked for again."""

_UNPROVED = 1.0
"""The same of one that is only not shown."""


def project_of(stack: base.Record) -> str:
    """The owner; only an administrator is told it as a field."""
    if stack.get('project'):
        return stack['project']
    for link in stack['links']:
        if link.get('rel') == 'self':
            path = urllib.parse.urlsplit(link['href']).path
            return path.rpartition('/stacks/')[0].rpartition('/')[2]
    raise KeyError('project')


def is_gone(stack: base.Record) -> bool:
    """Whether the record says that the stack is no more."""
    return stack.get('stack_status') == GONE


def path_of(stack: base.Record) -> str:
    """Below our own project: Heat wants the name and the id, and finds a
    stack of another project there as well."""
    return f'{scope.STACKS}/{quoted(stack["stack_name"])}/{stack["id"]}'


def quoted(name: str) -> str:
    """A name as a part of a path."""
    return urllib.parse.quote(name, safe='')


class Stacks:
    """Lists stacks, finds one, and remembers what cannot change."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic
                 ) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._locks = [threading.Lock() for _ in range(_LOCKS)]
        self._known: dict[str, base.Record] = {}
        self._dead: dict[str, reading.Page] = {}
        self._global = True

    def read(self, session: base.Session
             ) -> tuple[list[reading.Page], scope.Sight | Exception]:
        """All pages, with the root in each record. What ends it early is
        given back, for after the pages that came before it."""
        walk = scope.walk(session, scope.STACKS, 'stacks', **scope.WHOLE)
        pages: list[reading.Page] = []
        try:
            while True:
                answer, records = next(walk)
                pages.append(answer.page(records))
        except StopIteration as end:
            found = end.value
        except exception.CloudError as error:
            found = error
        self._learn(pages, complete=not isinstance(found, Exception)
                    and found.reason is None)
        return [self._rooted(session, page) for page in pages], found

    def _learn(self, pages: Iterable[reading.Page], complete: bool) -> None:
        listed = {record['id']: _lasting(record)
                  for page in pages for record in page.records}
        living = [record['id'] for page in pages for record in page.records
                  if not is_gone(record)]
        with self._lock:
            self._known = listed if complete else {**self._known, **listed}
            for id_ in living:
                self._dead.pop(id_, None)
            if complete:
                since = self._monotonic() - _REMEMBERED
                self._dead = {id_: page for id_, page in self._dead.items()
                              if page.window.end > since}

    def _rooted(self, session: base.Session, page: reading.Page
                ) -> reading.Page:
        return reading.Page(
            tuple({**record, ROOT: self.root(session, record)}
                  for record in page.records),
            page.window, page.sampled_at, page.server_time)

    def root(self, session: base.Session, stack: base.Record) -> str:
        """The id of the stack that a nested one is in, at the top."""
        id_, parent = stack['id'], stack.get('parent')
        while parent:
            id_, above = parent, self.known(parent)
            if above is None:
                above = next(iter(self._ask(session, parent)[1]), {})
                self._remember(above)
            parent = above.get('parent')
        return id_

    def known(self, id_: str) -> base.Record | None:
        """What never changes of a stack that was listed before."""
        with self._lock:
            return self._known.get(id_)

    def owning(self, project: str | None, name: str) -> list[base.Record]:
        """The known stacks of that project that things of such a name come
        from: Heat names them after the stack and the resource."""
        with self._lock:
            return [stack for stack in self._known.values()
                    if stack['project'] == project
                    and name.startswith(f'{stack["stack_name"]}-')]

    def _remember(self, stack: base.Record) -> None:
        if stack:
            with self._lock:
                self._known[stack['id']] = _lasting(stack)

    def find(self, session: base.Session, id_: str) -> reading.Page:
        """One stack as the listing has it; a page of none if it is absent.

        Raises Undecided where that is not proved: what we may not see is
        not listed either. One at a time for each stack: its resources, all
        asked for at once, cost one request when it is gone.
        """
        with self._locks[zlib.crc32(id_.encode()) % _LOCKS]:
            dead = self._dead.get(id_)
            if dead is not None and self._is_remembered(dead):
                return self._still(dead)
            page = self._find(session, id_)
            if not page.records or is_gone(page.records[0]):
                with self._lock:
                    self._dead[id_] = page
                    self._known.pop(id_, None)
            return page

    def _is_remembered(self, dead: reading.Page) -> bool:
        """A record that says so is a proof for good; that nothing is shown
        may be too early, and is held for as long as its resources, all
        asked for at once, need it."""
        return bool(dead.records) or (
            self._monotonic() - dead.window.end < _UNPROVED)

    def _still(self, dead: reading.Page) -> reading.Page:
        """It is gone for good, so now it is gone as well. That nothing was
        shown holds for when that was so."""
        if not dead.records:
            return dead
        now = self._monotonic()
        return reading.Page(dead.records, reading.Window(now, now),
                            dead.sampled_at)

    def _find(self, session: base.Session, id_: str) -> reading.Page:
        answer, records, everywhere = self._ask(session, id_)
        if not (records or everywhere):
            self._prove(session, id_)
            # our role may have come back between the answer and its proof
            answer, records, _ = self._ask(session, id_)
        if not records:
            return answer.page([])
        if not is_gone(records[0]):
            self._remember(records[0])
        return self._rooted(session, answer.page(records[:1]))

    def _prove(self, session: base.Session, id_: str) -> None:
        if not scope.prove(session):
            self._global = True
            raise exception.Undecided(
                f'stack {id_} is not to be seen, nor are those of other '
                'projects')

    def _ask(self, session: base.Session, id_: str
             ) -> tuple[base.Answer, list[base.Record], bool]:
        """An answer, what it has of that id, and whether it shows all."""
        query = {**scope.ALSO_DELETED, 'id': id_}
        if self._global:
            try:
                answer = session.get(
                    scope.STACKS, global_tenant=True, **query)
                return answer, _only(answer, id_), True
            except exception.Refused:
                self._global = False
        answer = session.get(scope.STACKS, **query)
        return answer, _only(answer, id_), False


def _only(answer: base.Answer, id_: str) -> list[base.Record]:
    """Heat ignores filters that it does not know."""
    return [record for record in answer.records('stacks')
            if record['id'] == id_]


def _lasting(stack: base.Record) -> base.Record:
    """All but the stamp never changes; that one is as it was listed."""
    return {'id': stack['id'], 'stack_name': stack.get('stack_name'),
            'parent': stack.get('parent'), 'project': project_or_none(stack),
            'updated_time': stack.get('updated_time')}


def project_or_none(stack: base.Record) -> str | None:
    """The owner, where the record tells it."""
    try:
        return project_of(stack)
    except (KeyError, TypeError):
        return None
