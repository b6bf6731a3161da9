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

"""The types of Nova."""

import datetime
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins.nova import instance
from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality.kinds import lookup
from synchronizer.plugins.reality.kinds import networks
from synchronizer.plugins.reality.kinds import server

COMPUTE, IDENTITY = 'compute', 'identity'
KEYS, KEYS_OF_OTHERS = '/os-keypairs', '2.10'

AT_ONCE = 60
"""Seconds within which Heat has noted all resources of a new stack."""

ONCE = 'it counts when the thing is made, and is not shown afterwards'
SECRET = 'it may be secret'
POLICY = 'it says how Heat works, and nothing of the thing'

SERVER_IGNORED = {
    'admin_pass': SECRET, 'personality': SECRET, 'user_data': SECRET,
    'admin_user': ONCE, 'deployment_swift_data': POLICY,
    'flavor_update_policy': POLICY, 'image_update_policy': POLICY,
    'reservation_id': ONCE, 'scheduler_hints': ONCE,
    'software_config_transport': POLICY, 'user_data_format': POLICY,
    'user_data_update_policy': POLICY}

STATUS = table.Property('status', server.status, ('state',), always=True,
                        repaired=False)
"""No update starts a server that somebody has stopped; it would be replaced.
"""

KEY_NAME = 'attributes.key_name'

SERVER = table.Kind(server.find, (
    STATUS,
    lookup.named(),
    table.Property('flavor', server.FLAVOR, ('attributes.flavor',)),
    table.Property('image', server.image, ('attributes.image',)),
    lookup.plain('metadata', match.subset),
    lookup.plain('tags', match.unordered),
    table.Property('networks', networks.networks, (
        'attributes.addresses',)),
    table.Property('security_groups', networks.security_groups, (
        'attributes.security_groups',)),
    lookup.plain('key_name'),
    table.Property('availability_zone', server.zone, (
        f'attributes.{server.ZONE}', f'attributes.{server.PINNED}')),
    *(table.Property(name, server.volumes, (
        f'attributes.{instance.VOLUMES}',)) for name in server.MAPPINGS),
    lookup.plain('config_drive', match.boolean),
    lookup.plain('diskConfig', match.text, 'OS-DCF:diskConfig'),
), SERVER_IGNORED)

AWS_INSTANCE = table.Kind(server.find, (
    STATUS,
    table.Property('InstanceType', server.FLAVOR, ('attributes.flavor',)),
    table.Property('ImageId', server.image, ('attributes.image',)),
    lookup.plain('KeyName', match.text, 'key_name'),
), {'UserData': SECRET})


def _policy(actual: entity_module.Entity) -> list[str]:
    """Since 2.64 there is but one."""
    shown = actual.attributes
    if 'policy' in shown:
        return [shown['policy']]
    return match.shown('policies')(actual)


SERVER_GROUP = table.Kind(lookup.by_stream('nova.server_group'), (
    lookup.named(),
    table.Property('policies', match.compared(_policy, match.unordered),
                   ('attributes.policy', 'attributes.policies')),
    lookup.plain('rules', match.subset)))

FLAVOR_ACCESS = '/flavors/{}/os-flavor-access'


def project_ids(words: list[Any], around: table.Around) -> set[str]:
    """The ids of projects that are given by name or id."""
    found: set[str] = set()
    for word in map(str, words):
        if lookup.record(around, IDENTITY, '/projects', word, 'project'):
            found.add(word)
            continue
        named = lookup.records(around, IDENTITY, '/projects', 'projects',
                               name=word)
        if len(named) != 1:
            raise table.NotComparable(
                f'which project is called {word} cannot be told')
        found.add(named[0]['id'])
    return found


def _tenants(desired: Any, actual: entity_module.Entity,
             subject: table.Subject, around: table.Around
             ) -> table.Difference | None:
    """Heat heeds them of private flavors only."""
    if not desired or match.truth(subject.desired.get('is_public')) is not (
            False):
        return None
    shown = lookup.records(
        around, COMPUTE, FLAVOR_ACCESS.format(lookup.quoted(actual.id)),
        'flavor_access')
    found = {one['tenant_id'] for one in shown}
    return None if project_ids(desired, around) == found else (
        table.Difference(desired, sorted(found)))


def _swap(actual: entity_module.Entity) -> Any:
    """Below 2.75 nothing is shown as nothing."""
    return match.shown('swap')(actual) or 0


def _flavor_id(desired: Any, actual: entity_module.Entity,
               subject: table.Subject, around: table.Around
               ) -> table.Difference | None:
    if desired in (None, 'auto'):
        return None
    return match.told(desired, actual.id, match.text)


FLAVOR = table.Kind(lookup.by_stream('nova.flavor'), lookup.lasting(
    lookup.named(),
    table.Property('flavorid', _flavor_id),
    *(lookup.plain(name, match.number) for name in ('ram', 'vcpus', 'disk')),
    table.Property('swap', match.compared(_swap, match.number), (
        'attributes.swap',)),
    lookup.plain('ephemeral', match.number, 'OS-FLV-EXT-DATA:ephemeral'),
    lookup.plain('rxtx_factor', match.number),
    lookup.plain('extra_specs', match.subset),
    lookup.plain('is_public', match.boolean, 'os-flavor-access:is_public'),
    table.Property('tenants', _tenants)))

HOST_AGGREGATE = table.Kind(lookup.by_stream(
    'nova.aggregate'), lookup.lasting(
    lookup.named(),
    lookup.plain('hosts', match.unordered),
    lookup.plain('metadata', match.subset),
    lookup.plain('availability_zone')))


def _key(subject: table.Subject, around: table.Around) -> Any | None:
    """A key belongs to a user: the one that the template names, else the
    one who made the stack. What came to a stack later may be of another."""
    given = subject.desired.get('user')
    for user in _users(str(given or subject.stack.attributes.get('owner')),
                       around):
        # the name may be a user's own; their keys have that user's id
        found = around.ask(
            COMPUTE, f'{KEYS}/{lookup.quoted(subject.physical_id)}',
            user_id=user, microversion=KEYS_OF_OTHERS)
        if found is not None:
            return found['keypair']
    if not given and not _is_original(subject):
        raise table.NotComparable('whose key it is cannot be told')
    return None


def _users(word: str, around: table.Around) -> list[str]:
    """The ids of those who may be meant."""
    if lookup.record(around, IDENTITY, '/users', word, 'user'):
        return [word]
    found = [one['id'] for one in lookup.records(
        around, IDENTITY, '/users', 'users', name=word)]
    if not found:
        raise table.NotComparable(f'who {word} is cannot be told')
    return found


def _is_original(subject: table.Subject) -> bool:
    """Whether it was there from the first: Heat notes all resources of a
    new stack at once."""
    times = [entity.attributes.get('creation_time')
             for entity in (subject.stack, subject.resource)]
    if not all(times):
        return False
    stack, resource = map(datetime.datetime.fromisoformat, times)
    return (resource - stack).total_seconds() <= AT_ONCE


def _as_found(desired: Any, actual: Any, subject: table.Subject,
              around: table.Around) -> table.Difference | None:
    """It was found by this: elsewhere it would not have been found."""
    return None


KEY_PAIR = table.Kind(_key, lookup.lasting(
    lookup.plain('name'),
    lookup.plain('public_key', lambda desired, actual: match.text(
        str(desired).strip(), str(actual).strip())),
    lookup.plain('type'),
    table.Property('user', _as_found)),
    {'save_private_key': SECRET}, remade=False)

KINDS = {
    'AWS::EC2::Instance': AWS_INSTANCE,
    'OS::Nova::Flavor': FLAVOR,
    'OS::Nova::HostAggregate': HOST_AGGREGATE,
    'OS::Nova::KeyPair': KEY_PAIR,
    'OS::Nova::Server': SERVER,
    'OS::Nova::ServerGroup': SERVER_GROUP}
