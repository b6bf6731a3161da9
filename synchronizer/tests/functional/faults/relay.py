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

"""A process that stands between programs and the servers they talk to.

Run as a script, ``relay.py HOST NAME=HOST:PORT...``, it listens on a port of
HOST for each name, prints ``NAME PORT`` lines, and carries bytes both ways.
It obeys lines on its standard input, and says ``done`` to each:

    NAME pass            carry everything (as in the beginning)
    NAME cut             reset every connection, and each new one
    NAME hang            keep connections open and carry nothing
    NAME slow SECONDS    carry each piece so much later
    NAME to HOST:PORT    connect elsewhere from now on, and reset the rest

It ends with its standard input, so it cannot outlive its owner.
"""

import asyncio
import sys

PIECE = 1 << 16


class Relay:
    """What stands before one server."""

    def __init__(self, target):
        self._target, self._delay, self._cut = address(target), 0.0, False
        self._flows = asyncio.Event()
        self._flows.set()
        self._ends = set()

    async def start(self, host):
        server = await asyncio.start_server(self._serve, host, 0)
        return server.sockets[0].getsockname()[1]

    def obey(self, verb, *words):
        getattr(self, f'_do_{verb}')(*words)

    def _do_pass(self):
        self._delay, self._cut = 0.0, False
        self._flows.set()

    def _do_cut(self):
        self._cut = True
        for end in self._ends:
            end.transport.abort()

    def _do_hang(self):
        self._flows.clear()

    def _do_slow(self, seconds):
        self._delay = float(seconds)

    def _do_to(self, target):
        self._do_cut()
        self._target = address(target)
        self._do_pass()

    async def _serve(self, reader, writer):
        ends = {writer}
        self._ends |= ends
        try:
            await self._flows.wait()
            if self._cut:
                return
            far_reader, far_writer = await asyncio.open_connection(
                *self._target)
            ends.add(far_writer)
            self._ends |= ends
            await asyncio.wait(
                [asyncio.ensure_future(self._carry(*way)) for way in (
                    (reader, far_writer), (far_reader, writer))],
                return_when=asyncio.FIRST_COMPLETED)
        except OSError:
            # the server is away: whoever asked is reset
            pass
        finally:
            self._ends -= ends
            for end in ends:
                end.transport.abort()

    async def _carry(self, source, sink):
        try:
            while piece := await source.read(PIECE):
                await asyncio.sleep(self._delay)
                await self._flows.wait()
                sink.write(piece)
                await sink.drain()
            # what was written still arrives
            sink.close()
            await sink.wait_closed()
        except OSError:
            pass


def address(text):
    host, _, port = text.rpartition(':')
    return host, int(port)


async def main(host, *pairs):
    relays = {}
    for pair in pairs:
        name, _, target = pair.partition('=')
        relays[name] = Relay(target)
        print(name, await relays[name].start(host), flush=True)
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        name, *words = line.split()
        relays[name].obey(*words)
        print('done', flush=True)


if __name__ == '__main__':
    asyncio.run(main(*sys.argv[1:]))
