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

"""The model as JSON-plain dicts, in exactly the contract's shape.

Writing is strict. Reading ignores what it does not know, so that a newer
service can talk to an older consumer; what it cannot do without it demands
(ValueError).
"""

import base64
import binascii
from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses
import datetime
import functools
import json
from typing import Any
import zlib

from synchronizer.bus import envelope
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import initiator as initiator_module
from synchronizer.model import kept
from synchronizer.model import shape
from synchronizer.model import stream as stream_module

Json = dict[str, Any]

PACKED = 'packed'
"""The form in which entities travel as one text."""

_SPEED = 1
"""Of the compression: more of it takes longer than it saves."""


def entity_to_dict(entity: entity_module.Entity) -> Json:
    """An entity, whole; not to be changed, since it may be the entity's own.
    """
    body = kept.body(entity)
    if 'sampled_at' in body:
        # it was read from all of it
        return body
    return {
        'type': entity.type, 'id': entity.id, 'name': entity.name,
        'project_id': entity.project_id, 'user_id': entity.user_id,
        'state': entity.state, 'revision': entity.revision,
        'sampled_at': entity.sampled_at, 'relations': body['relations'],
        'attributes': body['attributes']}


def entities_to_list(entities: Sequence[entity_module.Entity]
                     ) -> list[Json]:
    """Entities in their order."""
    kept.read(entities)
    return [entity_to_dict(entity) for entity in entities]


def entities_ready(entities: Iterable[entity_module.Entity]
                   ) -> envelope.Ready:
    """The same list for kombu, its entities as the store has them, not
    read."""
    return envelope.Ready(map(kept.whole, entities))


def entity_from_dict(body: Json) -> entity_module.Entity:
    """The entity that a dict tells of."""
    try:
        return kept.read_as(
            {'relations': [{'kind': relation['kind'],
                            'type': relation['type'], 'id': relation['id']}
                           for relation in body.get('relations') or ()],
             'attributes': body.get('attributes') or {}}, *_own(body))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'not an entity: {error!r}') from error


def _own(body: Json) -> tuple[Any, ...]:
    """What an entity has beside its text."""
    return (body['type'], body['id'], body.get('name'),
            body.get('project_id'), body.get('user_id'), body.get('state'),
            body['revision'], body.get('sampled_at') or '')


def pack(entities: Iterable[entity_module.Entity]) -> str:
    """Entities as one text, which is that of the store, not read again.

    It has a line for all that is not in the others, a list, and a line for
    each entity's relations and attributes; deflated, as base64.
    """
    whole = list(entities)
    own = [dict(zip(kept.OWN, kept.own(entity), strict=True))
           for entity in whole]
    lines = [json.dumps(own), *map(kept.text, whole)]
    return base64.b64encode(
        zlib.compress('\n'.join(lines).encode(), _SPEED)).decode()


def entities_from(body: str | list[Json]) -> list[entity_module.Entity]:
    """Entities in either form."""
    return unpack(body) if isinstance(body, str) else [
        entity_from_dict(each) for each in body]


def unpack(text: str) -> list[entity_module.Entity]:
    """The entities that a text tells of, none of them looked into."""
    try:
        first, *rest = zlib.decompress(
            base64.b64decode(text)).decode().split('\n')
        return [kept.made(*_own(own), text) for own, text in zip(
            json.loads(first), rest, strict=True)]
    except (binascii.Error, zlib.error, KeyError, TypeError, AttributeError,
            ValueError) as error:
        raise ValueError(f'no entities: {error!r}') from error


def change_to_dict(change: change_module.Change) -> Json:
    """A committed change; "initiator" is there where it is known."""
    body = {
        'type': change.type, 'epoch': change.epoch,
        'revision': change.revision, 'action': change.action,
        'entity': entity_to_dict(change.entity),
        'changed': list(change.changed), 'cause': change.cause,
        'committed_at': change.committed_at}
    if change.initiator is not None:
        body['initiator'] = initiator_module.plain(change.initiator)
    return body


def change_from_dict(body: Json) -> change_module.Change:
    """The change that a dict tells of."""
    try:
        return change_module.Change(
            action=body['action'], entity=entity_from_dict(body['entity']),
            cause=body.get('cause') or '',
            changed=tuple(body.get('changed') or ()),
            epoch=body['epoch'], revision=body['revision'],
            committed_at=body.get('committed_at') or '',
            initiator=initiator_module.read(body.get('initiator')))
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'not a change: {error!r}') from error


def stream_to_dict(stream: stream_module.Stream) -> Json:
    """A stream, as `describe` shows it."""
    whole = float(stream.interval).is_integer()
    return {
        'type': stream.type, 'plugin': stream.plugin, 'epoch': stream.epoch,
        'revision': stream.revision, 'entities': stream.entities,
        'collected_at': stream.collected_at, 'state': stream.state,
        'error': stream.error,
        # the owner may tell its processes apart; people want the host
        'owner': stream.owner.partition(':')[0] if stream.owner else None,
        'interval': int(stream.interval) if whole else stream.interval,
        'oldest_revision': stream.oldest_revision}


@dataclasses.dataclass(frozen=True, slots=True)
class Head:
    """Where a stream stands, as pages and bookmarks tell it."""

    epoch: str
    """Its epoch."""

    revision: int
    """The last committed change."""

    collected_at: str | None = None
    """When the cloud was last seen whole."""

    state: str = stream_module.STARTING
    """One of the states of a stream."""


def head_of(stream: stream_module.Stream) -> Head:
    """Where a row of the store stands."""
    return Head(stream.epoch, stream.revision, stream.collected_at,
                stream.state)


def head_to_dict(head: Head) -> Json:
    """A head, as pages and bookmarks have it."""
    return {'epoch': head.epoch, 'revision': head.revision,
            'collected_at': head.collected_at, 'state': head.state}


def head_from_dict(body: Json) -> Head:
    """The head that a page or a bookmark tells of."""
    try:
        return Head(body['epoch'], body['revision'],
                    body.get('collected_at'), body.get('state') or '')
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f'not a head: {error!r}') from error


def changes_to_list(changes: Sequence[change_module.Change]) -> list[Json]:
    """Changes in their order."""
    kept.read(change.entity for change in changes)
    return [change_to_dict(change) for change in changes]


def changes_ready(type_: str, changes: Iterable[change_module.Change]
                  ) -> envelope.Ready:
    """The same list for kombu, its entities not read."""
    return envelope.Ready(_change_text(type_, change) for change in changes)


def _change_text(type_: str, change: change_module.Change) -> str:
    """Of `change_to_dict`, without a look into the entity."""
    initiator = '' if change.initiator is None else (
        f',"initiator":{_json(change.initiator)}')
    return (
        f'{{"type":{_json(type_)},"epoch":{_json(change.epoch)},'
        f'"revision":{change.revision},"action":{_json(change.action)},'
        f'"entity":{kept.whole(change.entity)},'
        f'"changed":{_json(change.changed)},"cause":{_json(change.cause)},'
        f'"committed_at":{_json(change.committed_at)}{initiator}}}')


@functools.lru_cache(maxsize=256)
def _json(value: Any) -> str:
    """Most changes of a commit have the same."""
    return shape.plain_text(initiator_module.plain(value) if isinstance(
        value, initiator_module.Initiator) else value)


def seconds(text: str) -> float:
    """A time of the wire as seconds since 1970."""
    when = datetime.datetime.fromisoformat(text)
    if when.tzinfo is None:
        when = when.replace(tzinfo=datetime.UTC)
    return when.timestamp()


def text(when: float) -> str:
    """Seconds since 1970 as a time of the wire."""
    moment = datetime.datetime.fromtimestamp(when, datetime.UTC)
    return moment.strftime('%Y-%m-%dT%H:%M:%S.%fZ')
