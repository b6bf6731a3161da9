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

"""Every kind of fault as a client meets it, and the clean end."""

import threading
import time

import requests

from synchronizer.sandbox import SandboxServer
from synchronizer.tests.unit.sandbox import base

SERVERS = f'{base.NOVA}/servers/detail?all_tenants=1'


class FaultTest(base.SandboxCase):

    def add(self, kind, **args):
        return self.server.faults.add(kind, path='/servers', **args)

    def statuses(self, count):
        return [self.get(SERVERS).status_code for _ in range(count)]

    def test_error(self):
        self.add('error', status=503, times=1)
        reply = self.get(SERVERS)
        self.assertEqual(503, reply.status_code)
        self.assertEqual('text/html', reply.headers['Content-Type'])
        self.assertEqual(200, self.get(SERVERS).status_code)

    def test_other_paths_are_spared(self):
        self.add('error')
        self.assertEqual(200, self.get(
            f'{base.NOVA}/os-services').status_code)

    def test_throttle(self):
        self.add('throttle', after=7)
        reply = self.get(SERVERS)
        self.assertEqual(429, reply.status_code)
        self.assertEqual('7', reply.headers['Retry-After'])

    def test_refuse(self):
        self.add('refuse', times=1)
        self.add('refuse', status=401, times=1)
        self.assertEqual([403, 401, 200], self.statuses(3))

    def test_cut(self):
        self.add('cut', times=1)
        self.assertRaises(
            (requests.exceptions.ChunkedEncodingError,
             requests.exceptions.ConnectionError), self.get, SERVERS)
        self.assertEqual(200, self.get(SERVERS).status_code)

    def test_garbage(self):
        self.add('garbage')
        reply = self.get(SERVERS)
        self.assertEqual(200, reply.status_code)
        self.assertRaises(ValueError, reply.json)

    def test_empty(self):
        self.add('empty')
        self.assertEqual({'servers': []},
                         self.get(f'{SERVERS}&limit=2').json())

    def test_half(self):
        whole = self.get(SERVERS).json()['servers']
        self.add('half', times=1)
        reply = self.get(f'{SERVERS}&limit=4').json()
        self.assertEqual({'servers': whole[:2]}, reply)

    def test_twice(self):
        whole = self.get(SERVERS).json()['servers']
        self.add('twice')
        reply = self.get(f'{SERVERS}&limit=2').json()
        self.assertEqual([whole[0], whole[0], whole[1], whole[1]],
                         reply['servers'])
        self.assertEqual(1, len(reply['servers_links']))

    def test_drop(self):
        self.add('drop', times=1)
        self.assertRaises(requests.exceptions.ConnectionError,
                          requests.get, self.server.url + SERVERS,
                          headers={'X-Auth-Token': self.admin})

    def test_call(self):
        first = self.ids('nova.instance')[-1]
        self.add('call', fn=lambda path: self.cloud.delete_server(first),
                 times=1, skip=1)
        shown = [len(self.get(SERVERS).json()['servers'])
                 for _ in range(3)]
        self.assertEqual([11, 10, 10], shown)

    def hung(self, **args):
        self.add('hang', times=1, **args)
        got = []
        thread = threading.Thread(
            target=lambda: got.append(requests.get(
                self.server.url + SERVERS, timeout=30,
                headers={'X-Auth-Token': self.admin}).json()['servers']))
        thread.start()
        self.assertTrue(self.server.faults.wait_hanging())
        return got, thread

    def test_hang_before_the_cloud_is_read(self):
        got, thread = self.hung()
        self.cloud.delete_server(self.ids('nova.instance')[0])
        self.server.faults.release()
        thread.join()
        self.assertEqual(10, len(got[0]))

    def test_hang_after_the_cloud_was_read(self):
        got, thread = self.hung(when='after')
        self.cloud.delete_server(self.ids('nova.instance')[0])
        self.server.faults.clear()
        thread.join()
        self.assertEqual(11, len(got[0]))

    def test_hang_for_a_time(self):
        self.add('hang', seconds=0.01)
        self.assertEqual(200, self.get(SERVERS).status_code)

    def test_times_and_skip(self):
        self.add('error', skip=1, times=2)
        self.assertEqual([200, 502, 502, 200], self.statuses(4))

    def test_probability_is_seeded(self):
        def strikes():
            server = SandboxServer(self.cloud, seed=7)
            server.faults.add('error', probability=0.5)
            return [server.faults.match('GET', '/') is not None
                    for _ in range(20)]
        self.assertEqual(strikes(), strikes())
        self.assertEqual({True, False}, set(strikes()))

    def test_remove_and_clear(self):
        rule = self.add('error')
        self.server.faults.remove(rule)
        self.assertEqual([200], self.statuses(1))
        self.add('error')
        self.server.faults.clear()
        self.assertEqual([200], self.statuses(1))

    def test_unknown(self):
        self.assertRaises(ValueError, self.server.faults.add, 'flood')
        self.assertRaises(ValueError, self.server.faults.add, 'cut', x=1)


class StopTest(base.SandboxCase):

    def test_with_a_hung_request(self):
        self.server.faults.add('hang', path='/servers')
        ended = threading.Event()

        def ask():
            try:
                requests.get(self.server.url + SERVERS,
                             headers={'X-Auth-Token': self.admin})
            except requests.exceptions.RequestException as error:
                # cut before, or within the answer
                ended.error = error
            ended.set()
        threading.Thread(target=ask, daemon=True).start()
        self.assertTrue(self.server.faults.wait_hanging())
        self.server.life.start(100)
        began = time.monotonic()
        self.server.stop()
        self.assertLess(time.monotonic() - began, 1)
        self.assertTrue(ended.wait(10))
        self.assertRaises(requests.exceptions.ConnectionError,
                          requests.get, self.server.url)

    def test_twice_and_again(self):
        self.server.stop()
        self.server.stop()
        self.server.start()
        self.assertEqual(200, requests.get(
            self.server.url + SERVERS,
            headers={'X-Auth-Token': self.admin}).status_code)

    def test_keep_alive_connections_are_closed(self):
        self.get(SERVERS)
        self.server.stop()
        self.assertRaises(requests.exceptions.ConnectionError,
                          self.get, SERVERS)
