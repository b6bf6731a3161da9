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

"""Stacks in stacks: by their being there, what they were given, and how
many members they have."""

from collections.abc import Mapping
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.reality import match
from synchronizer.plugins.reality import table

STACK, HEAT = 'heat.stack', 'orchestration'
FILES = ('.json', '.template', '.yaml', '.yml')
"""How a type ends that is a template's file."""

HIDDEN = '******'
"""What Heat shows of a hidden parameter."""


def nested_of(resource: entity_module.Entity) -> str | None:
    """The id of the stack that a resource is made of, whatever its type."""
    return next((arrow.id for arrow in resource.relations
                 if arrow.kind == 'realized-by' and arrow.type == STACK),
                None)


def find_nested(subject: table.Subject, around: table.Around) -> Any | None:
    """The nested stack; of types that are not made of one nothing is known.
    """
    id_ = nested_of(subject.resource)
    if id_ is None and subject.type.endswith(FILES):
        id_ = subject.physical_id
    if id_ is None:
        raise table.NotComparable(
            f'how to find a {subject.type} is not known')
    return around.held(STACK, id_)


def find_group(subject: table.Subject, around: table.Around) -> Any | None:
    """The nested stack that has the members."""
    return around.held(
        STACK, nested_of(subject.resource) or subject.physical_id)


def _members(around: table.Around, stack: entity_module.Entity) -> int:
    return sum(not str(member.state).startswith('DELETE')
               for member in around.members(stack.id))


def _size(desired: Any, actual: entity_module.Entity,
          subject: table.Subject, around: table.Around
          ) -> table.Difference | None:
    """So many members."""
    if desired is None:
        return None
    wanted = len(desired) if isinstance(desired, list | dict) else desired
    return match.told(wanted, _members(around, actual), match.number)


def _bound(is_over: bool) -> table.Compare:
    """Policies and signals move a group between its bounds."""
    def compare(desired: Any, actual: entity_module.Entity,
                subject: table.Subject, around: table.Around
                ) -> table.Difference | None:
        if desired is None:
            return None
        found = _members(around, actual)
        agrees = found <= int(desired) if is_over else found >= int(desired)
        return None if agrees else table.Difference(desired, found)
    return compare


MEMBERS = 'it says what the members are, which are compared themselves'
SCALED = 'policies and signals change it'


# Marked unhealthy a nested stack is replaced with all that is in it: that is
# not for one member more, or another parameter.
def _sized(name: str, **ignored: str) -> table.Kind:
    return table.Kind(find_group, (
        table.Property(name, _size, repaired=False),), ignored)


def _scaled(least: str, most: str, **ignored: str) -> table.Kind:
    return table.Kind(find_group, (
        table.Property(least, _bound(False), repaired=False),
        table.Property(most, _bound(True), repaired=False)), ignored)


def _remote(subject: table.Subject, around: table.Around) -> Any | None:
    """It may be in another region, or another cloud."""
    found = around.held(STACK, subject.physical_id)
    if found is None and subject.desired.get('context'):
        raise table.NotComparable('the stack is elsewhere')
    return found


def _elsewhere(desired: Any, actual: Any, subject: table.Subject,
               around: table.Around) -> table.Difference | None:
    """One that is found is not elsewhere."""
    return None


def _parameters(desired: Any, actual: entity_module.Entity,
                subject: table.Subject, around: table.Around
                ) -> table.Difference | None:
    """As the stack itself has them."""
    if not desired:
        return None
    path = stacks_module.path_of({'stack_name': actual.name,
                                  'id': actual.id})
    body = around.ask(HEAT, path, resolve_outputs=False)
    shown = ((body or {}).get('stack') or {}).get('parameters')
    if not isinstance(shown, Mapping):
        raise table.Unknowable('Heat shows no parameters of the stack')
    open_ = {name: value for name, value in desired.items()
             if value is not None and shown.get(name) != HIDDEN}
    if all(name in shown and _is_given(value, shown[name])
           for name, value in open_.items()):
        return None
    return table.Difference(
        open_, {name: shown.get(name) for name in open_})


def _is_given(desired: Any, shown: Any) -> bool:
    """Lists are shown as text with commas."""
    return match.written(desired, shown) or match.text(desired, shown) or (
        isinstance(desired, list)
        and match.text(','.join(map(str, desired)), shown))


NESTED = table.Kind(find_nested)

REMOTE = table.Kind(_remote, (
    table.Property('parameters', _parameters, repaired=False),
    table.Property('context', _elsewhere)))

KINDS = {
    'AWS::AutoScaling::AutoScalingGroup': _scaled(
        'MinSize', 'MaxSize', DesiredCapacity=SCALED),
    'AWS::CloudFormation::Stack': table.Kind(find_group),
    'OS::Heat::AutoScalingGroup': _scaled(
        'min_size', 'max_size', desired_capacity=SCALED, resource=MEMBERS),
    'OS::Heat::InstanceGroup': _sized('Size'),
    'OS::Heat::ResourceChain': _sized(
        'resources', resource_properties=MEMBERS),
    'OS::Heat::ResourceGroup': _sized('count', resource_def=MEMBERS),
    'OS::Heat::SoftwareDeploymentGroup': _sized('servers'),
    'OS::Heat::Stack': REMOTE,
    'OS::Heat::StructuredDeploymentGroup': _sized('servers')}
