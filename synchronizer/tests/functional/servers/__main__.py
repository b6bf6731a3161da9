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

"""Run a command with servers: ``... COMMAND [ARGUMENT...]``.

The exit code is that of the command.  A kind of server that is not
installed is left out, and said so; ``--missing`` only names the programs
that are not installed, and exits with 1 if only tests of their own need
them, with 2 if all do.
"""

from concurrent import futures
import contextlib
import os
import signal
import subprocess
import sys

from synchronizer.tests.functional import servers
from synchronizer.tests.functional.servers import base

_held_back: list[int] = []
"""Signals that wait; empty: none has to."""


def _missing() -> int:
    lacking = [kind for kind in servers.KINDS if kind.missing()]
    if not lacking:
        return 0
    print('not installed: ' + ', '.join(
        name for kind in lacking for name in kind.missing()))
    return 1 if set(lacking) <= set(servers.SPARED) else 2


def _start(stack: contextlib.ExitStack) -> dict[str, str]:
    """Start all of them side by side; return the variables that tell."""
    wanted = [kind() for kind in servers.KINDS if not kind.missing()]
    for server in wanted:
        stack.callback(server.close)
    with futures.ThreadPoolExecutor() as pool:
        list(pool.map(base.Server.start, wanted))
    return {server.env_variable: server.url for server in wanted}


def _run(command: list[str], variables: dict[str, str]) -> int:
    # a signal that comes while it is made finds nobody to pass it on to
    _held_back.append(0)
    process = subprocess.Popen(command, env={**os.environ, **variables})
    while True:
        try:
            while _held_back:
                if _held_back.pop():
                    process.terminate()
            return process.wait()
        except KeyboardInterrupt:
            # the terminal told the command, too: it ends in its own way
            continue
        except SystemExit:
            process.terminate()


def _terminate(number: int, frame: object) -> None:
    if _held_back:
        _held_back.append(number)
        return
    raise SystemExit(128 + number)


def main() -> int:
    command = sys.argv[1:]
    if command == ['--missing']:
        return _missing()
    if not command:
        sys.exit(__doc__)
    _missing()
    signal.signal(signal.SIGTERM, _terminate)
    signal.signal(signal.SIGHUP, _terminate)
    with contextlib.ExitStack() as stack:
        code = _run(command, _start(stack))
    # as a shell says it: a death by signal is 128 and its number
    return code if code >= 0 else 128 - code


if __name__ == '__main__':
    sys.exit(main())
