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

"""Networks and security groups of a server.

Nova shows the names of networks with the addresses; the ports themselves
are asked for only where those do not prove that all is well.
"""

import collections
from collections.abc import Mapping
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality.kinds import lookup

NETWORK = 'network'
NETS, PORTS = '/v2.0/networks', '/v2.0/ports'
SUBNETS, GROUPS = '/v2.0/subnets', '/v2.0/security-groups'
MAC, KIND = 'OS-EXT-IPS-MAC:mac_addr', 'OS-EXT-IPS:type'

Net = Mapping[str, Any]


def networks(desired: Any, actual: entity_module.Entity,
             subject: table.Subject, around: table.Around
             ) -> table.Difference | None:
    """Each of the list has a port of its own, and there are no others."""
    if not desired:
        return None
    wanted = [] if _is_none(desired) else list(desired)
    if wanted and _is_clear(wanted, actual, around):
        return None
    ports = lookup.records(around, NETWORK, PORTS, 'ports',
                           device_id=subject.physical_id)
    if len(ports) == len(wanted) and match.pairs(
            wanted, ports, lambda net, port: _fits(net, port, around)):
        return None
    return table.Difference(desired, [_told(port) for port in ports])


def _is_none(desired: list[Net]) -> bool:
    """Whether it shall have none. Of 'auto' the service chooses."""
    choice = desired[0].get('allocate_network')
    if choice == 'auto':
        raise table.NotComparable('the networks are left to Nova')
    return choice == 'none'


def _is_clear(wanted: list[Net], actual: entity_module.Entity,
              around: table.Around) -> bool:
    """Whether the addresses alone prove that all is as it should be."""
    addresses = actual.attributes.get('addresses') or {}
    names: collections.Counter[str] = collections.Counter()
    for net in wanted:
        name = None if net.get('port') or net.get('subnet') else (
            _name(net, around))
        if name is None or not _has(addresses.get(name), net):
            return False
        names[name] += 1
    return names == {
        name: len({one.get(MAC) for one in shown})
        for name, shown in addresses.items() if shown}


def _name(net: Net, around: table.Around) -> str | None:
    word = net.get('network') or net.get('uuid')
    if not word:
        return None
    found = lookup.by_uuid(around, NETWORK, NETS, str(word), 'network')
    name = str(word) if found is None else found.get('name')
    # of networks that share a name, addresses do not tell which it is
    return name if found is None or len(lookup.records(
        around, NETWORK, NETS, 'networks', name=name)) == 1 else None


def _has(shown: list[Mapping[str, Any]] | None, net: Net) -> bool:
    ip = net.get('fixed_ip')
    return not ip or any(
        match.address(one.get('addr')) == match.address(ip)
        and one.get(KIND, 'fixed') == 'fixed' for one in shown or ())


def _fits(net: Net, port: Net, around: table.Around) -> bool:
    word = net.get('port')
    if word and word not in (port['id'], port.get('name')):
        return False
    ips = port.get('fixed_ips') or []
    if net.get('fixed_ip') and match.address(net['fixed_ip']) not in [
            match.address(ip['ip_address']) for ip in ips]:
        return False
    return _is_called(
        net.get('network') or net.get('uuid'), [port['network_id']], NETS,
        'network', around) and _is_called(
        net.get('subnet'), [ip['subnet_id'] for ip in ips], SUBNETS,
        'subnet', around)


def _is_called(word: Any, ids: list[str], path: str, key: str,
               around: table.Around) -> bool:
    """Whether that is the id, or the name, of one of these; or nothing."""
    if not word or word in ids:
        return True
    if lookup.by_uuid(around, NETWORK, path, str(word), key) is not None:
        return False
    found = [lookup.record(around, NETWORK, path, id_, key) for id_ in ids]
    return any(one is not None and one.get('name') == word for one in found)


def _told(port: Net) -> dict[str, Any]:
    return {'network': port['network_id'], 'port': port['id'],
            'fixed_ip': next((ip['ip_address'] for ip in
                              port.get('fixed_ips') or ()), None)}


def security_groups(desired: Any, actual: entity_module.Entity,
                    subject: table.Subject, around: table.Around
                    ) -> table.Difference | None:
    """Nova shows names, and those of all ports in one list; Heat gives
    them to the ports that it, or Nova, has made."""
    if not desired:
        return None
    if any(net.get('port') for net in subject.desired.get('networks') or ()):
        raise table.NotComparable(
            'groups are not for ports that are given, and Nova shows '
            'those of all ports')
    shown = actual.attributes.get('security_groups')
    if not shown:
        raise table.NotComparable('a server without ports shows no groups')
    found = {one['name'] for one in shown}
    wanted = {word if word in found else _group_name(str(word), around)
              for word in desired}
    return None if wanted == found else table.Difference(
        desired, sorted(found))


def _group_name(word: str, around: table.Around) -> str:
    found = lookup.by_uuid(around, NETWORK, GROUPS, word, 'security_group')
    return word if found is None else str(found.get('name'))
