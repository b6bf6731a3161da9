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

"""Whether a broker is there, and URLs without their secrets."""

import socket
from unittest import mock

from synchronizer import exception
from synchronizer.cmd.user import broker
from synchronizer.tests import base


class BrokerTest(base.TestCase):

    def test_addresses(self):
        for url, expected in (
                ('rabbit://u:p@h:1/v', [('h', 1)]),
                ('rabbit://u:p@h', [('h', 5672)]),
                ('rabbit://u:p@a:1,u:p@[::1]:2/v?ssl=1',
                 [('a', 1), ('::1', 2)]),
                ('rabbit://', [('localhost', 5672)]),
                ('kombu+memory://', [])):
            self.assertEqual(expected, broker.addresses(url), url)

    def test_one_that_answers_is_enough(self):
        with mock.patch('socket.create_connection', side_effect=(
                ConnectionRefusedError(111, 'Connection refused'),
                mock.Mock())) as connect:
            broker.check('rabbit://u:p@a:1,u:p@b:2/')
        self.assertEqual(2, connect.call_count)

    def test_none_answers(self):
        with mock.patch('socket.create_connection', side_effect=(
                socket.gaierror(-2, 'Name or service not known'))):
            error = self.assertRaises(
                exception.BusError, broker.check, 'rabbit://u:secret@a:1/')
        self.assertIn('a:1 (Name or service not known)', str(error))
        self.assertNotIn('secret', str(error))

    def test_nothing_to_connect_to(self):
        with mock.patch('socket.create_connection') as connect:
            broker.check('kombu+memory://')
        connect.assert_not_called()

    def test_without_secrets(self):
        self.assertEqual(
            'no rabbit://***@h:1,***@i:2/v here',
            broker.without_secrets('no rabbit://u:p@h:1,u:p@i:2/v here'))
