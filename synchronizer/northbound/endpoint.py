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
from collections.abc import Iterator
from collections.abc import Sequence
import contextlib
import functools
import inspect
import json
import threading
import time
from typing import Any

from oslo_log import log
import oslo_messaging

from synchronizer import exception
from synchronizer import memory
from synchronizer import metrics
from synchronizer.bus import transport
from synchronizer.bus import wire
from synchronizer.model import entity as entity_module
from synchronizer.northbound import arguments
from synchronizer.northbound import freshness
from synchronizer.northbound import marker as marker_module
from synchronizer.northbound import pages
from synchronizer.northbound import past
from synchronizer.northbound import policies
from synchronizer.northbound import policy
from synchronizer.northbound import streams as streams_module
from synchronizer.store import base

LOG = log.getLogger(__name__)

LARGEST_REPLY = 12 * 2 ** 20
"""Bytes of an answer that cannot be paged.

A broker takes messages of 16 MiB unless told otherwise, and the envelope
escapes every quote; one that is too large would never arrive.
"""

VERSION = '1.2'
"""Of the requests; 1.1 brought the past, 1.2 the packed form. Callers ask
for the lowest version that has what they want, so that an older service
still answers."""

_ATTEMPTS = 3

AT_ONCE = 4
"""Answers of a page's size that are made at a time. One interpreter makes
more of them no sooner, and each takes memory until it is sent."""

Show = Callable[[list[entity_module.Entity]], Any]


def exposed(method: Callable) -> Callable:
    """A method that may be called from the bus; RequestErrors alone pass."""
    signature = inspect.signature(method)

    @functools.wraps(method)
    def counted(self: 'Endpoint', ctxt: Any, **kwargs: Any) -> Any:
        with metrics.answering(method.__name__):
            return guarded(self, ctxt, **kwargs)

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
        oslo_messaging.expected_exceptions(exception.RequestError)(counted))


class Endpoint:
    """What callers may ask; the contract is doc'd under "Requests"."""

    target = oslo_messaging.Target(version=VERSION)

    def __init__(self, store: base.Store, types: Sequence[str], version: str,
                 host: str, page_bytes: int = 4 * 2 ** 20,
                 max_age_timeout: float = 50,
                 wall: Callable[[], float] = time.time,
                 monotonic: Callable[[], float] = time.monotonic,
                 wait: Callable[[float], object] | None = None,
                 permit: policy.Permit | None = None,
                 ready: bool = False) -> None:
        """`wait` waits for seconds, and says whether we are stopping;
        `permit` says who may, without it everybody. `ready`: see
        `bus.transport.takes_ready`."""
        self._store, self._wall = store, wall
        self._streams = streams_module.Streams(store)
        self._types = tuple(types)
        self._service = {'version': version, 'host': host}
        self._page_bytes = page_bytes
        self._freshness = freshness.Freshness(
            store, max_age_timeout, wall, monotonic,
            wait or threading.Event().wait)
        self._permit = permit or policy.Everybody()
        self._secret: bytes | None = None
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._ready = ready
        self._shown: dict[str | None, Show] = {
            None: wire.entities_ready if ready else wire.entities_to_list,
            wire.PACKED: wire.pack}
        self._past = past.Past(store, page_bytes, self._key,
                               self._shown[None])

    # --- what may be called ----------------------------------------------

    @exposed
    def describe(self, ctxt: dict) -> wire.Json:
        """The service and its streams."""
        self._permit.demand('describe', ctxt)
        rows = self._streams.rows(self._types)
        return {'service': dict(self._service),
                'streams': [wire.stream_to_dict(rows[type_])
                            for type_ in self._types]}

    @contextlib.contextmanager
    def _room(self) -> Iterator[None]:
        """For one of the few large answers that are made at a time."""
        with self._turn:
            # of those before it, which are sent
            memory.give_back()
            yield

    @exposed
    def get_all(self, ctxt: dict, types: Any = None, limit: Any = 1000,
                marker: Any = None, max_age: Any = None,
                form: Any = None) -> wire.Json:
        """One page of a snapshot; a null marker ends it. Its entities are
        a list, or of the form "packed" one text."""
        show = self._shown[arguments.form(form)]
        wanted = arguments.types(types, self._types)
        limit = arguments.limit(limit)
        max_age = arguments.max_age(max_age)
        if marker is not None:
            found = self._unsealed(arguments.marker(marker), wanted, False)
            self._permit.demand('get_all', ctxt, found.heads)
            with self._room():
                return self._page(found.heads, found.after, limit, show)
        types = self._permitted('get_all', ctxt, wanted)
        if max_age is not None:
            self._permit.demand(policies.FRESH, ctxt, types)
            self._freshness.demand(types, max_age, _patience(ctxt))
        with self._room():
            return self._first_page(types, limit, show, wanted is not None)

    @exposed
    def get(self, ctxt: dict, type: Any, ids: Any) -> wire.Json:
        """Some entities of one type by their ids."""
        type_ = arguments.type_(type, self._types)
        wanted = arguments.ids(ids)
        self._permit.demand('get', ctxt, [type_])
        self._streams.collected([type_])
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
        limit = arguments.limit(limit)
        self._permit.demand('get_changes', ctxt, [type_])
        with self._room():
            head, changes = self._store.changes_since(
                type_, epoch, since, limit, self._page_bytes - base.ENVELOPE)
            last = changes[-1].revision if changes else since
            return {'epoch': epoch, 'revision': head,
                    'changes': wire.changes_ready(type_, changes)
                    if self._ready else wire.changes_to_list(changes),
                    'more': last < head}

    @exposed
    def get_history(self, ctxt: dict, type: Any, id: Any,
                    limit: Any = 100) -> list[wire.Json]:
        """What the journal still has of one entity, newest first."""
        type_ = arguments.type_(type, self._types)
        id_, limit = arguments.id_(id), arguments.limit(limit)
        self._permit.demand('get_history', ctxt, [type_])
        self._streams.collected([type_])
        return _bounded(wire.changes_to_list(
            self._store.history(type_, id_, limit)))

    @exposed
    def get_at(self, ctxt: dict, time: Any = None, types: Any = None,
               limit: Any = 1000, marker: Any = None) -> wire.Json:
        """One page of the cloud as it was; a null marker ends it."""
        wanted = arguments.types(types, self._types)
        limit = arguments.limit(limit)
        if marker is None:
            moment = arguments.time(time, self._wall())
            types = self._permitted('get_at', ctxt, wanted)
            with self._room():
                return self._past.first_page(
                    moment, self._with_a_past(types, wanted is not None),
                    limit)
        found = self._unsealed(arguments.marker(marker), wanted, True)
        self._permit.demand('get_at', ctxt, found.heads)
        if time is not None and found.time != arguments.time(
                time, self._wall()):
            raise exception.InvalidMarker('the marker is for another time')
        with self._room():
            return self._past.page(found.time, found.heads, found.after,
                                   limit)

    @exposed
    def get_entity_at(self, ctxt: dict, time: Any, type: Any, id: Any
                      ) -> wire.Json:
        """One entity as it was; null: it was not there."""
        type_, id_ = arguments.type_(type, self._types), arguments.id_(id)
        moment = arguments.time(time, self._wall())
        self._permit.demand('get_entity_at', ctxt, [type_])
        self._streams.collected([type_])
        return _bounded(self._past.entity(moment, type_, id_))

    # --- snapshots -------------------------------------------------------

    def _permitted(self, request: str, ctxt: Any,
                   wanted: tuple[str, ...] | None) -> tuple[str, ...]:
        """The types that were asked for, or all that the caller may."""
        if wanted is None:
            return self._permit.choose(request, ctxt, self._types)
        self._permit.demand(request, ctxt, wanted)
        return wanted

    def _first_page(self, types: tuple[str, ...], limit: int, show: Show,
                    by_name: bool) -> wire.Json:
        for _attempt in range(_ATTEMPTS):
            rows = (self._streams.collected(types) if by_name
                    else self._streams.rows(types))
            heads = {type_: wire.head_of(row) for type_, row in rows.items()}
            try:
                return self._page(heads, None, limit, show)
            except exception.InvalidMarker:
                # a reset came between the positions and the page
                continue
        raise exception.Unavailable('the streams are being reset')

    def _unsealed(self, text: str, wanted: tuple[str, ...] | None,
                  is_past: bool) -> marker_module.Marker:
        marker = marker_module.unseal(text, self._key())
        if (marker.time is not None) != is_past:
            raise exception.InvalidMarker('the marker is for another request')
        if wanted is not None and set(wanted) != marker.heads.keys():
            raise exception.InvalidMarker('the marker is for other types')
        if not marker.heads.keys() <= set(self._types):
            raise exception.InvalidMarker('a type is not enabled any more')
        return marker

    def _page(self, heads: dict[str, wire.Head], after: pages.Key | None,
              limit: int, show: Show) -> wire.Json:
        answer = {'streams': {type_: wire.head_to_dict(head)
                              for type_, head in heads.items()}}
        room = pages.room(self._page_bytes, answer,
                          marker_module.Marker(heads, pages.LAST))
        collected = [type_ for type_, head in heads.items()
                     if head.collected_at is not None]

        def look(after: pages.Key | None, limit: int
                 ) -> list[entity_module.Entity]:
            return self._store.page(collected, after, limit, room)

        entities, more = (pages.take(look, after, limit) if collected
                          else ([], False))
        self._streams.demand_epochs(heads)
        marker = marker_module.seal(
            marker_module.Marker(heads, pages.key_of(entities[-1])),
            self._key()) if more else None
        return {**answer, 'marker': marker, 'entities': show(entities)}

    def _with_a_past(self, types: tuple[str, ...], by_name: bool
                     ) -> list[str]:
        """Those that are asked for by name, or all but the never collected,
        which no time could be asked for."""
        if by_name:
            return list(self._streams.collected(types))
        rows = self._streams.rows(types)
        return [type_ for type_, row in rows.items()
                if row.collected_at is not None]

    def _key(self) -> bytes:
        if self._secret is None:
            self._secret = self._store.secret()
        return self._secret


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
