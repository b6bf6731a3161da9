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

"""The types of Neutron; no stream has them, so it is asked."""

from collections.abc import Mapping
import ipaddress
from typing import Any

from oslo_utils import uuidutils

from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality.kinds import lookup

NETWORK, ROOT = 'network', '/v2.0'
NETS, SUBNETS = f'{ROOT}/networks', f'{ROOT}/subnets'
PORTS, ROUTERS = f'{ROOT}/ports', f'{ROOT}/routers'
FLOATING, POLICIES = f'{ROOT}/floatingips', f'{ROOT}/qos/policies'

Record = Mapping[str, Any]


def _to(name: str, path: str, key: str, *where: str,
        plural: str | None = None) -> table.Property:
    """A property that refers to another thing of Neutron's."""
    return table.Property(name, match.reference(lookup.naming(
        NETWORK, path, key, match.shown(*where), plural)))


QOS = _to('qos_policy', POLICIES, 'policy', 'qos_policy_id',
          plural='policies')
TAGS = lookup.plain('tags', match.unordered)
NAME, UP = lookup.plain('name'), lookup.plain(
    'admin_state_up', match.boolean)


def _is_ip(wanted: Record, shown: Record) -> bool:
    return all(
        not word or match.address(word) == match.address(shown.get(name))
        for name, word in (('ip_address', wanted.get('ip_address')),
                           ('subnet_id', wanted.get('subnet'))))


def _fixed_ips(desired: Any, actual: Record, subject: table.Subject,
               around: table.Around) -> table.Difference | None:
    """Those that are given are there, and no more. Neutron itself adds
    addresses of subnets of IPv6 in which ports choose their own."""
    if not desired:
        return None
    found = match.shown('fixed_ips')(actual)
    wanted = [{**ip, 'subnet': _subnet_id(ip, around)} for ip in desired]
    chosen = [ip for ip in found if ':' not in ip['ip_address']]
    return None if len(chosen) <= len(wanted) and match.pairs(
        wanted, found, _is_ip) else table.Difference(desired, found)


def _subnet_id(ip: Record, around: table.Around) -> str | None:
    word = ip.get('subnet') or ip.get('subnet_id')
    return word and the_id(str(word), SUBNETS, 'subnet', around)


def the_id(word: str, path: str, key: str, around: table.Around) -> str:
    """The id of a thing that is given by name or id."""
    if lookup.by_uuid(around, NETWORK, path, word, key) is not None:
        return word
    found = lookup.records(around, NETWORK, path, f'{key}s', name=word)
    if len(found) != 1:
        raise table.NotComparable(f'which {key} is {word} cannot be told')
    return found[0]['id']


def _groups(desired: Any, actual: Record, subject: table.Subject,
            around: table.Around) -> table.Difference | None:
    """The ids are shown; names are unique in a project at best, so they are
    taken from the groups that it has."""
    if desired is None:
        return None
    shown = set(match.shown('security_groups')(actual))
    names = {} if set(desired) <= shown else {
        _group_name(id_, around): id_ for id_ in shown}
    found = {word if word in shown else names.get(word, word)
             for word in desired}
    return None if found == shown else table.Difference(
        desired, sorted(shown))


def _group_name(id_: str, around: table.Around) -> str:
    found = lookup.record(around, NETWORK, f'{ROOT}/security-groups', id_,
                          'security_group')
    return id_ if found is None else str(found.get('name'))


def _is_pair(wanted: Record, shown: Record) -> bool:
    mac = wanted.get('mac_address')
    return match.address(wanted.get('ip_address')) == match.address(
        shown.get('ip_address')) and (
        not mac or mac.lower() == str(shown.get('mac_address')).lower())


PORT = table.Kind(lookup.by_path(NETWORK, PORTS, 'port'), (
    NAME, UP,
    *(_to(name, NETS, 'network', 'network_id')
      for name in ('network', 'network_id')),
    table.Property('fixed_ips', _fixed_ips),
    table.Property('security_groups', _groups),
    table.Property('allowed_address_pairs', match.compared(
        match.shown('allowed_address_pairs'),
        match.items(_is_pair, exact=True))),
    lookup.plain('mac_address', lambda desired, actual: match.text(
        str(desired).lower(), str(actual).lower())),
    lookup.plain('binding:vnic_type'),
    lookup.plain('port_security_enabled', match.boolean),
    lookup.plain('dns_name'), QOS, TAGS,
), {'device_id': 'Nova sets it', 'device_owner': 'Nova sets it'})

# What hangs on them is replaced after them: networks, subnets, routers and
# groups are not for a change of their name.
NET = lookup.lasting(
    NAME, UP, lookup.plain('shared', match.boolean),
    lookup.plain('port_security_enabled', match.boolean),
    lookup.plain('dns_domain'), QOS, TAGS)

PROVIDER_NET = lookup.lasting(
    *NET,
    *(lookup.plain(name, match.text, f'provider:{name}') for name in (
        'network_type', 'physical_network', 'segmentation_id')),
    lookup.plain('router_external', match.boolean, 'router:external'))


def _is_range(wanted: Record, shown: Record) -> bool:
    return all(match.text(value, shown.get(key))
               for key, value in wanted.items() if value is not None)


SUBNET = table.Kind(lookup.by_path(
    NETWORK, SUBNETS, 'subnet'), lookup.lasting(
    NAME,
    *(_to(name, NETS, 'network', 'network_id')
      for name in ('network', 'network_id')),
    *(lookup.plain(name, match.addresses(match.text)) for name in (
        'cidr', 'gateway_ip', 'ipv6_address_mode', 'ipv6_ra_mode')),
    lookup.plain('ip_version', match.number),
    lookup.plain('enable_dhcp', match.boolean),
    lookup.plain('dns_nameservers', match.addresses(match.unordered)),
    *(lookup.plain(name, match.addresses(
        match.items(_is_range, exact=True)))
      for name in ('allocation_pools', 'host_routes')),
    TAGS))

RULE_KEYS = ('direction', 'ethertype', 'port_range_min', 'port_range_max',
             'protocol', 'remote_group_id', 'remote_ip_prefix')

RULE = {'direction': 'ingress', 'ethertype': 'IPv4'}
"""What Heat sets where the template does not."""


def _is_rule(wanted: Record, shown: Record) -> bool:
    """What is not set may be anything, and so may the group that is given
    by name, or is the rule's own."""
    given = {**RULE, **{key: value for key, value in wanted.items()
                        if value is not None}}
    mode = given.pop('remote_mode', None)
    group = given.get('remote_group_id')
    if not uuidutils.is_uuid_like(group):
        given.pop('remote_group_id', None)
        if (group or mode == 'remote_group_id') and (
                'remote_group_id' not in shown):
            return False
    cidr = given.pop('remote_ip_prefix', None)
    return _prefix(cidr) == _prefix(shown.get('remote_ip_prefix')) and all(
        match.text(str(value).lower(), str(shown.get(key)).lower())
        for key, value in given.items())


def _prefix(value: Any) -> str | None:
    """The whole world is written as nothing, too."""
    if not value:
        return None
    try:
        net = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return str(value)
    return str(net) if net.prefixlen else None


def _rules(actual: Record) -> list[dict[str, Any]]:
    """What of them a template can set."""
    return [{key: value for key, value in rule.items()
             if value is not None and key in RULE_KEYS}
            for rule in match.shown('security_group_rules')(actual)]


SECURITY_GROUP = table.Kind(lookup.by_path(
    NETWORK, f'{ROOT}/security-groups', 'security_group'), lookup.lasting(
        NAME, lookup.plain('description'),
        # those of other resources are in the same list
        table.Property('rules', match.compared(
            _rules, match.items(_is_rule)))))

ROUTER = table.Kind(lookup.by_path(
    NETWORK, ROUTERS, 'router'), lookup.lasting(
    NAME, UP,
    *(lookup.plain(name, match.boolean) for name in ('distributed', 'ha')),
    TAGS,
    table.Property('external_gateway_info', lambda desired, *rest: (
        _gateway(desired and desired.get('network'), *rest)))))


def _gateway(desired: Any, actual: Record, subject: table.Subject,
             around: table.Around) -> table.Difference | None:
    if not desired:
        return None
    shown = actual.get('external_gateway_info') or {}
    found = shown.get('network_id')
    wanted = the_id(str(desired), NETS, 'network', around)
    return match.told(wanted, found, match.text)


FLOATING_IP = table.Kind(lookup.by_path(NETWORK, FLOATING, 'floatingip'), (
    *(_to(name, NETS, 'network', 'floating_network_id')
      for name in ('floating_network', 'floating_network_id')),
    *map(lookup.plain, ('port_id', 'fixed_ip_address',
                        'floating_ip_address', 'dns_name', 'dns_domain'))))


def _interface(subject: table.Subject, around: table.Around) -> Any | None:
    """Heat calls it ROUTER:subnet_id=SUBNET, or port_id=PORT."""
    router, _, end = subject.physical_id.partition(':')
    key, _, id_ = end.partition('=')
    for port in lookup.records(around, NETWORK, PORTS, 'ports',
                               device_id=router):
        if id_ in ([port['id']] if key == 'port_id' else [
                ip['subnet_id'] for ip in port['fixed_ips']]):
            return port
    return None


def _router_gateway(subject: table.Subject, around: table.Around
                    ) -> Any | None:
    """Heat calls it ROUTER:NETWORK."""
    router, _, net = subject.physical_id.partition(':')
    found = lookup.record(around, NETWORK, ROUTERS, router, 'router')
    shown = found and found.get('external_gateway_info')
    return shown if shown and shown.get('network_id') == net else None


def _association(subject: table.Subject, around: table.Around
                 ) -> Any | None:
    """Without a port there is no association."""
    id_ = str(subject.desired.get('floatingip_id'))
    found = lookup.record(around, NETWORK, FLOATING, id_, 'floatingip')
    return found if found and found.get('port_id') else None


ASSOCIATION = table.Kind(_association, (
    lookup.plain('floatingip_id', match.text, 'id'),
    lookup.plain('port_id'), lookup.plain('fixed_ip_address')), remade=False)

BY_EXISTENCE = {
    'AddressScope': ('address-scopes', 'address_scope'),
    'MeteringLabel': ('metering/metering-labels', 'metering_label'),
    'MeteringRule': ('metering/metering-label-rules',
                     'metering_label_rule'),
    'QoSPolicy': ('qos/policies', 'policy'),
    'RBACPolicy': ('rbac-policies', 'rbac_policy'),
    'SecurityGroupRule': ('security-group-rules', 'security_group_rule'),
    'Segment': ('segments', 'segment'),
    'SubnetPool': ('subnetpools', 'subnetpool'),
    'Trunk': ('trunks', 'trunk'),
    'VPNService': ('vpn/vpnservices', 'vpnservice'),
    'IKEPolicy': ('vpn/ikepolicies', 'ikepolicy'),
    'IPsecPolicy': ('vpn/ipsecpolicies', 'ipsecpolicy'),
    'IPsecSiteConnection': ('vpn/ipsec-site-connections',
                            'ipsec_site_connection')}
"""Type -> path and key of those that are there or not."""

BY_NAME = ('AddressScope', 'MeteringLabel', 'QoSPolicy', 'SubnetPool',
           'Trunk')


def _by_existence(name: str) -> table.Kind:
    path, key = BY_EXISTENCE[name]
    return table.Kind(
        lookup.by_path(NETWORK, f'{ROOT}/{path}', key),
        (NAME,) if name in BY_NAME else ())


KINDS = {
    **{f'OS::Neutron::{name}': _by_existence(name) for name in BY_EXISTENCE},
    'AWS::EC2::Subnet': table.Kind(SUBNET.find),
    'OS::Neutron::FloatingIP': FLOATING_IP,
    'OS::Neutron::FloatingIPAssociation': ASSOCIATION,
    'OS::Neutron::Net': table.Kind(
        lookup.by_path(NETWORK, NETS, 'network'), NET),
    'OS::Neutron::Port': PORT,
    'OS::Neutron::ProviderNet': table.Kind(
        lookup.by_path(NETWORK, NETS, 'network'), PROVIDER_NET),
    'OS::Neutron::Router': ROUTER,
    'OS::Neutron::RouterGateway': table.Kind(
        _router_gateway, remade=False),
    'OS::Neutron::RouterInterface': table.Kind(
        _interface, remade=False),
    'OS::Neutron::SecurityGroup': SECURITY_GROUP,
    'OS::Neutron::Subnet': SUBNET}
