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
"""get_all in pages from SQLite over RabbitMQ, against the bare bus.

Line 5: entities a second that a client takes in, against those of a bare
oslo.messaging server that has equally large pages in memory; the memory of
the server; and fifty consumers at once. ``python -m benchmarks.snapshots``
is a server.
"""

import argparse
import concurrent.futures
import functools
import os
import pathlib
import statistics
import sys
import tempfile
import time

from benchmarks import filled
from benchmarks.results import Result
from synchronizer.bus import transport
from synchronizer.client import rpc
from synchronizer.northbound import endpoint
from synchronizer.tests.functional import servers

CROWD = 50
PAGE_BYTES = 4 * 2 ** 20
BOUND, LEVEL = 0.7, 1.25


def run(options):
    grown = []
    with servers.RabbitServer() as rabbit:
        for size in options.sizes:
            with tempfile.TemporaryDirectory() as place:
                path = pathlib.Path(place, 'db')
                filled.fill(path, size, options.seed)
                yield from _rates(rabbit.url, path, size, options)
                with filled.Process(__name__, 'store', rabbit.url,
                                    path) as server:
                    server.answer()
                    grown.append((size, *_memory(rabbit.url, server, size)))
        for size, one, crowd in grown:
            yield Result(5, 'memory of the server after get_all', size, one,
                         'MB', grown[0][1], LEVEL)
            yield Result(5, f'the same after {CROWD} consumers', size, crowd,
                         'MB', grown[0][2], LEVEL)


def _rates(url, path, size, options):
    """Entities a second, ours and bare, in turns."""
    ways = {'plain': ('store', _plain), 'ours': ('store', _ours),
            'bare': ('bare', _plain)}
    found = {way: [] for way in ways}
    for _ in range(options.times):
        for way, (kind, read) in ways.items():
            with filled.Process(__name__, kind, url, path) as server:
                server.answer()
                found[way].append(_rate(functools.partial(read, url), size))
    rates = {way: statistics.median(them) for way, them in found.items()}
    yield Result(5, 'get_all by our client', size, rates['ours'],
                 '1/s', rates['bare'], BOUND, least=True)
    yield Result(5, 'get_all as version 1.0 has it, bare client', size,
                 rates['plain'], '1/s', rates['bare'], BOUND, least=True)


def _rate(read, size):
    began = time.perf_counter()
    if read() != size:
        raise SystemExit('entities are missing')
    return size / (time.perf_counter() - began)


def _ours(url):
    client = rpc.SynchronizerClient.from_url(url)
    return sum(len(page.entities) for page in client.get_all([filled.TYPE]))


def _plain(url):
    """What any client of oslo.messaging does, and nothing more."""
    bus = filled.as_it_comes(url)
    client = transport.RequestClient(bus)
    count, arguments = 0, {'types': [filled.TYPE]}
    while True:
        page = client.call('get_all', arguments, 60)
        count += len(page['entities'])
        if page['marker'] is None:
            bus.cleanup()
            return count
        arguments = {'marker': page['marker']}


def _memory(url, server, size):
    """MB of the server after one consumer, and after many at once."""
    _ours(url)
    _, one = filled.measure(server.pid)
    with concurrent.futures.ThreadPoolExecutor(CROWD) as crowd:
        counts = list(crowd.map(lambda _: _few(url), range(CROWD)))
    if len(set(counts)) != 1:
        raise SystemExit('not all were served alike')
    return one, filled.measure(server.pid)[1]


def _few(url):
    """Some pages: fifty whole snapshots measure this process."""
    client = rpc.SynchronizerClient.from_url(url, timeout=120)
    pages = client.get_all([filled.TYPE])
    return sum(len(page.entities) for page, _ in zip(pages, range(3)))


# --- the servers ---------------------------------------------------------

class Bare:
    """Pages that are in memory already."""

    def __init__(self, path):
        with filled.read(path) as store:
            whole = endpoint.Endpoint(store, [filled.TYPE], '1', 'bare',
                                      PAGE_BYTES)
            self._pages, page = [], whole.get_all({}, types=[filled.TYPE])
            self._pages.append(page)
            while page['marker'] is not None:
                page = whole.get_all({}, marker=page['marker'])
                self._pages.append(page)
        for number, page in enumerate(self._pages[:-1], 1):
            page['marker'] = str(number)

    @transport.expose
    def get_all(self, ctxt, types=None, marker=None):
        return self._pages[int(marker or 0)]


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.snapshots', description=__doc__)
    parser.add_argument('kind', choices=('store', 'bare'))
    parser.add_argument('url')
    parser.add_argument('path')
    args = parser.parse_args(arguments)
    if args.kind == 'store':
        filled.settle()
    if args.kind == 'bare':
        server = transport.request_server(
            filled.as_it_comes(args.url), 'bench', Bare(args.path))
        server.start()
        filled.say('ready')
        sys.stdin.read()
    else:
        with filled.read(args.path) as store:
            bus = transport.private(args.url)
            server = transport.request_server(
                bus, 'bench', endpoint.Endpoint(
                    store, [filled.TYPE], '1', 'bench', PAGE_BYTES,
                    ready=transport.takes_ready(bus)))
            server.start()
            filled.say('ready')
            sys.stdin.read()
    os._exit(0)


if __name__ == '__main__':
    main()
