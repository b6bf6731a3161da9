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

"""The cloud as it was at some time, page by page."""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
from typing import Any

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.model import entity as entity_module
from synchronizer.northbound import marker as marker_module
from synchronizer.northbound import pages
from synchronizer.northbound import streams
from synchronizer.store import base


@dataclasses.dataclass(frozen=True, slots=True)
class Past:
    """Answers from the journal; a time is a stamp of the contract."""

    store: base.Store
    """Read alone."""

    page_bytes: int
    """The largest page."""

    key: Callable[[], bytes]
    """What markers are signed with."""

    show: Callable[[list[entity_module.Entity]], Any]
    """Entities as a page has them."""

    def first_page(self, time: str, types: Iterable[str], limit: int
                   ) -> wire.Json:
        """The first page of all that was there at that time."""
        try:
            return self.page(time, self._heads(time, types), None, limit)
        except exception.InvalidMarker:
            # a reset came between the positions and the page
            raise exception.Unavailable(
                'the streams are being reset') from None

    def page(self, time: str, heads: dict[str, wire.Head],
             after: pages.Key | None, limit: int) -> wire.Json:
        """The page after that key."""
        answer = {'time': time, 'streams': {
            type_: {'epoch': head.epoch, 'revision': head.revision}
            for type_, head in heads.items()}}
        room = pages.room(self.page_bytes, answer, marker_module.Marker(
            heads, pages.LAST, time))
        revisions = {type_: head.revision for type_, head in heads.items()}

        def look(after: pages.Key | None, limit: int
                 ) -> list[entity_module.Entity]:
            return self.store.entities_at(revisions, after, limit, room)

        entities, more = pages.take(look, after, limit)
        streams.Streams(self.store).demand_epochs(heads)
        marker = marker_module.seal(marker_module.Marker(
            heads, pages.key_of(entities[-1]), time),
            self.key()) if more else None
        return {**answer, 'marker': marker,
                'entities': self.show(entities)}

    def entity(self, time: str, type_: str, id_: str) -> wire.Json:
        """One entity as it was, or null."""
        head = self._heads(time, [type_])[type_]
        found = self.store.entity_at(type_, id_, head.revision)
        streams.Streams(self.store).demand_epochs({type_: head})
        return {'time': time, 'epoch': head.epoch, 'revision': head.revision,
                'entity': found and wire.entity_to_dict(found)}

    def _heads(self, time: str, types: Iterable[str]
               ) -> dict[str, wire.Head]:
        """Where the streams stood; BeyondJournal tells of the one that is
        known for the shortest time."""
        heads, errors = {}, []
        for type_, row in streams.Streams(self.store).rows(types).items():
            try:
                heads[type_] = wire.Head(row.epoch,
                                         self.store.at(type_, time))
            except exception.BeyondJournal as error:
                errors.append(error)
        if errors:
            raise max(errors, key=lambda error: (
                error.since is None, error.since or ''))
        return heads
