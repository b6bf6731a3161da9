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

"""Entities and changes as the tests of the tables need them."""

import dataclasses

from hypothesis import strategies

from synchronizer.model.change import Change
from synchronizer.model.change import CREATED
from synchronizer.model.change import DELETED
from synchronizer.model.change import UPDATED
from synchronizer.model.entity import Entity
from synchronizer.model.entity import Relation

SERVER = Entity(
    'nova.instance', 's', 'web', 'p', 'u', 'ACTIVE',
    (Relation('has-flavor', 'nova.flavor', 'f'),
     Relation('runs-on', 'nova.host', 'h')),
    {'status': 'ACTIVE', 'OS-EXT-SRV-ATTR:host': 'cmp', 'config_drive': '',
     'locked': True, 'image': '', 'flavor': {
         'original_name': 'small', 'ram': 64, 'extra_specs': {'a:b': 'c'}},
     'addresses': {'net': [
         {'addr': '10.0.0.1', 'version': 4, 'OS-EXT-IPS:type': 'fixed',
          'OS-EXT-IPS-MAC:mac_addr': 'fa:16'},
         {'addr': 'fe80::1', 'version': 6, 'OS-EXT-IPS:type': 'fixed',
          'OS-EXT-IPS-MAC:mac_addr': 'fa:16'}]},
     'metadata': {'k': 'v', 'none': None}, 'tags': ['x', 'y'],
     'os-extended-volumes:volumes_attached': [
         {'id': 'v', 'delete_on_termination': False}],
     'security_groups': [{'name': 'default'}, {'name': 'default'}],
     'fault': {'code': 500, 'message': 'No valid host'}},
    7, '2026-01-01T00:00:00Z')

TYPES = ('nova.instance', 'heat.stack', 'cinder.volume', 'nova.zone',
         'foreign.thing')

_KEYS = ('addresses', 'metadata', 'tags', 'fault', 'image', 'id', 'detail',
         'attachments', 'hosts', 'parameters', 'outputs', 'size', 'locked',
         'addr', 'name', 'net', 'x')

texts = strategies.sampled_from(
    ('', 'a', '5', ' 7 ', '1e3', '0x1', 'inf', 'nan', '1_0', 'True', '\0',
     'ü', '\ud800', 'a"b', "'", '-0', '1' * 30)) | strategies.text(
         max_size=3)

scalars = (strategies.none() | strategies.booleans()
           | strategies.integers(-2 ** 70, 2 ** 70)
           | strategies.floats() | texts)

trees = strategies.recursive(
    scalars,
    lambda inner: strategies.lists(inner, max_size=3)
    | strategies.dictionaries(
        strategies.sampled_from(_KEYS) | texts, inner, max_size=4),
    max_leaves=12)

_arrows = strategies.lists(strategies.builds(
    Relation, strategies.sampled_from(('contains', 'about')),
    strategies.sampled_from(('heat.stack', 'nova.host')),
    strategies.sampled_from(('1', '2'))), max_size=2, unique=True)

_lists = strategies.lists(strategies.fixed_dictionaries(
    {'addr': texts, 'output_key': texts, 'attachment_id': texts,
     'device': scalars}), max_size=3)

_attributes = strategies.dictionaries(
    strategies.sampled_from(_KEYS), trees, max_size=6) | (
    strategies.fixed_dictionaries({
        'addresses': strategies.dictionaries(texts, _lists, max_size=2),
        'metadata': strategies.dictionaries(texts, scalars, max_size=3),
        'tags': strategies.lists(texts, max_size=3),
        'attachments': _lists, 'size': scalars, 'locked': scalars,
        'detail': strategies.fixed_dictionaries({'outputs': _lists})}))


entities = strategies.builds(
    Entity, type=strategies.sampled_from(TYPES),
    id=strategies.sampled_from(('1', '2', '01', 'ü')),
    name=strategies.none() | texts, state=strategies.none() | texts,
    relations=_arrows.map(tuple), attributes=_attributes,
    revision=strategies.integers(0, 9))


def history(versions):
    """The changes that make these versions, in their order; and what is
    held in the end. An equal version after one deletes the entity."""
    held, changes = {}, []
    for entity in versions:
        known = (entity.type, entity.id)
        if known not in held:
            action = CREATED
        elif repr(held[known]) == repr(entity):
            action = DELETED
        else:
            action = UPDATED
        changes.append(Change(action, entity, 'sweep'))
        if action == DELETED:
            del held[known]
        else:
            held[known] = entity
    return changes, list(held.values())


# few of them, so that most changes are updates
_known = strategies.sampled_from(
    (('nova.instance', '1'), ('cinder.volume', 'ü'), ('foreign.thing', '1')))

histories = strategies.lists(strategies.builds(
    lambda entity, known: dataclasses.replace(
        entity, type=known[0], id=known[1]),
    entities, _known), min_size=1, max_size=6).flatmap(
        lambda found: strategies.lists(
            strategies.sampled_from(found), max_size=8)).map(history)
