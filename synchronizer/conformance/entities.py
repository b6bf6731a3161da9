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

"""Whether an entity is what its record says, and nothing else."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import contextlib
import copy
import json
import logging
from typing import Any

from synchronizer.conformance import declared
from synchronizer.conformance import subject as subject_module
from synchronizer.model import entity as entity_module
from synchronizer.model import shape
from synchronizer.plugins import base

CANARY = 'canary-7c1e5d3f'
LINKS = [{'rel': 'self', 'href': 'http://127.0.0.1/'}]


def pure(subject: subject_module.Subject, record: base.Record
         ) -> Iterator[str]:
    """The same record gives the same entity, and stays as it is."""
    kind, given = subject.make(), copy.deepcopy(record)
    entity = kind.entity(given)
    if given != record:
        yield 'entity() changes its record'
    if entity is None:
        return
    if kind.entity(copy.deepcopy(record)) != entity:
        yield 'entity() gives another entity the second time'
    if subject.digest(subject.make().entity(_turned(record))
                      ) != subject.digest(entity):
        yield 'entity() heeds the order of keys, which means nothing'


def shaped(subject: subject_module.Subject, record: base.Record
           ) -> Iterator[str]:
    """An entity has the form of the contract."""
    kind = subject.make()
    entity = kind.entity(copy.deepcopy(record))
    if entity is None:
        return
    if entity.type != kind.name:
        yield f'type: {entity.type} in place of {kind.name}'
    if not isinstance(entity.id, str) or not entity.id:
        yield f'id: {entity.id!r} is no text'
    elif entity.id != kind.record_id(record):
        yield f'id: {entity.id}, but record_id says {kind.record_id(record)}'
    for field in entity_module.FIELDS:
        value = getattr(entity, field)
        if value == '' or not isinstance(value, str | None):
            yield f'{field}: {value!r}; it is a text, and null for none'
    yield from _related(entity)
    try:
        json.dumps(entity.attributes, allow_nan=False)
    except (TypeError, ValueError) as error:
        yield f'attributes: no JSON: {error}'


def _related(entity: entity_module.Entity) -> Iterator[str]:
    if list(entity.relations) != sorted(set(entity.relations)):
        yield 'relations: they are sorted, none twice'
    for arrow in entity.relations:
        if not declared.TYPE.fullmatch(arrow.type) or not isinstance(
                arrow.id, str) or not arrow.id:
            yield f'relations: {arrow} leads nowhere'


def linkless(subject: subject_module.Subject, record: base.Record
             ) -> Iterator[str]:
    """Links of the API are not part of an entity."""
    entity = subject.make().entity(copy.deepcopy(record))
    if _moves(subject, record, lambda given: _every_dict(
            given, lambda one: one.setdefault('links', LINKS))) or (
            entity and shape.strip(entity.attributes, ()) !=
            entity.attributes):
        yield 'links of the API get into the entity'


def calm(subject: subject_module.Subject, record: base.Record
         ) -> Iterator[str]:
    """What is declared volatile, or without order, moves nothing."""
    kind = subject.make()
    for path in kind.volatile:
        if _moves(subject, record, lambda given, path=path: _change(
                given, path, _other)):
            yield f'volatile: {path} still moves the entity'
    for path in kind.unordered:
        if _moves(subject, record, lambda given, path=path: _change(
                given, path, lambda value: value[::-1]
                if isinstance(value, list) else value)):
            yield f'unordered: the order of {path} still moves the entity'


def discreet(subject: subject_module.Subject, record: base.Record
             ) -> Iterator[str]:
    """No secret is in the entity, its digest, or the log."""
    kind = subject.make()
    for path in kind.secrets:
        given = copy.deepcopy(record)
        *way, leaf = path.split('/')
        for holder, key in list(declared.places({'': given}, ['', *way])):
            _plant(holder[key], leaf)
        if CANARY not in json.dumps(given):
            continue
        with _listening() as said:
            entity = kind.entity(given)
        if entity is not None and CANARY in repr(entity):
            yield f'secrets: {path} is in the entity'
        if any(CANARY in line for line in said):
            yield f'secrets: {path} is in the log'
        if _moves(subject, record, lambda given, path=path: _change(
                given, path, _other)):
            yield f'secrets: {path} can be guessed from the digest'


CHECKS: tuple[Callable[[subject_module.Subject, base.Record],
                       Iterator[str]], ...] = (
    pure, shaped, linkless, calm, discreet)


def check(subject: subject_module.Subject, records: Iterable[base.Record]
          ) -> Iterator[str]:
    """What is wrong with the entities of these records, each thing once."""
    found = dict.fromkeys(
        problem for record in records for one in CHECKS
        for problem in one(subject, record))
    yield from found


def _moves(subject: subject_module.Subject, record: base.Record,
           change: Callable[[base.Record], None]) -> bool:
    given = copy.deepcopy(record)
    change(given)
    kind = subject.make()
    return subject.digest(kind.entity(given)) != subject.digest(
        kind.entity(copy.deepcopy(record)))


def _change(record: base.Record, path: str,
            other: Callable[[Any], Any]) -> None:
    for holder, key in list(declared.places(record, path.split('/'))):
        holder[key] = other(holder[key])


def _other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str):
        return f'{value}!'
    return type(value)() if value else value


def _plant(value: Any, leaf: str) -> None:
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            for key in list(one) if leaf == '*' else [leaf]:
                one[key] = CANARY


def _turned(value: Any) -> Any:
    """The same, with the keys of every dict the other way round."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    if isinstance(value, list):
        return [_turned(member) for member in value]
    return value


def _every_dict(value: Any, change: Callable[[dict], Any]) -> None:
    if isinstance(value, dict):
        for member in list(value.values()):
            _every_dict(member, change)
        change(value)
    elif isinstance(value, list):
        for member in value:
            _every_dict(member, change)


@contextlib.contextmanager
def _listening() -> Iterator[list[str]]:
    """All that is logged meanwhile, at any level."""
    said: list[str] = []
    handler = logging.Handler(logging.NOTSET)
    handler.emit = lambda line: said.append(line.getMessage())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.setLevel(level)
        root.removeHandler(handler)
