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

"""The plugin for DevStack: its scripts, and which phase calls what."""

import collections
import pathlib
import shutil
import subprocess
import sys
import tempfile

import testscenarios

import synchronizer
from synchronizer.tests import base

CHECKOUT = pathlib.Path(synchronizer.__file__).parents[1]
PLUGIN = CHECKOUT / 'devstack'
SCRIPTS = [PLUGIN / name
           for name in ('settings', 'plugin.sh', 'lib/synchronizer')]
FUNCTIONS = ('install', 'configure', 'init', 'start', 'stop', 'cleanup')

# of DevStack's functions as much as the phases need; a line of a file is the
# section, the option and the value
DEVSTACK = '''
set -o errexit
DEST={top} DATA_DIR={top}/data SYSTEMD_DIR={top}/units
SYSTEMCTL="say systemctl" STACK_USER=$(id -un)
DATABASE_BACKENDS=mysql DATABASE_TYPE=mysql REGION_NAME=RegionOne
DATABASE_USER=root DATABASE_PASSWORD=secret MYSQL_HOST=controller
SERVICE_DOMAIN_NAME=Default SERVICE_TIMEOUT=1 ENABLE_DEBUG_LOG_LEVEL=True
NOVA_CONF={top}/nova/nova.conf CINDER_CONF={top}/cinder.conf
HEAT_CONF={top}/heat.conf
ENABLED=,key,mysql,rabbit,synchronizer,nova,cinder,heat,
SYNCHRONIZER_DIR={checkout} SYNCHRONIZER_BIN_DIR={top}/bin
SYNCHRONIZER_CONF_DIR={top}/etc
function say {{ echo "$@" >>{top}/said; }}
function define_plugin {{ :; }}
function enable_service {{ :; }}
function echo_summary {{ :; }}
function trueorfalse {{ echo "${{!2:-$1}}"; }}
function is_service_enabled {{ [[ "$ENABLED" == *",$1,"* ]]; }}
function join_extras {{ local IFS=","; echo "$*"; }}
function sudo {{ "$@"; }}
function die {{ say die; exit 1; }}
function rabbitmqctl {{ say rabbitmqctl "$@"; }}
function sleep {{ :; }}
function mysql {{ say mysql "$@"; }}
function openstack {{ say openstack "$@"; echo other; echo synchronizer; }}
function env {{ while [[ "$1" == -u ]]; do shift 2; done; "$@"; }}
function iniget {{ sed -n "s/^$2 $3 //p" "$1"; }}
function iniset {{
    {{ grep -v "^$2 $3 " "$1" || true; echo "$2 $3 $4"; }} >{top}/new
    cat {top}/new >"$1"
}}
function setup_logging {{ :; }}
function iniset_rpc_backend {{ iniset "$2" DEFAULT transport_url bus; }}
function get_notification_url {{ echo notes; }}
function database_connection_url {{ echo "mysql://$1"; }}
function configure_keystoneauth {{ iniset "$1" "$3" username "$2"; }}
function create_service_user {{ say create_service_user "$@"; }}
function setup_develop {{ say setup_develop "$@"; }}
function initialize_database_backends {{ :; }}
function recreate_database {{ say recreate_database "$1"; }}
function run_process {{ say run_process "$@"; }}
function stop_process {{ say stop_process "$@"; }}
source {plugin}/settings
'''


class ScriptsTest(base.TestCase):
    """What can be said of the files without running them."""

    def check(self, *command):
        if shutil.which(command[0]) is None:
            self.skipTest(f'{command[0]} is not installed')
        done = subprocess.run([*command, *SCRIPTS], cwd=CHECKOUT, text=True,
                              capture_output=True)
        self.assertEqual((0, ''), (done.returncode, done.stdout))

    def test_bash_can_read_them(self):
        for script in SCRIPTS:
            done = subprocess.run(['bash', '-n', script],
                                  capture_output=True, text=True)
            self.assertEqual((0, ''), (done.returncode, done.stderr))

    def test_shellcheck_has_nothing_to_say(self):
        self.check('shellcheck', '-x')

    def test_bashate_has_nothing_to_say(self):
        self.check(str(pathlib.Path(sys.executable).with_name('bashate')))


class Case(base.TestCase):
    """Runs a script after stand-ins for what DevStack brings."""

    def setUp(self):
        super().setUp()
        self.top = pathlib.Path(tempfile.mkdtemp())
        (self.top / 'nova').mkdir()
        for name in ('nova/nova', 'nova/nova_cell1', 'cinder', 'heat'):
            (self.top / f'{name}.conf').touch()
        self.program('synchronizer')
        self.program('synchronizer-manage')
        self.program('synchronizer-status')

    def program(self, name, code=0):
        file = self.top / 'bin' / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(
            f'#!/bin/sh\necho {name} "$@" >>{self.top}/said\nexit {code}\n')
        file.chmod(0o755)

    def bash(self, script, before='', code=0):
        """What was said meanwhile, a line each."""
        said = self.top / 'said'
        said.write_text('')
        text = DEVSTACK.format(top=self.top, checkout=CHECKOUT,
                               plugin=PLUGIN)
        done = subprocess.run(
            ['bash', '-c', f'{before}\n{text}\n{script}'], text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
        self.assertEqual(code, done.returncode, done.stdout)
        self.printed = done.stdout
        return said.read_text().replace(str(self.top), 'TOP').splitlines()

    def options(self, name):
        """What stands in a file, by section."""
        sections = collections.defaultdict(dict)
        for line in (self.top / name).read_text().splitlines():
            section, option, value = line.split(' ', 2)
            sections[section][option] = value
        return sections


class DispatchTest(testscenarios.WithScenarios, Case):
    """plugin.sh calls what has its turn, once."""

    scenarios = [(words or 'nothing', {'words': words, 'called': called})
                 for words, called in (
        ('stack install', ['install']),
        ('stack post-config', ['configure']),
        ('stack extra', ['init', 'start']),
        ('unstack', ['stop']),
        ('clean', ['cleanup']),
        ('', []),
        ('source', []),
        ('stack', []),
        ('stack pre-install', []),
        ('stack test-config', []),
        ('stack clean', []),
        ('install', []))]

    def dispatch(self, before=''):
        doubles = '\n'.join(
            f'function {name}_synchronizer {{ say {name}; }}'
            for name in FUNCTIONS)
        # the library is read when plugin.sh is; a double must come after it
        (self.top / 'devstack' / 'lib').mkdir(parents=True)
        (self.top / 'devstack' / 'lib' / 'synchronizer').write_text(doubles)
        return self.bash(
            f'SYNCHRONIZER_DIR={self.top}\n{before}\n'
            f'set --\nsource {PLUGIN}/plugin.sh {self.words}')

    def test_the_phase_calls_its_function(self):
        self.assertEqual(self.called, self.dispatch())

    def test_a_disabled_service_is_left_alone(self):
        self.assertEqual([], self.dispatch('ENABLED=,nova,'))
