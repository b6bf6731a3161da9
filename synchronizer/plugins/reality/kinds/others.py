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

"""Types of other services: existence, and what is cheap and certain."""

from typing import Any

from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table
from synchronizer.plugins.reality.kinds import lookup
from synchronizer.plugins.reality.kinds import nova

IDENTITY, HEAT = 'identity', 'orchestration'

NAME, DESCRIPTION = lookup.plain('name'), lookup.plain('description')
ENABLED = lookup.plain('enabled', match.boolean)

USER = (NAME, DESCRIPTION, lookup.plain('email'), ENABLED,
        table.Property('default_project', match.reference(lookup.naming(
            IDENTITY, '/projects', 'project',
            match.shown_or(None, 'default_project_id')))))

IDENTITIES = {
    'Domain': ('domains', 'domain', (NAME, DESCRIPTION, ENABLED)),
    'Endpoint': ('endpoints', 'endpoint', (
        lookup.plain('interface'), lookup.plain('url'), ENABLED)),
    'Group': ('groups', 'group', (NAME, DESCRIPTION)),
    'Project': ('projects', 'project', (NAME, DESCRIPTION, ENABLED)),
    'Region': ('regions', 'region', (DESCRIPTION,)),
    'Role': ('roles', 'role', (NAME,)),
    'Service': ('services', 'service', (
        NAME, DESCRIPTION, lookup.plain('type'), ENABLED)),
    'User': ('users', 'user', USER)}

IMAGES = (NAME, *(lookup.plain(name) for name in (
    'container_format', 'disk_format', 'visibility')),
    *(lookup.plain(name, match.number) for name in ('min_disk', 'min_ram')),
    lookup.plain('protected', match.boolean),
    lookup.plain('tags', match.unordered))

CONFIGS = ('CloudConfig', 'MultipartMime', 'SoftwareComponent',
           'SoftwareConfig', 'StructuredConfig')
DEPLOYMENTS = ('SoftwareDeployment', 'StructuredDeployment')

BALANCING = {
    'LoadBalancer': 'loadbalancers', 'Listener': 'listeners',
    'Pool': 'pools', 'HealthMonitor': 'healthmonitors',
    'L7Policy': 'l7policies'}

SHARES = {'Share': ('shares', 'share'),
          'ShareNetwork': ('share-networks', 'share_network'),
          'ShareType': ('types', 'share_type'),
          'SecurityService': ('security-services', 'security_service')}

ALARMS = ('Alarm', 'CompositeAlarm', 'EventAlarm', 'LBMemberHealthAlarm',
          'PrometheusAlarm', 'GnocchiResourcesAlarm',
          'GnocchiAggregationByMetricsAlarm',
          'GnocchiAggregationByResourcesAlarm')


def _image(subject: table.Subject, around: table.Around) -> Any | None:
    return lookup.image(around, subject.physical_id)


def _heat(path: str, key: str) -> table.Kind:
    return table.Kind(lookup.by_path(HEAT, path, key))


KINDS = {
    **{f'OS::Keystone::{name}': table.Kind(
        lookup.by_path(IDENTITY, f'/{path}', key),
        lookup.lasting(*properties),
        {'password': nova.SECRET})
        for name, (path, key, properties) in IDENTITIES.items()},
    'OS::Glance::WebImage': table.Kind(
        _image, IMAGES, {'location': nova.ONCE}),
    'OS::Glance::Image': table.Kind(_image),
    **{f'OS::Heat::{name}': _heat('/software_configs', 'software_config')
       for name in CONFIGS},
    **{f'OS::Heat::{name}': _heat(
        '/software_deployments', 'software_deployment')
        for name in DEPLOYMENTS},
    **{f'OS::Octavia::{name}': table.Kind(lookup.by_path(
        'load-balancer', f'/v2/lbaas/{path}', name.lower()), (NAME,))
        for name, path in BALANCING.items()},
    **{f'OS::Manila::{name}': table.Kind(lookup.by_path(
        'shared-file-system', f'/{path}', key))
        for name, (path, key) in SHARES.items()},
    **{f'OS::Aodh::{name}': table.Kind(lookup.by_path(
        'alarming', '/v2/alarms', '')) for name in ALARMS}}
