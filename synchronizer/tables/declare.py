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

"""The words in which the tables of a service are declared."""

import dataclasses
import operator
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.tables import cells
from synchronizer.tables import paths
from synchronizer.tables import table as table_module
from synchronizer.tables.table import Column
from synchronizer.tables.table import Item
from synchronizer.tables.table import Table

ALL = ('name', 'project_id', 'user_id', 'state')
"""The fields that an entity has of its own; see the public contract."""

OWNED = ('name', 'project_id', 'state')
NAMED = ('name',)
STATEFUL = ('name', 'state')


def _column(type_: str, name: str, path: str | None = None) -> Column:
    place = name if path is None else path
    get = paths.getter(place)
    return Column(name, type_, lambda item: get(item.value),
                  place or 'all of it')


def text(name: str, path: str | None = None) -> Column:
    """A text at that path, by default at the column's name."""
    return _column(cells.TEXT, name, path)


def integer(name: str, path: str | None = None) -> Column:
    """A whole number."""
    return _column(cells.INTEGER, name, path)


def real(name: str, path: str | None = None) -> Column:
    """A number."""
    return _column(cells.REAL, name, path)


def boolean(name: str, path: str | None = None) -> Column:
    """1 or 0."""
    return _column(cells.BOOLEAN, name, path)


def json(name: str, path: str | None = None) -> Column:
    """What has no better form."""
    return _column(cells.JSON, name, path)


def key(column: Column) -> Column:
    """The same, as part of the key."""
    return dataclasses.replace(column, key=True)


def passed(name: str, number: int = 0, type_: str = cells.TEXT) -> Column:
    """What the ``*`` or ``#`` of that number stood for, part of the key."""
    return Column(name, type_, lambda item: item.passed[number],
                  f'key or place no. {number + 1} of the path', key=True)


def field(name: str, type_: str = cells.TEXT, as_: str | None = None
          ) -> Column:
    """A field of the entity itself."""
    get = operator.attrgetter(name)
    return Column(as_ or name, type_, lambda item: get(item.entity),
                  f'the entity\'s {name}')


def related(name: str, kind: str, type_: str) -> Column:
    """The id of that type that the entity's relation leads to."""

    def get(item: Item) -> str | None:
        return next((arrow.id for arrow in item.entity.relations
                     if arrow.kind == kind and arrow.type == type_), None)

    return Column(name, cells.TEXT, get, f'relation {kind} to {type_}')


def main(type_: str, name: str, about: str, fields: tuple[str, ...],
         columns: tuple[Column, ...], children: tuple[Table, ...] = ()
         ) -> Table:
    """The table of a type: common columns, its own, and all the rest."""
    common = (key(field('id')), *map(field, fields),
              field('revision', cells.INTEGER), field('sampled_at'))
    rest = Column('attributes', cells.JSON, lambda item: item.value,
                  'all attributes')
    return Table(name, type_, about, (*common, *columns, rest),
                 table_module.itself, children=tuple(
                     dataclasses.replace(child, type=type_)
                     for child in children))


def child(name: str, about: str, owner: str, path: str, *columns: Column
          ) -> Table:
    """A table of what the entities have many of; `owner` is the column
    that names the entity."""
    return Table(name, None, about,
                 (key(field('id', as_=owner)), *columns),
                 table_module.each(path), path)


def pairs(name: str, about: str, owner: str, path: str) -> Table:
    """A table of the keys and values of an object."""
    return child(name, about, owner, f'{path}/*', passed('key'),
                 text('value', ''))


def listed(name: str, about: str, owner: str, path: str, column: str
           ) -> Table:
    """A table of the texts in a list whose order means nothing."""
    return child(name, about, owner, f'{path}/#', key(text(column, '')))


def arrows(entity: entity_module.Entity) -> list[Item]:
    """A row for each relation."""
    return [Item(entity, (), relation) for relation in entity.relations]


def _of_arrow(name: str, attribute: str) -> Column:
    get: Any = operator.attrgetter(attribute)
    return Column(name, cells.TEXT, lambda item: get(item.value),
                  f'the relation\'s {attribute}', key=True)


RELATIONS = Table(
    'relations', None, 'An arrow from one entity to another, as stored: a '
    'server group, a resource and a nested stack hold the arrow that leads '
    'to them.',
    (key(field('type')), key(field('id')), _of_arrow('kind', 'kind'),
     _of_arrow('to_type', 'type'), _of_arrow('to_id', 'id')),
    arrows, owners=2)
"""The relations of all types."""
