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


"""A simulated cloud that can live for hours: it forgets what is over.

Run as a program by ``benchmarks.soak``: ``soak_cloud.py SEED SERVERS
TRANSPORT_URL`` prints its URL, then for each line that it reads how many
operations there were, and ends with its standard input.
"""

import sys
import threading

from synchronizer import sandbox
from synchronizer.sandbox import speaker

KEPT = 1000
"""Of the true history, which nobody asks for here."""

EVERY = 5.0
"""Seconds between two archivings of what was deleted."""


def main(seed, servers, transport_url):
    cloud = sandbox.SandboxCloud(
        seed=int(seed), hosts=20, servers=int(servers), volumes=200,
        stacks=0, cells=2)
    voice = sandbox.Voice(cloud, speaker.Speaker(transport_url), 'versioned')
    with sandbox.SandboxServer(cloud, voice=voice) as server:
        print(server.url, flush=True)
        ended = threading.Event()
        threading.Thread(target=_tell, args=(server.life, ended),
                         daemon=True).start()
        while not ended.wait(EVERY):
            _forget(cloud)


def _tell(life, ended):
    for _ in sys.stdin:
        print(life.steps, flush=True)
    ended.set()


def _forget(cloud):
    with cloud.lock:
        del cloud.journal[:-KEPT]
        for table in cloud.tables.values():
            for key in [key for key, row in table.items()
                        if row.get('deleted')]:
                del table[key]


if __name__ == '__main__':
    main(*sys.argv[1:])
