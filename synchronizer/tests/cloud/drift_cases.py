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

"""Ways to change a cloud behind Heat's back: what is done, how it is undone,
and what is to be said meanwhile.

What is done is a request, or a function that is given the hands that do it,
or several of these.
"""

from collections.abc import Callable
import dataclasses
from typing import Any

from synchronizer.tests.cloud import drift_hands
from synchronizer.tests.cloud import drift_stacks

COMPUTE, STORAGE = 'compute', 'block_storage'
NETWORK, IDENTITY = 'network', 'identity'
SHARED_PORTS = '/ports?device_id={server}&network_id={shared}'
ONLY = '/ports?device_id={on_two}&network_id={shared}'

Deed = tuple[Any, ...] | Callable[[drift_hands.Hands], Any]


@dataclasses.dataclass(frozen=True)
class Way:
    """One of them."""

    name: str
    do: list[Deed]
    undo: list[Deed]
    """Nothing: it cannot be undone."""

    expected: dict[str, Any]
    """Resource -> verdict, or the properties that differ."""


@dataclasses.dataclass(frozen=True)
class Lane:
    """The ways to change one stack, one after the other."""

    name: str
    resources: dict[str, Any]
    ways: list[Way]
    is_admin: bool = False


def perform(hands: drift_hands.Hands, deeds: list[Deed]) -> None:
    for deed in deeds:
        if callable(deed):
            deed(hands)
        else:
            hands.ask(*deed)


def pair(name: str, resource: str, differs: str, service: str, path: str,
         changed: Any, as_was: Any, method: str = 'PUT') -> Way:
    """A request that says what a thing is to be."""
    return Way(name, [(service, method, path, changed)],
               [(service, method, path, as_was)], {resource: {differs}})


def acts(service: str, path: str, *bodies: Any) -> list[Deed]:
    return [(service, 'POST', f'{path}/action', body) for body in bodies]


def box(action: str, value: Any = None) -> Deed:
    return acts(COMPUTE, '/servers/{box}', {action: value})[0]


def state(name: str, do: str, undo: str, is_then: str) -> Way:
    """A server that is not running; Nova is done with it at the end."""
    return Way(name, [box(do), lambda hands: hands.server_is('box', is_then)],
               [box(undo), box_runs], {'box': {'status'}})


def box_runs(hands: drift_hands.Hands) -> None:
    hands.server_is('box', 'ACTIVE')


def _resized(flavor: str) -> list[Deed]:
    def resize(hands):
        found = next(one for one in hands.ask(COMPUTE, 'GET', '/flavors')[
            'flavors'] if one['name'] == flavor)
        perform(hands, [box('resize', {'flavorRef': found['id']})])
        hands.server_is('box', 'VERIFY_RESIZE')
    return [resize, box('confirmResize'), box_runs]


def _rebuilt(image: str) -> list[Deed]:
    return [box('rebuild', {'imageRef': image}), box_runs]


def attach(server: str) -> Deed:
    return (COMPUTE, 'POST', f'/servers/{{{server}}}/os-interface',
            {'interfaceAttachment': {'net_id': '{shared}'}})


def detach(server: str, ports: str) -> Deed:
    """The port that came last."""
    def deed(hands):
        found = max(hands.ask(NETWORK, 'GET', ports)['ports'],
                    key=lambda one: one['created_at'])
        hands.ask(COMPUTE, 'DELETE',
                  f'/servers/{{{server}}}/os-interface/{found["id"]}')
    return deed


def _drop_rule(hands: drift_hands.Hands) -> None:
    group = hands.ask(NETWORK, 'GET', '/security-groups/{sg}')
    for rule in group['security_group']['security_group_rules']:
        if rule['protocol'] == 'tcp':
            hands.ask(NETWORK, 'DELETE',
                      f'/security-group-rules/{rule["id"]}')


def _parameter(value: str) -> list[Deed]:
    def deed(hands):
        inner = hands.ask('orchestration', 'GET', '/stacks/{nested}')['stack']
        hands.ask('orchestration', 'PATCH',
                  f'/stacks/{inner["stack_name"]}/{inner["id"]}',
                  {'parameters': {'b': value}})
    return [deed]


def _delete_inner(hands: drift_hands.Hands) -> None:
    inner = hands.ask('orchestration', 'GET', '/stacks/{nested}')['stack']
    hands.ask('orchestration', 'DELETE',
              f'/stacks/{inner["stack_name"]}/{inner["id"]}')


def _delete_port(hands: drift_hands.Hands) -> None:
    """Neutron lets nobody but admins delete one that is in use."""
    hands.ask(COMPUTE, 'DELETE', '/servers/{on_port}/os-interface/{port}')
    drift_hands.until(lambda: hands.answer(
        NETWORK, 'DELETE', '/ports/{port}').status_code == 204, 'no port')


def renamed(resource: str, service: str, kind: str, key: str = '',
            method: str = 'PUT') -> Way:
    key = key or kind
    return pair(
        f'{resource} renamed', resource, 'name', service,
        f'/{kind}s/{{{resource}}}', {key: {'name': '{prefix}-other'}},
        {key: {'name': f'{{prefix}}-{resource}'}}, method)


def metadata(resource: str, service: str, kind: str, key: str, value: str,
             other: str) -> list[Way]:
    """One value becomes another; one key goes."""
    path = f'/{kind}s/{{{resource}}}/metadata'
    restored = (service, 'POST', path, {'metadata': {key: value}})
    return [
        pair(f'{kind} metadata', resource, 'metadata', service, path,
             {'metadata': {key: other}}, {'metadata': {key: value}}, 'POST'),
        Way(f'{kind} metadata key deleted',
            [(service, 'DELETE', f'{path}/{key}')], [restored],
            {resource: {'metadata'}})]


def volume_action(name: str, resource: str, differs: str, action: str,
                  changed: Any, as_was: Any) -> Way:
    path = f'/volumes/{{{resource}}}'
    return Way(name, acts(STORAGE, path, {action: changed}),
               acts(STORAGE, path, {action: as_was}), {resource: {differs}})


TAGS = '/servers/{server}/tags/{prefix}'
GROUPS = '/servers/{server}'
MAPPED = '/servers/{host}/os-volume_attachments'
AGGREGATE = '/os-aggregates/{aggregate}'
SPECS = '/flavors/{flavor}/os-extra_specs'
RULE = {'security_group_rule': {
    'security_group_id': '{sg}', 'direction': 'ingress', 'protocol': 'tcp',
    'ethertype': 'IPv4', 'port_range_min': 22, 'port_range_max': 22}}
OF_PORT = NETWORK, '/ports/{port}'

FACE = Lane('face', drift_stacks.FACE, [
    renamed('server', COMPUTE, 'server'),
    *metadata('server', COMPUTE, 'server', 't', 'x', 'y'),
    Way('tag removed', [(COMPUTE, 'DELETE', f'{TAGS}-a')],
        [(COMPUTE, 'PUT', f'{TAGS}-a')], {'server': {'tags'}}),
    Way('tag added', [(COMPUTE, 'PUT', f'{TAGS}-z')],
        [(COMPUTE, 'DELETE', f'{TAGS}-z')], {'server': {'tags'}}),
    Way('security group added',
        acts(COMPUTE, GROUPS, {'addSecurityGroup': {'name': '{sg}'}}),
        acts(COMPUTE, GROUPS, {'removeSecurityGroup': {'name': '{sg}'}}),
        {'server': {'security_groups'}}),
    Way('interface attached', [attach('server')],
        [detach('server', SHARED_PORTS)], {'server': {'networks'}}),
    Way('server group deleted', [
        (COMPUTE, 'DELETE', '/os-server-groups/{group}')], [],
        {'group': 'missing'})])

LIFE = Lane('life', drift_stacks.LIFE, [
    state('server stopped', 'os-stop', 'os-start', 'SHUTOFF'),
    state('server suspended', 'suspend', 'resume', 'SUSPENDED'),
    state('server paused', 'pause', 'unpause', 'PAUSED'),
    state('server shelved', 'shelve', 'unshelve', 'SHELVED_OFFLOADED'),
    state('server rescued', 'rescue', 'unrescue', 'RESCUE'),
    Way('stopped server renamed', [
        box('os-stop'), lambda hands: hands.server_is('box', 'SHUTOFF'),
        (COMPUTE, 'PUT', '/servers/{box}', {'server': {'name': 'other'}})], [
        box('os-start'), box_runs, (COMPUTE, 'PUT', '/servers/{box}', {
            'server': {'name': '{prefix}-box'}})],
        {'box': {'name', 'status'}}),
    Way('server resized', _resized('f.small'), _resized('f.tiny'),
        {'box': {'flavor'}}),
    Way('server rebuilt', _rebuilt('{other_image}'), _rebuilt('{image}'),
        {'box': {'image'}}),
    Way('server deleted', [(COMPUTE, 'DELETE', '/servers/{other}')], [],
        {'other': 'missing'})])

DISKS = Lane('disks', drift_stacks.DISKS, [
    renamed('first', STORAGE, 'volume'),
    pair('volume description', 'first', 'description', STORAGE,
         '/volumes/{first}', {'volume': {'description': 'x'}},
         {'volume': {'description': 'as made'}}),
    *metadata('first', STORAGE, 'volume', 'n', '2', '3'),
    volume_action('volume read-only', 'second', 'read_only',
                  'os-update_readonly_flag', {'readonly': True},
                  {'readonly': False}),
    volume_action('volume bootable', 'second', 'bootable', 'os-set_bootable',
                  {'bootable': True}, {'bootable': False}),
    volume_action('volume of an image not bootable', 'root', 'bootable',
                  'os-set_bootable', {'bootable': False}, {'bootable': True}),
    volume_action(
        'volume retyped', 'second', 'volume_type', 'os-retype',
        {'new_type': 'slow', 'migration_policy': 'on-demand'},
        {'new_type': 'fast', 'migration_policy': 'on-demand'}),
    Way('volume detached', [(COMPUTE, 'DELETE', f'{MAPPED}/{{first}}')],
        [(COMPUTE, 'POST', MAPPED, {
            'volumeAttachment': {'volumeId': '{first}'}})],
        {'attached': 'missing'}),
    renamed('booted', COMPUTE, 'server'),
    Way('volume-booted server stopped', acts(
        COMPUTE, '/servers/{booted}', {'os-stop': None}), acts(
        COMPUTE, '/servers/{booted}', {'os-start': None}),
        {'booted': {'status'}}),
    Way('volume extended', acts(
        STORAGE, '/volumes/{second}', {'os-extend': {'new_size': 3}}), [],
        {'second': {'size'}}),
    Way('member of a group deleted', [
        (STORAGE, 'DELETE', '/volumes/{1}')], [], {'1': 'missing'})])

NETS = Lane('nets', drift_stacks.NETS, [
    renamed('net', NETWORK, 'network'),
    Way('net tagged', [(NETWORK, 'PUT', '/networks/{net}/tags/b')],
        [(NETWORK, 'DELETE', '/networks/{net}/tags/b')], {'net': {'tags'}}),
    pair('name servers', 'subnet', 'dns_nameservers', NETWORK,
         '/subnets/{subnet}', {'subnet': {'dns_nameservers': ['8.8.8.8']}},
         {'subnet': {'dns_nameservers': ['9.9.9.9', '8.8.8.8']}}),
    Way('rule removed', [_drop_rule], [
        (NETWORK, 'POST', '/security-group-rules', RULE)], {'sg': {'rules'}}),
    Way('key deleted', [(COMPUTE, 'DELETE', '/os-keypairs/{key}')], [
        (COMPUTE, 'POST', '/os-keypairs', {'keypair': {
            'name': '{prefix}-key', 'type': 'ssh',
            'public_key': drift_stacks.KEY}})], {'key': 'missing'}),
    Way('parameter of a nested stack', _parameter('y'), _parameter('x'),
        {'nested': {'parameters'}}),
    Way('nested stack deleted', [_delete_inner], [], {'nested': 'missing'})])

PORTS = Lane('ports', drift_stacks.PORTS, [
    pair('port address', 'port', 'fixed_ips', *OF_PORT,
         {'port': {'fixed_ips': [{'ip_address': '10.9.0.51'}]}},
         {'port': {'fixed_ips': [{'ip_address': '10.9.0.50'}]}}),
    pair('port group removed', 'port', 'security_groups', *OF_PORT,
         {'port': {'security_groups': []}},
         {'port': {'security_groups': ['{default}']}}),
    pair('port down', 'port', 'admin_state_up', *OF_PORT,
         {'port': {'admin_state_up': False}},
         {'port': {'admin_state_up': True}}),
    Way('interface detached', [detach('on_two', ONLY)], [attach('on_two')],
        {'on_two': {'networks'}}),
    Way('port deleted', [_delete_port], [],
        {'port': 'missing', 'on_port': {'networks'}})])

CLOUD = Lane('cloud', drift_stacks.CLOUD, [
    pair('extra spec', 'flavor', 'extra_specs', COMPUTE,
         f'{SPECS}/hw:cpu_policy', {'hw:cpu_policy': 'dedicated'},
         {'hw:cpu_policy': 'shared'}),
    Way('extra spec deleted', [
        (COMPUTE, 'DELETE', f'{SPECS}/hw:cpu_policy')], [
        (COMPUTE, 'POST', SPECS, {
            'extra_specs': {'hw:cpu_policy': 'shared'}})],
        {'flavor': {'extra_specs'}}),
    Way('flavor access', acts(
        COMPUTE, '/flavors/{flavor}',
        {'addTenantAccess': {'tenant': '{own_project}'}}), acts(
        COMPUTE, '/flavors/{flavor}',
        {'removeTenantAccess': {'tenant': '{own_project}'}}),
        {'flavor': {'tenants'}}),
    renamed('aggregate', COMPUTE, 'os-aggregate', 'aggregate'),
    Way('aggregate metadata', acts(
        COMPUTE, AGGREGATE, {'set_metadata': {'metadata': {'m': '2'}}}),
        acts(COMPUTE, AGGREGATE, {'set_metadata': {'metadata': {'m': '1'}}}),
        {'aggregate': {'metadata'}}),
    Way('host removed', acts(
        COMPUTE, AGGREGATE, {'remove_host': {'host': '{host}'}}), acts(
        COMPUTE, AGGREGATE, {'add_host': {'host': '{host}'}}),
        {'aggregate': {'hosts'}}),
    pair('volume type description', 'type', 'description', STORAGE,
         '/types/{type}', {'volume_type': {'description': 'x'}},
         {'volume_type': {'description': 'made'}}),
    pair('volume type extra spec', 'type', 'metadata', STORAGE,
         '/types/{type}/extra_specs', {'extra_specs': {'k': 'w'}},
         {'extra_specs': {'k': 'v'}}, 'POST'),
    Way('volume type access', acts(
        STORAGE, '/types/{type}',
        {'addProjectAccess': {'project': '{own_project}'}}), acts(
        STORAGE, '/types/{type}',
        {'removeProjectAccess': {'project': '{own_project}'}}),
        {'type': {'projects'}}),
    pair('project disabled', 'tenant', 'enabled', IDENTITY,
         '/projects/{tenant}', {'project': {'enabled': False}},
         {'project': {'enabled': True}}, 'PATCH'),
    pair('mail of a user', 'user', 'email', IDENTITY, '/users/{user}',
         {'user': {'email': 'x@y'}}, {'user': {'email': 'a@b'}}, 'PATCH'),
    Way('flavor deleted', [(COMPUTE, 'DELETE', '/flavors/{flavor}')], [],
        {'flavor': 'missing'}),
    Way('volume type deleted', [(STORAGE, 'DELETE', '/types/{type}')], [],
        {'type': 'missing'}),
    Way('aggregate deleted', acts(
        COMPUTE, AGGREGATE, {'remove_host': {'host': '{host}'}}) + [
        (COMPUTE, 'DELETE', AGGREGATE)], [], {'aggregate': 'missing'}),
    Way('role deleted', [(IDENTITY, 'DELETE', '/roles/{role}')], [],
        {'role': 'missing'})], is_admin=True)

LANES = [FACE, LIFE, DISKS, NETS, PORTS, CLOUD]
