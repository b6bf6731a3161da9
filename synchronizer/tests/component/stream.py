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

"""A service less its collector, and what listens to it, on one bus."""

import threading

import fixtures

from synchronizer import client
from synchronizer.bus import transport
from synchronizer.northbound import drivers
from synchronizer.northbound import endpoint
from synchronizer.northbound import publisher
from synchronizer.tests.unit.northbound import filled

PATIENCE = 30


class Told:
    """A subscriber that can be waited for."""

    def __init__(self):
        self.changes = []
        self._lock = threading.Condition()

    def __call__(self, change):
        with self._lock:
            self.changes.append(change)
            self._lock.notify_all()

    def wait(self, count):
        """Wait until so many changes were told; all of them."""
        with self._lock:
            self._lock.wait_for(lambda: len(self.changes) >= count, PATIENCE)
            return list(self.changes)

    def revisions(self, count):
        return [change.revision for change in self.wait(count)]


class Service(fixtures.Fixture):
    """Endpoint and publisher over a memory store; a test is the collector.

    `unplug` and `plug` take both off the bus and back.
    """

    def __init__(self, *types, url=transport.EMBEDDED, interval=0.1,
                 page_bytes=4 * 2 ** 20, permit=None):
        self.types, self.permit = types, permit
        self.url = url
        self.interval = interval
        self.page_bytes = page_bytes

    def _setUp(self):
        if self.url == transport.EMBEDDED:
            transport.forget_embedded()
            self.addCleanup(transport.forget_embedded)
        self.filled = filled.Filled(*self.types)
        self.store = self.filled.store
        self.transport = transport.private(self.url)
        self.addCleanup(self.transport.cleanup)
        self.publisher = self.server = None
        self.plug()
        self.addCleanup(self.unplug)

    def plug(self, publish=True, answer=True):
        if publish and self.publisher is None:
            self.publisher = publisher.Publisher(
                self.store, self.types,
                [drivers.FanoutDriver(
                    transport.Caster(self.transport),
                    transport.takes_ready(self.transport))],
                bookmark_interval=self.interval)
            self.publisher.start()
        if answer and self.server is None:
            self.server = transport.request_server(
                self.transport, 'host', endpoint.Endpoint(
                    self.store, self.types, '1.0', 'host',
                    page_bytes=self.page_bytes, permit=self.permit,
                    ready=transport.takes_ready(self.transport)))
            self.server.start()

    def unplug(self, publish=True, answer=True):
        if publish and self.publisher is not None:
            self.publisher.stop()
            self.publisher = None
        if answer and self.server is not None:
            try:
                self.server.stop()
                self.server.wait()
            except transport.LOST:
                # after a restart of the broker oslo.messaging may find its
                # connection closed when it deletes its queue
                pass
            self.server = None

    def commit(self, action, type_, *ids, **attributes):
        changes = self.filled.commit(action, type_, *ids, **attributes)
        if self.publisher is not None:
            self.publisher.wake(type_)
        return changes

    def collected(self, type_, *args, **kwargs):
        self.filled.collected(type_, *args, **kwargs)

    def mirror(self, *args, subscribe=None, start=True, **kwargs):
        """A mirror that ends with the test."""
        kwargs.setdefault('timeout', 5)
        mirror = client.Mirror.from_url(self.url, *args, **kwargs)
        if subscribe is not None:
            mirror.subscribe(subscribe)
        if start:
            mirror.start()
            self.addCleanup(mirror.stop)
        return mirror
