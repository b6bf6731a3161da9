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

from collections.abc import Callable
import contextlib

from oslo_config import cfg

from synchronizer import exception
from synchronizer import memory
from synchronizer import metrics
from synchronizer.bus import transport
from synchronizer.service import enabled
from synchronizer.service import parts
from synchronizer.service import report
from synchronizer.service import work as work_module
from synchronizer.service import worker


class CollectorWorker(worker.Worker):
    """Copies one plugin's streams and tells the bus of their changes: at
    once, or, with other synchronizers beside it, when it is its turn."""

    def __init__(self, conf: cfg.ConfigOpts, name: str,
                 family: str | None = None) -> None:
        """`family`: what all processes of this plugin have in common that
        were here before, and are dead."""
        super().__init__()
        self.name = f'collector-{name}'
        self._conf, self._plugin, self._family = conf, name, family

    def build(self, stack: contextlib.ExitStack) -> None:
        """The collector, or what waits for its turn to have one."""
        memory.look_seldom_for_garbage()
        if not self._conf.coordination.backend_url:
            self._collect(stack, work_module.Limits(
                self.stopping, self.left))
            return
        tenure = parts.tenure(
            self._conf, self._plugin, self._begin, self._able, self._family)
        stack.callback(lambda: tenure.stop(self.left() * 0.9))
        for forget in (metrics.watch(tenure.gauges),
                       report.tells(tenure.facts)):
            stack.callback(forget)
        tenure.start()

    def _begin(self, changed: Callable[[], None]) -> work_module.Work:
        def collect(work: work_module.Work, stack: contextlib.ExitStack
                    ) -> None:
            self._collect(stack, work.limits, work.lost)
        return work_module.Work(self.name, collect, changed)

    def _able(self, able: bool) -> None:
        """Whether we could work, if it is our turn."""
        if able and not self.stopping.is_set():
            self.working.set()
        elif not able:
            self.working.clear()

    def _collect(self, stack: contextlib.ExitStack,
                 limits: work_module.Limits,
                 lost: Callable[[str], None] | None = None) -> None:
        """The store, the publisher, the plugin and its collector; ended in
        the opposite order. `lost` is told who has taken over."""
        conf, plugins = self._conf, enabled.types(self._conf)
        plugin = next(one for one in plugins if one.name == self._plugin)
        # whoever could work instead must not wait for us to wait
        store = parts.store(conf, waits=lost is None)
        stack.callback(store.close)
        store.ensure(enabled.specs(conf))
        owner = parts.owner(conf)
        self.owners = (owner,)
        stack.callback(self._own_nothing)
        metrics.prepare(plugin.name, [kind.name for kind in plugins[plugin]])
        bus = parts.transport(conf)
        stack.callback(bus.cleanup)
        parts.trace(conf)
        publisher = parts.publisher(
            conf, store, [kind.name for kind in plugins[plugin]], bus, owner)
        asker = parts.asker(bus)
        budgets = parts.budgets(conf, store)
        built = (
            parts.build_derived(
                conf, plugin, store, limits.ending, asker.ask, budgets)
            if enabled.is_derived(plugin)
            else parts.build(conf, plugin, limits.ending, budgets))
        collector = parts.collector(
            conf, built, plugins[plugin], store, publisher, owner, asker.ask,
            lost)
        for forget in (metrics.watch(publisher.gauges),
                       metrics.watch(collector.gauges),
                       report.tells(collector.facts)):
            stack.callback(forget)
        told = parts.told(conf, built, collector, store)
        looks = parts.look_ear(conf, bus, plugin.name, collector)
        # those that listen take long to end: they begin, and are waited for
        # when all else is done
        for part in (told, looks):
            stack.callback(lambda part=part: part.stop(limits.left() / 2))
        stack.callback(limits.quiet)
        for part in (publisher, asker, collector):
            stack.callback(lambda part=part: part.stop(limits.left() / 2))
        for part in (told, looks):
            stack.callback(part.leave)
        for part in (publisher, asker, told, looks, collector):
            part.start()

    def _own_nothing(self) -> None:
        self.owners = ()


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
