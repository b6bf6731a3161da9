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

"""What is said of one resource, and how it is written down."""

import dataclasses
from typing import Any

from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins.reality import index
from synchronizer.plugins.reality import table

CHANGED, MISSING, UNKNOWN = VERDICTS = ('changed', 'missing', 'unknown')

GONE = 'synchronizer:gone'
"""Marks a record of what is in sync, or cannot be compared: no entity."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """That a resource is not what its stack says, or may not be."""

    verdict: str
    """One of VERDICTS."""

    reason: str | None = None
    """A sentence."""

    differences: dict[str, table.Difference] = dataclasses.field(
        default_factory=dict)
    """By property."""

    not_comparable: dict[str, str] = dataclasses.field(default_factory=dict)
    """Property -> why."""

    shown_by: index.Thing | None = None
    """The entity in which it shows."""

    fields: tuple[str, ...] = ()
    """What of that entity, as in `Change.changed`."""

    def says(self) -> list[Any]:
        """What makes it this verdict and no other."""
        return [self.verdict, self.reason if (
            self.verdict == UNKNOWN) else None, self.properties()]

    def properties(self) -> list[dict[str, Any]]:
        """As the contract writes them."""
        return [{'property': name, 'desired': found.desired,
                 'actual': found.actual}
                for name, found in sorted(self.differences.items())]


def says(published: entity_module.Entity) -> list[Any]:
    """The same of what was published."""
    shown = published.attributes
    return [shown['verdict'],
            shown['reason'] if shown['verdict'] == UNKNOWN else None,
            shown['properties']]


def record(resource: entity_module.Entity, stack_name: str | None,
           found: Verdict, origin: dict[str, Any]) -> base.Record:
    """An entity's record. `origin`: since, caused_by and initiator."""
    shown = resource.attributes
    return {
        'id': resource.id, 'project': resource.project_id,
        'stack_id': resource.id.partition('/')[0],
        'stack_name': stack_name,
        'resource_name': resource.name,
        'resource_type': shown.get('resource_type'),
        'physical_resource_id': shown.get('physical_resource_id') or None,
        'verdict': found.verdict, 'reason': found.reason,
        'since': origin['since'], 'caused_by': origin['caused_by'],
        'initiator': origin['initiator'],
        'properties': found.properties(),
        'not_comparable': [
            {'property': name, 'reason': reason}
            for name, reason in sorted(found.not_comparable.items())]}


def kept(published: entity_module.Entity) -> base.Record:
    """The record of what was published, as it was."""
    return {**published.attributes, 'id': published.id,
            'project': published.project_id}


def gone(id_: str) -> base.Record:
    """The record of what has no entity."""
    return {'id': id_, GONE: True}
