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

"""What differs between two states of one stream, told as changes."""

from collections.abc import Mapping

from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import kept
from synchronizer.model import position as position_module

Entities = Mapping[str, entity_module.Entity]


def changes(old: Entities, new: Entities, epoch: str, before: int = 0,
            committed_at: str = '') -> list[change_module.Change]:
    """The steps from one state to the other, with the cause ``resync``.

    Deletions come first and bear `before`, a revision from before the gap;
    the others follow in the order of their entities' revisions. So whoever
    has seen some of these, and no more, and asks for what came after the
    last revision seen, misses nothing.
    """
    gone = [_change(change_module.DELETED, old[id_], epoch, before,
                    committed_at)
            for id_ in sorted(old.keys() - new.keys())]
    rest = [change for id_, entity in new.items()
            if (change := _step(old.get(id_), entity, epoch, committed_at))]
    return gone + sorted(rest, key=lambda change: (change.revision,
                                                   change.id))


def _step(old: entity_module.Entity | None, new: entity_module.Entity,
          epoch: str, committed_at: str) -> change_module.Change | None:
    if old is None:
        return _change(change_module.CREATED, new, epoch, new.revision,
                       committed_at)
    if kept.same(old, new):
        return None
    differing = entity_module.differences(old, new)
    return _change(change_module.UPDATED, new, epoch, new.revision,
                   committed_at, differing) if differing else None


def _change(action: str, entity: entity_module.Entity, epoch: str,
            revision: int, committed_at: str,
            changed: tuple[str, ...] = ()) -> change_module.Change:
    return change_module.Change(
        action, entity, change_module.RESYNC, changed, epoch, revision,
        committed_at)


def floor(old: position_module.Position | None,
          new: position_module.Position) -> int:
    """The last revision before a gap, as the new stream counts."""
    if old is None or old.epoch != new.epoch or old.revision > new.revision:
        return 0
    return old.revision
