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

"""The words of a plugin's hint table: which event says to look at what.

A table maps an event type, or a pattern as the shell has them, to what is to
be looked at. A notification says where to look, and who did it, but never
what is there. Pure.
"""

from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import datetime
import fnmatch
import functools
from typing import Any

from synchronizer.model import initiator as initiator_module

DATA = 'nova_object.data'
"""Where the fields of Nova's versioned objects are."""

EVERY = '*'
"""A step of a path that goes into each entry of a list."""

WRITTEN, GONE = 'written', 'gone'

SLACK = 2.0
"""Seconds by which a service's stamp may lie before the notification of the
write: stamps have whole seconds, and a notification is sent afterwards."""


@dataclasses.dataclass(frozen=True, slots=True)
class Look:
    """What one event says to look at."""

    type: str
    """The entity type."""

    path: str | None = None
    """Where in the payload its id is, as ``volume/id`` or ``disks/*/id``;
    None: all of the type is listed, for types that are few."""

    part: bool = False
    """The id is that of what such entities lie in: see
    `EntityType.list_part`."""

    stamp: str | None = None
    """Where in the payload the record's own time stamp is, if it is."""

    shows: str | None = None
    """What the record has to show, else it was read too early, and is read
    again soon: WRITTEN, a stamp not before the notification, GONE, its
    absence; None: nothing that one could tell."""

    later: tuple[float, ...] = ()
    """Of a whole type: after how many seconds to list it once more, since
    what the event begins takes a while to be shown."""

    about: str | None = None
    """Of a whole type: where in the payload the id of the one is that
    somebody changed, should it be there. He is named for that one only."""

    audit: bool = False
    """The event is sent now and then though nothing happened, of everything
    that there is: of many, only those say something whose record is missing
    or older here."""


Table = Mapping[str, tuple[Look, ...]]


@dataclasses.dataclass(frozen=True, slots=True)
class Hint:
    """One thing that is to be looked at."""

    type: str
    """The entity type."""

    id: str | None
    """Which; None: the whole type."""

    part: bool = False
    """Whether the id is that of a part; see `Look.part`."""

    written: float | None = None
    """The stamp that its record must have reached, as a Unix time."""

    gone: bool = False
    """Whether it should be absent."""

    audit: bool = False
    """See `Look.audit`."""

    later: tuple[float, ...] = ()
    """See `Look.later`."""

    about: str | None = None
    """See `Look.about`."""

    initiator: initiator_module.Initiator | None = None
    """Who did what it tells of, if that is known."""

    beside: bool = False
    """It tells of something else, which hangs together with this."""


def looks(table: Table, event: str) -> tuple[Look, ...]:
    """What the table says of an event: its own entry, else the first
    pattern that fits; nothing if there is none."""
    if event in table:
        return table[event]
    return next((found for pattern, found in table.items()
                 if EVERY in pattern and fnmatch.fnmatchcase(event, pattern)),
                ())


def read(table: Table, event: str, payload: Any, told_at: float | None
         ) -> list[Hint]:
    """The hints of one notification. `told_at`: when it was sent.

    Raises ValueError where the table wants an id, and there is none.
    """
    found: list[Hint] = []
    for look in looks(table, event):
        if look.path is None:
            found.append(Hint(look.type, None, later=look.later,
                              about=_about(look, payload)))
            continue
        make = functools.partial(
            Hint, look.type, part=look.part,
            written=_expected(look, payload, told_at),
            gone=look.shows == GONE, audit=look.audit)
        ids = list(_ids(payload, look.path))
        if not ids and EVERY not in look.path:
            raise ValueError(f'no {look.path} in it')
        found += [make(id_) for id_ in ids]
    return found


def _about(look: Look, payload: Any) -> str | None:
    return next(_ids(payload, look.about), None) if look.about else None


def _expected(look: Look, payload: Any, told_at: float | None
              ) -> float | None:
    stamps = []
    if look.stamp is not None:
        stamps = [stamp for stamp in map(unix, _values(
            payload, look.stamp.split('/'))) if stamp is not None]
    if look.shows == WRITTEN and told_at is not None:
        stamps.append(told_at - SLACK)
    return max(stamps, default=None)


def _ids(payload: Any, path: str) -> Iterator[str]:
    for value in _values(payload, path.split('/')):
        if isinstance(value, str | int) and value != '' and not (
                isinstance(value, bool)):
            yield str(value)


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if isinstance(value, dict) and isinstance(value.get(DATA), dict):
        value = value[DATA]
    if not path:
        yield value
    elif path[0] == EVERY:
        for entry in value if isinstance(value, list) else ():
            yield from _values(entry, path[1:])
    elif isinstance(value, dict) and path[0] in value:
        yield from _values(value[path[0]], path[1:])


def unix(stamp: Any) -> float | None:
    """A time stamp as services write them, as a Unix time; None if it is
    none."""
    try:
        moment = datetime.datetime.fromisoformat(stamp)
    except (TypeError, ValueError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=datetime.UTC)
    return moment.timestamp()
