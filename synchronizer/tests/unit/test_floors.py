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

"""A room imports only from lower floors; each dependency has one home."""

import ast
import pathlib
import subprocess
import sys

import synchronizer
from synchronizer.tests import base

ROOT = pathlib.Path(synchronizer.__file__).parent

FLOORS = {
    'cmd': 5,
    'service': 4, 'sandbox': 4, 'integrations': 4, 'fixture': 4,
    'conformance': 4,
    'collector': 3, 'northbound': 3, 'client': 3,
    'plugins': 2, 'store': 2, 'graph': 2, 'tables': 2,
    'bus': 1, 'cloud': 1,
    'model': 0, 'conf': 0, 'exception': 0, 'metrics': 0, 'version': 0,
    'memory': 0, 'quiet': 0, 'signals': 0, 'tracing': 0,
}

# (room, neighbour on its own floor that it may import)
NEIGHBOURS = {('model', 'exception'), ('conf', 'exception'),
              ('metrics', 'exception'), ('version', 'exception')}

# dependency: the modules, or packages, that may import it
HOMES = {
    'oslo_service': ['service', 'cmd.__init__'],
    'tooz': ['service'],
    'oslo_messaging': ['bus', 'collector.looks', 'northbound', 'client',
                       'sandbox.speaker'],
    'oslo_policy': ['northbound'],
    'sqlalchemy': ['store'], 'oslo_db': ['store'], 'alembic': ['store'],
    'keystoneauth1': ['cloud', 'conf'], 'openstack': ['cloud'],
    'novaclient': ['cloud'], 'cinderclient': ['cloud'],
    'heatclient': ['cloud'],
    'networkx': ['graph'],
    'prometheus_client': ['metrics', 'service'],
    'opentelemetry': ['tracing'],
    'cliff': ['cmd'],
    'stevedore': ['plugins'],
}


def _modules():
    """Yield the dotted name below synchronizer, and the path, of each."""
    for path in sorted(ROOT.rglob('*.py')):
        parts = path.relative_to(ROOT).with_suffix('').parts
        if parts[0] not in ('tests', '__init__'):
            yield '.'.join(parts), path


def _imports(name, path):
    """Yield the full dotted name of everything that a module imports."""
    package = ['synchronizer', *name.split('.')[:-1]]
    for node in ast.walk(ast.parse(path.read_text(), str(path))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            # "from .. import x" counts its dots from the package
            base_ = package[:len(package) - node.level + 1]
            parts = [*(base_ if node.level else []),
                     *([node.module] if node.module else [])]
            yield from ('.'.join([*parts, a.name]) for a in node.names)


def _may_see(room, other):
    return (room == other or FLOORS[other] < FLOORS[room]
            or (room, other) in NEIGHBOURS)


def _at_home(name, dependency):
    return any(name == home or name.startswith(home + '.')
               for home in HOMES[dependency])


class FloorsTest(base.TestCase):

    def test_every_room_has_a_floor(self):
        rooms = {name.split('.')[0] for name, _ in _modules()}
        self.assertEqual(set(), rooms - set(FLOORS))

    def test_rooms_import_from_lower_floors(self):
        wrong = []
        for name, path in _modules():
            room = name.split('.')[0]
            for imported in _imports(name, path):
                top, *rest = imported.split('.')
                if (top == 'synchronizer' and rest and rest[0] in FLOORS
                        and not _may_see(room, rest[0])):
                    wrong.append(f'{name} imports {imported}')
        self.assertEqual([], wrong)

    def test_dependencies_stay_at_home(self):
        wrong = [f'{name} imports {imported}'
                 for name, path in _modules()
                 for imported in _imports(name, path)
                 if imported.split('.')[0] in HOMES
                 and not _at_home(name, imported.split('.')[0])]
        self.assertEqual([], wrong)

    def test_what_few_starts_need_is_not_loaded_by_all(self):
        seldom = ('alembic', 'openstack', 'dns')
        done = subprocess.run(
            [sys.executable, '-c',
             'import sys; import synchronizer.cmd.service; '
             f'print(*sys.modules.keys() & {set(seldom)})'],
            capture_output=True, text=True, check=True)
        self.assertEqual('', done.stdout.strip())
