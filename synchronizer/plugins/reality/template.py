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

"""What a template says of one resource, where its events do not tell.

Only what can be known for certain is resolved: parameters, ids of other
resources, and texts and lists made of these.
"""

from collections.abc import Callable
from collections.abc import Mapping
import json
from typing import Any

from synchronizer.plugins.heat import secrets

Ids = Callable[[str], str | None]
"""Resource name -> its physical id, if it is known."""


class Unresolved(Exception):
    """Why a value cannot be told."""


class Resolver:
    """Resolves the values of one stack."""

    def __init__(self, parameters: Mapping[str, Any], ids: Ids) -> None:
        self._parameters, self._ids = parameters, ids
        self._functions: dict[str, Callable[[Any], Any]] = {
            'get_param': self._get_param, 'Ref': self._ref,
            'get_resource': self._get_resource,
            'str_replace': self._str_replace,
            'list_join': self._list_join, 'Fn::Join': self._list_join}

    @classmethod
    def of(cls, template: Any, shown: Mapping[str, Any], ids: Ids
           ) -> 'Resolver':
        """Heat shows the parameters of a stack as text."""
        declared = _section(template, 'parameters')
        return cls({name: _typed(value, declared.get(name))
                    for name, value in shown.items()}, ids)

    def properties(self, template: Any, resource: str
                   ) -> tuple[dict[str, Any], dict[str, str]]:
        """Those that the template sets; and those whose values cannot be
        told, with the reason."""
        found: dict[str, Any] = {}
        silent: dict[str, str] = {}
        for name, value in _properties(template, resource).items():
            try:
                found[name] = self.value(value)
            except Unresolved as reason:
                silent[name] = str(reason)
        return found, silent

    def value(self, value: Any) -> Any:
        """What a value of a template comes to."""
        if isinstance(value, list):
            return [self.value(member) for member in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, inner = next(iter(value.items()))
            if name in self._functions:
                return self._functions[name](inner)
            if _is_function(name):
                raise Unresolved(f'its value is made by {name}')
        return {key: self.value(inner) for key, inner in value.items()}

    def _get_param(self, says: Any) -> Any:
        name, *path = says if isinstance(says, list) else [says]
        if name not in self._parameters:
            raise Unresolved(f'there is no parameter {name}')
        found = self._parameters[name]
        if isinstance(found, Unresolved):
            raise found
        if found == secrets.HIDDEN:
            raise Unresolved(f'the parameter {name} is hidden')
        for step in path:
            try:
                found = found[self.value(step)]
            except (KeyError, IndexError, TypeError) as error:
                raise Unresolved(
                    f'the parameter {name} has no {step}') from error
        return found

    def _get_resource(self, name: Any) -> str:
        found = self._ids(str(name))
        if not found:
            raise Unresolved(f'the id of {name} is not known')
        return found

    def _ref(self, name: Any) -> Any:
        if name in self._parameters:
            return self._get_param(name)
        return self._get_resource(name)

    def _str_replace(self, says: Any) -> str:
        if not isinstance(says, dict) or not isinstance(
                says.get('params'), dict):
            raise Unresolved('its value is made by str_replace')
        text = self.value(says.get('template'))
        # the longest first, as Heat does
        for name in sorted(says['params'], key=len, reverse=True):
            text = str(text).replace(
                name, _text(self.value(says['params'][name])))
        return text

    def _list_join(self, says: Any) -> str:
        if not isinstance(says, list) or len(says) < 2:
            raise Unresolved('its value is made by list_join')
        members = [member for part in says[1:]
                   for member in self.value(part) or ()]
        return str(says[0]).join(map(_text, members))


def _text(value: Any) -> str:
    if value is None:
        return ''
    if not isinstance(value, str | int | float) or isinstance(value, bool):
        raise Unresolved('its value is made of what is no text')
    return str(value)


def _is_function(name: str) -> bool:
    return name.startswith(('Fn::', 'get_', 'str_', 'list_', 'map_')) or (
        name in FUNCTIONS)


FUNCTIONS = frozenset({
    'repeat', 'digest', 'resource_facade', 'yaql', 'equals', 'if', 'not',
    'and', 'or', 'contains', 'filter', 'make_url'})


def is_external(template: Any, resource: str) -> bool:
    """Whether Heat was given the thing, and never sets its properties."""
    says = _section(template, 'resources').get(resource)
    return isinstance(says, dict) and bool(says.get('external_id'))


def _section(template: Any, name: str) -> Mapping[str, Any]:
    place = template if isinstance(template, dict) else {}
    found = place.get(name, place.get(name.capitalize()))
    return found if isinstance(found, dict) else {}


def _typed(value: Any, says: Any) -> Any:
    type_ = str(says.get('type') if isinstance(says, dict) else '').lower()
    if not isinstance(value, str) or value == secrets.HIDDEN:
        return value
    if type_ in ('comma_delimited_list', 'commadelimitedlist') or (
            type_.startswith('list<')):
        return [member.strip() for member in value.split(',')]
    if type_ == 'json':
        try:
            return json.loads(value)
        except ValueError:
            return Unresolved('a parameter that it is made of is no JSON')
    return value


def _properties(template: Any, resource: str) -> Mapping[str, Any]:
    place = template if isinstance(template, dict) else {}
    for step in ('resources', resource, 'properties'):
        place = place.get(step, place.get(step.capitalize())) if (
            step != resource) else place.get(step)
        if not isinstance(place, dict):
            return {}
    return place
