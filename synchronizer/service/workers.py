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

"""The three kinds of workers, each made of its parts in its own process."""

import contextlib

from oslo_config import cfg

from synchronizer import exception
from synchronizer import metrics
from synchronizer.bus import transport
from synchronizer.service import enabled
from synchronizer.service import parts
from synchronizer.service import report
from synchronizer.service import worker


class CollectorWorker(worker.Worker):
    """Copies one plugin's streams and tells the bus of their changes."""

    def __init__(self, conf: cfg.ConfigOpts, name: str) -> None:
        super().__init__()
        self.name = f'collector-{name}'
        self._conf, self._plugin = conf, name

    def build(self, stack: contextlib.ExitStack) -> None:
        """The store, the publisher, the plugin and its collector; ended in
        the opposite order."""
        conf, plugins = self._conf, enabled.types(self._conf)
        plugin = next(one for one in plugins if one.name == self._plugin)
        store = parts.store(conf)
        stack.callback(store.close)
        store.ensure(enabled.specs(conf))
        owner = parts.owner(conf)
        self.owners = (owner,)
        metrics.prepare(plugin.name, [kind.name for kind in plugins[plugin]])
        bus = parts.transport(conf)
        stack.callback(bus.cleanup)
        parts.trace(conf)
        publisher = parts.publisher(
            conf, store, [kind.name for kind in plugins[plugin]], bus, owner)
        stack.callback(lambda: publisher.stop(self.left() / 2))
        asker = parts.asker(bus)
        stack.callback(lambda: asker.stop(self.left() / 2))
        budgets = parts.budgets(conf, store)
        built = (
            parts.build_derived(
                conf, plugin, store, self.stopping, asker.ask, budgets)
            if enabled.is_derived(plugin)
            else parts.build(conf, plugin, self.stopping, budgets))
        collector = parts.collector(
            conf, built, plugins[plugin], store, publisher, owner, asker.ask)
        for forget in (metrics.watch(publisher.gauges),
                       metrics.watch(collector.gauges),
                       report.tells(collector.facts)):
            stack.callback(forget)
        told = parts.told(conf, built, collector, store)
        stack.callback(lambda: told.stop(self.left() / 2))
        looks = parts.look_ear(conf, bus, plugin.name, collector)
        stack.callback(lambda: looks.stop(self.left() / 2))
        stack.callback(lambda: collector.stop(self.left() / 2))
        for part in (publisher, asker, told, looks, collector):
            part.start()


class SnapshotWorker(worker.Worker):
    """Answers requests from the store."""

    name = 'snapshot'

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__()
        self._conf = conf

    def build(self, stack: contextlib.ExitStack) -> None:
        """The store, and an RPC server before it.

        The server's start blocks while the broker is away: this thread is
        there to wait.
        """
        conf, specs = self._conf, enabled.specs(self._conf)
        store = parts.store(conf)
        stack.callback(store.close)
        # whoever asks first must find the rows of all streams
        store.ensure(specs)
        bus = parts.transport(conf)
        stack.callback(bus.cleanup)
        server = parts.server(
            conf, store, [spec.type for spec in specs], bus, self.stopping)
        try:
            server.start()
        except transport.LOST as error:
            # it waits for a broker that is away, and raises this when one
            # is there and refuses us
            raise exception.BusError(
                f'the bus refuses the service: {error}') from error
        stack.callback(server.wait)
        stack.callback(server.stop)


class MetricsWorker(worker.Worker):
    """Tells Prometheus, and whoever asks, how all processes are."""

    name = 'metrics'

    def __init__(self, conf: cfg.ConfigOpts) -> None:
        super().__init__()
        self._conf = conf

    def build(self, stack: contextlib.ExitStack) -> None:
        """The store, which need not answer yet, and an HTTP server."""
        store = parts.store(self._conf)
        stack.callback(store.close)
        inside = parts.inside(self._conf, store)
        inside.start()
        stack.callback(inside.stop)
