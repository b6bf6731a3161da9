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

"""Types what a page shows, as its reader would."""

import contextlib
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

import fixtures

from synchronizer.tests import pages
from synchronizer.tests.functional import daemon
from synchronizer.tests.functional.servers import processes

ASSIGNMENT = re.compile(r'(?:export +)?(?P<name>\w+)=')
PATIENCE = 60


class Terminal(fixtures.Fixture):
    """A shell in a directory of its own, with the programs of this tree.

    What the page says of a place or a port is replaced by what the test has.
    """

    def __init__(self, replaced):
        super().__init__()
        self._replaced = replaced

    def _setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp())
        self.environment = {
            **os.environ, 'HOME': str(self.directory),
            'PATH': f'{pathlib.Path(sys.executable).parent}:'
                    f'{os.environ["PATH"]}',
            'PYTHONPATH': str(pages.ROOT), 'PYTHONWARNINGS': 'ignore'}
        self._begun = 0

    def adapted(self, text):
        """As it must stand here."""
        for old, new in self._replaced.items():
            text = text.replace(old, new)
        return text

    def write(self, files):
        """The files of a page."""
        for name, text in files.items():
            path = self.directory / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(self.adapted(text))

    def run(self, line, input=None):
        """Type a line; what it wrote, what it said, and how it ended."""
        assigned = ASSIGNMENT.match(line)
        if assigned:
            line += f'; printf %s "${assigned["name"]}"'
        done = subprocess.run(
            ['bash', '-c', self.adapted(line)], cwd=self.directory,
            env=self.environment, input=input, text=True, timeout=PATIENCE,
            capture_output=True)
        if assigned:
            self.environment[assigned['name']] = done.stdout
        return done

    def until(self, line, wanted):
        """Type it again until its output is like that."""
        def found():
            self.last = self.run(line)
            return self.last.returncode == 0 and re.search(
                wanted, self.last.stdout)
        try:
            daemon.until(found, f'{wanted!r} of {line}', PATIENCE)
        except AssertionError as error:
            raise AssertionError(f'{error}: {self.last}') from None

    def begin(self, line, wanted):
        """Let it run, once it has said so; how to look at it and end it."""
        self._begun += 1
        begun = Begun(line, self.directory / f'output-{self._begun}')
        self.addCleanup(begun.kill)
        begun.start(self.adapted(line), self.directory, self.environment)
        begun.await_text(wanted)
        return begun


class Begun:
    """A program that goes on until it is interrupted."""

    def __init__(self, line, path):
        self._line, self._path = line, path

    def start(self, line, directory, environment):
        with self._path.open('w') as output:
            # as of a terminal: what is interrupted is the program itself
            self._process = subprocess.Popen(
                ['bash', '-c', f'exec {line}'], cwd=directory,
                env=environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True)

    def text(self):
        return self._path.read_text()

    def await_text(self, wanted):
        def found():
            return (re.search(wanted, self.text(), re.MULTILINE)
                    or self._process.poll() is not None)
        with contextlib.suppress(AssertionError):
            daemon.until(found, wanted, PATIENCE)
        if not re.search(wanted, self.text(), re.MULTILINE):
            raise AssertionError(
                f'{self._line} did not say {wanted!r}: {self.text()}')

    def interrupt(self):
        """Ctrl-C; how it ended."""
        self._process.send_signal(signal.SIGINT)
        return self._process.wait(PATIENCE)

    def kill(self):
        for pid in processes.family(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
