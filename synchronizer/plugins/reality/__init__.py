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

"""Reality: what Heat believes, compared with what is, all the time.

Both sides are in the streams already: what stacks are made of, and what the
other services show. See ``doc/source/user/drift.rst``.
"""

from collections.abc import Iterable
from collections.abc import Mapping
import datetime
from typing import Any

from synchronizer.cloud import api as api_module
from synchronizer.cloud import cloud as cloud_module
from synchronizer.conf import reality as options
from synchronizer.model import change as change_module
from synchronizer.model import stream
from synchronizer.plugins import base
from synchronizer.plugins import derived
from synchronizer.plugins.reality import act
from synchronizer.plugins.reality import acting
from synchronizer.plugins.reality import asking
from synchronizer.plugins.reality import desired
from synchronizer.plugins.reality import drift
from synchronizer.plugins.reality import index
from synchronizer.plugins.reality import judge
from synchronizer.plugins.reality import kinds
from synchronizer.plugins.reality import masks
from synchronizer.plugins.reality import sight
from synchronizer.plugins.reality import trust

KEEP = 0.9
"""Part of a poll_interval for which an answer about what is no stream holds:
each sweep asks anew."""


WIRES = frozenset({'relations', 'attributes.addresses',
                   'attributes.security_groups'})
"""What of a thing changes with others that no stream has."""

VERSIONS = {'identity': {'version': '3'}}
"""Of services whose endpoint may be that of no version."""


class RealityPlugin(derived.DerivedPlugin):
    """Resources of stacks against what there is."""

    name = 'reality'
    types = (drift.Drift,)
    opts = tuple(options.OPTS)

    def __init__(self, cloud: cloud_module.Cloud, streams: derived.Streams,
                 options: Mapping[str, Any] | None = None,
                 **adapter_options: Any) -> None:
        super().__init__(cloud, streams, options, **adapter_options)
        self._apis: dict[str, api_module.Api] = {}
        self._trust = trust.Trust()
        self._eyes = sight.Eyes(streams, asking.Asking(
            streams, self._get,
            KEEP * self.options.get('poll_interval', 600)), self._trust)
        self._judge = judge.Judge(
            self._eyes, desired.Wishes(streams), masks.Masks(streams),
            kinds.kind_of, _now)
        self._actor = acting.Actor(streams, self.options, repairable)

    def kind(self, entity_type: type[base.EntityType]) -> base.EntityType:
        """The one type, with all that it works with."""
        return drift.Drift(self.streams, self._judge, self._trust,
                           self.options.get('concurrency', 4))

    def _get(self, service_type: str, path: str, **query: Any) -> Any:
        """What a service says of what is no stream."""
        if service_type not in self._apis:
            self._apis[service_type] = self._cloud.api(
                service_type, service_type=service_type,
                **VERSIONS.get(service_type, {}), **self._adapter_options)
        return self._apis[service_type].get(path, **query).body

    def concerns(self, change: change_module.Change
                 ) -> Iterable[tuple[str, str]]:
        """The resources that were judged by it; and where it touched what
        hangs together, those beside them that no stream tells of."""
        found = set(self._eyes.index.of((change.type, change.id)))
        if change.type == sight.RESOURCE:
            found.add(change.id)
            found |= self._eyes.index.of(
                (index.MEMBERS, change.id.partition('/')[0]))
        elif _is_of_wires(change):
            found |= self._eyes.beside(found)
        self._eyes.ask_anew(found)
        return [(judge.DRIFT, id_) for id_ in found]

    def heed(self, rows: Mapping[str, stream.Stream]) -> bool:
        """A stream that is believed no more, or again, changes verdicts."""
        return self._trust.heed(rows)

    def tend(self) -> None:
        """Have repaired what is to be repaired."""
        self._actor.step()


def _is_of_wires(change: change_module.Change) -> bool:
    """Whether a port, say, may have come or gone with it."""
    return change.action != change_module.UPDATED or not WIRES.isdisjoint(
        change.changed)


def repairable(resource_type: str, name: str) -> bool:
    """Whether an update of its stack would put a property right, or make
    the thing itself anew."""
    kind = kinds.kind_of(resource_type)
    if kind is not None and name == act.ITSELF:
        return kind.remade
    return kind is not None and any(
        one.repaired for one in kind.properties if one.name == name)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime(
        '%Y-%m-%dT%H:%M:%S.%fZ')
