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

"""The plugin for DevStack, phase by phase, on the cloud of OS_CLOUD.

OS_CLOUD_DEVSTACK is a checkout of DevStack, OS_CLOUD_DATABASE the database
server as ``mysql://ADMIN:PASSWORD@HOST:PORT``, and OS_CLOUD_BUS the broker
of the cloud's notifications. The user of OS_CLOUD administers the system.
"""

import configparser
import json
import os
import pathlib
import tempfile
import time
import unittest
import uuid

import kombu
import openstack
import pymysql
from testtools import content

from synchronizer.tests import base
from synchronizer.tests.cloud import stack
from synchronizer.tests.functional import servers

VARIABLES = ('OS_CLOUD', 'OS_CLOUD_BUS', 'OS_CLOUD_DATABASE',
             'OS_CLOUD_DEVSTACK')
MISSING = [name for name in VARIABLES if not os.environ.get(name)]
TYPES = {'nova.instance', 'cinder.volume', 'heat.stack'}
PATIENCE = 120


def until(condition, what):
    """Wait until it is true, and return what it was."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        found = condition()
        if found:
            return found
        time.sleep(1)
    raise AssertionError(f'not within {PATIENCE} s: {what}')


def options(file):
    """What is in a file; an option that is there twice is an error."""
    parser = configparser.RawConfigParser()
    parser.read_string(pathlib.Path(file).read_text())
    return parser


@unittest.skipIf(MISSING, f'not set: {", ".join(MISSING)}')
@unittest.skipIf(servers.RabbitServer.missing(), 'RabbitMQ is not installed')
class DevstackTest(base.TestCase):
    """Others may work on the cloud meanwhile."""

    timeout = 900

    def setUp(self):
        # clouds.yaml may be in the home that goes with setUp
        config = openstack.config.OpenStackConfig().get_one(
            os.environ['OS_CLOUD'])
        self.cloud = openstack.connection.Connection(config=config)
        super().setUp()
        self.name = f'sync_ds_{uuid.uuid4().hex[:8]}'
        rabbit = servers.RabbitServer()
        rabbit.start()
        self.addCleanup(rabbit.close)
        top = pathlib.Path(tempfile.mkdtemp())
        self.stack = stack.Stack(
            top, self.name, pathlib.Path(os.environ['OS_CLOUD_DEVSTACK']),
            config.config['auth'], config.region_name,
            os.environ['OS_CLOUD_DATABASE'], os.environ['OS_CLOUD_BUS'],
            rabbit)
        self.addCleanup(self.remove_queues)
        self.stack.prepare()
        self.addCleanup(self.stack.phase, 'clean', check=False)
        self.addCleanup(self.stack.phase, 'unstack', check=False)

    def remove_queues(self):
        """Those of the cloud's broker are beyond rabbitmqctl."""
        bus = os.environ['OS_CLOUD_BUS'].replace('rabbit', 'amqp', 1)
        with kombu.Connection(bus) as link, link.channel() as channel:
            for plugin in ('nova', 'cinder', 'heat'):
                channel.queue_delete(f'{self.name}.{plugin}')

    # --- what is there ---------------------------------------------------

    def databases(self):
        url = self.stack.database
        link = pymysql.connect(host=url.hostname, port=url.port,
                               user=url.username, password=url.password)
        with link, link.cursor() as cursor:
            cursor.execute('SHOW DATABASES')
            return {name for name, in cursor}

    def roles(self):
        """Of our account, by name; None: there is no account."""
        user = self.cloud.identity.find_user(self.name)
        if user is None:
            return None
        names = {role.id: role.name for role in self.cloud.identity.roles()}
        return {names[given.role['id']] for given in
                self.cloud.identity.role_assignments(user_id=user.id)}

    def queues(self):
        """All but those of our own questions, which expire."""
        names = self.stack.broker(
            'list_queues', '--no-table-headers', 'name').split()
        return [name for name in names if not name.startswith('reply_')]

    def policies(self):
        return self.stack.broker('list_policies').split()

    def ask(self, *arguments):
        return json.loads(self.stack.program(
            'synchronizer', *arguments, '-f', 'json'))

    def ids(self, type_):
        return {row['id'] for row in self.ask('get-all', type_)}

    def servers(self):
        return {server.id for server in
                self.cloud.compute.servers(all_projects=True, details=False)}

    # --- phases ----------------------------------------------------------

    def twice(self, *words):
        """A phase that is run again changes nothing more."""
        for _ in range(2):
            said = self.stack.phase(*words)
        self.addDetail(' '.join(words), content.text_content(said))

    def test_from_enable_plugin_to_clean(self):
        self.twice('stack', 'install')
        self.twice('stack', 'post-config')
        self.check_configuration()
        self.twice('stack', 'extra')
        self.check_running()
        self.check_told()
        self.twice('unstack')
        self.check_stopped()
        self.twice('clean')
        self.check_gone()

    def check_configuration(self):
        ours = options(self.stack.conf)
        self.assertEqual('nova,cinder,heat', ours['DEFAULT']['plugins'])
        self.assertEqual(0o600, self.stack.conf.stat().st_mode & 0o777)
        self.assertEqual({'admin', 'service'}, self.roles())
        top = self.stack.top
        for name in ('nova/nova', 'nova/nova_cell1', 'cinder/cinder',
                     'heat/heat'):
            with self.subTest(name):
                said = options(top / f'etc/{name}.conf')
                self.assertEqual(
                    {'driver': 'messagingv2', 'topics': 'notifications',
                     'transport_url': os.environ['OS_CLOUD_BUS']},
                    dict(said['oslo_messaging_notifications']))
        self.assertEqual(
            {'notification_format': 'both',
             'notify_on_state_change': 'vm_and_task_state',
             'versioned_notifications_topics': 'versioned_notifications'},
            dict(options(top / 'etc/nova/nova_cell1.conf')['notifications']))
        self.assertIn('synchronizer-hints', self.policies())

    def check_running(self):
        self.assertIn('synchronizer', self.queues())
        self.assertNotEqual([], self.stack.processes())
        self.assertIn(self.name, self.databases())
        streams = until(self.live, lambda: self.ask('status'))
        self.assertLessEqual(TYPES, {one['type'] for one in streams})
        until(lambda: self.ids('nova.instance') == self.servers(),
              'the same servers as the API')

    def live(self):
        """The streams, if all are live."""
        streams = self.ask('status')
        return all(one['state'] == 'live' for one in streams) and streams

    def check_told(self):
        """No listing is due: only a notification can tell of it."""
        volume = self.cloud.block_storage.create_volume(
            size=1, name=self.name)
        self.addCleanup(self.cloud.block_storage.delete_volume, volume)
        until(lambda: volume.id in self.ids('cinder.volume'), 'the volume')

    def check_stopped(self):
        self.assertEqual([], self.stack.processes())
        self.assertEqual([], self.queues())
        self.assertEqual([], self.policies())

    def check_gone(self):
        self.assertFalse(self.stack.conf.parent.exists())
        self.assertFalse(self.stack.unit.exists())
        self.assertFalse(
            (self.stack.top / 'dest/data/synchronizer').exists())
        self.assertNotIn(self.name, self.databases())
        self.assertIsNone(self.roles())
