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

"""Streams in memory, and a Heat that answers from a script."""

import dataclasses
from typing import Any

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream
from synchronizer.model.entity import Relation

STACK_ID, PROJECT = 'stack-1', 'project-1'
RESOURCE_ID = f'{STACK_ID}/server'
NOW = '2026-11-20T12:00:00.000000Z'
EARLIER = '2026-11-20T11:00:00.000000Z'


class Answer:
    """What a session gives."""

    def __init__(self, body: Any) -> None:
        self.body = body

    def records(self, key: str) -> list[dict]:
        return self.body[key]

    def record(self, key: str) -> dict:
        return self.body[key]


class Heat:
    """Answers GETs by path, notes all requests; what is not scripted is
    404."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {}
        self.asked: list[tuple[str, dict]] = []
        self.patched: list[tuple[str, dict]] = []
        self.error: exception.CloudError | None = None

    def get(self, path: str, **query: Any) -> Answer:
        self.asked.append((path, query))
        if self.error:
            raise self.error
        if path not in self.answers:
            raise exception.NotFound(path)
        found = self.answers[path]
        return Answer(found(**query) if callable(found) else found)

    def patch(self, path: str, body: dict) -> None:
        if self.error:
            raise self.error
        self.patched.append((path, body))


class Streams:
    """`derived.Streams`: `entities` is what is stored, `cloud` what the
    services show; a type's cloud is its stream unless it says otherwise."""

    def __init__(self, *types: str) -> None:
        self.entities: dict[tuple[str, str], entity_module.Entity] = {}
        self.cloud: dict[tuple[str, str], Any] = {}
        self.changes: dict[tuple[str, str], list] = {}
        self.heat = Heat()
        self.asked: list[tuple[str, str]] = []
        self.looks: list[tuple[str, str]] = []
        self.streams = {type_: stream.Stream(
            type_, type_.partition('.')[0], 'e1', revision=5,
            collected_at=NOW, collected_state=stream.LIVE)
            for type_ in types}

    def put(self, entity: entity_module.Entity) -> None:
        self.entities[entity.type, entity.id] = entity

    def rows(self) -> dict[str, stream.Stream]:
        return self.streams

    def set_row(self, type_: str, **fields: Any) -> None:
        self.streams = {**self.streams, type_: dataclasses.replace(
            self.streams[type_], **fields)}

    def held(self, type_: str, ids: Any) -> dict[str, entity_module.Entity]:
        return {id_: self.entities[type_, id_] for id_ in ids
                if (type_, id_) in self.entities}

    def walk(self, type_: str, prefix: str = '') -> Any:
        found = [entity for (kind, id_), entity in sorted(
            self.entities.items()) if kind == type_ and id_.startswith(
                prefix)]
        if found:
            yield found

    def history(self, type_: str, id_: str) -> list:
        return self.changes.get((type_, id_), [])

    def fresh(self, type_: str, id_: str) -> entity_module.Entity | None:
        self.asked.append((type_, id_))
        found = self.cloud.get((type_, id_),
                               self.entities.get((type_, id_)))
        if isinstance(found, Exception):
            raise found
        return found

    def session(self, type_: str) -> Heat:
        return self.heat

    def look(self, type_: str, id_: str) -> None:
        self.looks.append((type_, id_))


def server(**attributes: Any) -> entity_module.Entity:
    """The thing behind the resource."""
    return entity_module.Entity(
        'nova.instance', 'server-1', name=attributes.get('name', 'web'),
        state='ACTIVE', attributes={'id': 'server-1', **attributes},
        revision=7)


def stack(state: str = 'CREATE_COMPLETE', **attributes: Any
          ) -> entity_module.Entity:
    """The stack."""
    return entity_module.Entity(
        'heat.stack', STACK_ID, name='app', project_id=PROJECT, state=state,
        attributes={'id': STACK_ID, 'stack_name': 'app',
                    'updated_time': None, 'parent': None, **attributes})


def resource(state: str = 'CREATE_COMPLETE', name: str = 'server',
             physical: str = 'server-1', **attributes: Any
             ) -> entity_module.Entity:
    """The resource."""
    return entity_module.Entity(
        'heat.resource', f'{STACK_ID}/{name}', name=name,
        project_id=PROJECT, state=state, relations=(
            Relation('realized-by', 'nova.instance', physical),),
        attributes={
            'resource_name': name, 'resource_type': 'OS::Nova::Server',
            'physical_resource_id': physical,
            'creation_time': '2026-11-20T10:00:00Z',
            'updated_time': '2026-11-20T10:00:00Z', **attributes})


def change(action: str, entity: entity_module.Entity, revision: int,
           changed: tuple[str, ...] = (), **fields: Any
           ) -> change_module.Change:
    """One step of a journal."""
    return change_module.Change(
        action, entity, fields.pop('cause', change_module.HINT), changed,
        epoch='e1', revision=revision, committed_at=EARLIER, **fields)
