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

"""What Nova shows of its rows, microversion by microversion."""

import functools
import hashlib
import json
from typing import Any

from synchronizer.sandbox.state import Row
from synchronizer.sandbox.wire import iso
from synchronizer.sandbox.wire import iso_micro
from synchronizer.sandbox.wire import Version

PROGRESSING = ('ACTIVE', 'BUILD', 'RESIZE', 'VERIFY_RESIZE', 'MIGRATING')
CPU = json.dumps({'arch': 'x86_64', 'model': 'Nehalem', 'vendor': 'Intel',
                  'features': ['pge', 'clflush'],
                  'topology': {'cores': 1, 'threads': 1, 'sockets': 4}})


def links(url: str, kind: str, key: str) -> list[Row]:
    """The two links of everything in Nova."""
    return [{'rel': 'self', 'href': f'{url}/compute/v2.1/{kind}/{key}'},
            {'rel': 'bookmark', 'href': f'{url}/compute/{kind}/{key}'}]


def server(row: Row, version: Version, admin: bool, url: str) -> Row:
    """A server as the detailed listing has it."""
    shown = {
        'accessIPv4': '', 'accessIPv6': '', 'addresses': _addresses(row),
        'created': iso(row['created']), 'flavor': _flavor(row, version, url),
        'hostId': _host_id(row['host'], row['project_id']), 'id': row['id'],
        'image': _image(row, version, url),
        'links': links(url, 'servers', row['id']),
        'metadata': row['metadata'], 'name': row['name'],
        'status': row['status'], 'tenant_id': row['project_id'],
        'user_id': row['user_id'], 'updated': iso(row['updated']),
        'OS-DCF:diskConfig': 'MANUAL',
        'OS-EXT-AZ:availability_zone': row['az'], 'config_drive': '',
        'key_name': row['key_name'],
        'OS-SRV-USG:launched_at': iso_micro(row['launched']),
        'OS-SRV-USG:terminated_at': iso_micro(row['terminated'])}
    if row['status'] in PROGRESSING:
        shown['progress'] = 0
    if row['status'] in ('ERROR', 'DELETED') and row['host'] is None:
        shown['fault'] = {'code': 500, 'created': iso(row['updated']),
                          'message': 'No valid host was found. '}
    if admin:
        shown.update(_attributes(row, version))
    elif version >= (2, 90):
        shown['OS-EXT-SRV-ATTR:hostname'] = row['hostname']
    shown.update(_states(row, version))
    shown.update(_newer(row, version, admin))
    if not row['deleted'] and row['host']:
        shown['security_groups'] = [{'name': 'default'}]
    return shown


def server_brief(row: Row, url: str) -> Row:
    """A server as the short listing has it."""
    return {'id': row['id'], 'name': row['name'],
            'links': links(url, 'servers', row['id'])}


def server_unknown(row: Row, url: str, detail: bool = True) -> Row:
    """All that is known of a server while its cell is down."""
    shown = {'id': row['id'], 'status': 'UNKNOWN',
             'links': links(url, 'servers', row['id'])}
    if detail:
        shown.update({'tenant_id': row['project_id'],
                      'created': iso(row['created'])})
    return shown


def _addresses(row: Row) -> Row:
    if row['host'] is None or row['deleted']:
        return {}
    number = row['number']
    return {'shared': [{
        'version': 4, 'addr': f'10.{64 + number // 65536 % 64}.'
                              f'{number // 256 % 256}.{number % 256}',
        'OS-EXT-IPS:type': 'fixed', 'OS-EXT-IPS-MAC:mac_addr': ':'.join(
            [row['mac'][:8], *(row['mac'][9 + i:11 + i]
                               for i in (0, 2, 4))])}]}


@functools.lru_cache(maxsize=4096)
def _host_id(host: str | None, project: str) -> str:
    if host is None:
        return ''
    return hashlib.sha224(f'{project}{host}'.encode()).hexdigest()


def _flavor(row: Row, version: Version, url: str) -> Row:
    flavor = row['flavor']
    if version < (2, 47):
        return {'id': flavor['id'], 'links': links(
            url, 'flavors', flavor['id'])[1:]}
    return {'vcpus': flavor['vcpus'], 'ram': flavor['ram'],
            'disk': flavor['disk'], 'ephemeral': 0, 'swap': 0,
            'original_name': flavor['name'],
            'extra_specs': flavor['extra_specs']}


def _image(row: Row, version: Version, url: str) -> Row:
    shown: Row = {'id': row['image'],
                  'links': links(url, 'images', row['image'])[1:]}
    if version >= (2, 98):
        shown['properties'] = {}
    return shown


def _attributes(row: Row, version: Version) -> Row:
    prefix = 'OS-EXT-SRV-ATTR:'
    shown = {'host': row['host'], 'hypervisor_hostname': row['host'],
             'instance_name': f'instance-{row["number"]:08x}'}
    if version >= (2, 3):
        shown.update({
            'hostname': row['hostname'], 'kernel_id': '',
            'launch_index': 0, 'ramdisk_id': '', 'user_data': None,
            'reservation_id': row['reservation_id'],
            'root_device_name': '/dev/sda'})
    return {prefix + name: value for name, value in shown.items()}


def _states(row: Row, version: Version) -> Row:
    volumes = row['volumes'] if version >= (2, 3) else [
        {'id': volume['id']} for volume in row['volumes']]
    return {'OS-EXT-STS:task_state': row['task_state'],
            'OS-EXT-STS:vm_state': row['vm_state'],
            'OS-EXT-STS:power_state': row['power_state'],
            'os-extended-volumes:volumes_attached': list(volumes)}


def _newer(row: Row, version: Version, admin: bool) -> Row:
    """The fields that came with a microversion."""
    fields = (((2, 9), 'locked', row['locked']),
              ((2, 19), 'description', row['description']),
              ((2, 26), 'tags', list(row['tags'])),
              ((2, 63), 'trusted_image_certificates', None),
              ((2, 73), 'locked_reason', row['locked_reason']),
              ((2, 96), 'pinned_availability_zone', None),
              ((2, 100), 'scheduler_hints', {}))
    shown = {name: value for since, name, value in fields
             if version >= since}
    if admin and version >= (2, 16):
        shown['host_status'] = '' if row['deleted'] else row['host_status']
    return shown


def flavor(row: Row, version: Version, url: str) -> Row:
    """A flavor as the detailed listing has it."""
    shown = {'id': row['id'], 'name': row['name'], 'ram': row['ram'],
             'disk': row['disk'], 'swap': 0 if version >= (2, 75) else '',
             'OS-FLV-EXT-DATA:ephemeral': 0, 'vcpus': row['vcpus'],
             'os-flavor-access:is_public': row['is_public'],
             'links': links(url, 'flavors', row['id'])}
    if version < (2, 102):
        shown.update({'OS-FLV-DISABLED:disabled': False, 'rxtx_factor': 1.0})
    if version >= (2, 55):
        shown['description'] = row['description']
    if version >= (2, 61):
        shown['extra_specs'] = row['extra_specs']
    return shown


def state(row: Row) -> str:
    """`up` or `down`, from a service's row."""
    up = row['up'] and not row.get('forced_down')
    return 'up' if up else 'down'


def beat(row: Row, now: float) -> float:
    """When a service last reported: it does every ten seconds."""
    return now // 10 * 10 if row['up'] else row['seen']


def service(row: Row, version: Version, now: float) -> Row:
    """A service as the listing has it."""
    shown = {
        'binary': row['binary'], 'host': row['host'],
        'id': row['id'] if version >= (2, 53) else row['number'],
        'zone': row['zone'], 'status': row['status'], 'state': state(row),
        'updated_at': iso_micro(beat(row, now)),
        'disabled_reason': row['disabled_reason']}
    if version >= (2, 11):
        shown['forced_down'] = row['forced_down']
    return shown


def hypervisor(row: Row, version: Version, servers: list[Row],
               now: float, with_servers: bool = False) -> Row:
    """A hypervisor as the detailed listing has it."""
    owner, new = row['service'], version >= (2, 53)
    number = 'id' if new else 'number'
    shown = {
        'id': row[number], 'hypervisor_hostname': row['name'],
        'state': state(owner), 'status': owner['status'],
        'hypervisor_type': 'fake', 'hypervisor_version': 1000,
        'host_ip': '127.0.0.1', 'service': {
            'id': owner[number], 'host': owner['host'],
            'disabled_reason': owner['disabled_reason']}}
    if version >= (2, 88):
        shown['uptime'] = (f' {iso(now)[11:19]} up 0 days,  0 users,  '
                           'load average: 0.79, 2.04, 2.76')
    else:
        shown.update(_statistics(row, servers))
    if with_servers and new and servers:
        shown['servers'] = [
            {'name': f'instance-{one["number"]:08x}', 'uuid': one['id']}
            for one in servers]
    return shown


def _statistics(row: Row, servers: list[Row]) -> Row:
    flavors = [one['flavor'] for one in servers]
    ram = sum(one['ram'] for one in flavors) + 512
    disk = sum(one['disk'] for one in flavors)
    return {
        'vcpus': row['vcpus'], 'memory_mb': row['memory_mb'],
        'local_gb': row['local_gb'],
        'vcpus_used': sum(one['vcpus'] for one in flavors),
        'memory_mb_used': ram, 'local_gb_used': disk,
        'free_ram_mb': row['memory_mb'] - ram,
        'free_disk_gb': row['local_gb'] - disk, 'current_workload': 0,
        'running_vms': len(flavors), 'disk_available_least': 0,
        'cpu_info': CPU}


def aggregate(row: Row, version: Version) -> Row:
    """An aggregate, the same in a listing and alone."""
    shown: Row = {'id': int(row['id'])}
    if version >= (2, 41):
        shown['uuid'] = row['uuid']
    return {**shown, 'name': row['name'], 'hosts': list(row['hosts']),
            'metadata': row['metadata'],
            'created_at': iso_micro(row['created']),
            'updated_at': iso_micro(row['updated']), 'deleted_at': None,
            'deleted': False, 'availability_zone': row['metadata'].get(
                'availability_zone')}


def zone(row: Row, now: float, detail: bool) -> Row:
    """A zone; those who are not admins do not see the hosts."""
    services: list[Any] = [one for binaries in row['hosts'].values()
                           for one in binaries.values()]
    available = any(one['status'] == 'enabled' for one in services)
    hosts = {host: {binary: {
        'available': state(one) == 'up',
        'active': one['status'] == 'enabled',
        'updated_at': iso_micro(beat(one, now))}
        for binary, one in binaries.items()}
        for host, binaries in row['hosts'].items()}
    return {'zoneName': row['name'], 'zoneState': {'available': available},
            'hosts': hosts if detail else None}


def server_group(row: Row, version: Version) -> Row:
    """A server group, the same in a listing and alone."""
    shown = {'id': row['id'], 'name': row['name'],
             'members': list(row['members'])}
    if version >= (2, 64):
        shown.update({'policy': row['policy'], 'rules': {}})
    else:
        shown.update({'policies': [row['policy']], 'metadata': {}})
    if version >= (2, 13):
        shown.update({'project_id': row['project_id'],
                      'user_id': row['user_id']})
    return shown
