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

"""The ways from one program to the servers, which can be cut and slowed."""

import pathlib
import subprocess
import sys

import sqlalchemy

from synchronizer.tests.functional.servers import base as servers_base

RELAY = pathlib.Path(__file__).with_name('relay.py')


class Links:
    """One way to each of some servers, over a relay of one's own."""

    def __init__(self, targets, host=servers_base.HOST):
        """`targets`: ports of the loopback by name."""
        self.host = host
        self._process = subprocess.Popen(
            [sys.executable, '-I', str(RELAY), host,
             *(f'{name}={servers_base.HOST}:{port}'
               for name, port in targets.items())],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.ports = {}
        for _ in targets:
            name, port = self._process.stdout.readline().split()
            self.ports[name] = int(port)

    @property
    def names(self):
        return tuple(self.ports)

    def tell(self, name, *words):
        """See the relay; what was told is done when this returns."""
        self._process.stdin.write(
            ' '.join(map(str, (name, *words))) + '\n')
        self._process.stdin.flush()
        if self._process.stdout.readline() != 'done\n':
            raise RuntimeError(f'the relay did not do {name} {words}')

    def url(self, name, url):
        """A URL of a server, over the link of that name."""
        return sqlalchemy.make_url(url).set(
            host=self.host, port=self.ports[name]).render_as_string(
                hide_password=False)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()
