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

"""What CI runs exists."""

import configparser
import pathlib
import re

import yaml

import synchronizer
from synchronizer.tests import base

TOP = pathlib.Path(synchronizer.__file__).parents[1]
FOREIGN = ('openstack-', 'publish-openstack-', 'release-notes-jobs-',
           'check-requirements', 'devstack-')


class ZuulTest(base.TestCase):

    def setUp(self):
        super().setUp()
        items = yaml.safe_load((TOP / '.zuul.yaml').read_text())
        self.jobs = {item['job']['name']: item['job']
                     for item in items if 'job' in item}
        (self.project,) = [item['project']
                           for item in items if 'project' in item]

    def test_every_job_is_known(self):
        named = set(self.project['templates'])
        for pipeline in ('check', 'gate', 'periodic'):
            named |= set(self.project[pipeline]['jobs'])
        named |= {job['parent'] for job in self.jobs.values()}
        for name in named:
            self.assertTrue(
                name in self.jobs or name.startswith(FOREIGN), name)

    def test_every_environment_is_in_tox(self):
        tox = configparser.ConfigParser(interpolation=None)
        tox.read(TOP / 'tox.ini')
        wanted = {job['vars']['tox_envlist'] for job in self.jobs.values()
                  if job['parent'] == 'openstack-tox'}
        for name in {*wanted, 'functional', 'cover', 'docs', 'releasenotes',
                     'pep8'}:
            self.assertIn(f'testenv:{name}', tox)

    def test_tempest_finds_tests(self):
        regex = self.jobs['synchronizer-tempest']['vars'][
            'tempest_test_regex']
        folder = TOP / 'synchronizer/tests/tempest'
        tests = [path for path in folder.rglob('test_*.py')
                 if re.search(regex, '.'.join(
                     path.relative_to(TOP).with_suffix('').parts))]
        self.assertNotEqual([], tests)

    def test_what_the_gate_runs_the_check_runs(self):
        self.assertLessEqual(set(self.project['gate']['jobs']),
                             set(self.project['check']['jobs']))
