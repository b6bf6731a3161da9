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

"""Collectors as the service has them, without their threads."""

import contextlib
import pathlib
import random
import tempfile

from benchmarks import results
from synchronizer.collector import collector as collector_module
from synchronizer.collector import settings
from synchronizer.plugins import cinder
from synchronizer.plugins import heat
from synchronizer.plugins import nova
from synchronizer.store import base as store_base
from synchronizer.store import engine
from synchronizer.store import sql

TYPES = {'nova.instance': nova.NovaPlugin,
         'cinder.volume': cinder.CinderPlugin,
         'heat.stack': heat.HeatPlugin, 'heat.resource': heat.HeatPlugin}

ALIKE = {'concurrency': 1}
"""One request at a time, as the floor asks: two that run at once with the
cloud on CPUs that share a core are dearer, whoever sends them."""


class Collectors(contextlib.ExitStack):
    """Of some types of one cloud, each over a SQLite database of their own."""

    def __init__(self, client, names=tuple(TYPES), place=None):
        """`place`: a directory, where the database shall outlive this."""
        super().__init__()
        self._names = names
        place = place or self.enter_context(tempfile.TemporaryDirectory())
        self.store = sql.SqlStore(engine.Options(
            f'sqlite:///{pathlib.Path(place, "db")}'))
        self.callback(self.store.close)
        made = {kind: kind(client, options=ALIKE) for kind in {
            TYPES[name] for name in names}}
        self.store.ensure(
            store_base.StreamSpec(name, TYPES[name].name, 600)
            for name in names)
        self.all = {name: self._collector(name, made[TYPES[name]])
                    for name in names}

    def _collector(self, name, plugin):
        kind = next(plugin.kind(one) for one in plugin.types
                    if one.name == name)
        needs = collector_module.Needs(
            refetch=_unwanted, sweep=_unwanted, committed=lambda type_: None)
        return collector_module.Collector(
            plugin, kind, self.store, 'benchmark', needs,
            settings.Settings(), settings.Clock(), random.Random(1))

    def open(self):
        """Take the streams over."""
        for name in self._names:
            self.all[name].open()

    @results.as_in_a_collector()
    def sweep(self):
        """Sweep each once; all must be complete."""
        for name in self._names:
            outcome = self.all[name].sweep()
            if not outcome.complete:
                raise SystemExit(f'{name}: {outcome.reason}')
            self.all[name].report()

    @results.as_in_a_collector()
    def look(self):
        """Look at what moved in each."""
        for name in self._names:
            if not self.all[name].look():
                raise SystemExit(f'{name} was not looked at')

    def revisions(self):
        """How many changes there were so far."""
        return sum(row.revision for row in self.store.streams().values())


def _unwanted(*told):
    raise SystemExit(f'the cloud is not quiet: {told}')
