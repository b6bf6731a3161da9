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

"""One stream in memory, and what can be read of it."""

import bisect
from collections.abc import Iterator
import dataclasses
import itertools

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream as stream_module
from synchronizer.store import codec
from synchronizer.store import past
from synchronizer.store import plan as plan_module

Row = codec.EntityRow | codec.ChangeRow


def entity(row: Row) -> entity_module.Entity | None:
    """As it stands, or as it stood before that change."""
    return (codec.entity(row) if isinstance(row, codec.EntityRow)
            else past.entity_before(row))


@dataclasses.dataclass(slots=True)
class Shelf:
    """All there is of one stream."""

    row: stream_module.Stream
    living: dict[str, codec.EntityRow] = dataclasses.field(
        default_factory=dict)
    journal: list[codec.ChangeRow] = dataclasses.field(default_factory=list)
    last_commit: str = ''
    committed_at: str = ''
    order: list[str] | None = None
    known_since: str | None = None

    @property
    def head(self) -> plan_module.Head:
        """Where it stands, as a commit looks at it."""
        return plan_module.Head(self.row.epoch, self.row.term,
                                self.row.revision, self.last_commit,
                                self.committed_at)

    def set(self, **values: object) -> None:
        """Change columns of the stream's row."""
        self.row = dataclasses.replace(self.row, **values)

    def ids(self) -> list[str]:
        """In order; sorted anew only where ids came or went."""
        if self.order is None:
            self.order = sorted(self.living)
        return self.order

    def after(self, id_: str | None, count: int) -> list[codec.EntityRow]:
        """So many rows after an id (from the first), in order."""
        ids = self.ids()
        start = 0 if id_ is None else bisect.bisect_right(ids, id_)
        return [self.living[id_] for id_ in ids[start:start + count]]

    def moment(self, revision: int) -> str:
        """When a change of the journal was committed."""
        return self.journal[revision - self.row.oldest_revision].committed_at

    def first_after(self, revision: int) -> dict[str, codec.ChangeRow]:
        """Of each id the first change after that revision."""
        past.check_reach(self.row, self.known_since, revision)
        first: dict[str, codec.ChangeRow] = {}
        start = revision + 1 - self.row.oldest_revision
        for row in itertools.islice(self.journal, start, None):
            first.setdefault(row.id, row)
        return first

    def lived(self, revision: int, after: str | None
              ) -> Iterator[tuple[int, Row]]:
        """Rows of those who lived then, with weights, in order."""
        first = self.first_after(revision)
        for id_ in sorted(self.living.keys() | first.keys()):
            if after is not None and id_ <= after:
                continue
            change = first.get(id_)
            if change is None:
                yield self.living[id_].weight, self.living[id_]
            elif change.action != change_module.CREATED:
                yield past.weigh(change), change
