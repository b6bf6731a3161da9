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

"""Questions about what is no stream, and how to ask them safely."""

from collections.abc import Callable
from collections.abc import Mapping
import dataclasses
from typing import Any
import urllib.parse

from oslo_utils import uuidutils

from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table

Record = Mapping[str, Any]
Find = Callable[[table.Subject, table.Around], Any | None]


def record(around: table.Around, service: str, path: str, id_: str,
           key: str, **query: Any) -> Record | None:
    """One thing by its id; None if it is not there.

    A service that knows no such things says 404 as well: so its listing is
    asked for before anything is called gone.
    """
    body = around.ask(service, f'{path}/{quoted(id_)}', **query)
    if body is None:
        listing(around, service, path, **query)
        return None
    return _of(body, key, service)


def by_uuid(around: table.Around, service: str, path: str, word: str,
            key: str) -> Record | None:
    """The same of a word that may be an id, where all ids are UUIDs."""
    if not uuidutils.is_uuid_like(word):
        return None
    return record(around, service, path, word, key)


def listing(around: table.Around, service: str, path: str, **query: Any
            ) -> Any:
    """The beginning of a listing; NotComparable if there is no such."""
    body = around.ask(service, path, limit=1, **query)
    if body is None:
        raise table.NotComparable(
            f'the service {service} of this cloud has no {path}')
    return body


def records(around: table.Around, service: str, path: str, key: str,
            **query: Any) -> list[Record]:
    """What a listing shows."""
    body = around.ask(service, path, **query)
    if body is None:
        raise table.NotComparable(
            f'the service {service} of this cloud has no {path}')
    found = body.get(key) if isinstance(body, Mapping) else None
    if not isinstance(found, list):
        raise table.Unknowable(f'{service}: the answer has no {key}')
    return found


def _of(body: Any, key: str, service: str) -> Record:
    found = body.get(key) if isinstance(body, Mapping) and key else body
    if not isinstance(found, Mapping):
        raise table.Unknowable(f'{service}: the answer has no {key}')
    return found


def quoted(id_: str) -> str:
    """An id as a part of a path."""
    return urllib.parse.quote(id_, safe='')


def by_path(service: str, path: str, key: str, **query: Any) -> Find:
    """What a service shows under the physical id."""
    def find(subject: table.Subject, around: table.Around) -> Any | None:
        return record(around, service, path, subject.physical_id, key,
                      **query)
    return find


IMAGES = '/v2/images'


def image(around: table.Around, id_: str) -> Record | None:
    """One image. A listing tells better that there is none: Glance says 404
    in HTML, as any proxy would; it lists hidden images apart."""
    if not uuidutils.is_uuid_like(id_):
        return None
    for hidden in (False, True):
        for one in images(around, id=f'in:{id_}', os_hidden=hidden):
            if one.get('id') == id_:
                return one
    return None


def images(around: table.Around, **query: Any) -> list[Record]:
    """Those that match; of all projects. Those of a community are shown
    only to who asks for all."""
    return records(around, 'image', IMAGES, 'images',
                   **{'visibility': 'all', **query})


def by_stream(type_: str) -> Find:
    """The entity of a stream that has the physical id."""
    def find(subject: table.Subject, around: table.Around) -> Any | None:
        return around.held(type_, subject.physical_id)
    return find


def naming(service: str, path: str, key: str, read: match.Read,
           plural: str | None = None, **query: Any) -> match.Naming:
    """How a thing refers to one of those that a service shows there.
    `read`: the id, as the thing shows it."""
    def name_of(id_: str, around: table.Around) -> str | None:
        found = record(around, service, path, id_, key, **query)
        return None if found is None else str(found.get('name'))

    def name(actual: Any, around: table.Around) -> str | None:
        id_ = read(actual)
        return name_of(str(id_), around) if id_ else None

    return match.Naming(
        id=lambda actual, around: read(actual) or '',
        name=name, by_id=name_of,
        is_name=lambda word, around: bool(records(
            around, service, path, plural or f'{key}s', name=word,
            **query)))


def plain(name: str, agree: match.Agree = match.text, *path: str,
          **more: Any) -> table.Property:
    """A property that the actual thing shows under the same name, or there.
    """
    where = path or (name,)
    more.setdefault('fields', (f'attributes.{where[0]}',))
    return table.Property(
        name, match.compared(match.shown(*where), agree), **more)


def lasting(*properties: table.Property) -> tuple[table.Property, ...]:
    """Properties of what is not to be replaced because of them: it has a name
    that no other may have, and Heat makes a replacement beside the old thing;
    or holds what would be lost."""
    return tuple(dataclasses.replace(one, repaired=False)
                 for one in properties)


def named(name: str = 'name') -> table.Property:
    """The name: entities have it apart from their attributes."""
    return plain(name, match.text, 'name', fields=('name',))
