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

"""The comparison tables, by resource type: one module for each service."""

from collections.abc import Mapping
import dataclasses
from typing import Any

from synchronizer.plugins.reality import table
from synchronizer.plugins.reality.kinds import cinder
from synchronizer.plugins.reality.kinds import heat
from synchronizer.plugins.reality.kinds import neutron
from synchronizer.plugins.reality.kinds import nova
from synchronizer.plugins.reality.kinds import others

SERVICES = (
    'Aodh', 'Barbican', 'Blazar', 'Cinder', 'Designate', 'Glance', 'Heat',
    'Ironic', 'Keystone', 'Magnum', 'Manila', 'Mistral', 'Monasca',
    'Neutron', 'Nova', 'Octavia', 'Sahara', 'Senlin', 'Swift', 'Trove',
    'Vitrage', 'Zaqar', 'Zun')

BUILT_IN = ('AWS::', *(f'OS::{name}::' for name in SERVICES))
"""How the types that Heat comes with begin."""


def _or_nested(kind: table.Kind) -> table.Kind:
    """An environment may make any type a template: then what the stack has
    under that name is a stack, with members that are compared themselves.
    """
    def find(subject: table.Subject, around: table.Around) -> Any | None:
        if heat.nested_of(subject.resource) is None:
            return kind.find(subject, around)
        if heat.find_nested(subject, around) is None:
            return None
        raise table.NotComparable(f'{subject.type} is a template here')
    return dataclasses.replace(kind, find=find)


KINDS: Mapping[str, table.Kind] = {
    **{type_: _or_nested(kind) for module in (nova, cinder, neutron, others)
       for type_, kind in module.KINDS.items()},
    **heat.KINDS}
"""By resource type."""


def kind_of(resource_type: str) -> table.Kind | None:
    """How such a resource is compared; None: nothing can be said of it.

    A type that Heat does not come with is a template, or of a plug-in that
    nobody here knows: that shows with the resource.
    """
    if resource_type.startswith(BUILT_IN):
        return KINDS.get(resource_type)
    return heat.NESTED
