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

"""The service as a process of its own, and what can be seen of it."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time

import fixtures

from synchronizer.store import engine
from synchronizer.store import sql
from synchronizer.tests.functional.servers import processes

TEMPLATE = '''
[DEFAULT]
transport_url = {transport_url}
state_path = {state_path}
host = {host}
plugins = {plugins}
graceful_shutdown_timeout = {graceful}
[service_credentials]
auth_type = password
auth_url = {auth_url}
username = admin
password = sandbox
project_name = admin
user_domain_name = Default
project_domain_name = Default
[publisher]
bookmark_interval = 0.5
[nova]
poll_interval = {poll_interval}
valid_interfaces = public
[database]
{database}
'''

TOLERANCE = 60


def until(condition, what, timeout=TOLERANCE):
    """Wait until it is true, and return what it was."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(0.05)
    says = what() if callable(what) else what
    raise AssertionError(f'not within {timeout} s: {says}')


def is_alive(pid):
    with contextlib.suppress(OSError):
        stat = pathlib.Path(f'/proc/{pid}/stat').read_text()
        return stat.rpartition(')')[2].split()[0] != 'Z'
    return False


def title(pid):
    with contextlib.suppress(OSError):
        text = pathlib.Path(f'/proc/{pid}/cmdline').read_text()
        return text.rstrip('\0').strip()
    return ''


class Daemon(fixtures.Fixture):
    """synchronizer-service, with its configuration, state and log."""

    prefix: tuple[str, ...] = ()
    """What its command is put behind."""

    def __init__(self, auth_url, transport_url, database='', graceful=10,
                 arguments=(), env=None, host='here', plugins='nova'):
        super().__init__()
        self._options = {
            'auth_url': auth_url, 'transport_url': transport_url,
            'graceful': graceful, 'poll_interval': 1, 'database': database,
            'host': host, 'plugins': plugins}
        self._arguments, self._env = arguments, env or {}

    def _setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.conf = self.directory / 'synchronizer.conf'
        self.log = self.directory / 'log'
        self.log.touch()
        self.process = self._store = None
        self.configure()
        self.addCleanup(self.end)

    def configure(self, more='', **options):
        """Write the file anew, with other options and text at its end."""
        self._options |= options
        self.conf.write_text(TEMPLATE.format(
            state_path=self.directory, **self._options) + more)

    def start(self):
        with self.log.open('a') as log:
            self.process = subprocess.Popen(
                [*self.prefix, sys.executable, '-m',
                 'synchronizer.cmd.service', '--config-file', str(self.conf),
                 *self._arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env={**os.environ, **self._env}, start_new_session=True)
        return self

    def end(self):
        """Leave nothing behind, however the test went."""
        if self.process is not None:
            for pid in self.family():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.wait()

    # --- what is seen ----------------------------------------------------

    def text(self):
        return self.log.read_text()

    def family(self):
        return processes.family(self.process.pid)

    def workers(self):
        """Title: pid of each worker that has its title."""
        return {title(pid): pid for pid in self.family()[1:]
                if title(pid).startswith('synchronizer: ')
                and is_alive(pid)}

    def streams(self):
        """The rows, as another process sees them."""
        file = self.directory / 'synchronizer.sqlite'
        if not file.exists():
            return {}
        if self._store is None:
            self._store = sql.SqlStore(engine.Options(f'sqlite:///{file}'))
            self.addCleanup(self._store.close)
        return self._store.streams()

    # --- what is waited for ----------------------------------------------

    def await_workers(self, *titles):
        """Exactly these are there; their pids by title."""
        wanted = {f'synchronizer: {name}' for name in titles}

        def there():
            found = self.workers()
            return found if set(found) == wanted else None
        return until(there, f'the workers {wanted}: {self.text()}')

    def await_live(self):
        def live():
            rows = self.streams()
            return rows and all(
                row.state == 'live' for row in rows.values())
        until(live, f'all streams live: {self.text()}')

    def await_text(self, text, count=1):
        until(lambda: self.text().count(text) >= count,
              f'{text!r} in: {self.text()}')

    def await_end(self, timeout=TOLERANCE):
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'still runs: {self.text()}') from None
