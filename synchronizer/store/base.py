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

"""The contract of a store.

A store keeps, for each stream, its row (`model.stream.Stream`), the entities
that live, and the journal: every change with its revision, oldest trimmed.

What is promised:

* A commit is one transaction: entities, journal and the stream's revision
  move together or not at all, and the revision by exactly one per change.
  Changes get their revisions in the order in which they were given.
* A commit, and a report, checks in that same transaction that its term is
  still the stream's; if not it raises Fenced and changes nothing.
* A commit that raised StoreUnavailable changed nothing, unless the store
  went away with the answer and did not come back in time. Whether it was
  carried out is then found out, not guessed: the claim knows the revision
  that it builds on, and the stream's row says whether it moved, and by what.
  So it may be tried again, here and by the caller, without ever doing it
  twice: the same writes with the same claim give the changes as they were
  committed. Other writes with a claim that is used up raise Fenced, for the
  caller does not know the stream any more: it claims anew and loads.
* A read of several tables sees one moment. Positions that are read before a
  page is read are never ahead of the page.
* Ids, types and their order are compared byte by byte, on every back end.
* Every method may be called from several threads.
* Errors are those of `synchronizer.exception`: RequestErrors where a
  caller's position is not to be had, else StoreErrors.

What is not: a page may be newer than the positions that were read before
it. `trim` never drops a change that is inside both limits.

One test suite, `tests/unit/store` and `tests/functional/store`, runs over
every driver.
"""

import abc
from collections.abc import Iterable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
from typing import NamedTuple

from synchronizer import exception
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import stream as stream_module


@dataclasses.dataclass(frozen=True, slots=True)
class StreamSpec:
    """What the configuration says of a stream."""

    type: str
    """The entity type."""

    plugin: str
    """Whose it is."""

    interval: float
    """Seconds between sweeps."""


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """The right to write one stream, until somebody claims it anew."""

    type: str
    """The stream."""

    owner: str
    """Who claimed it."""

    epoch: str
    """The stream's epoch."""

    term: int
    """The fence."""

    revision: int
    """The head that the next commit builds on."""


class Stored(NamedTuple):
    """How an entity is remembered, besides its content."""

    digest: str
    """Of its content; tells its algorithm."""

    shape: str
    """Microversion and declarations that it was made with."""


class Write(NamedTuple):
    """One accepted reading on its way into the store.

    With a change it is announced. Without one it is a silent rewrite: the
    row's content, digest and shape are replaced and no revision is spent
    (the entity's own revision and sampled_at stay).
    """

    entity: entity_module.Entity
    """The new content; of a deletion, the last that was known."""

    stored: Stored
    """Its digest and shape."""

    change: change_module.Change | None = None
    """What is announced, its entity the one above; None for a rewrite."""

    before: entity_module.Entity | None = None
    """Of an update, the version that the store held until then, so that
    the past can be shown; without it, the past ends here."""

    text: str | None = None
    """The JSON of the entity's attributes, where it is known."""


class Store(abc.ABC):
    """See the module's text, which is the contract."""

    @abc.abstractmethod
    def ensure(self, specs: Iterable[StreamSpec]) -> None:
        """Make the rows that do not exist; set plugin and interval."""

    @abc.abstractmethod
    def streams(self, types: Iterable[str] | None = None
                ) -> dict[str, stream_module.Stream]:
        """The rows of these types (of all), by type; unknown: left out."""

    @abc.abstractmethod
    def secret(self) -> bytes:
        """32 random bytes made with the store, the same ever after."""

    # --- the owner -------------------------------------------------------

    @abc.abstractmethod
    def claim(self, type_: str, owner: str) -> Claim:
        """Raise the stream's term, and write the owner's name on it."""

    @abc.abstractmethod
    def load(self, type_: str) -> Iterator[tuple[str, str]]:
        """Every living id with its digest, for the baseline, in no order.
        """

    @abc.abstractmethod
    def commit(self, claim: Claim, writes: Sequence[Write]
               ) -> tuple[Claim, tuple[change_module.Change, ...]]:
        """Carry out the writes; the next claim, and the changes numbered.

        The returned changes bear epoch, revision and committed_at, their
        entities the revision (deleted ones stay as they were known).
        """

    @abc.abstractmethod
    def report(self, claim: Claim, state: str, error: str | None,
               collected_at: str | None = None,
               sweeps_served: int | None = None) -> None:
        """Write what the owner says of the stream; None leaves as it is
        (but for `error`, which is written as given)."""

    @abc.abstractmethod
    def trim(self, type_: str, before: str, keep: int) -> int:
        """Drop changes committed before that time (as committed_at is
        written), and all but the newest `keep`; how many went."""

    # --- requests to the services -----------------------------------------

    @abc.abstractmethod
    def reserve(self, service: str, count: int, rate: float) -> float:
        """Take the next so many slots of the service's budget of `rate`
        requests a second; the seconds until the first, the others follow
        1 / rate apart. No slot is given out twice, whoever asks; hosts'
        clocks do not count."""

    # --- readers ---------------------------------------------------------

    @abc.abstractmethod
    def page(self, types: Sequence[str], after: tuple[str, str] | None,
             limit: int, max_bytes: int) -> list[entity_module.Entity]:
        """Living entities of these types after (type, id), in order of
        type and id, at most `limit`, at most about `max_bytes` as JSON on
        the wire (see `weigh`), but at least one where there is one."""

    @abc.abstractmethod
    def entities(self, type_: str, ids: Iterable[str]
                 ) -> dict[str, tuple[entity_module.Entity, Stored]]:
        """Those of these ids that live."""

    @abc.abstractmethod
    def changes_since(self, type_: str, epoch: str, since: int, limit: int,
                      max_bytes: int
                      ) -> tuple[int, list[change_module.Change]]:
        """The head, and changes after `since`, oldest first, bounded like
        pages. ResyncRequired: another epoch, `since` before the journal's
        begin or beyond the head; UnknownType: no such row."""

    @abc.abstractmethod
    def history(self, type_: str, id_: str, limit: int
                ) -> list[change_module.Change]:
        """The changes of one entity in the journal, newest first."""

    # --- the past --------------------------------------------------------

    @abc.abstractmethod
    def at(self, type_: str, time: str) -> int:
        """The revision that the stream had at that time (as committed_at
        is written). The past begins when the stream was first seen whole,
        or with the newest change that was trimmed. BeyondJournal: it was
        earlier than that; UnknownType: no such row."""

    @abc.abstractmethod
    def entities_at(self, revisions: Mapping[str, int],
                    after: tuple[str, str] | None, limit: int, max_bytes: int
                    ) -> list[entity_module.Entity]:
        """Like `page`, but each type as it was at a revision: exactly what
        was written then, also of what is deleted since. What was not
        touched since may have been rewritten in silence. BeyondJournal: it
        does not go back that far any more; UnknownType: no such row."""

    @abc.abstractmethod
    def entity_at(self, type_: str, id_: str, revision: int
                  ) -> entity_module.Entity | None:
        """One of these by its id; None: it did not live."""

    # --- operators -------------------------------------------------------

    @abc.abstractmethod
    def request_sweep(self, types: Iterable[str]) -> dict[str, int]:
        """Ask the owners to sweep; the number each request got. It is met
        when the row's `sweeps_served` is that number or more."""

    @abc.abstractmethod
    def set_paused(self, type_: str, paused: bool) -> None:
        """Hold or release a stream. UnknownType: no such row."""

    @abc.abstractmethod
    def reset(self, type_: str) -> stream_module.Stream:
        """New epoch, revision 0, no entities, no journal, never collected,
        and a new term (the owner stays, and claims again)."""

    @abc.abstractmethod
    def close(self) -> None:
        """Let go of every connection."""


def check_position(row: stream_module.Stream, epoch: str, since: int) -> None:
    """ResyncRequired unless the journal goes on from that position."""
    if epoch != row.epoch:
        raise exception.ResyncRequired(f'{row.type} has another epoch now')
    if not row.oldest_revision - 1 <= since <= row.revision:
        raise exception.ResyncRequired(
            f'{row.type} has its changes after {row.oldest_revision - 1} up '
            f'to {row.revision}, not those after {since}')


def weigh(body: str) -> int:
    """About how many bytes a stored JSON text is on the wire, and no less.

    The bus writes a blank after each separator, sends the message as a text
    within a text (so each quote and backslash is two bytes), and writes the
    names of the contract around it.
    """
    plain = body.encode('utf-8', 'surrogatepass')
    bare = plain.translate(None, b',:"\\')
    return len(body) + len(plain) - len(bare) + ENVELOPE


ENVELOPE = 512
