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
"""From the journal to the callbacks of mirrors, over RabbitMQ.

Line 6: changes a second that reach a mirror's callback, against the bare
bus, which casts the same batches from memory to a listener that counts
them; and what ten mirrors cost the collector. ``python -m
benchmarks.streams`` is one end of it.
"""

import argparse
import contextlib
import dataclasses
import os
import pathlib
import signal
import statistics
import sys
import tempfile
import threading
import time

from benchmarks import filled
from benchmarks.results import Result
from synchronizer import client
from synchronizer.bus import transport
from synchronizer.bus import wire
from synchronizer.model import change as change_module
from synchronizer.northbound import drivers
from synchronizer.northbound import endpoint
from synchronizer.northbound import publisher
from synchronizer.store import base as store_base
from synchronizer.tests.functional import servers

CHANGES, SHORT = 8000, 2000
BATCH = 100
CROWD = 10
BOUND, NO_MORE = 0.5, 1.2
PATIENCE = 300


def run(options):
    count = SHORT if options.short else CHANGES
    with servers.RabbitServer() as rabbit:
        for size in options.sizes:
            with tempfile.TemporaryDirectory() as place:
                path = pathlib.Path(place, 'db')
                filled.fill(path, size, options.seed)
                yield from _rates(rabbit.url, path, size, count, options)
                yield _crowd(rabbit.url, path, size, count, options)


def _rates(url, path, size, count, options):
    """Changes a second, ours and bare, in turns."""
    told, bare = [], []
    for _ in range(options.times):
        with contextlib.ExitStack() as stack:
            service, mirror = _ours(stack, url, path)
            told.append(_round(service, [mirror], count)[0])
        with contextlib.ExitStack() as stack:
            caster, ear = [stack.enter_context(
                filled.Process(__name__, end, url, path))
                for end in ('caster', 'ear')]
            for process in (caster, ear):
                process.answer()
            bare.append(_round(caster, [ear], count)[0])
    yield Result(6, 'from the journal to the callback of a mirror', size,
                 statistics.median(told), '1/s', statistics.median(bare),
                 BOUND, least=True)


def _ours(stack, url, path, mirrors=1):
    service = stack.enter_context(
        filled.Process(__name__, 'service', url, path))
    service.answer()
    made = [stack.enter_context(filled.Process(__name__, 'mirror', url, path))
            for _ in range(mirrors)]
    for mirror in made:
        mirror.answer()
    return (service, *made)


def _crowd(url, path, size, count, options):
    """The collector's CPU with one mirror, and with ten."""
    costs = []
    for mirrors in (1, CROWD):
        with contextlib.ExitStack() as stack:
            service, first, *others = _ours(stack, url, path, mirrors)
            # RabbitMQ has more to do beside the collector then, on a core
            # that they share: the least is what is the collector's own
            costs.append(min(_cost(service, first, others, count)
                             for _ in range(2 * options.times)))
    return Result(6, f'CPU of the collector, with {CROWD} mirrors', size,
                  costs[1], 's', costs[0], NO_MORE)


def _cost(service, first, others, count):
    """The CPU of telling one mirror that listens at once, and others that
    do so when it is over: a core that is shared with them would be slower,
    and that would be put down to the teller."""
    with _stopped(others):
        _, cost = _round(service, [first], count)
    for other in others:
        other.ask('count', count)
    return cost


@contextlib.contextmanager
def _stopped(processes):
    for process in processes:
        os.kill(process.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for process in processes:
            os.kill(process.pid, signal.SIGCONT)


def _round(teller, hearers, count):
    """(changes a second to the last callback, the teller's CPU)."""
    teller.ask('prepare', count)
    # it knows to the microsecond what /proc counts in hundredths of a second
    before = teller.ask('spent')
    began = teller.ask('go')
    ended = max(hearer.ask('count', count) for hearer in hearers)
    return count / (ended - began), teller.ask('spent') - before


# --- the ends ------------------------------------------------------------

class Counter:
    """Counts what it is told, until it is enough."""

    def __init__(self):
        self._changed = threading.Condition()
        self._count = 0

    def told(self, change):
        """The callback of a mirror."""
        self._add(1)

    @transport.expose
    def changed(self, ctxt, epoch, changes):
        """The endpoint of a bare listener."""
        self._add(len(changes))

    @transport.expose
    def bookmark(self, ctxt, **head):
        """Nothing is made of it."""

    def _add(self, number):
        with self._changed:
            self._count += number
            self._changed.notify_all()

    def count(self, number):
        """When so many had come."""
        with self._changed:
            if not self._changed.wait_for(
                    lambda: self._count >= int(number), PATIENCE):
                raise SystemExit(f'{self._count} of {number} came')
            self._count -= int(number)
            return time.monotonic()


class Mirror(Counter):

    def __init__(self, url, path):
        super().__init__()
        mirror = client.Mirror.from_url(url, [filled.TYPE])
        mirror.subscribe(self.told)
        mirror.start()
        if not mirror.wait_synced(PATIENCE):
            raise SystemExit('the mirror does not come level')


class Ear(Counter):

    def __init__(self, url, path):
        super().__init__()
        transport.change_server(
            filled.as_it_comes(url), filled.TYPE, 'ear', self).start(
                override_pool_size=1)


class Teller:

    def spent(self):
        """CPU seconds."""
        return time.process_time()


class Service(Teller):
    """A store whose entities change, and what tells of it."""

    def __init__(self, url, path):
        filled.settle(collects=True)
        self._store, self._held = contextlib.ExitStack().enter_context(
            filled.opened(path))
        self._claim = self._store.claim(filled.TYPE, 'benchmark')
        self._bus = transport.private(url)
        transport.request_server(self._bus, 'bench', endpoint.Endpoint(
            self._store, [filled.TYPE], '1', 'bench',
            ready=transport.takes_ready(self._bus))).start()
        self._publisher = publisher.Publisher(
            self._store, [filled.TYPE],
            [drivers.FanoutDriver(transport.Caster(self._bus),
                                  transport.takes_ready(self._bus))])
        self._publisher.start()

    def prepare(self, count):
        """Commit so many changes, some to a commit."""
        living = self._store.page([filled.TYPE], None, 1000, 2 ** 30)
        for first in range(0, int(count), BATCH):
            self._claim, _ = self._store.commit(self._claim, [
                _change(living[number % len(living)], str(number))
                for number in range(first, first + BATCH)])

    def go(self):
        """Have them told."""
        self._publisher.wake(filled.TYPE)
        return time.monotonic()


def _change(entity, mark):
    entity = dataclasses.replace(entity, attributes={
        **entity.attributes, 'progress': mark})
    return store_base.Write(
        entity, store_base.Stored(f'1:{mark}', 's'), change_module.Change(
            change_module.UPDATED, entity, change_module.HINT,
            ('attributes.progress',)))


class Caster(Teller):
    """Casts the same batches from memory."""

    def __init__(self, url, path):
        self._path = path
        self._caster = transport.Caster(filled.as_it_comes(url))

    def prepare(self, count):
        with filled.opened(self._path) as (store, _):
            row = store.streams()[filled.TYPE]
            self._epoch = row.epoch
            self._batches = [wire.changes_to_list(store.changes_since(
                row.type, row.epoch, row.revision - int(count) + first,
                BATCH, 2 ** 30)[1]) for first in range(0, int(count), BATCH)]

    def go(self):
        began = time.monotonic()
        for batch in self._batches:
            self._caster.cast(filled.TYPE, 'changed', epoch=self._epoch,
                              changes=batch)
        return began


ENDS = {'mirror': Mirror, 'ear': Ear, 'service': Service, 'caster': Caster}


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.streams', description=__doc__)
    parser.add_argument('end', choices=sorted(ENDS))
    parser.add_argument('url')
    parser.add_argument('path')
    args = parser.parse_args(arguments)
    end = ENDS[args.end](args.url, args.path)
    filled.say('ready')
    for line in sys.stdin:
        method, *words = line.split()
        filled.say(getattr(end, method)(*words))
    os._exit(0)


if __name__ == '__main__':
    main()
