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

"""DevStack's own functions, on a cloud that runs already.

The checkout is copied, and so is ours, as its working tree is. Everything is
written below one directory: sudo only runs what it is given, systemctl is
:mod:`synchronizer.tests.cloud.systemctl`, and the messages of ours go over
a broker of our own.
"""

import getpass
import importlib.metadata
import os
import pathlib
import shutil
import subprocess
import sys
from typing import Any
from urllib import parse

import synchronizer
from synchronizer.tests.cloud import systemctl
from synchronizer.tests.functional import servers

# the home of a test is another one
PIP_CACHE = os.environ.get('PIP_CACHE_DIR') or os.path.expanduser(
    '~/.cache/pip')
CHECKOUT = pathlib.Path(synchronizer.__file__).parents[1]
LOCALRC = '''
DEST={top}/dest
DATA_DIR=$DEST/data
STACK_USER={user}
USER_UNITS=True
HOST_IP=127.0.0.1
REGION_NAME={region}
ADMIN_PASSWORD={password}
SERVICE_PASSWORD={name}
RABBIT_PASSWORD=guest
DATABASE_USER={database.username}
DATABASE_PASSWORD={database.password}
MYSQL_HOST={database.hostname}
BASE_SQL_CONN=mysql+pymysql://{database.netloc}
MYSQL_GATHER_PERFORMANCE=False
ENABLED_SERVICES=key,mysql,rabbit,nova,cinder,heat
SYNCHRONIZER_CONF_DIR={top}/etc/synchronizer
SYNCHRONIZER_DATABASE={name}
SYNCHRONIZER_USER={name}
SYNCHRONIZER_POOL={name}
SYNCHRONIZER_DELTA_INTERVAL=0
enable_plugin synchronizer {top}/synchronizer
'''
# as stack.sh does before its first phase
PRELUDE = '''
TOP_DIR={top}/devstack
FILES=$TOP_DIR/files
source $TOP_DIR/functions
source $TOP_DIR/stackrc
GetDistro
source $TOP_DIR/lib/database
source $TOP_DIR/lib/rpc_backend
source $TOP_DIR/lib/keystone
KEYSTONE_SERVICE_URI={auth_url}
OPENSTACKCLIENT_CONF_DIR=$HOME/.config/openstack
NOVA_CONF={top}/etc/nova/nova.conf
CINDER_CONF={top}/etc/cinder/cinder.conf
HEAT_CONF={top}/etc/heat/heat.conf
# neither broker need be on the port that DevStack knows
function get_transport_url {{ echo "{transport_url}"; }}
function get_notification_url {{ echo "{notification_url}"; }}
initialize_database_backends
define_database_baseurl
PYTHON={python}
setup_devstack_virtualenv
load_plugin_settings
set -o errexit
'''
# as it does between its phases
PREPARE = '''
fetch_plugins
pip_install_gr python-openstackclient
write_clouds_yaml
'''
SUDO = '''#!/bin/sh
while [ "$1" = -H ]; do shift; done
exec env "$@"
'''
PROGRAM = '''#!/bin/sh
exec {command} "$@"
'''
EDIT_CONSTRAINTS = '''#!/bin/sh
# FILE -- NAME
exec sed -i "/^$3===/d" "$1"
'''


def constraints() -> str:
    """What is installed here, as upper-constraints.txt."""
    return ''.join(sorted({
        f'{dist.name}==={dist.version}\n'
        for dist in importlib.metadata.distributions()
        if dist.name != 'synchronizer'}))


class Stack:
    """DevStack as it is below `top`, with our plugin enabled."""

    def __init__(self, top: pathlib.Path, name: str, devstack: pathlib.Path,
                 cloud: dict[str, Any], region: str, database_url: str,
                 notification_url: str, rabbit: servers.RabbitServer) -> None:
        self.top = top
        self.database = parse.urlsplit(database_url)
        self._rabbit = rabbit
        self._values = {
            'top': top, 'name': name, 'region': region,
            'user': getpass.getuser(), 'python': sys.executable,
            'auth_url': cloud['auth_url'], 'password': cloud['password'],
            'database': self.database,
            'transport_url': rabbit.url,
            'notification_url': notification_url}
        shutil.copytree(devstack, top / 'devstack',
                        ignore=shutil.ignore_patterns('.git'))
        self._write('devstack/localrc', LOCALRC)
        self._write('home/.my.cnf', '[client]\nprotocol = tcp\n'
                    'port = {database.port}\n')
        for service in ('nova', 'cinder', 'heat'):
            self._write(f'etc/{service}/{service}.conf', '[DEFAULT]\n')
        self._write('etc/nova/nova_cell1.conf', '[DEFAULT]\n')
        self._write_programs()
        self._write_requirements()
        self._commit_checkout()

    def _write(self, path: str, text: str, mode: int = 0o644) -> None:
        file = self.top / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text.format(**self._values))
        file.chmod(mode)

    def _write_programs(self) -> None:
        rabbit = [f'{name}={value}' for name, value
                  in self._rabbit.environment().items()]
        self._write('bin/sudo', SUDO, 0o755)
        for name, command in (
                ('systemctl', [sys.executable, systemctl.__file__]),
                ('rabbitmqctl', [
                    'env', f'HOME={self._rabbit.directory}', *rabbit,
                    self._rabbit.program('rabbitmqctl')])):
            self._write(f'bin/{name}', PROGRAM.replace(
                '{command}', ' '.join(f"'{word}'" for word in command)
                .replace('{', '{{').replace('}', '}}')), 0o755)

    def _write_requirements(self) -> None:
        folder = 'dest/requirements'
        self._write(f'{folder}/upper-constraints.txt', constraints())
        self._write(f'{folder}/global-requirements.txt',
                    'python-openstackclient\n')
        self._write(f'{folder}/.venv/bin/edit-constraints',
                    EDIT_CONSTRAINTS, 0o755)

    def _commit_checkout(self) -> None:
        """What is in our working tree, as a repository to clone."""
        there = self.top / 'synchronizer'
        names = subprocess.run(
            ['git', 'ls-files', '-co', '--exclude-standard', '-z'],
            cwd=CHECKOUT, check=True, capture_output=True, text=True).stdout
        for name in filter(None, names.split('\0')):
            if (CHECKOUT / name).is_file():
                (there / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(CHECKOUT / name, there / name)
        for arguments in (['init', '-q', '-b', 'master'], ['add', '-A'],
                          ['-c', 'user.name=nobody', '-c', 'user.email=none',
                           'commit', '-q', '-m', 'As it is']):
            subprocess.run(['git', *arguments], cwd=there, check=True,
                           env=self.environment)

    @property
    def environment(self) -> dict[str, str]:
        """Of all that is run: nothing of the caller's cloud is in it."""
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(('OS_', 'PYTHON', 'VIRTUAL_ENV'))}
        return {**kept, 'HOME': str(self.top / 'home'),
                'PATH': f'{self.top}/bin:{kept["PATH"]}',
                'PIP_CACHE_DIR': PIP_CACHE,
                'GIT_CONFIG_SYSTEM': str(self.top / 'gitconfig')}

    # --- what is done with it --------------------------------------------

    def bash(self, *lines: str, check: bool = True) -> str:
        """What DevStack's functions say."""
        script = PRELUDE.format(**self._values) + '\n'.join(lines)
        done = subprocess.run(
            ['bash', '-c', script], env=self.environment, text=True,
            cwd=self.top, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if check and done.returncode:
            raise AssertionError(
                f'{lines}: {done.returncode}\n{done.stdout[-4000:]}')
        return done.stdout

    def prepare(self) -> None:
        """What is there before the first phase."""
        self.bash(PREPARE)

    def phase(self, *words: str, check: bool = True) -> str:
        """One phase of all plugins; but for "stack", as the user demo."""
        return self.bash(
            '' if words[0] == 'stack' else 'source $TOP_DIR/openrc',
            f'run_phase {" ".join(words)}', check=check)

    def program(self, *arguments: str) -> str:
        """What a program of ours says on stdout."""
        folder = self.top / 'dest' / 'data' / 'venv' / 'bin'
        return subprocess.run(
            [folder / arguments[0], '--config-file', self.conf,
             *arguments[1:]], env=self.environment, check=True, text=True,
            stdout=subprocess.PIPE).stdout

    @property
    def conf(self) -> pathlib.Path:
        return self.top / 'etc' / 'synchronizer' / 'synchronizer.conf'

    @property
    def unit(self) -> pathlib.Path:
        return self.top.joinpath('home', '.local', 'share', 'systemd', 'user',
                                 'devstack@synchronizer.service')

    def session(self) -> int:
        """Of the processes of the unit, running or not."""
        file = self.top / 'home' / 'systemd' / f'{self.unit.name}.pid'
        return int(file.read_text())

    def processes(self) -> list[int]:
        """Those of the unit that run."""
        session = str(self.session())
        found = []
        for file in pathlib.Path('/proc').glob('[0-9]*/stat'):
            try:
                state = file.read_text().rpartition(')')[2].split()
            except (FileNotFoundError, ProcessLookupError):
                continue
            if state[3] == session and state[0] != 'Z':
                found.append(int(file.parent.name))
        return found

    def broker(self, *arguments: str) -> str:
        """What the broker of our own says."""
        return subprocess.run(
            [self.top / 'bin' / 'rabbitmqctl', '-q', *arguments], check=True,
            stdout=subprocess.PIPE, text=True, env=self.environment).stdout
