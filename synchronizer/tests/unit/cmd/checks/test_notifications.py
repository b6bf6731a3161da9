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

"""Whether notifications come here, and who else takes them."""

from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import notifications
from synchronizer.tests.unit.cmd.checks import fakes

PLUGINS = 'plugins = nova,heat'
POOL = 'synchronizer-hints.nova'


class NotificationsTest(fakes.ChecksTestCase):

    def setUp(self):
        super().setUp()
        for name in ('nova', 'heat'):
            self.broker.exchange(name)

    def check(self, more='', default=PLUGINS):
        return notifications.notifications(self.subject(default, more))

    def test_all_is_well(self):
        self.broker.queue(POOL, messages=5)
        self.assert_row(base.SUCCESS, self.check(),
                        'listened to: nova, heat')

    def test_the_configuration_has_to_be_right_first(self):
        self.assertRaises(base.NotLookedAt, self.check,
                          '[nova]\npoll_interval = 0\n')

    def test_no_exchange(self):
        del self.broker.exchanges['heat']
        self.assert_row(base.WARNING, self.check(), 'no exchange heat',
                        'messagingv2', '[heat] notification_exchange',
                        without=['nova'])

    def test_an_exchange_with_other_flags(self):
        self.broker.exchange('nova', 'of another kind')
        self.assert_row(base.FAILURE, self.check(), 'the exchange nova',
                        'of another kind', 'amqp_durable_queues')

    def test_nothing_is_listened_to(self):
        self.assert_row(
            base.SUCCESS, self.check(
                '[nova]\nnotification_topics =\n', 'plugins = nova'),
            'nothing is listened to')
        self.assertEqual([], self.broker.asked)

    def test_a_broker_for_each_url(self):
        self.check('[nova]\nnotification_urls = rabbit://one/\n'
                   'notification_urls = rabbit://two/\n')
        self.assertEqual(
            [('rabbit://one/', '[nova] notification_urls'),
             ('rabbit://two/', '[nova] notification_urls'),
             (None, 'transport_url of [oslo_messaging_notifications] or '
                    '[DEFAULT]')],
            [(url, place) for url, _, place in self.broker.asked])

    def test_one_that_is_away_is_told_once(self):
        self.broker.away = 'no broker answers'
        self.assertEqual('no broker answers', self.check().details)
        self.assertEqual(base.FAILURE, self.check().code)


class PoolTest(NotificationsTest):

    def test_one_service_is_no_stranger(self):
        self.broker.queue(POOL, messages=5000, consumers=1)
        self.assert_row(base.SUCCESS, self.check())

    def test_another_deployment_with_the_same_pool(self):
        self.broker.queue(POOL, consumers=2)
        self.assert_row(base.WARNING, self.check(), POOL, '2 consumers',
                        '[nova] notification_pool')

    def test_a_queue_that_grows_unread(self):
        self.broker.queue(POOL, messages=1001)
        self.assert_row(base.WARNING, self.check(),
                        f'1001 messages wait in {POOL}', 'policy')

    def test_a_queue_with_other_flags(self):
        self.broker.queue(POOL, quarrel='of another type')
        self.assert_row(base.FAILURE, self.check(), f'the queue {POOL}',
                        'of another type')


class NoPoolTest(NotificationsTest):

    def shared(self, default=PLUGINS):
        return self.check('[nova]\nnotification_pool =\n'
                          'notification_topics = ours\n', default)

    def test_nobody_else(self):
        self.broker.queue('ours.info', messages=5)
        self.assert_row(base.SUCCESS, self.shared())

    def test_a_reader_while_we_do_not_run(self):
        self.broker.queue('ours.info', consumers=1)
        self.assert_row(base.WARNING, self.shared(), 'ours.info',
                        'another reader', 'take messages from each other')

    def test_that_reader_is_our_own_service(self):
        self.broker.queue('ours.info', consumers=1)
        self.broker.queue('synchronizer.here', consumers=1)
        self.assert_row(base.SUCCESS, self.shared())

    def test_a_reader_besides_our_own_service(self):
        self.broker.queue('ours.info', consumers=2)
        self.broker.queue('synchronizer.here', consumers=1)
        self.assert_row(base.WARNING, self.shared(), '2 consumers')

    def test_who_we_are_cannot_be_told_of_another_bus(self):
        self.broker.queue('ours.info', consumers=1)
        self.broker.queue('synchronizer.here', consumers=1)
        result = self.check(
            '[nova]\nnotification_pool =\nnotification_topics = ours\n'
            'notification_urls = rabbit://h/\n',
            f'{PLUGINS}\ntransport_url = kombu+memory://')
        self.assert_row(base.WARNING, result, 'another reader')
