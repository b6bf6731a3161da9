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
"""What Nova says of each verb, and of what it keeps silent."""

from synchronizer.tests.unit.sandbox import base

OLD, NEW = 'notifications', 'versioned_notifications'
UPDATE = 'instance.update'


class InstanceTest(base.VoiceCase):

    def does(self, verb, new, old, **args):
        """A verb is told by these events, in both formats."""
        self.cloud.call(verb, **args)
        messages = self.heard()
        by_topic = {topic: [one.body['event_type'] for one in messages
                            if one.topic == topic] for topic in (NEW, OLD)}
        self.assertEqual({NEW: new, OLD: old}, by_topic, verb)
        for one in messages:
            self.assertEqual(('nova', 'INFO'), (
                one.service, one.body['priority']))
            self.assertEqual(args['server'], _id(one))

    def changes(self, verb, *actions, **args):
        """The same, after an update, with actions called alike in both."""
        self.does(verb, [UPDATE, *(f'instance.{one}' for one in actions)],
                  [f'compute.{UPDATE}', *(
                      f'compute.instance.{one}' for one in actions)],
                  server=self.server, **args)

    def test_power(self):
        self.changes('stop', 'power_off.end')
        self.changes('start', 'power_on.end')

    def test_what_shows_in_updates_only(self):
        self.changes('tag', tag='t')
        self.changes('untag', tag='t')
        self.changes('set_metadata', metadata={'a': 'b'})
        self.changes('delete_metadata', key='a')
        self.changes('rename', name='x')
        self.changes('describe', description='x')
        self.changes('fail')
        self.changes('begin', status='ACTIVE')
        self.changes('begin', status='MIGRATING')

    def test_states(self):
        for status, there, back in (
                ('PAUSED', 'pause.end', 'unpause.end'),
                ('SUSPENDED', 'suspend.end', 'resume.end')):
            self.changes('begin', there, status=status)
            self.changes('begin', back, status='ACTIVE')
        self.changes('soft_delete', 'soft_delete.end')
        self.changes('restore', 'restore.end')
        self.changes('shelve', 'shelve.end', 'shelve_offload.end')
        self.changes('unshelve', 'unshelve.end')

    def test_a_lock_has_an_event_in_the_new_format_only(self):
        old = [f'compute.{UPDATE}']
        self.does('lock_server', [UPDATE, 'instance.lock'], old,
                  server=self.server, reason='mine')
        self.does('unlock_server', [UPDATE, 'instance.unlock'], old,
                  server=self.server)

    def test_resize(self):
        self.does('resize', [UPDATE, 'instance.resize_finish.end'],
                  [f'compute.{UPDATE}', 'compute.instance.finish_resize.end'],
                  server=self.server, confirm=False)
        self.does('confirm_resize', [UPDATE, 'instance.resize_confirm.end'],
                  [f'compute.{UPDATE}', 'compute.instance.resize.confirm.end'
                   ], server=self.server)
        self.does('resize', [UPDATE, 'instance.resize_finish.end',
                             'instance.resize_confirm.end'],
                  [f'compute.{UPDATE}', 'compute.instance.finish_resize.end',
                   'compute.instance.resize.confirm.end'],
                  server=self.server)

    def test_a_migration_ends_with_what_its_source_believes(self):
        source = self.cloud.get('nova.instance', self.server)['host']
        target = self.cloud.migrate(self.server)
        messages = [one for one in self.heard() if one.topic == NEW]
        self.assertEqual([
            (UPDATE, f'nova-compute:{target}', target),
            ('instance.live_migration_post_dest.end',
             f'nova-compute:{target}', target),
            ('instance.live_migration_post.end', f'nova-compute:{source}',
             source)], [
            (one.body['event_type'], one.body['publisher_id'],
             _data(one)['host']) for one in messages])

    def test_the_old_names_of_a_migration(self):
        self.does('migrate', [
            UPDATE, 'instance.live_migration_post_dest.end',
            'instance.live_migration_post.end'], [
            f'compute.{UPDATE}',
            'compute.instance.live_migration.post.dest.end',
            'compute.instance.live_migration._post.end'], server=self.server)

    def test_delete(self):
        self.changes('delete_server', 'shutdown.end', 'delete.end')

    def test_boot_in_two_steps(self):
        self.server = self.cloud.boot('new', status='BUILD')
        first = self.heard()
        self.assertEqual([UPDATE, f'compute.{UPDATE}'], [
            one.body['event_type'] for one in first])
        self.assertIsNone(_data(first[0])['host'])
        self.assertEqual('building', _data(first[0])['state'])
        self.changes('finish_boot', 'create.end')

    def test_boot_at_once(self):
        self.cloud.boot('new', host='compute-1', tags=['t'])
        created = [one for one in self.heard() if one.body[
            'event_type'] == 'instance.create.end'][0]
        data = _data(created)
        self.assertEqual(('new', 'compute-1', 'compute-1', 'active', ['t']), (
            data['display_name'], data['host'], data['node'], data['state'],
            data['tags']))
        self.assertEqual('InstanceCreatePayload', created.body['payload'][
            'nova_object.name'])

    def test_no_host_is_an_error_in_both_formats(self):
        for host in list(self.cloud.table('nova.host')):
            self.cloud.service_down(host)
        key = self.cloud.boot()
        self.assertEqual([
            ('compute_task.build_instances', OLD, key),
            ('compute_task.build_instances.error', NEW, key)], [
            (one.body['event_type'], one.topic, _id(one))
            for one in self.heard() if one.body['priority'] == 'ERROR'])

    def test_volumes(self):
        volume = self.cloud.create_volume()
        self.heard()
        for verb, args in (('attach', {'server': self.server}),
                           ('detach', {})):
            self.cloud.call(f'{verb}_volume', volume=volume, **args)
            told = {one.body['event_type']: one for one in self.heard()
                    if one.service == 'nova'}
            new = told.pop(f'instance.volume_{verb}.end')
            old = told.pop(f'compute.instance.volume.{verb}')
            self.assertEqual({}, told)
            for one in (new, old):
                self.assertEqual((self.server, volume), (
                    _id(one), _data(one)['volume_id']))
            self.assertEqual(
                [volume] if verb == 'attach' else [],
                [_inner(one)['volume_id']
                 for one in _data(new)['block_devices']])

    def test_the_stamp_is_that_of_the_row(self):
        self.cloud.tag(self.server, 't')
        before = _data(self.heard()[0])['updated_at']
        self.clock.tick(5)
        self.cloud.untag(self.server, 't')
        self.assertEqual(before, _data(self.heard()[0])['updated_at'])
        self.cloud.rename(self.server, 'x')
        update = _data(self.heard()[0])
        self.assertEqual('2027-01-15T08:00:05Z', update['updated_at'])
        self.assertEqual(('server-0', 'x'), (
            update['old_display_name'], update['display_name']))

    def test_the_states_of_an_update(self):
        self.cloud.stop(self.server)
        new, old = self.heard()[:2]
        self.assertEqual(
            {'old_state': 'active', 'state': 'stopped',
             'old_task_state': None, 'new_task_state': None},
            _inner(_data(new)['state_update']))
        self.assertEqual(('active', 'stopped'), (
            _data(old)['old_state'], _data(old)['state']))


class OtherTest(base.VoiceCase):

    def told(self):
        return [(one.topic, one.body['event_type']) for one in self.heard()]

    def both(self, new, old):
        self.assertEqual([(OLD, old), (NEW, new)], self.told())

    def new(self, event):
        self.assertEqual([(NEW, event)], self.told())

    def test_a_heartbeat_is_told_by_nobody(self):
        host = self.cloud.get('nova.instance', self.server)['host']
        self.cloud.service_down(host)
        self.cloud.service_up(host)
        self.assertEqual([], self.told())

    def test_services(self):
        self.cloud.disable_service('compute-0', 'why')
        message, = self.heard()
        self.assertEqual(
            ('service.update', 'nova-compute:compute-0', True, 'why', False),
            (message.body['event_type'], message.body['publisher_id'], *(
                _data(message)[name] for name in (
                    'disabled', 'disabled_reason', 'forced_down'))))
        self.assertEqual(self.cloud.compute_service('compute-0')['id'],
                         _data(message)['uuid'])
        self.cloud.enable_service('compute-0')
        self.new('service.update')
        self.cloud.force_down('compute-0')
        self.new('service.update')
        self.cloud.add_host('fresh')
        self.new('service.create')
        self.cloud.remove_host('fresh')
        self.new('service.delete')

    def test_aggregates(self):
        key = self.cloud.create_aggregate('rack')
        self.both('aggregate.create.end', 'aggregate.create.end')
        self.cloud.aggregate_add_host(key, 'compute-0')
        old, new = self.heard()
        self.assertEqual(
            ('aggregate.addhost.end', {'aggregate_id': int(key),
                                       'host_name': 'compute-0'}),
            (old.body['event_type'], old.body['payload']))
        self.assertEqual(
            ('aggregate.add_host.end', int(key), ['compute-0']),
            (new.body['event_type'], _data(new)['id'], _data(new)['hosts']))
        self.cloud.set_aggregate_metadata(key, {'ssd': 'true'})
        self.both('aggregate.update_metadata.end',
                  'aggregate.updatemetadata.end')
        self.cloud.aggregate_remove_host(key, 'compute-0')
        self.both('aggregate.remove_host.end', 'aggregate.removehost.end')
        self.cloud.delete_aggregate(key)
        self.both('aggregate.delete.end', 'aggregate.delete.end')

    def test_a_zone_that_moves_is_not_told_of_the_servers(self):
        host = self.cloud.get('nova.instance', self.server)['host']
        self.cloud.create_aggregate('first', 'first', [host])
        self.cloud.set_aggregate_metadata('1', {})
        self.assertEqual([], [event for _, event in self.told()
                              if 'instance' in event or 'service' in event])

    def test_flavors(self):
        key = self.cloud.create_flavor('big')
        message, = self.heard()
        self.assertEqual(('flavor.create', NEW, key), (
            message.body['event_type'], message.topic,
            _data(message)['flavorid']))
        self.cloud.delete_flavor(key)
        self.new('flavor.delete')

    def test_server_groups(self):
        key = self.cloud.create_server_group('near')
        self.both('server_group.create', 'servergroup.create')
        self.cloud.join_group(key, self.server)
        old, new = self.heard()
        self.assertEqual(
            ('servergroup.addmember', key, [self.server]),
            (old.body['event_type'], old.body['payload']['server_group_id'],
             old.body['payload']['instance_uuids']))
        self.assertEqual(('server_group.add_member', key, [self.server]), (
            new.body['event_type'], _data(new)['uuid'],
            _data(new)['members']))
        self.cloud.leave_group(key, self.server)
        self.assertEqual([], self.told())
        self.cloud.delete_server_group(key)
        self.both('server_group.delete', 'servergroup.delete')


def _inner(thing):
    return thing['nova_object.data']


def _data(message):
    payload = message.body['payload']
    return payload.get('nova_object.data', payload)


def _id(message):
    data = _data(message)
    return (data.get('uuid') or data.get('instance_uuid')
            or data.get('instance_id'))
