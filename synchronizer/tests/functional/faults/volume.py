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

"""A small disk, which can be full."""

import os
import pathlib
import pwd
import subprocess

CHUNK = 1 << 20


class Volume:
    """A tmpfs of its own; it takes root to make one."""

    def __init__(self, path, megabytes, user=None):
        self._path = pathlib.Path(path)
        self._path.mkdir(exist_ok=True)
        who = pwd.getpwnam(user) if user else None
        owner = f',uid={who.pw_uid},gid={who.pw_gid}' if who else ''
        subprocess.run(
            ['mount', '-t', 'tmpfs', '-o', f'size={megabytes}m,mode=700'
             + owner, 'synchronizer-faults', str(self._path)], check=True)

    @staticmethod
    def missing():
        return None if os.getuid() == 0 else 'only root can mount a disk'

    def fill(self):
        """Not a byte more fits on it."""
        with open(self._path / 'ballast', 'wb', buffering=0) as ballast:
            for size in (CHUNK, 1):
                try:
                    while ballast.write(bytes(size)):
                        pass
                except OSError:
                    # no space left: what this is for
                    continue

    def free(self):
        (self._path / 'ballast').unlink(missing_ok=True)

    def close(self):
        subprocess.run(['umount', '--lazy', str(self._path)], check=True)
