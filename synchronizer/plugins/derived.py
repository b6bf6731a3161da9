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

"""Plugins whose entities are made of other streams, not of a service's API.

Such a plugin reads what others have collected, is told of every change of
it, and asks services only for what no stream has.
"""

import abc
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import Any
from typing import Protocol

from synchronizer.cloud import cloud as cloud_module
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream
from synchronizer.plugins import base


class Streams(Protocol):
    """The other streams, as they are stored; and a fresh look past them.

    What reads the store raises StoreErrors.
    """

    def rows(self) -> Mapping[str, stream.Stream]:
        """Every stream that is on, by type."""

    def held(self, type_: str, ids: Iterable[str]
             ) -> dict[str, entity_module.Entity]:
        """Those of these ids that live."""

    def walk(self, type_: str, prefix: str = ''
             ) -> Iterator[Sequence[entity_module.Entity]]:
        """All living entities whose ids begin so, in pages."""

    def history(self, type_: str, id_: str) -> list[change_module.Change]:
        """What the journal has of one entity, newest first."""

    def fresh(self, type_: str, id_: str) -> entity_module.Entity | None:
        """One entity as its service shows it now; None: it is absent.
        Raises a CloudError; Undecided where the type knows no such get."""

    def session(self, type_: str) -> base.Session:
        """The way to the service of that type. Raises a CloudError."""

    def look(self, type_: str, id_: str) -> None:
        """Have its collector look at an entity soon; returns at once."""


@dataclasses.dataclass(frozen=True, slots=True)
class _NoSession:
    """What is read from the store is agreed on with nobody."""

    microversion: str | None = None
    page_size: int = 1000
    project_id: str | None = None

    def get(self, path: str, **query: Any) -> base.Answer:
        """There is nothing behind it."""
        raise NotImplementedError(path)

    patch = get


class DerivedPlugin(base.Plugin, abc.ABC):
    """A plugin over streams. Its own streams are left out of those."""

    def __init__(self, cloud: cloud_module.Cloud, streams: Streams,
                 options: Mapping[str, Any] | None = None,
                 **adapter_options: Any) -> None:
        """`adapter_options` are for what no stream has, whatever its
        service is: the region and the interfaces."""
        self.options = dict(options or {})
        self.streams = streams
        self._cloud, self._adapter_options = cloud, adapter_options

    def session(self, entity_type: base.EntityType) -> base.Session:
        """There is no service to agree with."""
        return _NoSession()

    @abc.abstractmethod
    def concerns(self, change: change_module.Change
                 ) -> Iterable[tuple[str, str]]:
        """Which of our entities, as (type, id), a change of another stream
        may touch. Asks nobody."""

    def heed(self, rows: Mapping[str, stream.Stream]) -> bool:
        """How the other streams are now; whether all has to be looked at
        again because of that. Called every second or so."""
        return False

    def tend(self) -> None:  # noqa: B027
        """What there is to do besides collecting. Called every second or
        so, only while our streams are ours and not held."""
