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

"""The contract of a plugin: one service, and its entity types.

What a plugin may assume: it is built in the process that uses it; of one
type, one whole listing runs at a time (gets, and listings of what moved or
of a part, may run beside it); every call may block. What it must do: raise,
or say "partial", rather than show less than there is.
"""

import abc
from collections.abc import Generator
from collections.abc import Iterable
from collections.abc import Mapping
import functools
from typing import Any
from typing import ClassVar
from typing import Protocol

from oslo_config import cfg

from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import session as session_module
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model import shape
from synchronizer.plugins import hints as hints_module

Record = dict[str, Any]
Listing = Generator[reading.Page, None, reading.Outcome]
"""Yields pages; what it returns tells how far to trust their absence."""


class Answer(Protocol):
    """What a session's request gives."""

    body: Any
    """The JSON of the answer."""

    window: reading.Window
    """Monotonic: from this request's sending to its body's end."""

    sampled_at: str
    """Wall clock of the sending, ISO 8601 in UTC, for people."""

    server_time: float | None
    """The service's own clock (its Date header), as a Unix time, or ours
    where its web server tells none."""

    def records(self, key: str) -> list[Record]:
        """The objects listed under that key, or BrokenAnswer."""

    def record(self, key: str) -> Record:
        """The object under that key, or BrokenAnswer."""

    def has_next(self, key: str) -> bool:
        """Whether the service says that there is another page."""

    def page(self, records: list[Record], *earlier: 'Answer'
             ) -> reading.Page:
        """Records read from this answer and, of composites, earlier ones."""


class Session(Protocol):
    """The way to one service, at the microversion of one type.

    Retries, time-outs and the meaning of HTTP errors live behind it: what
    it raises is a CloudError and final. Its NotFound has the ``window`` and
    the ``sampled_at`` of the answer.
    """

    microversion: str | None
    """What was agreed with the service."""

    page_size: int
    """How many records to ask for at once."""

    project_id: str | None
    """The project as which we ask, where a service shows others less."""

    def get(self, path: str, **query: Any) -> Answer:
        """GET the path, below the service's endpoint."""

    def patch(self, path: str, body: dict[str, Any]) -> None:
        """PATCH the path, for the few that change anything; it may be
        carried out twice."""


class EntityType(abc.ABC):
    """One type: declaration first, behaviour second."""

    name: ClassVar[str]
    """``service.noun``."""

    microversion: ClassVar[str | None] = None
    """The highest that we know the shape of; lowered to what is offered."""

    least: ClassVar[str | None] = None
    """The lowest that we can work with; a service below is Unsupported."""

    volatile: ClassVar[tuple[str, ...]] = ()
    """Paths of fields that change on an idle cloud."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """Paths of fields that must never leave the service."""

    unordered: ClassVar[tuple[str, ...]] = ()
    """Paths of lists whose order means nothing."""

    can_get: ClassVar[bool] = False
    """Whether one id can be asked for; else doubts wait for a listing."""

    can_list_since: ClassVar[bool] = False
    """Whether the service can list what moved since a time."""

    stamp: ClassVar[str | None] = None
    """The attribute in which the service says when it last wrote a record,
    if there is one: what was told of later was read too early."""

    cheap: ClassVar[bool] = False
    """Whether a get asks so little of any service that many of them do not
    cost more than a listing."""

    patience: ClassVar[float] = 0.0
    """Seconds for which a look may wait for others of the same thing, where
    only something that hangs together with it changed: for what hardly ever
    shows that."""

    untold: ClassVar[tuple[str, ...] | None] = None
    """What may change without any notification, as in `Change.changed`;
    None: nothing can be said of how the type is told of."""

    @abc.abstractmethod
    def list(self, session: Session) -> Listing:
        """Everything there is: marker restarts, repeats and parts of the
        cloud that are down are handled here."""

    def list_since(self, session: Session, when: float) -> Listing:
        """What moved since that time of the service's own clock. What it
        does not show may have moved all the same."""
        raise NotImplementedError(f'{self.name} has no incremental listing')

    def get(self, session: Session, id_: str) -> reading.Page:
        """One id: a page of one record, or of none if it is *absent*.

        Raises Undecided where the answer proves neither.
        """
        raise NotImplementedError(f'{self.name} has no get by id')

    def look_up(self, session: Session, id_: str) -> reading.Page:
        """The same by one answer, for whoever looks up many: a page of none
        that is `unproved` counts only if it is said again after `prove`."""
        return self.get(session, id_)

    def prove(self, session: Session) -> None:
        """Raise unless we see all there is; see `look_up`. One proof serves
        all that were looked up before it began."""
        raise NotImplementedError(f'{self.name} leaves nothing unproved')

    def list_part(self, session: Session, part: str) -> Listing:
        """What lies in one thing, as the resources of one stack: a listing
        whose outcome covers that and nothing else."""
        raise NotImplementedError(f'{self.name} has no parts')

    @abc.abstractmethod
    def entity(self, record: Record) -> entity_module.Entity | None:
        """The entity of a record; None if the record says that it is gone.
        Pure."""

    def forget(self) -> None:  # noqa: B027
        """What earlier listings showed is not to be relied on any more: the
        stream was taken over, or is told anew. For types that leave out of
        a listing what did not move."""

    def misread(self, record: Record) -> None:  # noqa: B027
        """A record that a listing showed could not be made an entity: the
        next one must show it again. For those same types; called before
        the listing goes on."""

    def follow(self, entity: entity_module.Entity) -> float | None:
        """In how many seconds to look again at what is not at rest yet;
        None: it is, or nobody needs to know. Pure."""
        return None

    def beside(self, entity: entity_module.Entity
               ) -> Iterable[tuple[str, str]]:
        """What else shows that it hangs together with this one, as (type,
        id): where that changes, those are looked at as well. Pure."""
        return ()

    def record_id(self, record: Record) -> str:
        """The id of any record, also of one that says that it is gone."""
        return str(record['id'])

    def attributes(self, record: Record) -> dict[str, Any]:
        """What of a record is kept."""
        return shape.strip(record, self._dropped)

    def make(self, record: Record, *, name: str | None = None,
             state: str | None = None, project_id: str | None = None,
             user_id: str | None = None,
             relations: Iterable[entity_module.Relation] = ()
             ) -> entity_module.Entity:
        """The entity of a record; of its fields, '' is null."""
        return entity_module.Entity(
            self.name, self.record_id(record), name or None,
            project_id or None, user_id or None, state or None,
            entity_module.arranged(relations), self.attributes(record))

    @functools.cached_property
    def _dropped(self) -> tuple[str, ...]:
        return self.volatile + self.secrets

    @functools.cached_property
    def declared(self) -> str:
        """A fingerprint of the declarations that shape an entity."""
        return shape.fingerprint(
            [sorted(self.volatile), sorted(self.secrets)], '1')

    def shape(self, session: Session) -> str:
        """Names the form that entities have now; see `differences`."""
        return f'{session.microversion}/{self.declared}'


class Plugin:
    """One service. Built with its options, in the process that uses it."""

    name: ClassVar[str]
    """The entry point's name, and the configuration group's."""

    types: ClassVar[tuple[type[EntityType], ...]]
    """Every type that it offers."""

    service_type: ClassVar[str | None] = None
    """What the catalogue calls the service, unless the group says otherwise;
    None: as the plugin."""

    opts: ClassVar[tuple[cfg.Opt, ...]] = ()
    """Options of its group besides those that every plugin has."""

    default_types: ClassVar[tuple[str, ...] | None] = None
    """The types that are on unless configured otherwise; None: all."""

    hints: ClassVar[hints_module.Table] = {}
    """Which of the service's notifications say to look at what."""

    silent: ClassVar[str] = (
        'is the service told to send notifications (driver, topics), and to '
        'this broker and exchange, and does no other reader take them off '
        'our queue?')
    """What is probably wrong when it does not tell what it did."""

    exchange: ClassVar[str | None] = None
    """Where the service sends its notifications, unless the group says
    otherwise; None: as the plugin."""

    topics: ClassVar[tuple[str, ...]] = ('notifications',)
    """On which topics, unless the group says otherwise."""

    def __init__(self, cloud: cloud_module.Cloud, page_size: int = 1000,
                 options: Mapping[str, Any] | None = None,
                 **adapter_options: Any) -> None:
        """Asks nothing of the network. `options` is what the plugin's group
        says, by name; one that is not there has its default."""
        self.page_size = page_size
        self.options = dict(options or {})
        self.api = cloud.api(self.name, **adapter_options)

    def kind(self, entity_type: type[EntityType]) -> EntityType:
        """One of the types, told what the options say of it."""
        return entity_type()

    def session(self, entity_type: EntityType) -> Session:
        """The way to the service for that type, its microversion agreed.

        Raises a CloudError if the service cannot be reached or is too old.
        Cheap: what the service offers is remembered for a while.
        """
        return session_module.TypeSession(
            self.api, self.page_size, entity_type.microversion,
            entity_type.least)
