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


"""One listing, walked in several places at once.

For listings whose order no update changes and whose markers are ids. Where
the parts begin is learned from the listing before; the order itself is what
holds them together. A part goes on until it has met, and passed, where a
later one began, so that there is no gap between them whatever became of the
record that it began behind.
"""

from collections.abc import Callable
import contextlib
import dataclasses
import queue
import threading
from typing import Any

from oslo_log import log

from synchronizer import exception
from synchronizer.plugins import base
from synchronizer.plugins import paging

LOG = log.getLogger(__name__)

Page = tuple[base.Answer, list[base.Record]]


@dataclasses.dataclass(frozen=True, slots=True)
class Cut:
    """A record by its id, and where it stands in the order."""

    marker: str
    position: str


class Parts:
    """How the listings of one type are cut. One of them at a time."""

    def __init__(self, count: int, field: str) -> None:
        """At most so many parts; `field` has the time that the listing is
        ordered by, the latest first."""
        self._count, self._field = count, field
        self.cuts: list[Cut] = []

    def walk(self, session: base.Session, path: str, key: str, *,
             lost: int = 400, **query: Any) -> paging.Walk:
        """As `paging.by_marker`; pages of different parts are mixed."""
        plain = paging.by_marker(session, path, key, lost=lost, **query)
        if self._count == 1:
            return (yield from plain)
        walk = _Walk(self.cuts, self._cut, path, lambda start: paging.after(
            session, path, key, start, lost=lost, **query)
        ).run(plain) if self.cuts else plain
        # should it end in any other way, the next one is not cut
        self.cuts = []
        ends: list[tuple[Cut, int]] = []
        with contextlib.closing(walk):
            while True:
                try:
                    answer, records = next(walk)
                except StopIteration as end:
                    if end.value is None:
                        self.cuts = _cuts(ends, self._count)
                    return end.value
                if records:
                    ends.append((self._cut(records[-1]), len(records)))
                yield answer, records

    def _cut(self, record: base.Record) -> Cut:
        return Cut(str(record['id']), str(record.get(self._field) or ''))


def _cuts(ends: list[tuple[Cut, int]], count: int) -> list[Cut]:
    """Where to cut next time, so that the parts are about alike; `ends` are
    those of the pages, with their lengths."""
    ordered = sorted(ends, key=lambda end: end[0].position, reverse=True)
    share = sum(length for _, length in ordered) / count
    found: list[Cut] = []
    passed = 0
    # behind the last page there is nothing
    for cut, length in ordered[:-1]:
        passed += length
        is_new = bool(cut.position) and (
            not found or cut.position < found[-1].position)
        if is_new and passed >= share * (len(found) + 1):
            found.append(cut)
    return found[:count - 1]


class _Part:
    """One part on its way."""

    def __init__(self, start: Cut | None) -> None:
        self.start = start
        self.first: Cut | None = None
        self._seen: set[str] = set()

    def saw(self, records: list[Cut]) -> bool:
        """Note a page; whether it is behind the part's begin."""
        self._seen.update(record.marker for record in records)
        if self.first is None and records:
            self.first = records[0]
        return self.start is None or all(
            record.position <= self.start.position for record in records)

    def has(self, record: Cut) -> bool:
        """Whether a part before this one, having met that record, is where
        this one began or further on.

        The position alone would not do: what is being built is listed before
        all others, in no order with them. The id alone would not do either:
        a server on its way to another cell is listed twice.
        """
        return self.first is not None and (
            record.position < self.first.position
            and record.marker in self._seen)


class _Walk:
    """All parts of one listing."""

    def __init__(self, cuts: list[Cut], cut: Callable[[base.Record], Cut],
                 path: str, after: Callable[[str | None], paging.Walk]
                 ) -> None:
        self._cut, self._path, self._after = cut, path, after
        self._parts = [_Part(None), *map(_Part, cuts)]
        self._found: queue.SimpleQueue[
            Page | str | None | Exception] = queue.SimpleQueue()
        self._stop = threading.Event()
        # each may be one page ahead of who reads
        self._room = threading.Semaphore(len(self._parts))

    def run(self, plain: paging.Walk) -> paging.Walk:
        """The pages as they come; if a marker is lost on the way, those of
        the plain walk, from the start."""
        for number, part in enumerate(self._parts):
            threading.Thread(
                target=self._run, args=(part, self._parts[number + 1:]),
                name=f'{self._path}-{number}', daemon=True).start()
        try:
            return (yield from self._pages())
        except paging.MarkerLost:
            LOG.info('%(path)s: a marker was lost; the listing begins anew',
                     {'path': self._path})
        finally:
            self._stop.set()
            for _ in self._parts:
                self._room.release()
        return (yield from plain)

    def _pages(self) -> paging.Walk:
        reasons: list[str] = []
        running = len(self._parts)
        while running:
            found = self._found.get()
            if isinstance(found, Exception):
                raise found
            if isinstance(found, tuple):
                yield found
                self._room.release()
                continue
            running -= 1
            reasons += [found] if found else []
        return reasons[0] if reasons else None

    def _run(self, part: _Part, later: list[_Part]) -> None:
        try:
            self._found.put(self._walk(part, later))
        except (paging.MarkerLost, exception.CloudError) as error:
            # before its first page nobody has relied on it, and the part
            # before it goes on: the begin may be deleted, or in a cell that
            # is down, where Nova answers 500
            is_left = part.start is not None and part.first is None
            self._found.put(None if is_left else error)
        except Exception as error:
            # raised where the pages are read
            self._found.put(error)

    def _walk(self, part: _Part, later: list[_Part]) -> str | None:
        walk = self._after(part.start and part.start.marker)
        while True:
            self._room.acquire()
            if self._stop.is_set():
                return None
            try:
                answer, records = next(walk)
            except StopIteration as end:
                return end.value
            cuts = [self._cut(record) for record in records]
            if not part.saw(cuts):
                return f'{self._path}: a page that is not behind its marker'
            self._found.put((answer, records))
            if cuts and any(one.has(cuts[-1]) for one in later):
                return None
