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

"""Walking a listing page by page without believing too much.

A marker may be gone, a page may come twice, a limit may be lower than the
one asked for, a link to the next page may be missing.
"""

from collections.abc import Callable
from collections.abc import Generator
from collections.abc import Iterator
import dataclasses
from typing import Any

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import base

Walk = Generator[tuple[base.Answer, list[base.Record]], None, str | None]
"""Yields answers and their records; returns why it is only partial."""

RESTARTS = 3


def whole(walk: Walk) -> Iterator[tuple[base.Answer, list[base.Record]]]:
    """The same, for those who cannot use a part: that raises."""
    reason = yield from walk
    if reason:
        raise exception.BrokenAnswer(reason)


def page(answer: base.Answer, records: list[base.Record]) -> reading.Page:
    """Records of one answer of a walk. The next is expected to take as long;
    and nothing is made of it that these are stored."""
    made = answer.page(records)
    return dataclasses.replace(
        made, soon=made.window.end - made.window.start)


class MarkerLost(Exception):
    """The last record of a page is gone, and with it our place."""


def by_marker(session: base.Session, path: str, key: str, *,
              marker: Callable[[base.Record], Any] = lambda r: r['id'],
              lost: int = 400, to_the_end: bool = False,
              **query: Any) -> Walk:
    """Pages by the last record's id.

    A marker that is gone (`lost` is the status that says so) starts the
    listing anew, so records may come again. `to_the_end` goes on until a
    page is empty, for services that shorten pages for their own reasons.
    """
    for _ in range(1 + RESTARTS):
        try:
            return (yield from after(
                session, path, key, None, marker=marker, lost=lost,
                to_the_end=to_the_end, **query))
        except MarkerLost:
            continue
    raise exception.BrokenAnswer(
        f'{path}: the marker was lost {1 + RESTARTS} times')


def after(session: base.Session, path: str, key: str, start: Any, *,
          marker: Callable[[base.Record], Any] = lambda r: r['id'],
          lost: int = 400, to_the_end: bool = False, **query: Any) -> Walk:
    """The pages behind a marker; None: all of them. Raises MarkerLost."""
    seen: set[Any] = set()
    markers: set[Any] = set()
    last = start
    while True:
        answer = _ask(session, path, lost, last, query)
        records = answer.records(key)
        ids = [_marker_of(marker, record, path) for record in records]
        if not ids:
            if last is None:
                # of a service that holds nothing, at least the time is told
                yield answer, records
            return None
        if seen.issuperset(ids):
            return f'{path}: a page came twice'
        yield answer, records
        last = ids[-1]
        if last in markers:
            return f'{path}: a marker came twice'
        seen.update(ids)
        markers.add(last)
        if not (to_the_end or answer.has_next(key)
                or len(records) >= session.page_size):
            return None


def _ask(session: base.Session, path: str, lost: int, last: Any,
         query: dict[str, Any]) -> base.Answer:
    if last is None:
        return session.get(path, limit=session.page_size, **query)
    try:
        return session.get(
            path, limit=session.page_size, marker=last, **query)
    except exception.CloudError as error:
        if getattr(error, 'status', None) == lost:
            raise MarkerLost from error
        raise


def _marker_of(marker: Callable[[base.Record], Any], record: base.Record,
               path: str) -> Any:
    try:
        return marker(record)
    except KeyError as error:
        raise exception.BrokenAnswer(
            f'{path}: a record without {error}') from error


def by_offset(session: base.Session, path: str, key: str, **query: Any
              ) -> Walk:
    """Pages by number, for services that know no marker.

    The page size is the service's affair, so only an empty page is the end.
    What is deleted meanwhile shifts the rest: a record may be skipped.
    """
    seen: set[Any] = set()
    offset = 0
    while True:
        answer = session.get(
            path, limit=session.page_size, offset=offset, **query)
        records = answer.records(key)
        if not records:
            return None
        ids = {_marker_of(lambda r: r['id'], record, path)
               for record in records}
        if ids <= seen:
            return f'{path}: a page came twice'
        yield answer, records
        seen |= ids
        offset += len(records)
