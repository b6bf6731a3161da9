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

"""The plugin for DevStack: what its functions do."""

from synchronizer.tests.unit import test_devstack

LIBRARY = f'source {test_devstack.PLUGIN}/lib/synchronizer'
NO_BROKER = 'function rabbitmqctl { return 69; }'


class PhaseTest(test_devstack.Case):
    """What the functions do."""

    def run_phase(self, *functions, doubles='', **kwargs):
        """What was said meanwhile."""
        return self.bash('\n'.join((
            LIBRARY, doubles,
            *(f'{name}_synchronizer' for name in functions))), **kwargs)

    def test_every_function_is_there_and_no_other_is_public(self):
        self.run_phase(
            doubles="declare -F | grep -o '[^ ]*_synchronizer$'")
        self.assertEqual(
            sorted(f'{name}_synchronizer' for name in test_devstack.FUNCTIONS),
            sorted(self.printed.split()))

    def test_install_brings_the_driver_of_the_database(self):
        self.assertEqual([f'setup_develop {test_devstack.CHECKOUT} mysql'],
                         self.run_phase('install'))

    def test_configure_makes_the_account(self):
        self.assertIn('create_service_user synchronizer admin',
                      self.run_phase('configure'))

    def test_configure_without_keystone_makes_none(self):
        self.assertEqual([], self.run_phase(
            'configure', doubles='ENABLED=,nova,'))

    def test_configure_writes_what_the_service_needs(self):
        self.run_phase('configure', 'configure')
        ours = self.options('etc/synchronizer.conf')
        self.assertEqual(
            {'debug': 'True', 'state_path': f'{self.top}/data/synchronizer',
             'transport_url': 'bus', 'plugins': 'nova,cinder,heat'},
            dict(ours['DEFAULT']))
        self.assertEqual('mysql://synchronizer',
                         ours['database']['connection'])
        self.assertEqual('notes', ours['oslo_messaging_notifications'][
            'transport_url'])
        self.assertEqual('synchronizer',
                         ours['service_credentials']['username'])
        for name in ('nova', 'cinder', 'heat'):
            self.assertEqual('RegionOne', ours[name]['region_name'])
            self.assertEqual('synchronizer-hints',
                             ours[name]['notification_pool'])
            self.assertNotIn('poll_interval', ours[name])
        self.assertNotIn('reality', ours)
        self.assertEqual(0o600, (
            self.top / 'etc/synchronizer.conf').stat().st_mode & 0o777)

    def test_configure_heeds_the_options(self):
        self.run_phase('configure', before=(
            'SYNCHRONIZER_PLUGINS="cinder, extra"\n'
            'SYNCHRONIZER_OBSERVER=True\n'
            'SYNCHRONIZER_POLL_INTERVAL=60 SYNCHRONIZER_DELTA_INTERVAL=0\n'
            'SYNCHRONIZER_POOL=mine'))
        ours = self.options('etc/synchronizer.conf')
        self.assertEqual('cinder, extra', ours['DEFAULT']['plugins'])
        self.assertNotIn('nova', ours)
        self.assertEqual('True', ours['reality']['enable_observer'])
        for name in ('cinder', 'extra'):
            self.assertEqual(
                ('60', '0', 'mine'),
                tuple(ours[name][option] for option in (
                    'poll_interval', 'delta_interval', 'notification_pool')))

    def test_the_services_that_are_copied_tell_what_they_do(self):
        self.run_phase('configure', 'configure')
        for name in ('nova/nova', 'nova/nova_cell1', 'cinder', 'heat'):
            said = self.options(f'{name}.conf')
            self.assertEqual(
                {'driver': 'messagingv2', 'transport_url': 'notes',
                 'topics': 'notifications'},
                dict(said['oslo_messaging_notifications']), name)
        for name in ('nova/nova', 'nova/nova_cell1'):
            self.assertEqual(
                {'notification_format': 'both',
                 'notify_on_state_change': 'vm_and_task_state',
                 'versioned_notifications_topics':
                     'versioned_notifications'},
                dict(self.options(f'{name}.conf')['notifications']), name)

    def test_what_others_set_of_notifications_stays(self):
        (self.top / 'nova/nova.conf').write_text(
            'oslo_messaging_notifications topics vitrage\n'
            'notifications notification_format versioned\n'
            'notifications versioned_notifications_topics '
            'one,versioned_notifications\n')
        self.run_phase('configure', 'configure')
        nova = self.options('nova/nova.conf')
        self.assertEqual('vitrage,notifications', nova[
            'oslo_messaging_notifications']['topics'])
        self.assertEqual('versioned',
                         nova['notifications']['notification_format'])
        self.assertEqual('one,versioned_notifications', nova[
            'notifications']['versioned_notifications_topics'])

    def test_queues_that_nobody_reads_stay_small(self):
        said = self.run_phase('configure')
        self.assertEqual(
            ['rabbitmqctl -q set_policy --apply-to queues synchronizer-hints '
             r'^synchronizer-hints\. '
             '{"max-length": 50000, "expires": 86400000}',
             'rabbitmqctl -q set_policy --apply-to queues '
             r'synchronizer-notifications ^(versioned_)?notifications\. '
             '{"max-length": 50000}'],
            [line for line in said if line.startswith('rabbitmqctl')])

    def test_configure_goes_on_without_a_broker(self):
        self.run_phase('configure', doubles=NO_BROKER)
        self.assertIn('RabbitMQ does not answer', self.printed)

    def test_init_makes_the_tables_and_asks_whether_all_is_in_place(self):
        conf = '--config-file TOP/etc/synchronizer.conf'
        self.assertEqual(
            ['stop_process synchronizer', 'recreate_database synchronizer',
             f'synchronizer-manage {conf} db upgrade',
             f'synchronizer-status {conf} upgrade check'],
            self.run_phase('init'))

    def test_init_waits_for_no_service_of_a_later_plugin(self):
        for code in (1, 2):
            self.program('synchronizer-status', code)
            self.assertNotIn('die', self.run_phase('init'))

    def test_start_waits_for_an_answer(self):
        conf = '--config-file TOP/etc/synchronizer.conf'
        self.assertEqual(
            [f'run_process synchronizer TOP/bin/synchronizer-service {conf}',
             f'synchronizer {conf} --timeout 5 status'],
            self.run_phase('start'))

    def test_start_fails_when_none_comes(self):
        self.program('synchronizer', 1)
        said = self.run_phase('start', code=1)
        self.assertEqual('die', said[-1])

    def test_stop_ends_it_and_has_its_queues_dropped(self):
        self.assertEqual(
            ['stop_process synchronizer',
             'rabbitmqctl -q set_policy --apply-to queues synchronizer-hints '
             r'^(synchronizer-hints|synchronizer)(\.|_fanout_|$) '
             '{"expires": 1000}',
             'rabbitmqctl -q clear_policy synchronizer-hints',
             'rabbitmqctl -q clear_policy synchronizer-notifications'],
            self.run_phase('stop'))

    def test_stop_goes_on_without_a_broker(self):
        self.assertEqual(['stop_process synchronizer'] * 2,
                         self.run_phase('stop', 'stop', doubles=NO_BROKER))
        self.assertIn('RabbitMQ does not answer', self.printed)

    def test_cleanup_leaves_nothing(self):
        (self.top / 'units').mkdir()
        unit = self.top / 'units' / 'devstack@synchronizer.service'
        unit.write_text('')
        other = self.top / 'units' / 'devstack@keystone.service'
        other.write_text('')
        said = self.run_phase('configure', 'cleanup', 'cleanup')
        self.assertIn('mysql -uroot -psecret -hcontroller -e '
                      'DROP DATABASE IF EXISTS synchronizer;', said)
        self.assertIn('openstack --os-cloud devstack-system-admin user '
                      'delete --domain Default synchronizer', said)
        self.assertEqual('systemctl daemon-reload', said[-1])
        self.assertEqual(
            [False, False, False, True],
            [path.exists() for path in (
                self.top / 'etc', self.top / 'data/synchronizer', unit,
                other)])

    def test_cleanup_goes_on_where_the_servers_are_gone(self):
        said = self.run_phase('configure', 'cleanup', doubles=(
            'function mysql { return 1; }\n'
            'function openstack { return 1; }'))
        self.assertEqual('systemctl daemon-reload', said[-1])
        self.assertIn('the database stays', self.printed)
        self.assertIn('the account stays', self.printed)
        self.assertFalse((self.top / 'etc').exists())
