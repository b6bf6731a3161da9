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

"""One look into one stack that was told of, beside the sweeps.

It is noted as a look of a sweep is, so that the next one passes the stack
by.
"""

from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterable
import dataclasses

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import base
from synchronizer.plugins.heat import follow as follow_module
from synchronizer.plugins.heat import looks as looks_module
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat import sweep


@dataclasses.dataclass(frozen=True, slots=True)
class Seen:
    """What the look was worth."""

    names: Iterable[str]
    """What is known to be in the stack now."""

    reason: str | None = None
    """Why that is not all."""

    again: float | None = None
    """In how many seconds to look again, if at all."""

    def outcome(self, covers: Callable[[str], bool]) -> reading.Outcome:
        """It speaks of what it covers, or of nothing if it is partial."""
        return reading.Outcome(
            self.reason, again=self.again,
            covers=(lambda id_: False) if self.reason else covers)


NOTHING = Seen(())


class Part:
    """A look into one stack; it may run beside a sweep."""

    def __init__(self, session: base.Session, stacks: stacks_module.Stacks,
                 looks: looks_module.Looks, interval: float,
                 project: str | None = None) -> None:
        """`interval`: how soon to look again while it moves. `project`: the
        only one whose stacks show such things."""
        self._session, self._stacks = session, stacks
        self._looks, self._interval = looks, interval
        self._project = project
        self._era = looks.era

    def pages(self, call: sweep.Call, id_: str
              ) -> Generator[reading.Page, None, Seen]:
        """What is in the stack: one page, or none if it is gone.

        The stack itself is read first: what happens to it later shows that
        the look was too early.
        """
        stack, told = self._find(id_)
        if stack and self._project not in (
                None, stacks_module.project_or_none(stack)):
            return NOTHING
        found = None
        if stack:
            try:
                found = call(self._session, stack)
            except exception.NotFound:
                if self._find(id_)[0]:
                    raise
        if found is None:
            self._looks.drop(id_)
            return NOTHING
        yield found.page
        self._looks.note(stack, found.page.window.start, told, found.names,
                         found.moving or bool(found.reason), self._era)
        again = None
        if found.moving or follow_module.is_moving(stack):
            again = follow_module.pause(stack, told, self._interval)
        return Seen(found.names, found.reason, again)

    def _find(self, id_: str) -> tuple[base.Record, float | None]:
        """The stack, or nothing if it is gone; and the service's time."""
        page = self._stacks.find(self._session, id_)
        for record in page.records:
            if not stacks_module.is_gone(record):
                return record, page.server_time
        return {}, None
