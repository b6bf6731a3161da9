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

"""Whether what a plugin declares can be true."""

from collections.abc import Iterable
from collections.abc import Iterator
import fnmatch
import re
from typing import Any

from oslo_config import cfg

from synchronizer import conf as conf_module
from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins import derived
from synchronizer.plugins import hints

NAME = re.compile(r'[a-z0-9_-]+')
TYPE = re.compile(r'[a-z0-9_]+\.[a-z0-9_]+')
VERSION = re.compile(r'\d+\.\d+')
OPTIONAL = {'can_get': 'get', 'can_list_since': 'list_since'}
FIELDS = (*entity_module.FIELDS, 'relations')


def of_plugin(plugin: type[base.Plugin]) -> Iterator[str]:
    """What is wrong with the plugin's own declarations, a line each."""
    if not NAME.fullmatch(getattr(plugin, 'name', '')):
        yield 'name: lower case letters, digits, - and _'
        return
    names = [kind.name for kind in plugin.types]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield f'types: {name} stands there twice'
    for name in plugin.default_types or ():
        if name not in names:
            yield f'default_types: {name} is none of its types'
    for option in plugin.opts:
        if not option.help:
            yield f'opts: {option.name} has no help'
    try:
        conf_module.register_plugin(
            cfg.ConfigOpts(), plugin.name, plugin.service_type, plugin.opts,
            (plugin.exchange or plugin.name, plugin.topics),
            issubclass(plugin, derived.DerivedPlugin))
    except cfg.DuplicateOptError as error:
        yield f'opts: {error.opt_name} is an option that every plugin has'


def of_hints(plugin: type[base.Plugin]) -> Iterator[str]:
    """What is wrong with its table of hints."""
    kinds = {kind.name: kind for kind in plugin.types}
    for event, looks in plugin.hints.items():
        if not isinstance(looks, tuple) or not all(
                isinstance(look, hints.Look) for look in looks):
            yield f'hints: {event}: a tuple of hints.Look'
            continue
        for look in looks:
            for problem in _of_look(look, kinds):
                yield f'hints: {event}: {problem}'


def _of_look(look: hints.Look, kinds: dict[str, type[base.EntityType]]
             ) -> Iterator[str]:
    if look.type not in kinds:
        yield f'{look.type} is none of its types'
        return
    kind = kinds[look.type]
    for path in filter(None, (look.path, look.stamp, look.about)):
        if not all(path.split('/')):
            yield f'{path!r} is no path'
    if look.shows not in (None, hints.WRITTEN, hints.GONE):
        yield f'shows: {look.shows!r} means nothing'
    if (look.stamp or look.shows == hints.WRITTEN) and not kind.stamp:
        yield (f'it waits for a stamp, but {look.type} declares none: it '
               'would be looked at again and again')
    if look.path is None and (look.part or look.shows or look.stamp):
        yield 'without a path there is no id to look at'
    if look.path is not None and (look.later or look.about):
        yield 'later and about are for whole types, without a path'
    if look.part and kind.list_part is base.EntityType.list_part:
        yield f'{look.type} has no list_part'


def of_kind(kind: base.EntityType, records: Iterable[base.Record],
            unproved: Iterable[str] = ()) -> Iterator[str]:
    """What is wrong with a type's declarations, before its records."""
    if not TYPE.fullmatch(kind.name):
        yield 'name: it is service.noun, in lower case'
    yield from _of_versions(kind)
    for flag, method in OPTIONAL.items():
        has = getattr(type(kind), method) is not getattr(
            base.EntityType, method)
        if getattr(kind, flag) != has:
            yield (f'{flag} is {getattr(kind, flag)}, but {method} is '
                   f'{"there" if has else "not there"}')
    yield from _of_paths(kind, list(records), tuple(unproved))
    for word in kind.untold or ():
        if word not in FIELDS and not word.startswith('attributes.'):
            yield f'untold: {word} is nothing that a change tells'


def _of_versions(kind: base.EntityType) -> Iterator[str]:
    given = [version for version in (kind.least, kind.microversion)
             if version is not None]
    for version in given:
        if not VERSION.fullmatch(version):
            yield f'{version!r} is no microversion'
            return
    if kind.least and not kind.microversion:
        yield 'least without microversion is never asked for'
    numbers = [tuple(map(int, version.split('.'))) for version in given]
    if numbers != sorted(numbers):
        yield f'least {kind.least} is above {kind.microversion}'


def _of_paths(kind: base.EntityType, records: list[base.Record],
              unproved: tuple[str, ...]) -> Iterator[str]:
    declared = {path: place for place in ('volatile', 'secrets', 'unordered')
                for path in getattr(kind, place)}
    if kind.stamp:
        declared[kind.stamp] = 'stamp'
    for path, place in declared.items():
        if not any(fnmatch.fnmatchcase(path, one) for one in unproved
                   ) and not any(
                True for record in records
                for _ in places(record, path.split('/'))):
            yield (f'{place}: no record has {path}; is it misspelt? (name it '
                   'in unproved if the records cannot show it)')


def places(value: Any, path: list[str]) -> Iterator[tuple[dict, str]]:
    """Where in a record a declared path leads: dicts, and keys of them."""
    if isinstance(value, list):
        for member in value:
            yield from places(member, path)
    elif isinstance(value, dict):
        for key in value if path[0] == '*' else {path[0]} & value.keys():
            if len(path) == 1:
                yield value, key
            else:
                yield from places(value[key], path[1:])
