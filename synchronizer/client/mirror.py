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

"""The mirror: a consumer's own copy of some streams, kept equal."""

from collections.abc import Callable
from collections.abc import Hashable
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import functools
import threading
import time
from typing import Any

from oslo_config import cfg
from oslo_log import log
import oslo_messaging

from synchronizer import exception
from synchronizer.bus import transport as transport_module
from synchronizer.bus import wire
from synchronizer.client import compare
from synchronizer.client import delivery as delivery_module
from synchronizer.client import follower as follower_module
from synchronizer.client import index as index_module
from synchronizer.client import keeper as keeper_module
from synchronizer.client import rpc
from synchronizer.client import verify as verify_module
from synchronizer.client import watch as watch_module
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.model import kept
from synchronizer.model import position as position_module

LOG = log.getLogger(__name__)

Difference = verify_module.Difference
Positions = Mapping[str, Any]

_FIELDS = frozenset(
    field.name for field in dataclasses.fields(entity_module.Entity))


class Mirror:
    """All entities of some types, as the service holds them, and later on
    every change to them.

    What is promised:

    * *Level.* When `wait_synced` returns true, each type was at one moment
      exactly what the service held, and from then on moves from one state
      that the service held to the next, change by change. A type that was
      never collected is level with an empty journal: empty, until it is
      collected for the first time.
    * *Changes.* A subscriber is told every change after his subscription
      (or after the positions that were given) once, and those of one type in
      the order of their revisions. What the first snapshot holds is no
      change, and is told only to those who ask for it (`replay`).
    * *Gaps.* Messages may be lost, doubled or late, the broker and the
      service may go away and come back, this mirror may be slow: what was
      missed is read from the journal, and told in its turn. Only where the
      journal does not reach back far enough, or the stream has begun a new
      epoch, is a new snapshot taken; then the differences are told instead,
      as changes with the cause ``resync``: deletions first, then the others
      by revision. They are told as one, though one by one.
    * *Deletions* are told with the entity as it was last known. That a
      stream was reset and is being filled anew deletes nothing: the mirror
      keeps what it has until the stream was collected again.
    * *Age.* `age` never says younger than it is: it counts what is held
      here, not what the service holds, and grows while either is away.
    * *Positions.* `position` is how far all subscribers have been told,
      counting a change when all of them have returned. A mirror that is
      given saved `positions` tells every change after them. Where they are
      not to be had any more it tells all that lives as created (cause
      ``resync``); what died meanwhile it cannot know: compare with `all`.
      In the middle of a ``resync`` the position stays where it was before:
      save positions from here and not from such a change.
    * *Life.* Nothing blocks for ever, whatever the broker does. `stop`
      returns in about the time given.

    What is not:

    * There is no order between types: a volume may be attached to an
      instance that is not known yet.
    * Two changes of one entity may be one reading apart: states that the
      service never saw are not told.
    * What the service rewrites without a change (a new release that cuts
      its records differently) does not reach a mirror until its next
      snapshot.
    * Subscribers are called from one thread of the mirror, one after the
      other. One that raises is logged and counted (`errors`), and the
      change counts as told. One that is slow delays the others. When
      `backlog` changes wait for him, the mirror stops taking more (its age
      grows) and goes on from the journal once half of them are taken.
    * Changes are shared between all who are told of them: do not touch the
      `attributes` of their entities. Those of `get`, `all` and `find` are
      the caller's own; each reads its relations and attributes when they are
      first looked at.
    """

    def __init__(self, conf: cfg.ConfigOpts | None = None,
                 types: Sequence[str] | None = None,
                 positions: Positions | None = None,
                 transport: oslo_messaging.Transport | None = None, *,
                 name: str = 'mirror', timeout: float = 30,
                 backlog: int = 10_000,
                 context: Mapping[str, Any] | None = None,
                 clock: Callable[[], float] = time.monotonic,
                 wall: Callable[[], float] = time.time) -> None:
        """Nothing is connected before `start`.

        :param conf: the host program's, global or not; read for
            oslo.messaging's options only
        :param types: those to mirror; None: all enabled when it starts
        :param positions: by type, what `positions` gave in an earlier life
            (or pairs of epoch and revision); types not in it begin afresh
        :param transport: instead of one made from `conf`; not cleaned up
        :param name: of the two empty queues that a consumer leaves behind
        :param timeout: seconds for one request to the service
        :param context: who asks, as `to_policy_values` of a context of
            oslo.context has it; needed where the service has a policy
        """
        if isinstance(types, str):
            raise ValueError('types is a list of types')
        if conf is None and transport is None:
            raise ValueError('a mirror needs a conf, or a transport')
        self._own_transport = transport is None
        self._transport = transport or transport_module.get(conf)
        self._types = None if types is None else tuple(dict.fromkeys(types))
        self._resume = {type_: _position(value)
                        for type_, value in (positions or {}).items()}
        self._wall = wall
        self._clock = clock
        self._lock = threading.Condition(threading.RLock())
        self._observers: list[Callable[[change_module.Change], Any]] = []
        self._graph: Any = None
        self._indexes: dict[str, index_module.Index] = {}
        self._stopped = False
        self._timeout, self._context = timeout, context
        self._keeper = keeper_module.Keeper(
            # not tried again by the client: the keeper does, in its turn
            rpc.SynchronizerClient(
                self._transport, timeout, retries=0, context=context),
            functools.partial(self._watch, name), self._follow, self._took,
            lambda: self._delivery.is_full(), self._lock, clock)
        self._delivery = delivery_module.Delivery(
            backlog, self._keeper.nudge)

    @classmethod
    def from_url(cls, url: str, types: Sequence[str] | None = None,
                 positions: Positions | None = None, **kwargs: Any
                 ) -> 'Mirror':
        """A mirror that needs no configuration but the bus's URL."""
        mirror = cls(None, types, positions, transport_module.private(url),
                     **kwargs)
        mirror._own_transport = True
        return mirror

    # --- life ------------------------------------------------------------

    def start(self) -> None:
        """Begin; see `wait_synced`. Once in a mirror's life."""
        self._delivery.start()
        self._keeper.start(self._types)

    def wait_synced(self, timeout: float | None = None) -> bool:
        """Wait until all types are level; whether they are."""
        with self._lock:
            self._lock.wait_for(lambda: self._stopped or self.synced,
                                timeout)
            return self.synced

    @property
    def synced(self) -> bool:
        """Whether every type is level, and none is being read anew."""
        with self._lock:
            followers = self._keeper.followers
            return followers is not None and all(
                follower.phase is follower_module.Phase.FOLLOWING
                for follower in followers.values())

    def stop(self, timeout: float = 10) -> None:
        """End. What was not told yet is not told any more.

        With a broker that is there it takes up to some five seconds:
        oslo.messaging looks up from its queues no more often. What is not
        ended in time goes on ending in the background.
        """
        deadline = self._clock() + timeout
        with self._lock:
            self._stopped = True
            self._lock.notify_all()
        self._delivery.stop(timeout)
        self._keeper.stop(max(0.1, deadline - self._clock()))
        if self._own_transport:
            cleaner = threading.Thread(
                target=self._clean_up, name='mirror-cleaner', daemon=True)
            cleaner.start()
            cleaner.join(max(0.1, deadline - self._clock()))

    def __enter__(self) -> 'Mirror':
        self.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self.stop()

    # --- changes ---------------------------------------------------------

    def subscribe(self, callback: Callable[[change_module.Change], Any],
                  replay: bool = False) -> None:
        """Call `callback(change)` for every change from now on.

        With `replay` it is first told what is held now, as created
        (cause ``resync``), with no gap and nothing twice; before the mirror
        is level that is nothing, and what it then shows first is not told.
        """
        with self._lock:
            self._delivery.join(callback, self._creations() if replay else [])

    @property
    def errors(self) -> int:
        """How often a subscriber has raised."""
        return self._delivery.errors

    # --- content ---------------------------------------------------------

    @property
    def types(self) -> tuple[str, ...]:
        """Those that are mirrored, as far as that is known."""
        with self._lock:
            return tuple(self._keeper.followers or self._types or ())

    def get(self, type_: str, id_: str) -> entity_module.Entity | None:
        """One entity, or None."""
        with self._lock:
            follower = self._follower(type_)
            return follower.entities.get(id_) if follower else None

    def all(self, type_: str, **filters: Any) -> list[entity_module.Entity]:
        """Those for which every filter equals: a field of the entity, or
        else a key of its attributes; in the order of their ids."""
        with self._lock:
            follower = self._follower(type_)
            held = follower.entities.shelf() if follower else []
        return sorted((entity for entity in map(kept.of, held)
                       if _matches(entity, filters)),
                      key=lambda entity: entity.id)

    def add_index(self, name: str, type_: str, keys: index_module.Keys
                  ) -> None:
        """Keep the entities of a type findable by what `keys` gives of each,
        as ``lambda server: [server.state]``; from now on it is kept level
        with what is held."""
        with self._lock:
            if name in self._indexes:
                raise ValueError(f'there is an index {name} already')
            made = index_module.Index(type_, keys)
            self._indexes[name] = made
            self._observe(made.apply)

    def find(self, name: str, key: Hashable) -> list[entity_module.Entity]:
        """The entities that the index of that name has under a key, in the
        order of their ids. KeyError: there is no such index."""
        with self._lock:
            made = self._indexes[name]
            follower = self._follower(made.type)
            return [follower.entities[id_] for id_ in made.ids(key)
                    ] if follower else []

    def index_keys(self, name: str) -> list[Hashable]:
        """Every key of the index of that name."""
        with self._lock:
            return self._indexes[name].keys()

    def age(self, type_: str) -> float:
        """Seconds since the cloud was as it is held here, seen whole."""
        with self._lock:
            follower = self._follower(type_)
            collected_at = follower.collected_at if follower else None
        if collected_at is None:
            return float('inf')
        return max(0.0, self._wall() - wire.seconds(collected_at))

    def state(self, type_: str) -> str | None:
        """The stream's state, as it was told last."""
        with self._lock:
            follower = self._follower(type_)
            return follower.state if follower else None

    def position(self, type_: str) -> position_module.Position | None:
        """How far subscribers were told; None before the type is level."""
        with self._lock:
            follower = self._follower(type_)
            if follower is None:
                return self._resume.get(type_)
            return self._delivery.position(type_, follower.position)

    def positions(self) -> dict[str, position_module.Position]:
        """The positions of all types that have one, to be saved; those that
        were given count until they are known anew, or for good where a type
        is not there just now."""
        types = dict.fromkeys((*self._resume, *self.types))
        return {type_: position for type_ in types
                if (position := self.position(type_)) is not None}

    def verify(self, timeout: float = 60) -> list[Difference]:
        """Compare with the service, exactly: a fresh snapshot is brought to
        the very revision that is held here. Empty: all is equal.

        BusError, RequestError: it could not be compared.
        """
        if not self.types:
            raise exception.Unavailable('the types are not known yet')
        return verify_module.verify(
            rpc.SynchronizerClient(
                self._transport, self._timeout, context=self._context),
            self.types, self._held, self._keeper.hear,
            self._lock, timeout, self._clock)

    @property
    def graph(self) -> Any:
        """All that is held as an EntityGraph, made when first asked for and
        kept current from then on. It may change while it is looked at: for
        questions that take long there is `graph_copy`."""
        with self._lock:
            if self._graph is None:
                # networkx is not needed by those who want no graph
                from synchronizer import graph
                self._graph = graph.EntityGraph()
                self._observe(self._draw)
            self._graph.types = self._level_types()
            return self._graph

    def graph_copy(self) -> Any:
        """The graph of this moment, which nobody changes any more."""
        with self._lock:
            return self.graph.copy()

    def _level_types(self) -> list[str]:
        """Those of which everything is held that the cloud was seen to
        have."""
        return [type_ for type_, follower in (
            self._keeper.followers or {}).items()
            if follower.phase is follower_module.Phase.FOLLOWING
            and follower.collected_at is not None]

    # --- inside ----------------------------------------------------------

    def _observe(self, observer: Callable[[change_module.Change], Any]
                 ) -> None:
        """Keep something equal to the content: it is called under the lock,
        with the steps of the content, the first snapshot included."""
        for change in self._creations():
            observer(change)
        self._observers.append(observer)

    def _draw(self, change: change_module.Change) -> None:
        """The graph has them as they are held: not looked into."""
        if change.action != change_module.DELETED:
            change = dataclasses.replace(
                change, entity=kept.of(change.entity))
        self._graph.apply(change)

    def _creations(self) -> list[change_module.Change]:
        return [change
                for follower in (self._keeper.followers or {}).values()
                if follower.entities
                for change in compare.changes({}, follower.entities,
                                              follower.position.epoch)]

    def _follower(self, type_: str) -> follower_module.Follower | None:
        return (self._keeper.followers or {}).get(type_)

    def _held(self, type_: str) -> verify_module.Held | None:
        with self._lock:
            follower = self._follower(type_)
            if follower is None or (
                    follower.phase is not follower_module.Phase.FOLLOWING):
                return None
            return verify_module.Held(follower.position,
                                      dict(follower.entities))

    def _follow(self, type_: str) -> follower_module.Follower:
        return follower_module.Follower(
            type_, self._resume.get(type_), lambda: wire.text(self._wall()),
            lambda: bool(self._observers))

    def _watch(self, name: str, types: Sequence[str],
               hear: Callable[[watch_module.Message], None],
               listening: Callable[[], None]) -> watch_module.Watch:
        return watch_module.Watch(self._transport, types, hear, listening,
                                  name, self._clock)

    def _took(self, follower: follower_module.Follower,
              step: follower_module.Step) -> None:
        for observer in self._observers:
            self._show(observer, step.shown)
        if step.told:
            self._delivery.tell(follower.type, step.told, step.since,
                                follower.position)

    def _show(self, observer: Callable[[change_module.Change], Any],
              changes: Iterable[change_module.Change]) -> None:
        try:
            for change in changes:
                observer(change)
        except Exception:
            LOG.exception('What is kept beside the mirror has failed')

    def _clean_up(self) -> None:
        try:
            self._transport.cleanup()
        except Exception as error:
            LOG.debug('The transport was not cleaned up: %(error)s',
                      {'error': error})


def _position(value: Any) -> position_module.Position:
    """A position, however it was saved."""
    if isinstance(value, position_module.Position):
        return value
    if isinstance(value, Mapping):
        return position_module.Position(value['epoch'], value['revision'])
    epoch, revision = value
    return position_module.Position(epoch, revision)


def _matches(entity: entity_module.Entity, filters: dict[str, Any]) -> bool:
    return all(
        getattr(entity, name) == value if name in _FIELDS
        else name in entity.attributes and entity.attributes[name] == value
        for name, value in filters.items())
