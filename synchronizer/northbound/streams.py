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

"""The rows of the streams, and what must hold of them for an answer."""

from collections.abc import Iterable
from collections.abc import Sequence
import dataclasses

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.model import stream as stream_module
from synchronizer.store import base

Rows = dict[str, stream_module.Stream]


@dataclasses.dataclass(frozen=True, slots=True)
class Streams:
    """Reads rows; RequestErrors where they are not as they must be."""

    store: base.Store
    """Where the rows are."""

    def rows(self, types: Iterable[str]) -> Rows:
        """The rows of these types, in this order, all of them."""
        types = list(types)
        rows = self.store.streams(types)
        missing = [type_ for type_ in types if type_ not in rows]
        if missing:
            raise exception.Unavailable(
                f'not in the store yet: {", ".join(missing)}')
        return {type_: rows[type_] for type_ in types}

    def collected(self, types: Sequence[str]) -> Rows:
        """The same, none of them never collected."""
        rows = self.rows(types)
        for type_, row in rows.items():
            if row.collected_at is None:
                raise exception.SnapshotNotReady(
                    f'{type_} has never been collected')
        return rows

    def demand_epochs(self, heads: dict[str, wire.Head]) -> None:
        """Epochs never come back: the same now, the same in between."""
        for type_, row in self.rows(heads).items():
            if row.epoch != heads[type_].epoch:
                raise exception.InvalidMarker(
                    f'{type_} has begun another epoch')
