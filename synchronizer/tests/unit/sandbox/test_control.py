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

"""The strings, pulled over HTTP."""

from synchronizer.sandbox import SandboxServer
from synchronizer.sandbox import Voice
from synchronizer.tests.unit.sandbox import base

SERVERS = f'{base.NOVA}/servers/detail?all_tenants=1'


class ControlTest(base.SandboxCase):

    def test_faults(self):
        self.control('POST', '/faults', {
            'kind': 'error', 'path': '/servers', 'status': 500})
        self.assertEqual(500, self.get(SERVERS).status_code)
        self.assertEqual(1, self.control('GET', '/faults')['faults'][0][
            'hits'])
        self.control('DELETE', '/faults')
        self.assertEqual(200, self.get(SERVERS).status_code)

    def test_wrong_requests(self):
        for path, body, status in (
                ('/faults', {'kind': 'flood'}, 400),
                ('/faults', {'kind': 'error', 'path': '('}, 400),
                ('/faults', {'kind': 'call'}, 400), ('/faults', [], 400),
                ('/life', {'rate': -1}, 400), ('/step', {'n': 'x'}, 400),
                ('/do', {'verb': 'fly'}, 400),
                ('/do', {'verb': 'boot', 'args': {'x': 1}}, 400),
                ('/cells/none', {'down': True}, 404), ('/none', {}, 404)):
            reply = self.http.post(f'{self.server.url}/_sandbox{path}',
                                   json=body)
            self.assertEqual(status, reply.status_code, path)

    def test_cells(self):
        self.control('POST', '/cells/cell2', {'down': True})
        self.assertEqual({'cell2'}, self.cloud.down_cells)
        self.control('POST', '/cells/cell2', {'down': False})
        self.assertEqual(frozenset(), self.cloud.down_cells)

    def test_life(self):
        self.assertEqual(3, len(self.control('POST', '/step', {'n': 3})[
            'done']))
        self.control('POST', '/life', {'rate': 50})
        self.assertEqual(0, self.control('POST', '/life', {'rate': 0})[
            'rate'])
        steps = self.server.life.steps
        self.assertEqual(steps, self.server.life.steps)

    def test_do(self):
        key = self.control('POST', '/do', {
            'verb': 'boot', 'args': {'name': 'mine'}})['result']
        self.assertEqual('mine', self.nova(f'/servers/{key}')['server'][
            'name'])
        self.control('POST', '/do', {'verb': 'delete_server',
                                     'args': {'server': key}})
        self.assertEqual(404, self.get(
            f'{base.NOVA}/servers/{key}').status_code)

    def test_truth_is_what_the_listings_show(self):
        self.server.life.run(200)
        truth = self.control('GET', '/truth?nova=2.96&cinder=3.70')
        key = {'nova.host': 'hypervisor_hostname', 'cinder.pool': 'name'}
        for kind, records in (
                ('nova.instance', self.nova(
                    '/servers/detail?all_tenants=1')['servers']),
                ('nova.host', self.nova('/os-hypervisors/detail')[
                    'hypervisors']),
                ('nova.service', self.nova('/os-services')['services']),
                ('nova.flavor', self.nova(
                    '/flavors/detail?is_public=None')['flavors']),
                ('nova.server_group', self.nova(
                    '/os-server-groups?all_projects=1')['server_groups']),
                ('cinder.volume', self.cinder(
                    '/volumes/detail?all_tenants=1')['volumes']),
                ('cinder.snapshot', self.cinder(
                    '/snapshots/detail?all_tenants=1')['snapshots']),
                ('cinder.pool', self.cinder(
                    '/scheduler-stats/get_pools?detail=true')['pools']),
                ('heat.stack', self.heat('/stacks?show_nested=1')[
                    'stacks'])):
            self.assertEqual(truth[kind], {
                one[key.get(kind, 'id')]: one for one in records}, kind)

    def test_truth_of_some_types(self):
        self.assertEqual({'nova.zone'}, set(
            self.control('GET', '/truth?types=nova.zone')))

    def test_expire(self):
        self.control('POST', '/expire')
        self.assertEqual(401, self.get(SERVERS).status_code)

    def test_requests_are_counted(self):
        self.get(SERVERS)
        self.get(f'{base.NOVA}/servers/x')
        self.get(f'{base.NOVA}/servers/y')
        counted = self.control('GET', '/requests')['requests']
        self.assertEqual((1, 2), (
            counted['GET /compute/v2.1/servers/detail'],
            counted['GET /compute/v2.1/servers/{key}']))


class VoiceControlTest(base.SandboxCase):

    def setUp(self):
        super().setUp()
        self.server.stop()
        self.recorder = base.Recorder()
        self.server = SandboxServer(
            self.cloud, voice=Voice(self.cloud, self.recorder))
        self.server.start()
        self.addCleanup(self.server.stop)

    def test_mishaps(self):
        self.assertEqual(0.5, self.control('POST', '/voice', {
            'lost': 0.5, 'silent': True})['mishaps']['lost'])
        self.cloud.stop(self.ids('nova.instance')[0])
        self.assertTrue(self.server.voice.wait_idle())
        self.assertEqual({'heard': 1, 'said': 0, 'dropped': 0},
                         self.control('GET', '/voice')['counts'])

    def test_say(self):
        self.control('POST', '/say', {
            'service': 'nova', 'event_type': 'instance.update',
            'payload': {'a': 1}, 'topic': 'versioned_notifications'})
        self.assertTrue(self.server.voice.wait_idle())
        message, = self.recorder.said
        self.assertEqual(
            ('nova', 'versioned_notifications', 'instance.update', {'a': 1}),
            (message.service, message.topic, message.body['event_type'],
             message.body['payload']))

    def test_wrong_requests(self):
        for path, body in (
                ('/voice', {'lost': 2}), ('/voice', {'volume': 11}),
                ('/say', {}), ('/say', {'service': 'x', 'event_type': 'y',
                                        'payload': {}})):
            reply = self.http.post(f'{self.server.url}/_sandbox{path}',
                                   json=body)
            self.assertEqual(400, reply.status_code, body)

    def test_the_server_stops_it(self):
        self.server.stop()
        self.assertTrue(self.recorder.closed)


class NoVoiceTest(base.SandboxCase):

    def test_a_cloud_without_a_voice_says_so(self):
        for method, path in (('GET', '/voice'), ('POST', '/voice'),
                             ('POST', '/say')):
            reply = self.http.request(
                method, f'{self.server.url}/_sandbox{path}', json={})
            self.assertEqual(404, reply.status_code, path)
