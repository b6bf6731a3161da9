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

"""What every private server of the tests can do."""

import os
import pathlib
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from synchronizer.tests.functional.servers import processes

HOST = '127.0.0.1'
PORTS = range(10_000, 25_000)
"""Ours; those of the cloud that CI starts are above."""

GIVEN = pathlib.Path('/proc/sys/net/ipv4/ip_local_port_range')
"""From where to where the kernel takes ports for connections."""

# That of the run: a test's own may be closed to the user of a server.
TEMPORARY = tempfile.gettempdir()


class ServerError(Exception):
    """A server did not start or did not end; the tail of its log follows."""


def free_port() -> int:
    """Return a TCP port that nobody listens on at the moment.

    It stays free while its server is away: none of those that the kernel
    gives to outgoing connections, of which one could even meet itself there.
    """
    given = int(GIVEN.read_text().split()[0])
    ports = range(PORTS.start, min(PORTS.stop, given))
    for port in random.SystemRandom().sample(ports, len(ports)):
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError(f'of the ports {ports} none is free')


def unprivileged_user() -> str | None:
    """Return whom root starts a server as that refuses to run as root."""
    if os.getuid() != 0:
        return None
    users = {entry.pw_name for entry in pwd.getpwall()}
    return 'postgres' if 'postgres' in users else 'nobody'


class Server:
    """One server on a free port of the loopback, in a temporary directory.

    The port stays the same over stop, kill and restart.  Data outlives
    ``restart``, as far as the server keeps them, and not
    ``restart_empty``.  ``close`` ends everything and removes the
    directory; so does the death of this process.  A server may be started
    again after ``close``: it is then a new one.
    """

    name = ''
    env_variable = ''
    programs: tuple[str, ...] = ()
    path = '/usr/sbin:/usr/bin:/sbin:/bin'
    stop_signal = signal.SIGTERM
    kill_signal = signal.SIGKILL
    user: str | None = None

    def __init__(self) -> None:
        self.port = free_port()
        self.directory = ''
        self._process: subprocess.Popen | None = None
        self._guard: subprocess.Popen | None = None

    # what a kind of server says of itself

    @property
    def url(self) -> str:
        """The URL of an administrator."""
        raise NotImplementedError

    def initialize(self) -> None:
        """Make the data in ``self.data``, which does not exist yet."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def environment(self) -> dict[str, str]:
        return {}

    def ready(self) -> bool:
        """Tell whether it answers; may raise what means "not yet"."""
        raise NotImplementedError

    # the programs

    @classmethod
    def program(cls, name: str) -> str | None:
        path = os.pathsep.join((cls.path, os.environ.get('PATH', '')))
        return shutil.which(name, path=path)

    @classmethod
    def missing(cls) -> list[str]:
        """Return the programs that are not installed."""
        return [name for name in cls.programs if not cls.program(name)]

    # its life

    @property
    def runs(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def data(self) -> str:
        return os.path.join(self.directory, 'data')

    @property
    def log(self) -> str:
        return os.path.join(self.directory, 'log')

    @property
    def pid(self) -> int:
        if self._process is None:
            raise ServerError(f'{self.name} does not run')
        return self._process.pid

    def start(self, timeout: float = 90) -> 'Server':
        """Start it and return when it answers."""
        if not self.directory:
            self._make_directory()
        if not os.path.exists(self.data):
            self.initialize()
        self._process = self._popen(self.command())
        pathlib.Path(self.directory, processes.PID_FILE).write_text(
            str(self.pid))
        self._wait_ready(time.monotonic() + timeout)
        return self

    def stop(self, timeout: float = 60) -> None:
        """End it as an operator would, with time to put things away."""
        if self._process is None:
            return
        self.resume()
        os.kill(self.pid, self.stop_signal)
        try:
            self._process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerError(
                f'{self.name} did not end\n{self.tail()}') from None
        self._gone()

    def kill(self) -> None:
        """End it as a power failure would."""
        if self._process is None:
            return
        if self.runs:
            os.kill(self.pid, self.kill_signal)
            self.resume()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            pass
        self._gone()

    def pause(self) -> None:
        """Let it hang: connections stay open and nothing is answered."""
        processes.signal_family(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        processes.signal_family(self.pid, signal.SIGCONT)

    def restart(self) -> None:
        self.stop()
        self.start()

    def restart_empty(self) -> None:
        """Lose everything it held; the URL stays the same."""
        self.kill()
        shutil.rmtree(self.data, ignore_errors=True)
        self.start()

    def close(self) -> None:
        """End it at once, and leave nothing."""
        self.kill()
        if self._guard is not None:
            self._guard.stdin.close()
            self._guard.wait()
            self._guard = None
        self.directory = ''

    def __enter__(self) -> 'Server':
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(self, *unused: object) -> None:
        self.close()

    def tail(self) -> str:
        """Return the end of what it said."""
        with open(self.log, errors='replace') as log:
            return ''.join(log.readlines()[-20:])

    # inside

    def _make_directory(self) -> None:
        self.directory = tempfile.mkdtemp(
            prefix=f'synchronizer-{self.name}-', dir=TEMPORARY)
        self._guard = processes.guard(self.directory)
        if self.user:
            shutil.chown(self.directory, self.user)

    def _popen(self, command: list[str]) -> subprocess.Popen:
        environment = {**os.environ, 'HOME': self.directory,
                       'PATH': f'{self.path}:{os.environ["PATH"]}',
                       **self.environment()}
        with open(self.log, 'a') as log:
            return subprocess.Popen(
                command, cwd=self.directory, env=environment, user=self.user,
                extra_groups=[] if self.user else None,
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                start_new_session=True)

    def run(self, command: list[str]) -> None:
        """Run a program of this server to its end; it must succeed."""
        code = self._popen(command).wait()
        if code:
            raise ServerError(f'{command[0]} gave {code}\n{self.tail()}')

    def _wait_ready(self, deadline: float) -> None:
        problem: object = None
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                if self.ready():
                    return
            except Exception as error:
                # whatever its client library calls "not yet"
                problem = error
            time.sleep(0.05)
        self.kill()
        raise ServerError(
            f'{self.name} does not answer: {problem}\n{self.tail()}')

    def _gone(self) -> None:
        processes.signal_family(self.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        pathlib.Path(self.directory, processes.PID_FILE).unlink()
