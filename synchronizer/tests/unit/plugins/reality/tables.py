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

"""A cloud in memory, as a comparison sees it, and resources to compare."""

from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.model.entity import Relation
from synchronizer.plugins.reality import kinds
from synchronizer.plugins.reality import table
from synchronizer.tests import base

UUID = '11111111-1111-4111-8111-111111111111'
OTHER = '22222222-2222-4222-8222-222222222222'
THIRD = '33333333-3333-4333-8333-333333333333'


class Around:
    """What is there; `asked` are the paths that were asked for."""

    def __init__(self) -> None:
        self.entities: dict[tuple[str, str], Any] = {}
        self.answers: dict[tuple[str, str], Any] = {}
        self.lists: dict[str, list] = {}
        self.asked: list[str] = []

    def put(self, entity: entity_module.Entity) -> None:
        self.entities[entity.type, entity.id] = entity

    def held(self, type_: str, id_: str) -> entity_module.Entity | None:
        found = self.entities.get((type_, id_))
        if isinstance(found, Exception):
            raise found
        return found

    def members(self, stack_id: str) -> list[entity_module.Entity]:
        return self.lists.get(stack_id, [])

    def ask(self, service_type: str, path: str, **query: Any) -> Any:
        self.asked.append(path)
        found = self.answers.get((service_type, path))
        if isinstance(found, Exception):
            raise found
        return found(**query) if callable(found) else found

    def has(self, service: str, path: str, key: str, *things: dict,
            plural: str | None = None) -> None:
        """These are all that are there."""
        for thing in things:
            self.answers[service, f'{path}/{thing["id"]}'] = {key: thing}

        def listing(name: str | None = None, limit: int | None = None,
                    **query: Any) -> dict:
            return {plural or f'{key}s': [
                thing for thing in things
                if name in (None, thing.get('name'))]}
        self.answers[service, path] = listing


def entity(type_: str, id_: str = UUID, name: str | None = None,
           state: str | None = None, **attributes: Any
           ) -> entity_module.Entity:
    """The thing itself."""
    return entity_module.Entity(
        type_, id_, name=name, state=state,
        attributes={'id': id_, 'name': name, **attributes})


class KindTestCase(base.TestCase):
    """Resources of one type, `type`, whose physical id is `physical`."""

    type = ''
    physical = UUID

    def setUp(self) -> None:
        super().setUp()
        self.around = Around()
        self.state = 'CREATE_COMPLETE'
        self.times = {'creation_time': '2026-11-20T10:00:00Z',
                      'updated_time': '2026-11-20T10:00:00Z'}
        self.nested: str | None = None

    def subject(self, **desired: Any) -> table.Subject:
        relations = () if self.nested is None else (
            Relation('realized-by', 'heat.stack', self.nested),)
        resource = entity_module.Entity(
            'heat.resource', 'stack-1/thing', name='thing',
            state=self.state, relations=relations, attributes={
                'resource_type': self.type,
                'physical_resource_id': self.physical, **self.times})
        stack = entity_module.Entity(
            'heat.stack', 'stack-1', name='app', project_id='project-1',
            attributes={'owner': 'demo',
                        'creation_time': '2026-11-20T09:59:58Z'})
        return table.Subject(resource, stack, desired)

    def compare(self, **desired: Any) -> table.Finding:
        kind = kinds.kind_of(self.type)
        assert kind is not None
        return table.compare(kind, self.subject(**desired), self.around)

    def assert_same(self, **desired: Any) -> None:
        found = self.compare(**desired)
        self.assertEqual((True, {}, {}), (
            found.present, found.differences, found.not_comparable))

    def assert_differs(self, wanted: Any, shown: Any, **desired: Any
                       ) -> None:
        """One property, the only one that is given first, differs."""
        found = self.compare(**desired)
        name = next(iter(desired))
        self.assertEqual(
            {name: table.Difference(wanted, shown)}, found.differences)

    def assert_silent(self, reason: str, **desired: Any) -> None:
        """The property that is given first cannot be compared."""
        found = self.compare(**desired)
        self.assertEqual({}, found.differences)
        self.assertIn(reason, found.not_comparable[next(iter(desired))])

    def assert_missing(self, **desired: Any) -> None:
        self.assertFalse(self.compare(**desired).present)
