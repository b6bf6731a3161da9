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

"""Nova's hint table, with payloads as a real Nova sends them."""

from synchronizer.plugins import hints
from synchronizer.plugins import nova
from synchronizer.plugins.hints import Hint
from synchronizer.plugins.nova import hints as table
from synchronizer.tests import base

SERVER = '482ca406-2850-4c19-b794-efb210d6621b'
VOLUME = '3fc410f9-bb22-4e95-b066-53d1ffed30ad'
FLAVOR = '3d951f69-02c5-4474-a686-29853aed2c12'
GROUP = 'e3db8b40-7e0a-4a5c-8c5f-0a9f4b6b1f3c'
STAMP = '2026-11-20T10:37:49Z'
WRITTEN = 1795171069.0
"""The same as a Unix time."""

TOLD = WRITTEN + 4.5
CANARY = 'gAAAAcanary'

# those of Watcher, which it needs to keep its model of the cluster true
SPEC = (
    'instance.create.end', 'instance.lock', 'instance.unlock',
    'instance.pause.end', 'instance.power_off.end', 'instance.power_on.end',
    'instance.resize_confirm.end', 'instance.restore.end',
    'instance.resume.end', 'instance.shelve.end', 'instance.shutdown.end',
    'instance.suspend.end', 'instance.unpause.end', 'instance.unrescue.end',
    'instance.unshelve.end', 'instance.rebuild.end', 'instance.rescue.end',
    'instance.update', 'instance.live_migration_force_complete.end',
    'instance.live_migration_post_dest.end', 'instance.delete.end',
    'instance.soft_delete.end', 'service.create', 'service.update',
    'service.delete')
MORE = (
    'instance.create.error', 'instance.rebuild.error',
    'instance.resize.error', 'instance.reboot.error', 'instance.reboot.end',
    'instance.resize.end', 'instance.resize_prep.end',
    'instance.resize_finish.end', 'instance.resize_revert.end',
    'instance.shelve_offload.end', 'instance.evacuate',
    'instance.rebuild_scheduled', 'instance.live_migration_rollback.end',
    'instance.live_migration_rollback_dest.end',
    'instance.live_migration_abort.end', 'instance.live_migration_post.end',
    'instance.interface_attach.end', 'instance.interface_attach.error',
    'instance.interface_detach.end', 'instance.volume_attach.end',
    'instance.volume_attach.error', 'instance.volume_detach.end',
    'instance.volume_swap.end', 'instance.volume_swap.error',
    'instance.share_attach.end', 'instance.share_attach.error',
    'instance.share_detach.end', 'instance.share_detach.error',
    'instance.snapshot.end', 'instance.exists')
# what compute, conductor and api of a real cloud were seen to send
LEGACY = (
    'create.end', 'create.error', 'delete.end', 'exists',
    'finish_resize.end', 'live_migration._post.end',
    'live_migration.post.dest.end', 'live_migration.pre.end', 'pause.end',
    'power_off.end', 'power_on.end', 'reboot.end', 'rebuild.end',
    'rebuild.scheduled', 'rescue.end', 'resize.confirm.end', 'resize.end',
    'resize.prep.end', 'resize.revert.end', 'resume.end', 'shelve.end',
    'shelve_offload.end', 'shutdown.end', 'snapshot.end', 'suspend.end',
    'unpause.end', 'unrescue.end', 'unshelve.end', 'update',
    'volume.attach', 'volume.detach')


def versioned(**data):
    return {'nova_object.data': data, 'nova_object.namespace': 'nova',
            'nova_object.name': 'Payload', 'nova_object.version': '1.9'}


def read(event, payload):
    return hints.read(nova.NovaPlugin.hints, event, payload, TOLD)


def names(found):
    return [(hint.type, hint.id) for hint in found]


class TestServers(base.TestCase):

    payload = versioned(
        uuid=SERVER, updated_at=STAMP, node='fake-compute1',
        volume_id=VOLUME, flavor=versioned(flavorid=FLAVOR))
    legacy = {'instance_id': SERVER, 'instance_flavor_id': FLAVOR,
              'instance_type_id': 6, 'volume_id': VOLUME,
              'reservation_id': 'r-0jnma9r8', 'node': 'fake-compute1'}

    def test_all_of_the_spec_and_more(self):
        self.assertEqual(25, len(set(SPEC)))
        for event in (*SPEC, *MORE):
            self.assertIn(event, table.VERSIONED)

    def test_each_says_to_look_at_the_server(self):
        for event in (*SPEC, *MORE):
            if not event.startswith('instance.'):
                continue
            hint, = read(event, self.payload)
            self.assertEqual(('nova.instance', SERVER, False),
                             (hint.type, hint.id, hint.part), event)
            gone = event == 'instance.delete.end'
            self.assertEqual((gone, None if gone else WRITTEN),
                             (hint.gone, hint.written), event)

    def test_so_do_the_old_ones(self):
        for event in LEGACY:
            hint, = read(f'compute.instance.{event}', self.legacy)
            self.assertEqual(('nova.instance', SERVER),
                             (hint.type, hint.id), event)
            self.assertEqual(event == 'delete.end', hint.gone)

    def test_what_was_written_just_before(self):
        hint, = read('compute.instance.pause.end', self.legacy)
        self.assertEqual(TOLD - hints.SLACK, hint.written)
        for event in ('update', 'volume.attach', 'volume.detach', 'exists'):
            hint, = read(f'compute.instance.{event}', self.legacy)
            self.assertIsNone(hint.written)

    def test_a_server_that_was_never_written_again(self):
        hint, = read('instance.update', versioned(
            uuid=SERVER, updated_at=None))
        self.assertEqual(Hint('nova.instance', SERVER), hint)

    def test_soft_deletion_is_no_deletion(self):
        for event, payload in (
                ('instance.soft_delete.end', self.payload),
                ('compute.instance.soft_delete.end', self.legacy)):
            hint, = read(event, payload)
            self.assertFalse(hint.gone)

    def test_what_only_begins(self):
        for event in nova.NovaPlugin.hints:
            self.assertFalse(event.endswith('.start'), event)
        self.assertEqual([], read('instance.delete.start', self.payload))

    def test_a_task_that_failed(self):
        written = TOLD - hints.SLACK
        hint = Hint('nova.instance', SERVER, written=written)
        for task in ('build_instances', 'migrate_server', 'rebuild_server'):
            self.assertEqual([hint], read(
                f'compute_task.{task}.error', versioned(
                    instance_uuid=SERVER, request_spec=None)))
            self.assertEqual([hint], read(
                f'compute_task.{task}', {
                    'instance_id': SERVER, 'request_spec': {
                        'instance_properties': {'_context': {
                            'auth_token': CANARY}}}}))

    def test_none_of_a_token(self):
        carried = {**self.legacy, 'args': {'ctxt': {'auth_token': CANARY}}}
        self.assertNotIn(CANARY, str(
            read('compute.instance.create.error', carried)))
        for event in ('_post_live_migration', 'get_host_uptime',
                      'post_live_migration_at_destination',
                      'scheduler.select_destinations.end',
                      'compute.exception'):
            self.assertEqual([], read(event, carried))

    def test_payloads_of_the_other_kind(self):
        for event, payload in (
                ('instance.create.end', self.legacy),
                ('compute.instance.create.end', self.payload),
                ('instance.create.end', versioned(uuid=None)),
                ('instance.create.end', CANARY)):
            error = self.assertRaises(ValueError, read, event, payload)
            self.assertNotIn(CANARY, str(error))


class TestOthers(base.TestCase):

    def test_services(self):
        payload = versioned(host='fake-compute1', binary='nova-compute',
                            uuid='fa69c544-906b-4a6a-a9c6-c1f7a8078c73')
        for event in ('service.create', 'service.update', 'service.delete'):
            self.assertEqual(
                [('nova.service', None), ('nova.host', None),
                 ('nova.zone', None)], names(read(event, payload)))
            self.assertEqual(
                ['fa69c544-906b-4a6a-a9c6-c1f7a8078c73', None, None],
                [hint.about for hint in read(event, payload)])

    def test_aggregates_of_either_kind(self):
        new, old = versioned(id=7, name='rack'), {'aggregate_id': 7}
        alone = [('nova.aggregate', None)]
        places = [*alone, ('nova.host', None), ('nova.zone', None)]
        for event in ('create', 'delete'):
            for payload in (new, old, {'name': 'rack'}):
                self.assertEqual(alone, names(
                    read(f'aggregate.{event}.end', payload)))
            self.assertEqual(['7', None], [
                read(f'aggregate.{event}.end', payload)[0].about
                for payload in (new, old)])
        for event in ('add_host', 'remove_host', 'update_metadata',
                      'update_prop'):
            self.assertEqual(places, names(
                read(f'aggregate.{event}.end', new)))
            self.assertEqual(places, names(
                read(f'aggregate.{event.replace("_", "")}.end', old)))

    def test_flavors(self):
        payload = versioned(flavorid=FLAVOR, name='f.nano')
        for event, gone in (('create', False), ('update', False),
                            ('delete', True)):
            self.assertEqual([Hint('nova.flavor', FLAVOR, gone=gone)],
                             read(f'flavor.{event}', payload))

    def test_server_groups(self):
        new = versioned(uuid=GROUP, members=[SERVER])
        old = {'server_group_id': GROUP, 'instance_uuids': [SERVER]}
        for event, gone in (('create', False), ('add_member', False),
                            ('delete', True)):
            for name, payload in (
                    (f'server_group.{event}', new),
                    (f'servergroup.{event.replace("_", "")}', old)):
                self.assertEqual(
                    [Hint('nova.server_group', GROUP, gone=gone)],
                    read(name, payload))

    def test_only_types_that_there_are(self):
        told = {look.type for found in nova.NovaPlugin.hints.values()
                for look in found}
        self.assertEqual({kind.name for kind in nova.NovaPlugin.types}, told)

    def test_where_it_is_told(self):
        self.assertEqual('nova', nova.NovaPlugin.exchange)
        self.assertEqual(('versioned_notifications', 'notifications'),
                         nova.NovaPlugin.topics)
