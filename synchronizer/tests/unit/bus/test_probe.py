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

"""How a broker is addressed, and what its refusals mean."""

import ssl
from unittest import mock

import amqp
from oslo_config import cfg

from synchronizer import exception
from synchronizer.bus import probe as probe_module
from synchronizer.tests import base

URL = 'rabbit://me:secret@one:1,me:secret@two:2/place'


class ProbeTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        patcher = mock.patch('kombu.Connection', side_effect=self.connection)
        patcher.start()
        self.addCleanup(patcher.stop)
        self.tried = []
        self.errors = {}
        self.link = mock.Mock()
        self.channel = self.link.channel.return_value

    def connection(self, **settings):
        """In place of kombu's."""
        self.tried.append(settings)
        made = mock.Mock(hostname=settings['hostname'],
                         port=settings['port'])
        connect = made.transport.establish_connection
        connect.return_value = self.link
        connect.side_effect = self.errors.get(settings['hostname'])
        return made

    def probe(self, url=URL):
        conf = cfg.ConfigOpts()
        conf([], project='synchronizer', default_config_files=[],
             default_config_dirs=[])
        return probe_module.Probe(conf, url)


class ConnectTest(ProbeTestCase):

    def refusal(self, **errors):
        self.errors = errors
        error = self.assertRaises(
            exception.BusError, self.probe().__enter__)
        self.assertNotIn('secret', str(error))
        return str(error)

    def test_the_first_that_answers(self):
        self.errors = {'one': ConnectionRefusedError(111, 'refused')}
        with self.probe():
            self.assertEqual(
                [('one', 1), ('two', 2)],
                [(one['hostname'], one['port']) for one in self.tried])
        self.link.close.assert_called_once_with()
        self.assertEqual(
            ('me', 'secret', 'place', False),
            tuple(self.tried[0][name] for name in (
                'userid', 'password', 'virtual_host', 'ssl')))

    def test_without_a_port(self):
        for url, port, tls in (
                ('rabbit://h/', 5672, False),
                ('rabbit://h/?ssl=true', 5671, True),
                ('rabbit://h/?ssl=true&ssl_ca_file=/ca', 5671, {
                    'ca_certs': '/ca', 'cert_reqs': ssl.CERT_REQUIRED,
                    'server_hostname': 'h'})):
            with self.probe(url):
                self.assertEqual((port, tls), (
                    self.tried[-1]['port'], self.tried[-1]['ssl']), url)

    def test_nobody_answers(self):
        text = self.refusal(one=ConnectionRefusedError(111, 'refused'),
                            two=TimeoutError('timed out'))
        self.assertIn('no broker answers at one:1 (refused)', text)
        self.assertIn('no broker answers at two:2 (timed out)', text)

    def test_refusals(self):
        for error, word in (
                (amqp.AccessRefused('ACCESS_REFUSED - no'),
                 'knows no such user and password'),
                (amqp.NotAllowed('NOT_ALLOWED - no'),
                 'has no virtual host place for this user'),
                (amqp.ConnectionForced('CONNECTION_FORCED - full'),
                 'does not let us in (full)'),
                (ssl.SSLError(1, 'self-signed'), 'cannot be trusted')):
            self.assertIn(word, self.refusal(one=error, two=error))

    def test_a_certificate_that_is_not_there(self):
        self.errors = {'h': FileNotFoundError(2, 'No such file')}
        for more, named in (
                ('&ssl_ca_file=/nope/ca&ssl_key_file=/dev/null',
                 'ssl_ca_file (/nope/ca)'),
                ('', 'ssl_ca_file, ssl_cert_file, ssl_key_file')):
            error = self.assertRaises(
                exception.BusError,
                self.probe(f'rabbit://h/?ssl=true{more}').__enter__)
            self.assertEqual(
                f'[oslo_messaging_rabbit] {named}: no such file', str(error))


class QuestionsTest(ProbeTestCase):

    def test_there_or_not(self):
        with self.probe() as probe:
            self.assertTrue(probe.has_exchange('x'))
            self.channel.exchange_declare.assert_called_with(
                'x', 'topic', passive=True)
            self.channel.exchange_declare.side_effect = amqp.NotFound()
            self.assertFalse(probe.has_exchange('x'))
            self.channel.queue_declare.side_effect = amqp.NotFound()
            self.assertIsNone(probe.queue('x'))

    def test_flags_are_those_of_the_options(self):
        with self.probe('rabbit://h/?rabbit_quorum_queue=true') as probe:
            self.assertIsNone(probe.quarrel_of_queue('x'))
            self.channel.queue_declare.assert_called_with(
                'x', durable=True, auto_delete=False,
                arguments={'x-queue-type': 'quorum'})
        with self.probe('rabbit://h/') as probe:
            probe.quarrel_of_exchange('x')
            self.channel.exchange_declare.assert_called_with(
                'x', 'topic', durable=False, auto_delete=False)

    def test_arguments_of_a_queue_are_those_of_the_driver(self):
        quorum = '?rabbit_quorum_queue=true'
        for query, arguments in (
                ('', None),
                ('?rabbit_quorum_delivery_limit=3', None),
                ('?rabbit_ha_queues=true', {'x-ha-policy': 'all'}),
                (f'{quorum}&rabbit_quorum_delivery_limit=3'
                 '&rabbit_quorum_max_memory_length=4'
                 '&rabbit_quorum_max_memory_bytes=5',
                 {'x-queue-type': 'quorum', 'x-delivery-limit': 3,
                  'x-max-in-memory-length': 4, 'x-max-in-memory-bytes': 5})):
            with self.probe(f'rabbit://h/{query}') as probe:
                probe.quarrel_of_queue('x')
            self.assertEqual(
                arguments,
                self.channel.queue_declare.call_args.kwargs['arguments'],
                query)

    def test_what_a_broker_cannot_do_is_an_error_of_ours(self):
        self.channel.queue_declare.side_effect = amqp.AMQPNotImplementedError(
            'NOT_IMPLEMENTED - no quorum here')
        with self.probe() as probe:
            error = self.assertRaises(
                exception.BusError, probe.quarrel_of_queue, 'x')
        self.assertEqual('no quorum here', str(error))

    def test_a_quarrel_is_the_brokers_own_words(self):
        self.channel.exchange_declare.side_effect = amqp.PreconditionFailed(
            "PRECONDITION_FAILED - inequivalent arg 'durable'")
        with self.probe() as probe:
            self.assertEqual("inequivalent arg 'durable'",
                             probe.quarrel_of_exchange('x'))

    def test_a_broker_that_goes_away(self):
        self.channel.queue_declare.side_effect = OSError('gone')
        with self.probe() as probe:
            self.assertRaises(exception.BusError, probe.queue, 'x')
