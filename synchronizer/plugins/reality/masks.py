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

"""Which values must not be told, though they differ."""

from collections.abc import Container
from collections.abc import Mapping
from typing import Any

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.plugins import base
from synchronizer.plugins import derived
from synchronizer.plugins.heat import secrets
from synchronizer.plugins.heat import stacks as stacks_module
from synchronizer.plugins.heat import taint as taint_module
from synchronizer.plugins.reality import table

STACK = 'heat.stack'


UNTOLD = 'it cannot be compared, and is not to be told'


class _Held:
    """The stacks that `taint` needs to know, as the stream has them."""

    def __init__(self, streams: derived.Streams) -> None:
        self._streams = streams

    def known(self, id_: str) -> base.Record | None:
        """A stack's record."""
        found = self._streams.held(STACK, [id_]).get(id_)
        return found and found.attributes


class Masks:
    """Hides what is made of hidden parameters, and what looks like a
    credential. What cannot be told for certain is hidden."""

    def __init__(self, streams: derived.Streams) -> None:
        self._streams = streams
        self._taint = taint_module.Taint(_Held(streams))

    def shown(self, stack: entity_module.Entity, resource: str,
              differences: Mapping[str, table.Difference],
              silent: Mapping[str, str]
              ) -> tuple[dict[str, table.Difference], dict[str, str]]:
        """Differences, and reasons why others are not to be had, masked: a
        reason may name a value."""
        hidden = self._hidden(stack, resource)
        return {name: table.Difference(*(
            secrets.HIDDEN if hidden is None or name in hidden
            else masked(name, value)
            for value in (found.desired, found.actual)))
            for name, found in differences.items()}, {
                name: UNTOLD if hidden is None or name in hidden
                or secrets.public(reason) != reason else reason
                for name, reason in silent.items()}

    def keep(self, stacks: Container[str]) -> None:
        """Forget the templates of other stacks."""
        self._taint.keep(stacks.__contains__)

    def _hidden(self, stack: entity_module.Entity, resource: str
                ) -> frozenset[str] | None:
        """The properties that are not to be told; None: all."""
        try:
            session = self._streams.session(STACK)
            tainted = self._taint.of(session, stack.attributes)
            if tainted.everything:
                return None
            if not tainted.has(resource):
                return frozenset()
            path = stacks_module.path_of(stack.attributes)
            return taint_module.properties(
                session.get(f'{path}/template').body, resource)
        except exception.CloudError:
            return None


def masked(name: str, value: Any) -> Any:
    """A value as it may be told."""
    if secrets.is_named(name):
        return secrets.HIDDEN
    if isinstance(value, dict):
        return {key: masked(key, inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [masked('', member) for member in value]
    return value if secrets.public(value) == value else secrets.HIDDEN
