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

"""Whether a listing, or a get, ever says that there is less than there is.

The service in which nothing happens is asked once. Then it is asked again,
and one answer after the other goes wrong: whatever comes of it, it may fail
or say "partial", but not claim to have seen all and show less.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
import dataclasses
import time
from typing import Any

from synchronizer import exception
from synchronizer.conformance import subject as subject_module
from synchronizer.model import reading
from synchronizer.plugins import base

MOST_IDS = 20
MOST_REQUESTS = 12
"""Of a listing so many answers are spoilt, one after the other."""

WRONG: Mapping[str, Callable[[], exception.CloudError]] = {
    'no connection': lambda: exception.Unreachable('refused'),
    '403': lambda: exception.Refused('403', status=403),
    '500': lambda: exception.BrokenAnswer('500', status=500),
    '503': lambda: exception.Throttled('503', status=503),
}


def idle(subject: subject_module.Subject) -> Iterator[str]:
    """Where nothing happens, nothing is told."""
    one, other = subject.list(), subject.list()
    yield from _ended(one)
    if not one.entities:
        yield 'the service shows nothing: give it three records or more'
    if one.entities.keys() != other.entities.keys():
        yield 'a second listing shows other ids'
    for id_ in one.entities.keys() & other.entities.keys():
        first, second = one.entities[id_], other.entities[id_]
        if subject.digest(first) != subject.digest(second):
            what = (subject.differences(first, second)
                    if first and second else 'it is gone, or back')
            yield (f'a second listing would announce {id_} as updated '
                   f'({what}): declare it volatile or unordered')


def got(subject: subject_module.Subject) -> Iterator[str]:
    """A get shows what the listing shows."""
    if not subject.make().can_get:
        return
    for id_, listed in list(subject.list().entities.items())[:MOST_IDS]:
        if listed is None:
            continue
        seen = subject.get(id_)
        if seen.error is not None:
            yield f'get of {id_}: {_said(seen.error)}'
        elif len(seen.records) != 1 or set(seen.entities) != {id_}:
            yield f'get of {id_} gives {list(seen.entities)}'
        elif subject.digest(seen.entities[id_]) != subject.digest(listed):
            shown = seen.entities[id_]
            what = subject.differences(listed, shown) if shown else 'gone'
            yield (f'get of {id_} has another form than the listing '
                   f'({what}): cut it to the shape of the listing')


def absent(subject: subject_module.Subject, id_: str) -> Iterator[str]:
    """Only a 404 says that something is gone, and not every 404."""
    if not subject.make().can_get:
        return
    clean = subject.get(id_)
    if clean.error is not None or clean.records:
        yield (f'get of {id_}, which is not there: {_said(clean.error)}; it '
               'is a page without a record')
        return
    listed = next(iter(subject.list().entities), None)
    for asked in filter(None, (id_, listed)):
        for number, path, name in _spoilt(subject.get(asked)):
            seen = subject.get(asked, _fails(number, WRONG[name]))
            if seen.error is None and not seen.records:
                yield (f'get says that {asked} is gone though {path} was '
                       f'answered by {name}')


def faulty(subject: subject_module.Subject) -> Iterator[str]:
    """An error in the middle never gives a complete listing."""
    clean = subject.list()
    for number, path, name in _spoilt(clean):
        seen = subject.list(_fails(number, WRONG[name]))
        yield from _less(subject, clean, seen, f'{path} fails with {name}')


def cut(subject: subject_module.Subject) -> Iterator[str]:
    """Nor does an answer of another shape."""
    clean = subject.list()
    for number, (path, _) in enumerate(clean.asked[:MOST_REQUESTS]):
        for body, name in ({}, 'an empty object'), (None, 'null'):
            seen = subject.list(_with_body(number, body))
            yield from _less(
                subject, clean, seen, f'{path} is answered by {name}')


def repeated(subject: subject_module.Subject) -> Iterator[str]:
    """A page that comes again and again ends it, and not as complete."""
    clean = subject.list()
    paths = [path for path, _ in clean.asked]
    for number, path in enumerate(paths[:MOST_REQUESTS]):
        if path in paths[:number]:
            seen = subject.list(_stuck(path, paths[:number].count(path)))
            yield from _less(
                subject, clean, seen, f'{path} gives one page for ever')


def lost(subject: subject_module.Subject, status: int | None
         ) -> Iterator[str]:
    """A marker that is gone does not end the listing where it was."""
    clean = subject.list()
    marked = [number for number, (_, query) in enumerate(clean.asked)
              if 'marker' in query]
    if status is None:
        if marked:
            yield ('it pages by markers: say in marker_lost which status the '
                   'service has for one that is gone')
        return
    for number in marked[:MOST_REQUESTS]:
        seen = subject.list(_fails(number, lambda: _of_status(status)))
        yield from _less(subject, clean, seen, 'a marker is gone')
    if marked:
        seen = subject.list(_no_marker(status))
        yield from _less(subject, clean, seen, 'every marker is gone')


def since(subject: subject_module.Subject) -> Iterator[str]:
    """What moved is part of what there is, in the same form."""
    if not subject.make().can_list_since:
        return
    listed, moved = subject.list().entities, subject.list(since=0.0)
    yield from _ended(moved, may_be_partial=True)
    for id_, entity in moved.entities.items():
        if entity is None:
            continue
        if id_ not in listed:
            yield f'list_since shows {id_}, which the listing does not'
        elif subject.digest(entity) != subject.digest(listed[id_]):
            what = (subject.differences(listed[id_], entity)
                    if listed[id_] else 'back')
            yield (f'list_since has another form for {id_} than the listing '
                   f'({what})')


def blind(subject: subject_module.Subject, session: Callable[
        [], base.Session | None]) -> Iterator[str]:
    """An account that has lost its role sees less, and says so."""
    if session() is None:
        return
    clean = subject.list()
    seen = subject.list(session=session())
    yield from _less(subject, clean, seen, 'the account has lost its role')
    if not subject.make().can_get:
        return
    for id_ in list(clean.entities)[:MOST_IDS]:
        got = subject.get(id_, session=session())
        if got.error is None and not got.records:
            yield (f'get says that {id_} is gone, and only the role of the '
                   'account is')


# --- what goes wrong -----------------------------------------------------

def _spoilt(clean: subject_module.Seen) -> Iterator[tuple[int, str, str]]:
    for number, (path, _) in enumerate(clean.asked[:MOST_REQUESTS]):
        for name in WRONG:
            yield number, path, name


def _fails(which: int, error: Callable[[], Exception]
           ) -> subject_module.Meddle:
    def meddle(number: int, path: str, query: Mapping[str, Any],
               ask: subject_module.Ask) -> base.Answer:
        if number == which:
            raise error()
        return ask()
    return meddle


def _with_body(which: int, body: Any) -> subject_module.Meddle:
    def meddle(number: int, path: str, query: Mapping[str, Any],
               ask: subject_module.Ask) -> base.Answer:
        answer = ask()
        return (dataclasses.replace(answer, body=body) if number == which
                else answer)
    return meddle


def _stuck(which: str, after: int) -> subject_module.Meddle:
    """From that request of the path on, the answer before it comes again."""
    answers: list[base.Answer] = []

    def meddle(number: int, path: str, query: Mapping[str, Any],
               ask: subject_module.Ask) -> base.Answer:
        if path != which:
            return ask()
        if len(answers) < after:
            answers.append(ask())
        return answers[-1]
    return meddle


def _no_marker(status: int) -> subject_module.Meddle:
    def meddle(number: int, path: str, query: Mapping[str, Any],
               ask: subject_module.Ask) -> base.Answer:
        if 'marker' in query:
            raise _of_status(status)
        return ask()
    return meddle


def _of_status(status: int) -> exception.CloudError:
    if status != 404:
        return exception.BrokenAnswer(str(status), status=status)
    now = time.monotonic()
    return exception.NotFound('404', status=404, sampled_at='',
                              window=reading.Window(now, now))


# --- what may come of it -------------------------------------------------

def _less(subject: subject_module.Subject, clean: subject_module.Seen,
          seen: subject_module.Seen, what: str) -> Iterator[str]:
    if isinstance(seen.error, subject_module.Endless):
        yield f'the listing does not end when {what}'
    elif seen.complete:
        missing = [
            id_ for id_, one in clean.entities.items()
            if one and id_ not in seen.entities and seen.outcome.lacks(id_)
            and not (seen.outcome.fence and seen.outcome.fence(one))]
        other = [id_ for id_, one in seen.entities.items()
                 if subject.digest(one) != subject.digest(
                     clean.entities.get(id_))]
        for ids, verb in (missing, 'lacks'), (other, 'shows otherwise'):
            if ids:
                yield (f'the listing says that it is complete when {what}, '
                       f'and {verb} {", ".join(sorted(ids))}')


def _ended(seen: subject_module.Seen, may_be_partial: bool = False
           ) -> Iterator[str]:
    if seen.error is not None:
        yield f'a listing of a healthy service: {_said(seen.error)}'
    elif not seen.complete and not may_be_partial:
        yield ('a listing of a healthy service is partial: '
               f'{seen.outcome.reason}')


def _said(error: Exception | None) -> str:
    return f'{type(error).__name__}: {error}' if error else 'it shows records'
