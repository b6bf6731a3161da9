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

"""Where the values of hidden parameters have gone.

Heat hides them as parameters, but shows them in the properties, attributes
and outputs that are made of them, and in nested stacks. The template tells
which those are: whatever names a hidden parameter, or a resource that does,
and every stack nested in one with such a resource.
"""

from collections.abc import Callable
from collections.abc import Iterator
import dataclasses
import re
import threading
from typing import Any

from synchronizer.plugins import base
from synchronizer.plugins.heat import stacks as stacks_module

_SUBSTITUTED = re.compile(r'\$\{!?([^}.]+)')


@dataclasses.dataclass(frozen=True, slots=True)
class Tainted:
    """What of one stack may show a hidden value."""

    everything: bool = False
    """It is nested in one that hides something."""

    resources: frozenset[str] = frozenset()
    """Else: these resources."""

    outputs: frozenset[str] = frozenset()
    """And these outputs."""

    def has(self, resource: str) -> bool:
        """Whether that resource may."""
        return self.everything or resource in self.resources


class Taint:
    """Reads templates; each once for each update of its stack."""

    def __init__(self, stacks: 'stacks_module.Stacks') -> None:
        self._stacks = stacks
        self._lock = threading.Lock()
        self._read: dict[str, tuple[str | None, Tainted]] = {}

    def of(self, session: base.Session, stack: base.Record) -> Tainted:
        """Raises a CloudError where the template cannot be read."""
        if self._is_in_tainted(session, stack):
            return Tainted(everything=True)
        stamp = stack.get('updated_time')
        with self._lock:
            read = self._read.get(stack['id'])
        if read is None or read[0] != stamp:
            path = f'{stacks_module.path_of(stack)}/template'
            read = stamp, tainted(session.get(path).body)
            with self._lock:
                self._read[stack['id']] = read
        return read[1]

    def _is_in_tainted(self, session: base.Session, stack: base.Record
                       ) -> bool:
        id_ = stack.get('parent')
        parent = self._stacks.known(id_) if id_ else None
        if parent is None:
            # nested in one that we do not know: it may hide anything
            return bool(id_)
        above = self.of(session, parent)
        return above.everything or bool(above.resources)

    def of_named(self, session: base.Session, project: str | None, name: str
                 ) -> bool:
        """Whether what bears such a name may show a hidden value."""
        for stack in self._stacks.owning(project, name):
            found = self.of(session, stack)
            rest = name[len(stack['stack_name']) + 1:]
            if found.everything or any(
                    rest.startswith(f'{resource}-')
                    for resource in found.resources):
                return True
        return False

    def of_deployed(self, session: base.Session, inputs: Any) -> bool:
        """Whether a config with these inputs was brought to a server by a
        deployment that may show a hidden value."""
        told = {one.get('name'): one.get('value') for one in inputs or ()}
        stack = str(told.get('deploy_stack_id') or '').rpartition('/')[2]
        if not stack:
            return False
        known = self._stacks.known(stack)
        if known is None:
            known = next(iter(self._stacks.find(session, stack).records), {})
        # of a stack that is gone nothing can be told any more
        return not known or stacks_module.is_gone(known) or self.of(
            session, known).has(str(told.get('deploy_resource_name')))

    def keep(self, keeps: Callable[[str], bool]) -> None:
        """Forget the other stacks."""
        with self._lock:
            self._read = {id_: read for id_, read in self._read.items()
                          if keeps(id_)}


def tainted(template: Any) -> Tainted:
    """What of a stack of that template may show a hidden value."""
    template = template if isinstance(template, dict) else {}
    names = _hidden(template)
    resources = dict(_items(template, 'resources'))
    found: set[str] = set()
    while names:
        more = {name for name, says in resources.items()
                if name not in found and names & set(_words(says))}
        if not more:
            break
        found |= more
        names |= more
    return Tainted(False, frozenset(found), frozenset(
        name for name, says in _items(template, 'outputs')
        if names & set(_words(says))))


def properties(template: Any, resource: str) -> frozenset[str]:
    """Which properties of a resource may show a hidden value."""
    template = template if isinstance(template, dict) else {}
    hidden = _hidden(template) | tainted(template).resources
    says = dict(_items(template, 'resources')).get(resource)
    return frozenset(
        name for name, value in _items(says, 'properties')
        if hidden & set(_words(value))) if isinstance(says, dict) else (
            frozenset())


def _hidden(template: dict[str, Any]) -> set[str]:
    return {name for name, says in _items(template, 'parameters')
            if isinstance(says, dict) and (
                _is_true(says.get('hidden')) or _is_true(says.get('NoEcho')))}


def _items(template: dict[str, Any], section: str
           ) -> list[tuple[str, Any]]:
    found = template.get(section) or template.get(section.capitalize())
    return list(found.items()) if isinstance(found, dict) else []


def _is_true(value: Any) -> bool:
    return str(value).lower() == 'true'


def _words(value: Any) -> Iterator[str]:
    """All texts in a definition, and the names in them; keys are none."""
    if isinstance(value, dict):
        for inner in value.values():
            yield from _words(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _words(inner)
    elif isinstance(value, str):
        yield value
        yield value.partition('.')[0]
        yield from _SUBSTITUTED.findall(value)
