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

"""Heat's streams before a sandbox cloud, one step at a time."""

import collections
import random
from unittest import mock

from synchronizer import exception
from synchronizer.collector import collector as collector_module
from synchronizer.collector import settings
from synchronizer.plugins import heat
from synchronizer.sandbox import cloud as sandbox_cloud
from synchronizer.store import base as store_base
from synchronizer.store import memory
from synchronizer.tests.component.cloud import base

DEFAULT = heat.HeatPlugin.default_types


class HeatCase(base.CloudCase):
    """Has no stacks but those that a test makes."""

    sizes = {'hosts': 2, 'servers': 0, 'volumes': 0, 'stacks': 0}
    plugin_class = heat.HeatPlugin


    def make_plugin(self, page_size=1000, user='admin', tries=1, **options):
        self.plugin_class = lambda cloud, page_size: heat.HeatPlugin(
            cloud, page_size, options)
        return super().make_plugin(page_size, user, tries)

    def kinds(self, plugin=None):
        plugin = plugin or self.plugin
        return {kind.name: plugin.kind(kind) for kind in plugin.types}

    def ids(self, name):
        return set(self.truth.truth()[name])

    def lose_role(self, user='admin'):
        """Its token ends, and the next one is no administrator's."""
        held = sandbox_cloud.USERS[user]
        project, _, everywhere = sandbox_cloud.USERS[user]
        patch = mock.patch.dict(
            sandbox_cloud.USERS, {user: (project, ('member',), everywhere)})
        patch.start()
        self.addCleanup(patch.stop)
        self.server.identity.expire_tokens()

        def give_back():
            sandbox_cloud.USERS[user] = held
            self.server.identity.expire_tokens()
        return give_back


class Streams:
    """The collectors of some types, driven by hand."""

    def __init__(self, case, plugin, names=DEFAULT):
        self.case, self.names = case, names
        self.store = memory.MemoryStore()
        self.store.ensure([store_base.StreamSpec(name, 'heat', 600)
                           for name in names])
        self.asked = collections.deque()
        self.use(plugin)

    def use(self, plugin):
        """As after a restart, maybe with other credentials."""
        needs = collector_module.Needs(
            lambda *ask: self.asked.append(ask), lambda delay: None,
            lambda name: None)
        kinds = {kind.name: kind for kind in plugin.types}
        self.collectors = {name: collector_module.Collector(
            plugin, plugin.kind(kinds[name]), self.store, 'host', needs,
            settings.Settings(), settings.Clock(), random.Random(1))
            for name in self.names}
        for collector in self.collectors.values():
            collector.open()

    def sweep(self, *names):
        """One cycle: sweeps, then what they ask for; how many requests."""
        before = len(self.case.counted)
        for name in names or self.names:
            try:
                self.collectors[name].sweep()
            except exception.CloudError:
                pass
        self.settle()
        return len(self.case.counted) - before

    def settle(self):
        """Ask for each id in doubt once; what fails is asked for again."""
        self.failed = []
        for _ in range(len(self.asked)):
            name, id_, cause, _ = self.asked.popleft()
            try:
                self.collectors[name].refetch(id_, cause)
            except exception.CloudError as error:
                self.failed.append((name, id_, error))
        for collector in self.collectors.values():
            collector.report(len(self.failed))

    def entities(self, name):
        found, _ = {}, None
        row = self.row(name)
        _, changes = self.store.changes_since(
            name, row.epoch, 0, 10**6, 10**9)
        for change in changes:
            if change.action == 'deleted':
                del found[change.id]
            else:
                found[change.id] = change.entity
        return found

    def row(self, name):
        return self.store.streams([name])[name]

    def says(self, name):
        row = self.row(name)
        return row.state, row.error
