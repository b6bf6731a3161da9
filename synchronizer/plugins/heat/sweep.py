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

"""One sweep over what lies in stacks: which are asked, and what it is worth.

Each stack is asked by itself, some at once. One that cannot be read costs
only itself: what is in it stays as it was, and it is asked again next time.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import dataclasses
from typing import NamedTuple

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.heat import looks as looks_module
from synchronizer.plugins.heat import pool
from synchronizer.plugins.heat import scope
from synchronizer.plugins.heat import stacks as stacks_module

UNREAD = (exception.CloudError, KeyError, TypeError, ValueError,
          AttributeError)
"""What a look into a stack may fail with: also a record of an unknown
shape."""

HOPELESS = 16
"""So many stacks in a row that cannot be read: Heat is down."""

AT_ONCE, PATIENCE = 64, 0.25
"""So many stacks are stored together, if they answer within so many seconds
of the first: a commit for each would cost more than its resources."""


class Found(NamedTuple):
    """What one look into a stack showed."""

    page: reading.Page
    """The records."""

    names: list[str]
    """What to remember: what else is held of that stack is missing."""

    moving: bool
    """Whether something in it is not at rest yet."""

    reason: str | None = None
    """Why it does not show all that there is."""


class _NotAsked(exception.Unreachable):
    """Nothing is known against that stack; its turn comes first."""


Call = Callable[[base.Session, base.Record], Found]


class Sweep:
    """Looks into the stacks that are due. Used once, in one thread."""

    def __init__(self, session: base.Session, stacks: stacks_module.Stacks,
                 looks: looks_module.Looks, threads: int,
                 monotonic: Callable[[], float],
                 project: str | None = None) -> None:
        """`project`: the only one whose stacks show such things."""
        self._session, self._stacks, self._looks = session, stacks, looks
        self._project = project
        self._threads, self._monotonic = threads, monotonic
        self._era = looks.era
        self._listed: dict[str, base.Record] = {}
        self._sight = scope.Sight(False)
        self._failed: dict[str, str] = {}
        self._hopes = HOPELESS

    def pages(self, call: Call) -> Iterator[reading.Page]:
        """What the due stacks show."""
        pages, sight = self._stacks.read(self._session)
        if isinstance(sight, Exception):
            raise sight
        self._sight = sight
        self._listed = {
            record['id']: record for page in pages for record in page.records
            if not stacks_module.is_gone(record)}
        if self._project:
            self._narrow(self._project)
        if sight.reason is None:
            self._looks.keep(self._listed)
        now = self._monotonic()
        # those that failed last time come last: they must not keep others
        # from their turn
        due = sorted((stack for stack in self._listed.values()
                      if self._looks.is_due(stack, now)),
                     key=self._looks.has_failed)
        asked = pool.some(lambda stack: self._ask(call, stack), due,
                          self._threads, AT_ONCE, PATIENCE)
        for answers in asked:
            yield from self._take(answers)

    def _narrow(self, project: str) -> None:
        own = {id_: stack for id_, stack in self._listed.items()
               if stacks_module.project_or_none(stack) == project}
        others = len(self._listed) - len(own)
        self._listed = own
        self._sight = dataclasses.replace(
            self._sight, everywhere=False, project=project, note=(
                f'only those of project {project} are seen, of {others} '
                'stacks of others none: Heat shows them to their owners only'
            ) if others else self._sight.note)

    def _ask(self, call: Call, stack: base.Record) -> Found | None:
        """None: the stack was deleted since it was listed."""
        if self._hopes <= 0:
            raise _NotAsked('too many others could not be read')
        try:
            found = self._look(call, stack)
        except UNREAD:
            # here, and not where they are stored: many are asked before
            self._hopes -= 1
            raise
        self._hopes = HOPELESS
        return found

    def _look(self, call: Call, stack: base.Record) -> Found | None:
        try:
            return call(self._session, stack)
        except exception.NotFound:
            page = self._stacks.find(self._session, stack['id'])
            if page.records and not stacks_module.is_gone(page.records[0]):
                raise
            return None

    def _take(self, answers: Iterable[tuple[
            base.Record, pool.Came[Found | None]]]
            ) -> Iterator[reading.Page]:
        """What some stacks show, to be stored together."""
        taken = [(stack, found) for stack, came in answers
                 if (found := self._found(stack, came)) is not None]
        for stack, found in taken:
            yield found.page if stack is taken[-1][0] else (
                dataclasses.replace(found.page, soon=0.0))
        # only now: a page that could not be stored is asked for again
        for stack, found in taken:
            self._note(stack, found)

    def _found(self, stack: base.Record, came: pool.Came[Found | None]
               ) -> Found | None:
        try:
            found = came.result()
        except UNREAD as error:
            self._failed[stack['id']] = str(error) or repr(error)
            if not isinstance(error, _NotAsked):
                self._looks.failed(stack)
            return None
        if found is None:
            del self._listed[stack['id']]
            self._looks.drop(stack['id'])
        return found

    def _note(self, stack: base.Record, found: Found) -> None:
        if found.reason:
            self._failed[stack['id']] = found.reason
        self._looks.note(stack, found.page.window.start,
                         found.page.server_time, found.names,
                         found.moving or bool(found.reason), self._era)

    def is_listed(self, id_: str) -> bool:
        """Whether there is such a stack."""
        return id_ in self._listed

    def outcome(self, stack_of: Callable[[str], str],
                kept: Callable[[str], bool]) -> reading.Outcome:
        """It speaks of all stacks that it could read, and of those that
        are gone, if it is sure of these. `stack_of`: from an id."""
        sight, failed = self._sight, self._failed
        listed = self._listed

        def covers(id_: str) -> bool:
            stack = stack_of(id_)
            return stack not in failed and (
                stack in listed or sight.reason is None)

        reasons = [f'{len(failed)} stacks could not be read: '
                   f'{next(iter(failed.values()))}'] if failed else []
        return sight.partial(reasons).outcome(covers=covers, kept=kept)
