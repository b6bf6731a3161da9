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

"""Drift as rows: a property each, desired and actual side by side."""

from collections.abc import Iterator
from typing import Any
from typing import TYPE_CHECKING

from synchronizer.cmd.user import words
from synchronizer.model import entity as entity_module

if TYPE_CHECKING:
    from synchronizer.plugins.reality import act

VERDICTS = ('changed', 'missing', 'unknown')
CERTAIN = ('changed', 'missing')
"""Those that are no doubt."""

COLUMNS = ('stack_name', 'resource_name', 'resource_type', 'verdict',
           'property', 'desired', 'actual', 'since', 'initiator', 'reason')
LONG = ('project_id', 'stack_id', 'physical_resource_id', 'caused_by')
PLAN = ('stack_name', 'resource_name', 'resource_type', 'verdict', 'since',
        'act', 'why', 'reason')

NOT_COMPARABLE = 'not-comparable'
"""The verdict on a property of which nothing can be said."""

WIDEST = 50
"""Letters of what is cut in a table."""

_CUT = ('desired', 'actual', 'reason', 'why')
_SIDES = ('desired', 'actual')
_OWN = ('stack_name', 'stack_id', 'resource_name', 'resource_type',
        'physical_resource_id', 'since', 'initiator', 'reason', 'caused_by')

Row = dict[str, Any]


def stack_of(drift: entity_module.Entity) -> str:
    """The id of the stack that it lies in."""
    return drift.id.partition('/')[0]


def order(drift: entity_module.Entity) -> tuple[str, str, str]:
    """By stack and resource."""
    return (drift.attributes.get('stack_name') or '', stack_of(drift),
            drift.id)


def rows(drift: entity_module.Entity, long: bool) -> Iterator[Row]:
    """One for each property, or one for all of it; and, if `long`, one for
    each that cannot be compared."""
    shown = _common(drift)
    for one in drift.attributes.get('properties') or ({},):
        yield {**shown, **one}
    if long:
        for one in drift.attributes.get('not_comparable') or ():
            yield {**shown, 'verdict': NOT_COMPARABLE, **one}


def planned(drift: entity_module.Entity, decision: 'act.Decision') -> Row:
    """What is done about it."""
    return {**_common(drift), 'act': decision.act, 'why': decision.why,
            'reason': decision.reason or None}


def for_people(row: Row) -> Row:
    """The same for a table: each value on one line, and not too wide."""
    is_compared = row.get('property') and row['verdict'] != NOT_COMPARABLE
    told = {name: words.as_json(value) if (
        name in _SIDES and is_compared and not isinstance(value, str))
        else _told(name, value) for name, value in row.items()}
    return {name: cut(words.line(value)) if name in _CUT
            else words.line(value) for name, value in told.items()}


def cut(text: str) -> str:
    """The beginning of a long one."""
    return text if len(text) <= WIDEST else f'{text[:WIDEST - 3]}...'


def _told(name: str, value: Any) -> str:
    if value is None:
        return ''
    if isinstance(value, bool):
        return 'yes' if value else 'no'
    if name == 'caused_by':
        return f'{value["type"]} {value["id"]} {value["revision"]}'
    return str(words.as_text(value))


def _common(drift: entity_module.Entity) -> Row:
    return {**{name: drift.attributes.get(name) for name in _OWN},
            'project_id': drift.project_id, 'verdict': drift.state,
            'property': None, 'desired': None, 'actual': None}
