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

"""A whole synchronizer for the tests of those who consume one.

It runs in the test's own process: in-memory bus and store, real collector,
publisher and RPC server, and a cloud that the test writes itself::

    service = self.useFixture(SynchronizerFixture(['nova.instance']))
    service.put('nova.instance', 'id-1', name='web-1', state='ACTIVE')
    mirror = Mirror(service.conf)
"""

from collections.abc import Sequence
import threading
import time
from typing import Any

import fixtures
from oslo_config import cfg

from synchronizer import exception
from synchronizer import version
from synchronizer.bus import transport
from synchronizer.collector import runner
from synchronizer.collector import settings
from synchronizer.model import entity as entity_module
from synchronizer.model import initiator as initiator_module
from synchronizer.model import reading
from synchronizer.northbound import drivers
from synchronizer.northbound import endpoint
from synchronizer.northbound import publisher
from synchronizer.plugins import base as plugin_base
from synchronizer.store import base as store_base
from synchronizer.store import memory

HOST = 'fixture'
A_DAY = 86400.0
TIMEOUT = 10.0


class _Session:
    """What a scripted cloud is asked through: nothing."""

    microversion = None
    page_size = 1000


class _Kind(plugin_base.EntityType):
    """Shows what the test has put into its world."""

    can_get = True

    def __init__(self, name: str) -> None:
        self.name = name
        self.world: dict[str, entity_module.Entity] = {}

    def list(self, session: plugin_base.Session) -> plugin_base.Listing:
        """Everything, in one page."""
        start = time.monotonic()
        yield self._page(start, list(self.world.values()))
        return reading.COMPLETE

    def get(self, session: plugin_base.Session, id_: str) -> reading.Page:
        """One, or none."""
        start = time.monotonic()
        found = self.world.get(id_)
        return self._page(start, [found] if found else [])

    def entity(self, record: plugin_base.Record) -> entity_module.Entity:
        """It is one already."""
        return record['entity']

    def _page(self, start: float, entities: Sequence[entity_module.Entity]
              ) -> reading.Page:
        return reading.Page(
            tuple({'id': entity.id, 'entity': entity} for entity in entities),
            reading.Window(start, time.monotonic()),
            settings.stamp(settings.Clock().wall()))


class _Plugin:
    """One service, which fails when it is told to."""

    name = HOST

    def __init__(self) -> None:
        self.error: exception.CloudError | None = None

    def session(self, kind: plugin_base.EntityType) -> _Session:
        """The way to a world that is in memory."""
        if self.error is not None:
            raise self.error
        return _Session()


class SynchronizerFixture(fixtures.Fixture):
    """Starts the service, and ends it after the test.

    `conf` is what a consumer's Mirror or client is made with; `store` is
    the service's own store, which can be told to fail.
    """

    def __init__(self, types: Sequence[str], bookmark_interval: float = 0.2
                 ) -> None:
        super().__init__()
        self._kinds = {type_: _Kind(type_) for type_ in types}
        self._bookmark_interval = bookmark_interval
        self._plugin = _Plugin()
        self._committed = threading.Condition()

    def _setUp(self) -> None:
        self.addCleanup(transport.forget_embedded)
        self.conf = cfg.ConfigOpts()
        self.conf([], project='synchronizer', default_config_files=[],
                  default_config_dirs=[])
        bus = transport.get(self.conf, transport.EMBEDDED)
        self.conf.set_override('transport_url', transport.EMBEDDED)
        self.addCleanup(bus.cleanup)
        self.store = memory.MemoryStore()
        self.store.ensure(
            store_base.StreamSpec(type_, HOST, A_DAY)
            for type_ in self._kinds)
        self._start_publisher(bus)
        self._start_server(bus)
        self._runner = runner.Runner(
            self._plugin, list(self._kinds.values()), self.store, HOST,
            self._told, settings.Settings(
                poll_interval=A_DAY, delta_interval=0, retry_first=0.05,
                retry_limit=0.2, watch_interval=0.05))
        self._runner.start()
        self.addCleanup(self._runner.stop, TIMEOUT)
        self._await(lambda: all(
            row.collected_at for row in self.store.streams().values()))

    def _start_publisher(self, bus: Any) -> None:
        self._publisher = publisher.Publisher(
            self.store, list(self._kinds),
            [drivers.FanoutDriver(transport.Caster(bus),
                                  transport.takes_ready(bus))],
            self._bookmark_interval, HOST)
        self._publisher.start()
        self.addCleanup(self._publisher.stop)

    def _start_server(self, bus: Any) -> None:
        stopping = threading.Event()
        server = transport.request_server(bus, HOST, endpoint.Endpoint(
            self.store, list(self._kinds), version.version_string(), HOST,
            wait=stopping.wait, ready=transport.takes_ready(bus)))
        server.start()
        self.addCleanup(server.wait)
        self.addCleanup(server.stop)
        self.addCleanup(stopping.set)

    # --- the cloud, as the test writes it --------------------------------

    def put(self, type_: str, id_: str, *, relations: Sequence[
            tuple[str, str, str]] = (), attributes: dict | None = None,
            initiator: initiator_module.Initiator | None = None,
            **fields: str | None) -> entity_module.Entity:
        """Let an entity be so; returns once the service has told it.

        `relations` are (kind, type, id); `fields` are name, project_id,
        user_id and state; `initiator` is who did it, as a notification
        would tell.
        """
        entity = entity_module.Entity(
            type_, id_, relations=tuple(sorted(
                entity_module.Relation(*arrow) for arrow in relations)),
            attributes=attributes or {}, **fields)
        self._kinds[type_].world[id_] = entity
        self._look(type_, id_, entity_module.digest(entity), initiator)
        return self.store.entities(type_, [id_])[id_][0]

    def delete(self, type_: str, id_: str,
               initiator: initiator_module.Initiator | None = None) -> None:
        """Let an entity be gone; returns once the service has told it."""
        self._kinds[type_].world.pop(id_, None)
        self._look(type_, id_, None, initiator)

    def fail(self, error: exception.CloudError) -> None:
        """Let the cloud fail from now on, until `heal`."""
        self._plugin.error = error

    def heal(self) -> None:
        """Let the cloud answer again."""
        self._plugin.error = None

    def sweep(self) -> None:
        """Have everything seen anew, whether that works or not."""
        for poller in self._runner.pollers.values():
            poller.sweep_soon()

    def reset(self, type_: str) -> None:
        """Begin a new epoch, as `stream reset` does; returns once the
        stream was collected again."""
        self.store.reset(type_)
        self._await(
            lambda: self.store.streams([type_])[type_].collected_at)

    def _look(self, type_: str, id_: str, digest: str | None,
              initiator: initiator_module.Initiator | None) -> None:
        def is_there() -> bool:
            held = self.store.entities(type_, [id_]).get(id_)
            return (held and entity_module.digest(held[0])) == digest
        if not is_there():
            self._runner.ask(type_, id_, 'hint', initiator)
            self._await(is_there)

    def _told(self, type_: str) -> None:
        self._publisher.wake(type_)
        with self._committed:
            self._committed.notify_all()

    def _await(self, condition: Any) -> None:
        end = time.monotonic() + TIMEOUT
        with self._committed:
            while not condition():
                if time.monotonic() > end:
                    raise TimeoutError('the service has not come so far')
                self._committed.wait(0.05)
