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

"""The baseline: which readings are news, which are old, which are doubts.

One entity is seen through several windows at once: a page of a long listing,
a refetch, an incremental listing. Each describes the cloud at *some* moment
between its request and its end. Arrival order lies, and so does "the later
start wins". What is known is only this: a reading that began after another
had ended is the newer one. Where two windows overlap and differ, nobody can
know, and the id is asked for again.
"""

from collections.abc import Collection
from collections.abc import Iterable
import enum
from typing import Any
from typing import NamedTuple

from synchronizer.model import reading as reading_module
from synchronizer.model.reading import ABSENT
from synchronizer.model.reading import BEFORE_THIS_RUN


class Verdict(enum.Enum):
    """What a reading is, compared with what is held."""

    SAME = 'same'
    NEWER = 'newer'
    OLDER = 'older'
    DOUBT = 'doubt'


class Entry(NamedTuple):
    """The last accepted value of an id, and the window it came from."""

    digest: str | None
    window: reading_module.Window
    mark: int | None = None
    """Of the record that showed it, if it need not be read again."""


Shown = tuple[str, int | None, Any]
"""Id and mark of a record, and the record."""

NEVER_SEEN = Entry(ABSENT, BEFORE_THIS_RUN)


class Baseline:
    """All ids of one stream, living and lately dead. Not thread-safe."""

    def __init__(self, digests: Iterable[tuple[str, str]] = ()) -> None:
        """Start from what an earlier run left, as (id, digest)."""
        self._left = dict(digests)
        self._living: dict[str, Entry] = {}
        self._tombstones: dict[str, Entry] = {}

    def __len__(self) -> int:
        return len(self._living) + len(self._left)

    def __contains__(self, id_: str) -> bool:
        return id_ in self._living or id_ in self._left

    @property
    def living(self) -> Collection[str]:
        """The living ids."""
        return self._living.keys() | self._left.keys() if self._left else (
            self._living.keys())

    def entry(self, id_: str) -> Entry:
        """What is held of an id; of one never seen, its absence."""
        held = self._living.get(id_) or self._tombstones.get(id_)
        if held is None and id_ in self._left:
            return Entry(self._left[id_], BEFORE_THIS_RUN)
        return held or NEVER_SEEN

    def unlike(self, shown: Iterable[Shown], window: reading_module.Window
               ) -> list[Shown]:
        """Those of the records that are not the very ones whose values are
        held. The others say the same, and are taken as such."""
        living, start, others = self._living, window.start, []
        for each in shown:
            held = living.get(each[0])
            if held is None or held.mark is None or held.mark != each[1]:
                others.append(each)
            elif start > held.window.start:
                living[each[0]] = Entry(held.digest, window, held.mark)
        return others

    def accept(self, reading: reading_module.Reading,
               held: Entry | None = None) -> Verdict:
        """Take a reading, if it is news. A doubt touches nothing. `held`:
        what is held of its id, where that is known."""
        held, window = held or self.entry(reading.id), reading.window
        if reading.digest == held.digest:
            if window.start > held.window.start:
                self.hold(reading.id, Entry(
                    reading.digest, window, reading.mark))
            return Verdict.SAME
        if window.start >= held.window.end:
            self.hold(reading.id, Entry(
                reading.digest, window, reading.mark))
            return Verdict.NEWER
        if window.end <= held.window.start:
            return Verdict.OLDER
        return Verdict.DOUBT

    def hold(self, id_: str, entry: Entry) -> None:
        """Set an entry; also how a failed commit is taken back."""
        if self._left:
            self._left.pop(id_, None)
        if entry.digest is not ABSENT:
            self._tombstones.pop(id_, None)
            self._living[id_] = entry
            return
        self._living.pop(id_, None)
        if entry is NEVER_SEEN:
            self._tombstones.pop(id_, None)
        else:
            self._tombstones[id_] = entry

    def missing(self, early: Collection[str], started: float) -> list[str]:
        """Living ids that a complete sweep since `started` did not show.

        What it showed was read in a window of its own, which began since,
        or is held from one that ended even later; `early` are those that it
        showed all the same, by an answer from before it began. What was
        created, or refetched, while the sweep was under way is not missing:
        its window ended after the sweep had begun.
        """
        return [*(id_ for id_ in self._left if id_ not in early),
                *(id_ for id_, (_, window, _) in self._living.items()
                  if window.end <= started and window.start < started
                  and id_ not in early)]

    def forget_tombstones(self, before: float) -> None:
        """Drop tombstones that no open window can contradict any more."""
        self._tombstones = {
            id_: entry for id_, entry in self._tombstones.items()
            if entry.window.end > before}
