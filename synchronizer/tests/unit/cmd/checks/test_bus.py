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

"""The broker of requests and changes."""

from synchronizer.bus import probe
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import bus
from synchronizer.tests.unit.cmd.checks import fakes

QUARREL = "inequivalent arg 'durable'"


class BusTest(fakes.ChecksTestCase):

    def test_a_broker_that_is_new_to_us(self):
        self.assert_row(base.SUCCESS, bus.bus(self.subject()))
        self.assertEqual([(None, False, 'there')], self.broker.asked)

    def test_a_broker_that_knows_us(self):
        self.broker.exchange('synchronizer')
        self.broker.queue('synchronizer', consumers=1)
        self.assert_row(base.SUCCESS, bus.bus(self.subject()))

    def test_nobody_said_where(self):
        self.assert_row(
            base.WARNING, bus.bus(self.subject_of('')),
            'transport_url is not set')
        self.assertEqual([], self.broker.asked)

    def test_no_rabbitmq(self):
        self.assert_row(base.SUCCESS, bus.bus(self.subject(
            'transport_url = kombu+memory://')), 'no RabbitMQ')
        self.assertEqual([], self.broker.asked)

    def test_away(self):
        self.broker.away = 'no broker answers at h:5672'
        self.assert_row(
            base.FAILURE, base.guarded(lambda: bus.bus(self.subject()))(),
            'no broker answers at h:5672')

    def test_flags_that_differ_from_what_is_there(self):
        self.broker.exchange('synchronizer', QUARREL)
        self.broker.queue('synchronizer', quarrel='of another type')
        result = bus.bus(self.subject())
        self.assert_row(
            base.FAILURE, result, 'the exchange synchronizer', QUARREL,
            'the queue synchronizer', 'of another type')
        self.assertEqual(1, result.details.count('amqp_durable_queues'))

    def test_a_second_driver_that_nobody_listens_to(self):
        announced = ('[publisher]\ndrivers = fanout,notification\n'
                     'notification_types = nova.zone,nova.host\n')
        self.broker.queue('synchronizer.nova.zone.info', messages=1001)
        self.broker.queue('synchronizer.nova.host.info', messages=1001,
                          consumers=1)
        self.assert_row(
            base.WARNING, bus.bus(self.subject(more=announced)),
            '1001 messages wait in synchronizer.nova.zone.info',
            without=['nova.host'])
        self.assert_row(base.SUCCESS, bus.bus(self.subject()))

    def test_a_few_that_wait_are_no_mistake(self):
        self.broker.queue('synchronizer.nova.zone.info', messages=1000)
        self.assert_row(base.SUCCESS, bus.bus(self.subject(
            more='[publisher]\ndrivers = fanout,notification\n')))


class IsRabbitTest(fakes.ChecksTestCase):

    def test_by_the_scheme(self):
        for url, expected in (('rabbit://h/', True),
                              ('kombu+memory://', False)):
            conf = self.subject(f'transport_url = {url}').conf
            self.assertEqual(expected, probe.is_rabbit(conf), url)

    def test_notifications_have_a_url_of_their_own(self):
        conf = self.subject(
            'transport_url = kombu+memory://',
            '[oslo_messaging_notifications]\ntransport_url = rabbit://h/\n'
        ).conf
        self.assertFalse(probe.is_rabbit(conf))
        self.assertTrue(probe.is_rabbit(conf, notifications=True))
        self.assertFalse(probe.is_rabbit(conf, 'kombu+memory://', True))
