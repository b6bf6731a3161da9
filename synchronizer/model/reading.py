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

"""Readings: what one answer of the cloud says, and when it was true."""

from collections.abc import Callable
import dataclasses
import math
from typing import Any
from typing import NamedTuple

from synchronizer.model import entity as entity_module

ABSENT = None
"""The digest of a thing that is not there."""


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Monotonic times between which the cloud was as the answer says.

    Windows of two processes are never compared.
    """

    start: float
    """When the request was sent."""

    end: float
    """When the body was fully received."""

    def union(self, other: 'Window') -> 'Window':
        """From the start of the first to the end of the last."""
        return Window(min(self.start, other.start), max(self.end, other.end))


BEFORE_THIS_RUN = Window(-math.inf, -math.inf)


class Reading(NamedTuple):
    """One id as one answer showed it. There is one for each entity of each
    listing; a tuple is made in a third of the time."""

    id: str
    """Which."""

    digest: str | None
    """Its content, or ABSENT."""

    window: Window
    """When."""

    entity: entity_module.Entity | None = None
    """The content itself; none if absent."""

    mark: int | None = None
    """Of the record that it was made of (see `shape.mark`); None: the same
    record must be read again, should it come again."""

    text: str | None = None
    """The JSON of the entity's attributes, where it is known."""


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Some records of a listing, all read by one request."""

    records: tuple[dict[str, Any], ...]
    """As the service gives them."""

    window: Window
    """Of the request; of a composite, of all its requests."""

    sampled_at: str
    """When the request was sent, wall clock, for people."""

    server_time: float | None = None
    """The service's own clock when it answered, as a Unix time."""

    soon: float | None = None
    """Seconds until another page may be expected, 0 if it is at hand: what
    comes soon is stored together with this. None: it is stored before the
    listing goes on, which may make something of that."""

    unproved: bool = False
    """That it shows none counts only if it is said again after a proof that
    we see all there is."""


@dataclasses.dataclass(frozen=True, slots=True)
class Outcome:
    """What a listing that came to its end may be trusted with.

    A listing that did not come to its end raises, which is *failed*.
    """

    reason: str | None = None
    """Why it is only partial; None: it was complete."""

    fence: Callable[[entity_module.Entity], bool] | None = None
    """Which entities it could not have shown.

    Without a fence, and without `covers`, a partial listing is silent about
    all that it did not show; with one, what lies outside may be asked for,
    one by one. A complete listing that lacks what lies behind its fence
    shows less than an earlier one did, and counts as partial.
    """

    covers: Callable[[str], bool] | None = None
    """By id: what it speaks about; None: about everything. Nothing else can
    be missing."""

    kept: Callable[[str], bool] | None = None
    """By id: what it knows to be there, though it did not look at it this
    time; so that a listing need not show what did not move."""

    note: str | None = None
    """What people should know of it although it was complete, as that it
    sees one project only."""

    again: float | None = None
    """In how many seconds to look again, since what was shown is not at
    rest yet; None: it is."""

    @property
    def complete(self) -> bool:
        """Whether it showed everything that there is."""
        return self.reason is None

    def speaks_of(self, id_: str) -> bool:
        """Whether that id, where it exists, had to be shown or is kept."""
        return self.covers is None or self.covers(id_)

    def lacks(self, id_: str) -> bool:
        """Whether an id that was not shown should have been."""
        # of an idle cloud all is kept: that is asked first
        return not (self.kept and self.kept(id_)) and self.speaks_of(id_)


COMPLETE = Outcome()
