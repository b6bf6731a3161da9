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


"""The whole service on the cloud that OS_CLOUD names."""

import os
import pathlib
import shutil
import tempfile
import unittest

from synchronizer import client
from synchronizer.service import embedded
from synchronizer.service import options
from synchronizer.service import schema
from synchronizer.tests import base

SETTINGS = '''
[DEFAULT]
state_path = {state}
host = here
[nova]
delta_interval = 0
[cinder]
delta_interval = 0
'''
SWEEPS = 5
SETTLING = 20


@unittest.skipUnless(os.environ.get('OS_CLOUD'), 'no OS_CLOUD')
class ServiceTest(base.TestCase):
    """Nobody else works on the cloud meanwhile."""

    timeout = 300

    def setUp(self):
        # the home of clouds.yaml, if that is where it lies, goes with setUp
        state = pathlib.Path(
            tempfile.mkdtemp(prefix='synchronizer-cloud-test-'))
        conf = self.configure(state)
        super().setUp()
        self.addCleanup(shutil.rmtree, state)
        service = embedded.Embedded(conf)
        service.start()
        self.addCleanup(service.stop)
        self.asking = client.SynchronizerClient.from_conf(conf, timeout=60)
        self.mirror = client.Mirror(conf, timeout=5)
        self.told = []
        self.mirror.subscribe(self.told.append)
        self.mirror.start()
        self.addCleanup(self.mirror.stop)
        self.assertTrue(self.mirror.wait_synced(120))

    def configure(self, state):
        (state / 'conf').write_text(SETTINGS.format(state=state))
        conf = options.make(options.register_cli_opts)
        conf(['--config-file', str(state / 'conf'), '--all-in-one',
              '--os-cloud', os.environ['OS_CLOUD']], project='synchronizer')
        self.assertEqual([], conf.problems())
        schema.prepare(conf)
        return conf

    def sweep(self):
        """Have everything seen anew; where each stream stands then."""
        pages = list(self.asking.get_all(max_age=0))
        return {type_: head.revision for type_, head in
                pages[0].heads.items()}

    def settled(self):
        """Wait until what earlier tests have begun is through."""
        before, now = None, self.sweep()
        for _ in range(SETTLING):
            if now == before:
                break
            before, now = now, self.sweep()
        return now

    def test_an_idle_cloud_is_mirrored_and_stays_silent(self):
        first = self.settled()
        for stream in self.asking.describe()['streams']:
            self.assertEqual(('live', None),
                             (stream['state'], stream['error']),
                             stream['type'])
        for _ in range(SWEEPS):
            self.assertEqual(first, self.sweep())
        self.assertEqual([], self.mirror.verify())
        self.assertEqual(
            first, {type_: position.revision for type_, position
                    in self.mirror.positions().items()})
