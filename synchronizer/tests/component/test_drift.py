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

"""From a change behind Heat's back to a consumer: the whole service, on a
sandbox cloud that tells of nothing.
"""

import pathlib
import tempfile
import threading

from synchronizer import client
from synchronizer.bus import transport
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer
from synchronizer.service import embedded
from synchronizer.service import options
from synchronizer.service import schema
from synchronizer.tests import base

TYPE = 'heat.drift'
PATIENCE = 30
SETTINGS = '''\
[DEFAULT]
state_path = {state}
[service_credentials]
auth_type = password
auth_url = {auth_url}
username = admin
password = sandbox
project_name = admin
user_domain_id = default
project_domain_id = default
[nova]
poll_interval = 1
delta_interval = 0
[cinder]
poll_interval = 1
delta_interval = 0
[heat]
poll_interval = 1
[publisher]
bookmark_interval = 0.2
[reality]
enable_observer = true
'''


class DriftTest(base.TestCase):
    """A stack of a server, a volume that is attached to it, and a group."""

    def setUp(self):
        super().setUp()
        self.addCleanup(transport.forget_embedded)
        self.cloud = SandboxCloud(hosts=2, servers=1, volumes=0, stacks=0)
        self.http = SandboxServer(self.cloud)
        self.http.start()
        self.addCleanup(self.http.stop)
        self.stack = self.cloud.create_stack(
            'app', servers=2, nested=2, metadata={'role': 'web'})
        self.server = self.physical('server0')
        self.volume = self.physical('volume0')
        self.wake = threading.Condition()

    def physical(self, name):
        return self.cloud.get(
            'heat.resource', f'{self.stack}/{name}')['physical']

    def start(self, more=''):
        """The service, and a mirror that is level with it."""
        state = pathlib.Path(tempfile.mkdtemp())
        (state / 'conf').write_text(SETTINGS.format(
            state=state, auth_url=self.http.auth_url) + more)
        conf = options.make(options.register_cli_opts)
        conf(['--config-file', str(state / 'conf'), '--all-in-one'],
             project='synchronizer')
        self.assertEqual([], conf.problems())
        schema.prepare(conf)
        service = embedded.Embedded(conf)
        service.start()
        self.addCleanup(service.stop)
        self.mirror = client.Mirror(conf, timeout=3)
        self.mirror.subscribe(self._told)
        self.mirror.start()
        self.addCleanup(self.mirror.stop)
        self.until(lambda: self.mirror.synced and all(
            self.mirror.state(type_) == 'live'
            for type_ in self.mirror.types))

    def _told(self, change):
        with self.wake:
            self.wake.notify_all()

    def until(self, condition):
        with self.wake:
            # a state changes without a change
            for _ in range(PATIENCE * 10):
                if condition():
                    return
                self.wake.wait(0.1)
        self.fail(f'drift is {self.drift()}')

    def drift(self):
        """Resource -> its verdict, or what differs."""
        return {one.name: one.state if one.state != 'changed' else {
            found['property']: (found['desired'], found['actual'])
            for found in one.attributes['properties']}
            for one in self.mirror.all(TYPE)}

    def becomes(self, **wanted):
        self.until(lambda: self.drift() == wanted)

    def test_what_is_changed_behind_heat_is_told_and_undone_it_is_gone(self):
        self.start()
        self.becomes()
        self.cloud.set_metadata(self.server, {'role': 'db', 'more': '1'})
        self.becomes(server0={
            'metadata': ({'role': 'web'}, {'role': 'db', 'more': '1'})})
        self.cloud.stop(self.server)
        self.becomes(server0={
            'metadata': ({'role': 'web'}, {'role': 'db', 'more': '1'}),
            'status': ('ACTIVE', 'SHUTOFF')})
        self.cloud.start(self.server)
        self.cloud.set_metadata(self.server, {'role': 'web'})
        self.becomes()

    def test_what_is_gone_is_missing(self):
        self.start()
        self.cloud.detach_volume(self.volume)
        self.until(lambda: len(self.drift()) == 1)
        self.assertEqual(['missing'], list(self.drift().values()))
        self.cloud.attach_volume(self.server, self.volume)
        self.becomes()
        self.cloud.delete_server(self.server)
        self.until(lambda: self.drift().get('server0') == 'missing')
        entity = next(one for one in self.mirror.all(TYPE)
                      if one.name == 'server0')
        self.assertEqual(
            ('nova.instance', self.server),
            (entity.attributes['caused_by']['type'],
             entity.attributes['caused_by']['id']))

    def test_a_stack_that_is_deleted_takes_its_drift_along(self):
        self.start()
        self.cloud.stop(self.server)
        self.becomes(server0={'status': ('ACTIVE', 'SHUTOFF')})
        self.cloud.delete_stack(self.stack)
        self.becomes()

    def test_an_update_of_the_stack_is_no_drift(self):
        self.start()
        self.cloud.update_stack(self.stack, metadata={'role': 'new'})
        self.until(lambda: self.mirror.get(
            'nova.instance', self.server).attributes['metadata'] == {
                'role': 'new'})
        self.until(lambda: self.mirror.get(
            'heat.stack', self.stack).state == 'UPDATE_COMPLETE')
        self.cloud.stop(self.server)
        self.becomes(server0={'status': ('ACTIVE', 'SHUTOFF')})

    def test_what_is_marked_is_marked_once_and_within_the_limit(self):
        self.start('act = mark-unhealthy\nact_limit = 1\n')
        self.cloud.set_metadata(self.server, {'role': 'db'})
        self.until(lambda: self.cloud.get(
            'heat.resource', f'{self.stack}/server0')['status'] == 'FAILED')
        self.cloud.rename_volume(self.volume, 'other')
        self.cloud.set_metadata(self.physical('server1'), {'role': 'db'})
        self.until(lambda: {'server1', 'volume0'} <= set(self.drift()))
        self.until(lambda: self.mirror.get(
            'heat.resource', f'{self.stack}/server0'
        ).state == 'CHECK_FAILED')
        self.assertEqual(1, sum(
            count for what, count in self.http.requests.items()
            if what.startswith('PATCH')))
        for name in ('server1', 'volume0'):
            self.assertEqual('COMPLETE', self.cloud.get(
                'heat.resource', f'{self.stack}/{name}')['status'])
