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

"""The RPC endpoint: snapshots at a position, and the journal.

It reads the store and nothing else. Whatever goes wrong in here, a caller
sees a RequestError: the real one is in the log.
"""

from collections.abc import Callable
from collections.abc import Sequence
import functools
import inspect
import json
import threading
import time
from typing import Any

from oslo_log import log
import oslo_messaging

from synchronizer import exception
from synchronizer.bus import topics
from synchronizer.bus import transport
from synchronizer.bus import wire
from synchronizer.model import entity as entity_module
from synchronizer.model import stream as stream_module
from synchronizer.northbound import arguments
from synchronizer.northbound import freshness
from synchronizer.northbound import marker as marker_module
from synchronizer.store import base

LOG = log.getLogger(__name__)

LARGEST_REPLY = 12 * 2 ** 20
"""Bytes of an answer that cannot be paged.

A broker takes messages of 16 MiB unless told otherwise, and the envelope
escapes every quote; one that is too large would never arrive.
"""

_LONGEST_ID = 1024
_ATTEMPTS = 3


def exposed(method: Callable) -> Callable:
    """A method that may be called from the bus; RequestErrors alone pass."""
    signature = inspect.signature(method)

    @functools.wraps(method)
    def guarded(self: 'Endpoint', ctxt: Any, **kwargs: Any) -> Any:
        try:
            signature.bind(self, ctxt, **kwargs)
        except TypeError as error:
            raise exception.InvalidArgument(
                f'{method.__name__}: {error}') from None
        try:
            return method(self, ctxt, **kwargs)
        except exception.RequestError as error:
            # without the frames: a traceback travels with an exception
            raise error.with_traceback(None) from None
        except Exception:
            LOG.exception('%(method)s cannot be answered',
                          {'method': method.__name__})
        raise exception.Unavailable('the store cannot be read now')

    return transport.expose(
        oslo_messaging.expected_exceptions(exception.RequestError)(guarded))


class Endpoint:
    """What callers may ask; the contract is doc'd under "Requests"."""

    target = oslo_messaging.Target(version=topics.VERSION)

    def __init__(self, store: base.Store, types: Sequence[str], version: str,
                 host: str, page_bytes: int = 4 * 2 ** 20,
                 max_age_timeout: float = 50,
                 wall: Callable[[], float] = time.time,
                 monotonic: Callable[[], float] = time.monotonic,
                 wait: Callable[[float], object] | None = None) -> None:
        """`wait` waits for seconds, and says whether we are stopping."""
        self._store = store
        self._types = tuple(types)
        self._service = {'version': version, 'host': host}
        self._page_bytes = page_bytes
        self._freshness = freshness.Freshness(
            store, max_age_timeout, wall, monotonic,
            wait or threading.Event().wait)
        self._secret: bytes | None = None

    # --- what may be called ----------------------------------------------

    @exposed
    def describe(self, ctxt: dict) -> wire.Json:
        """The service and its streams."""
        rows = self._rows(self._types)
        return {'service': dict(self._service),
                'streams': [wire.stream_to_dict(rows[type_])
                            for type_ in self._types]}

    @exposed
    def get_all(self, ctxt: dict, types: Any = None, limit: Any = 1000,
                marker: Any = None, max_age: Any = None) -> wire.Json:
        """One page of a snapshot; a null marker ends it."""
        wanted = arguments.types(types, self._types)
        limit = arguments.limit(limit)
        max_age = arguments.max_age(max_age)
        if marker is not None:
            return self._next_page(
                wanted, limit, arguments.marker(marker))
        if max_age is not None:
            self._freshness.demand(wanted or self._types, max_age,
                                   _patience(ctxt))
        return self._first_page(wanted, limit)

    @exposed
    def get(self, ctxt: dict, type: Any, ids: Any) -> wire.Json:
        """Some entities of one type by their ids."""
        type_ = arguments.type_(type, self._types)
        wanted = arguments.ids(ids)
        self._demand_collected([type_])
        found = self._store.entities(type_, wanted)
        return _bounded({
            id_: wire.entity_to_dict(found[id_][0]) if id_ in found else None
            for id_ in wanted})

    @exposed
    def get_changes(self, ctxt: dict, type: Any, epoch: Any, since: Any,
                    limit: Any = 1000) -> wire.Json:
        """Changes after a position, oldest first."""
        type_ = arguments.type_(type, self._types)
        epoch, since = arguments.epoch(epoch), arguments.since(since)
        head, changes = self._store.changes_since(
            type_, epoch, since, arguments.limit(limit),
            self._page_bytes - base.ENVELOPE)
        last = changes[-1].revision if changes else since
        return {'epoch': epoch, 'revision': head,
                'changes': wire.changes_to_list(changes),
                'more': last < head}

    @exposed
    def get_history(self, ctxt: dict, type: Any, id: Any,
                    limit: Any = 100) -> list[wire.Json]:
        """What the journal still has of one entity, newest first."""
        type_ = arguments.type_(type, self._types)
        id_, limit = arguments.id_(id), arguments.limit(limit)
        self._demand_collected([type_])
        return _bounded(wire.changes_to_list(
            self._store.history(type_, id_, limit)))

    # --- snapshots -------------------------------------------------------

    def _first_page(self, wanted: tuple[str, ...] | None, limit: int
                    ) -> wire.Json:
        for _attempt in range(_ATTEMPTS):
            if wanted:
                rows = self._demand_collected(wanted)
            else:
                rows = self._rows(self._types)
            heads = {type_: wire.head_of(row) for type_, row in rows.items()}
            try:
                return self._page(heads, None, limit)
            except exception.InvalidMarker:
                # a reset came between the positions and the page
                continue
        raise exception.Unavailable('the streams are being reset')

    def _next_page(self, wanted: tuple[str, ...] | None, limit: int,
                   text: Any) -> wire.Json:
        marker = marker_module.unseal(text, self._key())
        if wanted is not None and set(wanted) != marker.heads.keys():
            raise exception.InvalidMarker('the marker is for other types')
        if not marker.heads.keys() <= set(self._types):
            raise exception.InvalidMarker('a type is not enabled any more')
        return self._page(marker.heads, marker.after, limit)

    def _page(self, heads: dict[str, wire.Head],
              after: tuple[str, str] | None, limit: int) -> wire.Json:
        streams = {type_: wire.head_to_dict(head)
                   for type_, head in heads.items()}
        collected = [type_ for type_, head in heads.items()
                     if head.collected_at is not None]
        entities, more = self._entities(
            collected, after, limit, self._room(heads, streams))
        self._demand_epochs(heads)
        marker = marker_module.seal(
            marker_module.Marker(heads, _key_of(entities[-1])),
            self._key()) if more else None
        return {'streams': streams, 'marker': marker,
                'entities': [wire.entity_to_dict(e) for e in entities]}

    def _entities(self, types: list[str], after: tuple[str, str] | None,
                  limit: int, room: int
                  ) -> tuple[list[entity_module.Entity], bool]:
        """At most `limit`, and whether there are more."""
        if not types:
            return [], False
        found = self._store.page(types, after, limit + 1, room)
        if len(found) > limit or not found:
            return found[:limit], bool(found)
        # cut by its bytes, or the end: only another look can tell
        return found, bool(
            self._store.page(types, _key_of(found[-1]), 1, room))

    def _room(self, heads: dict[str, wire.Head],
              streams: dict[str, wire.Json]) -> int:
        """Bytes left to the entities."""
        longest = marker_module.seal(
            marker_module.Marker(heads, ('', 'x' * _LONGEST_ID)), b'')
        used = len(json.dumps({'streams': streams, 'marker': longest,
                               'entities': []}))
        return max(1, self._page_bytes - used)

    # --- what must hold --------------------------------------------------

    def _rows(self, types: Sequence[str]
              ) -> dict[str, stream_module.Stream]:
        """The rows of these types, in this order, all of them."""
        rows = self._store.streams(types)
        missing = [type_ for type_ in types if type_ not in rows]
        if missing:
            raise exception.Unavailable(
                f'not in the store yet: {", ".join(missing)}')
        return {type_: rows[type_] for type_ in types}

    def _demand_collected(self, types: Sequence[str]
                          ) -> dict[str, stream_module.Stream]:
        rows = self._rows(types)
        for type_, row in rows.items():
            if row.collected_at is None:
                raise exception.SnapshotNotReady(
                    f'{type_} has never been collected')
        return rows

    def _demand_epochs(self, heads: dict[str, wire.Head]) -> None:
        """Epochs never come back: the same now, the same in between."""
        for type_, row in self._rows(list(heads)).items():
            if row.epoch != heads[type_].epoch:
                raise exception.InvalidMarker(
                    f'{type_} has begun another epoch')

    def _key(self) -> bytes:
        if self._secret is None:
            self._secret = self._store.secret()
        return self._secret


def _key_of(entity: entity_module.Entity) -> tuple[str, str]:
    return entity.type, entity.id


def _patience(ctxt: Any) -> float | None:
    """How long the caller waits, where its client told."""
    timeout = ctxt.get('timeout') if isinstance(ctxt, dict) else None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        return None
    return timeout if timeout > 0 else None


def _bounded(reply: Any) -> Any:
    size = len(json.dumps(reply))
    if size > LARGEST_REPLY:
        raise exception.InvalidArgument(
            f'the answer would have {size} bytes, more than the bus '
            'carries: ask for less')
    return reply
