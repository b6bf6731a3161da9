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

"""An account of the broker for consumers, as the documents have it."""

import pathlib
import re
import shlex

import oslo_messaging

from synchronizer.bus import topics
from synchronizer.bus import transport
from synchronizer.client import mirror as mirror_module
from synchronizer.tests.functional import daemon as daemon_module
from synchronizer.tests.functional import servers
from synchronizer.tests.functional import test_service

PAGE = (pathlib.Path(__file__).parents[3]
        / 'doc/source/admin/security.rst')


def commands():
    """Arguments of rabbitmqctl, as a shell would read them."""
    text = PAGE.read_text().replace('\\\n', ' ')
    names = re.search("NAMES='(.*)'", text).group(1)
    return [[word.replace('$NAMES', names) for word in shlex.split(line)]
            for line in re.findall('^ +rabbitmqctl (.*)', text, re.M)]


class AccessTest(test_service.ServiceTestCase):

    def setUp(self):
        super().setUp()
        rabbit = self.own_server(servers.RabbitServer)
        for arguments in commands():
            rabbit.ctl(*arguments)
        self.url = rabbit.url.replace('guest:guest', 'reader:PASSWORD')
        self.running = self.daemon(rabbit.url)
        self.running.await_live()

    def test_a_consumer_follows_and_asks(self):
        self.assertEqual('here', self.client(self.url).describe()[
            'service']['host'])
        mirror = mirror_module.Mirror.from_url(
            self.url, types=['nova.instance'])
        self.addCleanup(mirror.stop)
        mirror.start()
        mirror.wait_synced(timeout=20)
        known = len(mirror.all('nova.instance'))
        self.cloud.cloud.call('boot', name='after')
        daemon_module.until(
            lambda: len(mirror.all('nova.instance')) > known, 'the new one')

    def assert_refused(self, target):
        bus = transport.private(self.url)
        self.addCleanup(bus.cleanup)
        client = oslo_messaging.get_rpc_client(bus, target)
        error = self.assertRaises(
            oslo_messaging.MessageDeliveryFailure,
            client.prepare(retry=0).cast, {}, 'change')
        self.assertIn('ACCESS_REFUSED', str(error))

    def test_it_can_forge_nothing(self):
        looks = {'exchange': topics.EXCHANGE, 'topic': topics.LOOKS}
        for target in (
                {'exchange': topics.EXCHANGE, 'fanout': True,
                 'topic': topics.changes('nova.instance')},
                looks, {**looks, 'fanout': True},
                {'exchange': 'nova', 'topic': 'notifications.info'}):
            self.assert_refused(oslo_messaging.Target(**target))
