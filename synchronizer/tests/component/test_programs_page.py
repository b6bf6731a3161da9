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

"""The programs of the user guide's page on the library, as they stand."""

import contextlib
import importlib.util
import io
import json
import pathlib
import sqlite3
import threading
import urllib.error
import urllib.request

import fixtures
import testtools

import synchronizer
from synchronizer.bus import transport
from synchronizer.fixture import SynchronizerFixture
from synchronizer.tests import base

PROGRAMS = pathlib.Path(synchronizer.__file__).parents[1].joinpath(
    'doc', 'source', 'programs')
PATIENCE = 20
SERVER, HOST = 'nova.instance', 'nova.host'


def until(test, true):
    """Wait for what a program does."""
    pause = threading.Event()
    for _ in range(PATIENCE * 50):
        if true():
            return
        pause.wait(0.02)
    test.fail('it never came true')


class ProgramCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(
            self.useFixture(fixtures.TempDir()).path)

    def program(self, name):
        spec = importlib.util.spec_from_file_location(
            name, PROGRAMS / f'{name}.py')
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    @contextlib.contextmanager
    def running(self, name, *args, **kwargs):
        """The program in a thread, until the end of the block."""
        ended = threading.Event()
        thread = threading.Thread(
            target=self.program(name).main, daemon=True,
            args=(transport.EMBEDDED, *args),
            kwargs={'ended': ended, **kwargs})
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join(PATIENCE)
            self.assertFalse(thread.is_alive())


@testtools.skipUnless(PROGRAMS.exists(), 'needs the source tree')
class AloneTest(ProgramCase):

    def setUp(self):
        super().setUp()
        self.addCleanup(transport.forget_embedded)

    def test_resume_without_a_service_forgets_nothing(self):
        path = self.folder / 'positions.json'
        saved = {SERVER: {'epoch': 'e', 'revision': 7}}
        path.write_text(json.dumps(saved))
        written = path.stat().st_mtime_ns
        with self.running('resume', path):
            until(self, lambda: path.stat().st_mtime_ns != written)
        self.assertEqual(saved, json.loads(path.read_text()))


@testtools.skipUnless(PROGRAMS.exists(), 'needs the source tree')
class ProgramsTest(ProgramCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(SynchronizerFixture([SERVER, HOST]))
        self.put('a', 'one')

    def put(self, id_, name):
        self.service.put(SERVER, id_, name=name, state='ACTIVE',
                         project_id='p', relations=[('runs-on', HOST, 'h')])

    def test_print_changes(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said), (
                self.running('print_changes', SERVER)):
            # it says nothing of what it finds, so something has to happen
            # until it is heard
            number = iter(range(1000))
            until(self, lambda: self.put('a', f'new-{next(number)}')
                  or 'updated nova.instance new-' in said.getvalue())
        self.assertRegex(said.getvalue().splitlines()[0],
                         r'^20\S+Z updated nova\.instance new-\d+ name$')

    def test_keep_table(self):
        path = self.folder / 'servers.sqlite'

        def rows():
            if not path.exists():
                return []
            with contextlib.closing(sqlite3.connect(path)) as database:
                if not database.execute(
                        'SELECT * FROM sqlite_master').fetchall():
                    return []
                return database.execute(
                    'SELECT id, name FROM servers ORDER BY id').fetchall()
        with self.running('keep_table', path):
            until(self, lambda: rows() == [('a', 'one')])
            self.put('b', 'two')
            self.service.delete(SERVER, 'a')
            until(self, lambda: rows() == [('b', 'two')])

    def test_serve_graph(self):
        self.service.put(HOST, 'h', name='h')
        started, served = threading.Event(), []

        def note(http):
            served.append(http)
            started.set()
        thread = threading.Thread(
            target=self.program('serve_graph').main, daemon=True,
            args=(transport.EMBEDDED, 0, note))
        thread.start()
        self.assertTrue(started.wait(PATIENCE))
        port = served[0].server_address[1]
        address = f'http://127.0.0.1:{port}/hangs-on/nova.host/'
        with urllib.request.urlopen(f'{address}h') as answer:
            self.assertEqual([{'type': SERVER, 'id': 'a', 'harm': 'lost'}],
                             json.load(answer))
        error = self.assertRaises(urllib.error.HTTPError,
                                  urllib.request.urlopen, f'{address}x')
        self.assertEqual(404, error.code)
        error.close()
        served[0].shutdown()
        thread.join(PATIENCE)
        self.assertFalse(thread.is_alive())

    def test_resume(self):
        path, told = self.folder / 'positions.json', []

        def handle(change):
            told.append((change.action, change.entity.name))
        with self.running('resume', path, handle=handle):
            until(self, lambda: path.exists() and SERVER in json.loads(
                path.read_text()))
        self.assertEqual([], told)
        self.put('a', 'while it was away')
        with self.running('resume', path, handle=handle):
            until(self, lambda: told)
        self.assertEqual([('updated', 'while it was away')], told)
        with self.running('resume', path, handle=handle):
            self.service.delete(SERVER, 'a')
            until(self, lambda: len(told) == 2)
        self.assertEqual('deleted', told[1][0])
