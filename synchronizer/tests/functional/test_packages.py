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

"""What is shipped: the files of configuration, and the wheel."""

import configparser
import json
import os
import pathlib
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import unittest
import venv

import synchronizer
from synchronizer.northbound import policies
from synchronizer.tests import base

TOP = pathlib.Path(synchronizer.__file__).parents[1]
BIN = pathlib.Path(sys.executable).parent
GENERATOR = TOP / 'etc/synchronizer-config-generator.conf'
PROGRAMS = ('synchronizer', 'synchronizer-manage', 'synchronizer-service',
            'synchronizer-status')


def run(*command, **options):
    return subprocess.run([str(word) for word in command], text=True,
                          capture_output=True, **options)


class ConfigurationTest(base.TestCase):

    def validate(self, text):
        path = pathlib.Path(tempfile.mkdtemp(), 'synchronizer.conf')
        path.write_text(text)
        return run(BIN / 'oslo-config-validator', '--config-file', GENERATOR,
                   '--input-file', path)

    def test_the_file_for_operators_is_valid(self):
        text = (TOP / 'etc/synchronizer.conf').read_text()
        done = self.validate(text)
        self.assertEqual(0, done.returncode, done.stderr)
        done = self.validate(f'{text}\n[nova]\npol_interval = 1\n')
        self.assertNotEqual(0, done.returncode)

    def test_the_sample_shows_every_group_of_ours(self):
        sample = pathlib.Path(tempfile.mkdtemp(), 'sample')
        done = run(BIN / 'oslo-config-generator', '--config-file', GENERATOR,
                   '--output-file', sample, cwd=TOP)
        self.assertEqual(0, done.returncode, done.stderr)
        parser = configparser.ConfigParser(strict=False)
        parser.read(sample)
        for group in ('cinder', 'collector', 'database', 'heat', 'journal',
                      'nova', 'publisher', 'service_credentials', 'snapshot'):
            self.assertIn(group, parser)


class PolicyToolsTest(base.TestCase):

    def test_the_sample_shows_every_rule(self):
        sample = pathlib.Path(tempfile.mkdtemp(), 'sample')
        done = run(BIN / 'oslopolicy-sample-generator', '--config-file',
                   TOP / 'etc/synchronizer-policy-generator.conf',
                   '--output-file', sample, cwd=TOP)
        self.assertEqual(0, done.returncode, done.stderr)
        text = sample.read_text()
        for rule in policies.list_rules():
            self.assertIn(f'#"{rule.name}": "{rule.check_str}"', text)

    def written(self, text, name='policy.yaml'):
        path = pathlib.Path(tempfile.mkdtemp(), name)
        path.write_text(text)
        return path

    def test_a_file_is_checked_for_a_token(self):
        rules = self.written('"synchronizer:read": "role:admin or '
                             '\'nova\':%(plugin)s"\n')
        token = self.written(json.dumps({'token': {
            'roles': [{'name': 'reader'}], 'user': {'id': 'u'},
            'project': {'id': 'p'}}}), 'token.json')

        def verdict(plugin):
            target = self.written(
                json.dumps({'type': f'{plugin}.x', 'plugin': plugin}),
                'target.json')
            return run(BIN / 'oslopolicy-checker', '--policy', rules,
                       '--access', token, '--target', target,
                       '--rule', 'synchronizer:read').stdout.strip()
        self.assertEqual('passed: synchronizer:read', verdict('nova'))
        self.assertEqual('failed: synchronizer:read', verdict('heat'))

    def test_a_file_is_validated(self):
        def validate(text):
            conf = self.written('[oslo_policy]\npolicy_file = '
                                f'{self.written(text)}\n', 'x.conf')
            return run(BIN / 'oslopolicy-validator', '--namespace',
                       'synchronizer', '--config-file', conf).returncode
        self.assertEqual(0, validate('"synchronizer:get": "role:admin"\n'))
        self.assertNotEqual(0, validate('"synchronizer:get": "rule:x"\n'))
        self.assertNotEqual(0, validate('"synchronizer:gte": "role:x"\n'))


class WheelTest(base.TestCase):
    """Nothing is fetched: what we need is lent by this environment.

    tools/package.sh tries the same in bare ones.
    """

    timeout = 180

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(tempfile.mkdtemp())
        if run('git', 'ls-files', '--error-unmatch', 'setup.cfg',
               cwd=TOP).returncode:
            raise unittest.SkipTest('only of a checkout')

    def copied(self):
        """A checkout of what would be committed now: ours is not touched,
        and pbr takes what git knows."""
        tree = self.folder / 'tree'
        listed = run('git', 'ls-files', '-co', '--exclude-standard', cwd=TOP)
        for name in listed.stdout.splitlines():
            if (TOP / name).exists():
                (tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(TOP / name, tree / name)
        for command in (('init', '-q'), ('add', '-A')):
            run('git', *command, cwd=tree)
        return tree

    def installed(self):
        tree = self.copied()
        done = run(
            sys.executable, '-m', 'pip', 'wheel', '--no-deps', '--no-index',
            '--no-build-isolation', '--wheel-dir', self.folder, tree,
            env={**os.environ, 'PBR_VERSION': '9.8.7'})
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        target = self.folder / 'venv'
        venv.create(target, with_pip=False)
        done = run(sys.executable, '-m', 'pip', '--python', target, 'install',
                   '--no-deps', '--no-index',
                   *self.folder.glob('synchronizer-*.whl'))
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)
        site = next(target.glob('lib/python*/site-packages'))
        # after its own; the files in it that lead to our checkout are not
        # read
        (site / 'lent.pth').write_text(sysconfig.get_path('purelib') + '\n')
        return target

    def test_it_has_all_that_it_needs(self):
        target = self.installed()
        for program in PROGRAMS:
            done = run(target / 'bin' / program, '--version')
            self.assertEqual(f'{program} 9.8.7', done.stdout.strip(),
                             done.stderr)
        done = run(
            target / 'bin/synchronizer-manage', '--state-path', self.folder,
            '--config-file', target / 'etc/synchronizer/synchronizer.conf',
            'db', 'upgrade')
        self.assertEqual(0, done.returncode, done.stderr)
        for name in ('systemd/synchronizer.service',
                     'sysusers.d/synchronizer.conf'):
            self.assertTrue((target / 'share/synchronizer' / name).exists())
        # whatever is not Python has come along
        site = next(target.glob('lib/python*/site-packages/synchronizer'))
        self.assertEqual(self.data_of(TOP / 'synchronizer'),
                         self.data_of(site))

    @staticmethod
    def data_of(package):
        return {str(path.relative_to(package))
                for path in package.rglob('*')
                if path.is_file() and path.suffix not in ('.py', '.pyc')}
