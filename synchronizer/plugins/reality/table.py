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

"""The words of the comparison: what a resource should be, what of it is
compared with what is, and how. Pure; tables are made of these.
"""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
import dataclasses
from typing import Any
from typing import Protocol

from synchronizer.model import entity as entity_module


class NotComparable(Exception):
    """Nothing can be said of one property, or of anything of a type: why."""


class Unknowable(Exception):
    """Nothing can be said of the resource at this time: why."""


@dataclasses.dataclass(frozen=True, slots=True)
class Subject:
    """One resource, as it should be."""

    resource: entity_module.Entity
    """Of heat.resource; it is settled."""

    stack: entity_module.Entity
    """Of heat.stack: the one that it lies in."""

    desired: Mapping[str, Any]
    """The properties that its template sets, resolved; no others."""

    @property
    def physical_id(self) -> str:
        """What Heat calls the thing in its own service."""
        return self.resource.attributes['physical_resource_id']

    @property
    def type(self) -> str:
        """The resource type."""
        return self.resource.attributes['resource_type']

    @property
    def action(self) -> str:
        """What Heat did with it last: CREATE, UPDATE, SUSPEND, ..."""
        return str(self.resource.state).rpartition('_')[0]


class Around(Protocol):
    """What is there, as far as it can be known.

    All raise Unknowable where that cannot be told now (the stream is stale,
    the service refuses or does not answer, the cell is down), and
    NotComparable where it never can (the type is not collected, the cloud
    has no such service).
    """

    def held(self, type_: str, id_: str) -> entity_module.Entity | None:
        """An entity of a stream; None: it is not there."""

    def members(self, stack_id: str) -> list[entity_module.Entity]:
        """The heat.resource entities of one stack."""

    def ask(self, service_type: str, path: str, **query: Any) -> Any | None:
        """The JSON that a service answers to a GET, for what is no stream;
        None: 404. The same is not asked for twice within a while."""


@dataclasses.dataclass(frozen=True, slots=True)
class Difference:
    """A property that is not as it should be."""

    desired: Any
    actual: Any


Compare = Callable[[Any, Any, Subject, Around], Difference | None]
"""(desired value, actual thing, subject, around): None if they agree."""


@dataclasses.dataclass(frozen=True, slots=True)
class Property:
    """One property that can be compared."""

    name: str
    """As the resource type has it."""

    compare: Compare

    fields: tuple[str, ...] = ()
    """What of the actual entity shows it, as in `Change.changed`."""

    repaired: bool = True
    """Whether Heat would put it right by an update of the stack."""

    always: bool = False
    """It is compared though the template does not set it: then the desired
    value that is given is None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kind:
    """How resources of one type are compared."""

    find: Callable[[Subject, Around], Any | None]
    """The actual thing: an entity, or what a service answers; None: it is
    not there."""

    properties: tuple[Property, ...] = ()
    """In the order in which they are told."""

    ignored: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Properties of the type that cannot be compared, with the reason;
    any other that the template sets has a reason of its own."""

    remade: bool = True
    """Whether Heat, told that it is missing, makes it anew for good. Not so
    where the new one has the id of the old: Heat deletes that at last."""


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """What the comparison of one resource came to."""

    present: bool
    """Whether the thing is there at all."""

    differences: Mapping[str, Difference] = dataclasses.field(
        default_factory=dict)
    """By property."""

    not_comparable: Mapping[str, str] = dataclasses.field(
        default_factory=dict)
    """Property -> why."""


UNCOMPARED = 'this property is not compared'


def compare(kind: Kind, subject: Subject, around: Around) -> Finding:
    """Compare one resource. Raises Unknowable, or NotComparable where
    nothing at all can be said of such a resource."""
    actual = kind.find(subject, around)
    if actual is None:
        return Finding(False)
    found: dict[str, Difference] = {}
    silent = dict(_uncompared(kind, subject.desired))
    for one in kind.properties:
        if not one.always and one.name not in subject.desired:
            continue
        try:
            difference = one.compare(
                subject.desired.get(one.name), actual, subject, around)
        except NotComparable as reason:
            silent[one.name] = str(reason)
            continue
        if difference is not None:
            found[one.name] = difference
    return Finding(True, found, silent)


def _uncompared(kind: Kind, desired: Mapping[str, Any]
                ) -> Iterable[tuple[str, str]]:
    compared = {one.name for one in kind.properties}
    for name in sorted(desired):
        if name not in compared:
            yield name, kind.ignored.get(name, UNCOMPARED)
