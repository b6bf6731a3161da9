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

"""Checks of what callers send, before anything is read for them."""

import datetime
import math
from typing import Any

from synchronizer import exception
from synchronizer.bus import wire

LARGEST_LIMIT = 1000
LARGEST_BATCH = 1000
LARGEST_AGE = 1e12
SKEW = 60
"""Seconds that a caller's clock may be ahead of ours; to him it is now."""
"""Seconds; older than anything."""


def type_(value: Any, enabled: tuple[str, ...]) -> str:
    """A type that is switched on here."""
    if not isinstance(value, str):
        raise exception.InvalidArgument('a type is a text')
    if value not in enabled:
        raise exception.UnknownType(f'no type {value!r} is enabled here')
    return value


def types(value: Any, enabled: tuple[str, ...]) -> tuple[str, ...] | None:
    """Types without doubles, or None for all."""
    if value is None:
        return None
    if not isinstance(value, list | tuple) or not value:
        raise exception.InvalidArgument(
            'types is a list of at least one type; left out, it means all')
    return tuple(dict.fromkeys(type_(member, enabled) for member in value))


def limit(value: Any) -> int:
    """A limit, cut to what a page may hold."""
    if not _is_integer(value) or value < 1:
        raise exception.InvalidArgument('limit is an integer from 1 up')
    return min(value, LARGEST_LIMIT)


def id_(value: Any) -> str:
    """An id."""
    if not isinstance(value, str):
        raise exception.InvalidArgument('an id is a text')
    return value


def ids(value: Any) -> list[str]:
    """Ids without doubles; one text is one id."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, list | tuple):
        raise exception.InvalidArgument('ids is a list of ids, or one id')
    if len(value) > LARGEST_BATCH:
        raise exception.InvalidArgument(
            f'at most {LARGEST_BATCH} ids at once')
    return list(dict.fromkeys(id_(member) for member in value))


def epoch(value: Any) -> str:
    """An epoch."""
    if not isinstance(value, str):
        raise exception.InvalidArgument('an epoch is a text')
    return value


def since(value: Any) -> int:
    """A revision, or 0 for the beginning."""
    if not _is_integer(value) or value < 0:
        raise exception.InvalidArgument('since is an integer from 0 up')
    return value


def max_age(value: Any) -> float | None:
    """Seconds; 0 asks for a sweep that starts now."""
    if value is None:
        return None
    # no number that JSON can write is too large: older than all there is
    if isinstance(value, bool) or not isinstance(value, int | float) or not (
            0 <= value < math.inf):
        raise exception.InvalidArgument('max_age is a number from 0 up')
    return float(min(value, LARGEST_AGE))


def time(value: Any, now: float) -> str:
    """A time that was, as the contract writes it; UTC if it has no zone."""
    if not isinstance(value, str):
        raise exception.InvalidArgument('a time is a text (ISO 8601)')
    try:
        moment = datetime.datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        moment = moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        raise exception.InvalidArgument(
            f'{value!r} is no time; one looks like 2026-11-20T10:00:00Z'
        ) from None
    if moment.timestamp() > now + SKEW:
        raise exception.InvalidArgument(f'{value!r} is in the future')
    moment = min(moment, datetime.datetime.fromtimestamp(now, datetime.UTC))
    # years before 1000 have four digits, too: times are compared as texts
    plain = moment.replace(tzinfo=None).isoformat(timespec='microseconds')
    return f'{plain}Z'


def form(value: Any) -> str | None:
    """How entities are wanted; None: as the contract has them."""
    if value not in (None, wire.PACKED):
        raise exception.InvalidArgument(
            f'form is {wire.PACKED!r}, or left out')
    return value


def marker(value: Any) -> str:
    """A marker, of which nothing but its kind is checked here."""
    if not isinstance(value, str):
        raise exception.InvalidArgument('a marker is a text')
    return value


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
