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

"""Watcher's decision engine, as far as models go, in its own environment."""

import json
import os
import pathlib
import queue
import subprocess
import tempfile
import threading
import tomllib

import fixtures

import synchronizer

TOP = pathlib.Path(synchronizer.__file__).resolve().parent.parent
PROJECT = TOP / 'pyproject.toml'
ENGINE = pathlib.Path(__file__).with_name('engine.py')
NAMESPACE = 'watcher_cluster_data_model_collectors'
PATIENCE = 120

TEMPLATE = '''
[DEFAULT]
transport_url = {transport_url}
host = watched
use_stderr = True
[watcher_clients_auth]
auth_type = password
auth_url = {auth_url}
username = admin
password = {password}
project_name = admin
user_domain_name = Default
project_domain_name = Default
[nova]
valid_interfaces = public
[placement]
valid_interfaces = public
[collector]
collector_plugins = {plugin}
api_query_max_retries = 1
[compute_model]
enable_extended_attributes = True
'''


def python():
    """The python of Watcher's environment, or None."""
    found = os.environ.get('SYNCHRONIZER_WATCHER_PYTHON') or str(
        TOP / '.venv-watcher/bin/python')
    return found if pathlib.Path(found).exists() else None


class Engine(fixtures.Fixture):
    """The process; `plugin` is what its configuration names."""

    def __init__(self, plugin, auth_url, transport_url, more='',
                 password='sandbox'):
        super().__init__()
        self._text = TEMPLATE.format(
            plugin=plugin, auth_url=auth_url, transport_url=transport_url,
            password=password) + more

    def _setUp(self):
        self.directory = pathlib.Path(tempfile.mkdtemp())
        conf = self.directory / 'watcher.conf'
        conf.write_text(self._text)
        self.log = self.directory / 'log'
        with self.log.open('w') as log:
            self.process = subprocess.Popen(
                [python(), '-P', str(ENGINE), '--config-file', str(conf)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                text=True, env=self._environment())
        self.addCleanup(self._end)
        self._answers = queue.SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, method, **arguments):
        """One request, and its answer."""
        self.process.stdin.write(json.dumps([method, arguments]) + '\n')
        self.process.stdin.flush()
        answer = self._answers.get(timeout=PATIENCE)
        if answer is None:
            raise AssertionError(f'{method}: {self.log.read_text()}')
        return json.loads(answer)

    def model(self, *scope):
        return self.ask('model', scope=scope)

    def _read(self):
        for line in self.process.stdout:
            self._answers.put(line)
        self._answers.put(None)

    def _end(self):
        self.process.stdin.close()
        try:
            self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()

    def _environment(self):
        """As if this checkout were installed beside Watcher."""
        known = self.directory / 'synchronizer-0.dist-info'
        known.mkdir()
        (known / 'METADATA').write_text('Name: synchronizer\nVersion: 0\n')
        project = tomllib.loads(PROJECT.read_text())
        (known / 'entry_points.txt').write_text(f'[{NAMESPACE}]\n' + ''.join(
            f'{name} = {value}\n' for name, value in project['project'][
                'entry-points'][NAMESPACE].items()))
        return {**os.environ, 'PYTHONPATH': f'{TOP}:{self.directory}',
                'XDG_CACHE_HOME': str(self.directory)}
