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

"""What is at which path, and that nothing takes the server down."""

import http.client
import json
import socket

from prometheus_client import parser

from synchronizer import exception
from synchronizer.service.inside import server
from synchronizer.tests import base
from synchronizer.tests.unit.service.inside import world


class PagesTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.found = world.found(world.row())
        self.asked = []
        self.pages = server.Pages(self.take, 'here')

    def take(self, streams=True):
        self.asked.append(streams)
        return self.found

    def get(self, path):
        status, type_, body = self.pages.answer(path, 'text/plain')
        return status, type_.partition(';')[0], body.decode()

    def test_metrics(self):
        status, type_, text = self.get('/metrics')
        self.assertEqual((200, 'text/plain'), (status, type_))
        self.assertIn('synchronizer_stream_entities', [
            family.name for family in
            parser.text_string_to_metric_families(text)])

    def test_all_is_well(self):
        self.assertEqual((200, 'text/plain', 'live\n'),
                         self.get('/healthz/live'))
        self.assertEqual((200, 'text/plain', 'ready\n'),
                         self.get('/healthz/ready?because'))
        status, type_, text = self.get('/healthz/')
        self.assertEqual((200, 'application/json', 'ok'),
                         (status, type_, json.loads(text)['status']))

    def test_nothing_is_well(self):
        self.found = world.found(processes=(world.DEAD,), error='away')
        self.assertEqual(
            (503, 'text/plain',
             'not live:\ncollector-nova is dead or hangs\n'),
            self.get('/healthz/live'))
        self.assertEqual(
            (503, 'text/plain',
             'not ready:\naway\nno process answers requests yet\n'),
            self.get('/healthz/ready'))
        status, _, text = self.get('/healthz')
        self.assertEqual((503, 'failing'),
                         (status, json.loads(text)['status']))

    def test_only_for_the_processes_the_database_is_not_asked(self):
        for path in ('/healthz/live', '/healthz/ready', '/metrics'):
            self.get(path)
        self.assertEqual([False, True, True], self.asked)

    def test_the_first_page_names_the_others(self):
        status, _, text = self.get('/')
        for path in text.split():
            self.assertEqual(200, self.get(path)[0])
        self.assertEqual(5, len(text.split()))

    def test_no_such_page(self):
        self.assertEqual(404, self.get('/secrets')[0])


class ServerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.take = lambda streams=True: world.found(world.row())
        self.server = server.Server(('127.0.0.1', 0), server.Pages(
            lambda *given: self.take(*given), 'here'))
        self.server.start()
        self.addCleanup(self.server.stop)
        self.address = self.server.server_address

    def ask(self, method, path):
        connection = http.client.HTTPConnection(*self.address, timeout=10)
        self.addCleanup(connection.close)
        connection.request(method, path)
        answer = connection.getresponse()
        return answer.status, answer.getheader('Content-Length'), (
            answer.read())

    def test_get_and_head(self):
        self.assertEqual((200, '5', b'live\n'),
                         self.ask('GET', '/healthz/live'))
        self.assertEqual((200, '5', b''), self.ask('HEAD', '/healthz/live'))

    def test_nothing_can_be_written(self):
        for method in ('POST', 'PUT', 'DELETE'):
            self.assertEqual(501, self.ask(method, '/metrics')[0])

    def test_a_fault_of_ours_costs_one_answer(self):
        good = self.take

        def fail(streams=True):
            raise KeyError('a mistake of ours')
        self.take = fail
        self.assertEqual(500, self.ask('GET', '/metrics')[0])
        self.assertIn('a mistake of ours', self.log.output)
        self.take = good
        self.assertEqual(200, self.ask('GET', '/metrics')[0])

    def test_nonsense_is_refused(self):
        with socket.create_connection(self.address, timeout=10) as sock:
            sock.sendall(b'\x16\x03\x01 hello\r\n\r\n')
            self.assertIn(b'400', sock.recv(4096))
        self.assertEqual(200, self.ask('GET', '/')[0])

    def test_a_port_in_use_is_named(self):
        error = self.assertRaises(
            exception.BusError, server.Server, self.address, None)
        self.assertIn(f'[metrics] listen: 127.0.0.1 port {self.address[1]}',
                      str(error))

    def test_a_host_that_is_not_there_is_named(self):
        error = self.assertRaises(
            exception.BusError, server.Server, ('nowhere.invalid', 1), None)
        self.assertIn('nowhere.invalid', str(error))

    def test_the_other_internet_protocol(self):
        if not socket.has_ipv6:
            self.skipTest('no IPv6')
        made = server.Server(('::1', 0), None)
        self.addCleanup(made.server_close)
        self.assertEqual(socket.AF_INET6, made.address_family)
