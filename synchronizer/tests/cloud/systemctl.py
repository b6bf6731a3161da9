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

"""What stands in for systemctl while a plugin of DevStack is tried.

It reads the unit files that DevStack has written below the user's home, and
runs what they say. What it does not know of a unit, it refuses.
"""

from collections.abc import Callable
import configparser
import getpass
import os
import pathlib
import shlex
import signal
import subprocess
import sys
import time

UNITS = pathlib.Path.home() / '.local/share/systemd/user'
STATE = pathlib.Path.home() / 'systemd'
KNOWN = {'Unit': {'Description'},
         'Service': {'Environment', 'User', 'ExecStart', 'KillMode',
                     'TimeoutStopSec', 'ExecReload'},
         'Install': {'WantedBy'}}
NOT_SO = 1
NO_SUCH_UNIT = 5


class Unit:
    """One service."""

    def __init__(self, name: str) -> None:
        self.file = UNITS / name
        self.mark = STATE / f'{name}.enabled'
        self.pid_file = STATE / f'{name}.pid'
        self.log = STATE / f'{name}.log'

    def read(self) -> configparser.SectionProxy:
        """What it is to run."""
        parser = configparser.RawConfigParser()
        parser.optionxform = str
        parser.read_string(self.file.read_text())
        for section in parser.sections():
            unknown = set(parser[section]) - KNOWN.get(section, set())
            if unknown:
                raise SystemExit(f'[{section}] {unknown}: not known here')
        if parser['Service']['User'] != getpass.getuser():
            raise SystemExit('only the present user is known here')
        return parser['Service']

    def pid(self) -> int | None:
        """Of its process, if it runs."""
        try:
            pid = int(self.pid_file.read_text())
            state = pathlib.Path(f'/proc/{pid}/stat').read_text()
        except FileNotFoundError:
            return None
        return None if state.rpartition(')')[2].split()[0] == 'Z' else pid

    def start(self) -> int:
        """Run ExecStart."""
        if self.pid() is None:
            service = self.read()
            environment = dict(
                word.split('=', 1)
                for word in shlex.split(service['Environment']))
            command = shlex.split(service['ExecStart'])
            with self.log.open('ab') as log:
                process = subprocess.Popen(
                    command, executable=os.path.abspath(command[0]),
                    env={'HOME': str(pathlib.Path.home()), **environment},
                    cwd='/', stdin=subprocess.DEVNULL, stdout=log,
                    stderr=log, start_new_session=True)
            self.pid_file.write_text(str(process.pid))
        return 0

    def stop(self) -> int:
        """SIGTERM to the first process alone, as KillMode says."""
        pid, service = self.pid(), self.read()
        if service['KillMode'] != 'process':
            raise SystemExit('only KillMode=process is known here')
        if pid is not None:
            os.kill(pid, signal.SIGTERM)
            deadline = time.monotonic() + int(service['TimeoutStopSec'])
            while self.pid() is not None:
                if time.monotonic() > deadline:
                    os.kill(pid, signal.SIGKILL)
                time.sleep(0.1)
        return 0

    def enable(self) -> int:
        """Have it start with the machine."""
        self.read()
        self.mark.touch()
        return 0

    def disable(self) -> int:
        """Have it start no more with the machine."""
        self.mark.unlink(missing_ok=True)
        return 0

    def is_enabled(self) -> int:
        """Whether it starts with the machine."""
        return 0 if self.file.exists() and self.mark.exists() else NOT_SO


COMMANDS: dict[str, Callable[[Unit], int]] = {
    'start': Unit.start, 'stop': Unit.stop, 'enable': Unit.enable,
    'disable': Unit.disable, 'is-enabled': Unit.is_enabled}


def main(arguments: list[str]) -> int:
    """systemctl --user COMMAND [UNIT]; the exit code."""
    user, command, *names = arguments
    if user != '--user':
        raise SystemExit('only units of the user are known here')
    STATE.mkdir(exist_ok=True)
    if command == 'daemon-reload':
        return 0
    unit = Unit(*names)
    if command != 'is-enabled' and not unit.file.exists():
        return NO_SUCH_UNIT
    return COMMANDS[command](unit)


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
