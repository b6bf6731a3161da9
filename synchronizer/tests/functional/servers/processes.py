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

"""Processes that must not outlive the tests: families, and their guard.

Run as a script, ``processes.py DIRECTORY``, this is the guard of one server:
it waits until its standard input ends, which happens when its parent closes
it or dies, however it dies, and then ends the family of the process recorded
in ``DIRECTORY/pid`` and removes the directory.  It imports nothing of ours,
so that it starts in some milliseconds.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys

PID_FILE = 'pid'


def _parents() -> dict[int, int]:
    found = {}
    for entry in os.listdir('/proc'):
        if entry.isdigit():
            try:
                stat = pathlib.Path('/proc', entry, 'stat').read_text()
            except OSError:
                continue
            # the name in parentheses may contain anything, a space too
            found[int(entry)] = int(stat.rpartition(')')[2].split()[1])
    return found


def family(pid: int) -> list[int]:
    """Return the process and all that descends from it, eldest first."""
    parents = _parents()
    members = [pid] if pid in parents else []
    for member in members:
        members.extend(p for p, parent in parents.items() if parent == member)
    return members


def signal_family(pid: int, number: int) -> None:
    """Send a signal to a process, its descendants, and its group.

    PostgreSQL gives each child a session of its own; RabbitMQ's epmd loses
    its parent but stays in the group: it takes both ways to reach them all.
    """
    for member in family(pid):
        try:
            os.kill(member, number)
        except ProcessLookupError:
            pass
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        pass


def guard(directory: str) -> subprocess.Popen:
    """Start the guard of a directory; closing its stdin sets it to work."""
    return subprocess.Popen(
        [sys.executable, '-I', '-S', __file__, directory],
        stdin=subprocess.PIPE, start_new_session=True)


def _unmount(directory: str) -> None:
    """What is mounted in it, as tests of full disks do."""
    mounts = pathlib.Path('/proc/mounts').read_text().splitlines()
    for path in reversed([line.split()[1] for line in mounts]):
        if path.startswith(f'{directory}/'):
            subprocess.run(['umount', '--lazy', path], check=False)


def _main(directory: str) -> None:
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.stdin.read()
    record = pathlib.Path(directory, PID_FILE)
    if record.exists():
        signal_family(int(record.read_text()), signal.SIGKILL)
    _unmount(directory)
    for _ in range(3):
        # a dying server may still be writing
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == '__main__':
    _main(sys.argv[1])
