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

"""A network of its own for a synchronizer, on the end of a wire."""

import os
import shutil
import subprocess

NETWORK = 0xC612 << 16
"""198.18.0.0/15, which is kept for tests of networks."""


def _ip(*words):
    subprocess.run(['ip', *words], check=True, capture_output=True)


class Namespace:
    """A network namespace and two ends of a wire, one of them in it.

    Unlike a relay that hangs, a wire that is down loses packets: nobody is
    told, nothing is acknowledged, and the kernel's own timers run.
    """

    def __init__(self):
        number = os.getpid() % (1 << 15)
        first = NETWORK + 4 * number
        self.name = f'synchronizer-{number}'
        self._wire = f'sync{number}'
        self.host, inside = (
            '.'.join(str(address >> shift & 255) for shift in (24, 16, 8, 0))
            for address in (first + 1, first + 2))
        _ip('netns', 'add', self.name)
        _ip('link', 'add', self._wire, 'type', 'veth', 'peer', 'name',
            'eth0', 'netns', self.name)
        _ip('address', 'add', f'{self.host}/30', 'dev', self._wire)
        _ip('link', 'set', self._wire, 'up')
        for words in (('address', 'add', f'{inside}/30', 'dev', 'eth0'),
                      ('link', 'set', 'eth0', 'up'),
                      ('link', 'set', 'lo', 'up')):
            _ip('-n', self.name, *words)

    @staticmethod
    def missing():
        """Why there can be none here."""
        if os.getuid() != 0:
            return 'only root can make a network namespace'
        absent = [name for name in ('ip', 'tc') if not shutil.which(name)]
        if absent:
            return f'not installed: {absent}'
        name = f'synchronizer-try-{os.getpid()}'
        made = subprocess.run(['ip', 'netns', 'add', name],
                              capture_output=True, text=True)
        if made.returncode:
            return made.stderr.strip()
        _ip('netns', 'delete', name)
        return None

    @property
    def prefix(self):
        """What a command is put behind, to run in it."""
        return ('ip', 'netns', 'exec', self.name)

    def cut(self):
        _ip('link', 'set', self._wire, 'down')

    def slow(self):
        """So narrow that a page of servers takes seconds."""
        subprocess.run(
            ['tc', 'qdisc', 'replace', 'dev', self._wire, 'root', 'tbf',
             'rate', '2mbit', 'burst', '16kb', 'latency', '400ms'],
            check=True)

    def heal(self):
        subprocess.run(['tc', 'qdisc', 'delete', 'dev', self._wire, 'root'],
                       capture_output=True)
        _ip('link', 'set', self._wire, 'up')

    def close(self):
        _ip('link', 'delete', self._wire)
        _ip('netns', 'delete', self.name)
