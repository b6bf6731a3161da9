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

"""Every notification of Nova that counts leads to the right change.

A server, the services and the aggregates of a real cloud are changed by the
public API, and nothing but notifications can tell the service of it. What
this cloud cannot be brought to do is said by the true envelope instead; then
something that Nova changes without a word shows that it was looked at.

A server whose name has ``lab-fail`` in it must fail to be made.
OS_CLOUD_SPARE_COMPUTE is a shell command that runs a nova-compute on a host
of its own; without it nobody sees a service come and go.
"""

import os
import signal
import subprocess
import unittest

from synchronizer import client
from synchronizer.bus import transport
from synchronizer.tests.cloud import listening
from synchronizer.tests.cloud.listening import has

SPARE = os.environ.get('OS_CLOUD_SPARE_COMPUTE')
SERVER = 'nova.instance'
TASK, HOST = 'OS-EXT-STS:task_state', 'OS-EXT-SRV-ATTR:host'
VOLUMES = 'os-extended-volumes:volumes_attached'

# event, action, what the server then is
LIFE = (
    ('instance.lock', 'lock', {'locked': True}),
    ('instance.unlock', 'unlock', {'locked': False}),
    ('instance.pause.end', 'pause', {'state': 'PAUSED'}),
    ('instance.unpause.end', 'unpause', {'state': 'ACTIVE'}),
    ('instance.suspend.end', 'suspend', {'state': 'SUSPENDED'}),
    ('instance.resume.end', 'resume', {'state': 'ACTIVE'}),
    ('instance.power_off.end', 'os-stop', {'state': 'SHUTOFF'}),
    ('instance.power_on.end', 'os-start', {'state': 'ACTIVE'}),
    ('instance.rescue.end', 'rescue', {'state': 'RESCUE'}),
    ('instance.unrescue.end', 'unrescue', {'state': 'ACTIVE'}),
    ('instance.shelve.end', 'shelve', {'state': 'SHELVED_OFFLOADED'}),
    ('instance.unshelve.end', 'unshelve', {'state': 'ACTIVE'}))
UNSAID = ('instance.restore.end', 'instance.soft_delete.end',
          'instance.live_migration_force_complete.end')


class TestServer(listening.HintCase):

    names = ('nova', 'cinder')

    def act(self, id_, action, arguments=None):
        return self.request('POST', f'/servers/{id_}/action',
                            {action: arguments})

    def settles(self, id_, event, since, **wanted):
        self.await_heard(event, id_, since)
        self.await_shown(SERVER, id_, has(**{TASK: None, **wanted}), event)

    def mark(self):
        self.since = len(self.world.told)
        return len(self.world.heard)

    def host(self, id_):
        return self.world.mirror.get(SERVER, id_).attributes[HOST]

    def runs_on(self, id_):
        return [end[1] for _, end, kind in list(
            self.world.graph.nx.out_edges((SERVER, id_), keys=True))
            if kind == 'runs-on']

    def test_a_life(self):
        id_ = self.make_server('life')
        self.await_heard('instance.create.end', id_)
        for event, action, wanted in LIFE:
            since = self.mark()
            self.act(id_, action)
            self.settles(id_, event, since, **wanted)
            host = self.host(id_)
            self.assertEqual([host] if host else [], self.runs_on(id_))
        since = self.mark()
        self.request('DELETE', f'/servers/{id_}')
        self.await_gone(SERVER, id_)
        self.await_heard('instance.shutdown.end', id_, since)
        self.await_heard('instance.delete.end', id_, since)
        self.assertIsNone(self.world.graph.entity(SERVER, id_))

    def test_it_moves(self):
        id_ = self.make_server('moves')
        before, since = self.host(id_), self.mark()
        self.act(id_, 'os-migrateLive', {
            'host': None, 'block_migration': 'auto'})
        self.settles(id_, 'instance.live_migration_post_dest.end', since,
                     state='ACTIVE')
        self.assertNotEqual(before, self.host(id_))
        self.assertEqual([self.host(id_)], self.runs_on(id_))

        flavor = self.flavor('f.tiny')
        self.mark()
        self.act(id_, 'resize', {'flavorRef': flavor})
        self.await_shown(SERVER, id_, has(state='VERIFY_RESIZE'))
        since = self.mark()
        self.act(id_, 'confirmResize')
        self.settles(id_, 'instance.resize_confirm.end', since,
                     state='ACTIVE')
        self.assertTrue(self.world.has_edge(
            (SERVER, id_), 'has-flavor', ('nova.flavor', flavor)))
        self.assertEqual([self.host(id_)], self.runs_on(id_))

    def test_it_is_written_to(self):
        id_ = self.make_server('written')
        path = f'/servers/{id_}'
        for method, where, body, wanted in (
                ('PUT', '', {'server': {'name': f'{self.prefix}-renamed'}},
                 {'name': f'{self.prefix}-renamed'}),
                ('PUT', '/metadata/a', {'meta': {'a': '1'}},
                 {'metadata': {'a': '1'}}),
                ('DELETE', '/metadata/a', None, {'metadata': {}}),
                ('PUT', '/tags/blue', None, {'tags': ['blue']}),
                ('DELETE', '/tags/blue', None, {'tags': []})):
            since = self.mark()
            self.request(method, path + where, body)
            self.settles(id_, 'instance.update', since, **wanted)
        since = self.mark()
        self.act(id_, 'rebuild', {'imageRef': self.image()})
        self.settles(id_, 'instance.rebuild.end', since, state='ACTIVE')
        since = self.mark()
        image = self.act(id_, 'createImage', {
            'name': f'{self.prefix}-image'})['image_id']
        self.addCleanup(self.raw.image.delete, f'/images/{image}')
        self.settles(id_, 'instance.snapshot.end', since, state='ACTIVE')

    def test_a_port_comes_and_goes(self):
        id_ = self.make_server('port')
        net = self.raw.network.get('/networks?name=shared').json()[
            'networks'][0]['id']
        since = self.mark()
        port = self.request('POST', f'/servers/{id_}/os-interface', {
            'interfaceAttachment': {'net_id': net}})[
                'interfaceAttachment']['port_id']
        self.await_heard('instance.interface_attach.end', id_, since)
        self.await_shown(SERVER, id_, lambda server: (
            server.attributes['addresses'].get('shared')))
        since = self.mark()
        self.request('DELETE', f'/servers/{id_}/os-interface/{port}')
        self.await_heard('instance.interface_detach.end', id_, since)
        self.await_shown(SERVER, id_, has(addresses={}))

    def test_a_volume_comes_and_goes(self):
        id_, volume = self.make_server('holds'), self.make_volume('held')
        self.attach(id_, volume)
        edge = (('cinder.volume', volume), 'attached-to', (SERVER, id_))
        listening.until(lambda: self.world.has_edge(*edge), 'the edge')
        self.mark()
        self.request(
            'DELETE', f'/servers/{id_}/os-volume_attachments/{volume}')
        self.await_shown('cinder.volume', volume, has(
            state='available', attachments=[]))
        self.await_shown(SERVER, id_, has(**{VOLUMES: []}))
        listening.until(lambda: not self.world.has_edge(*edge), 'no edge')

    def attach(self, id_, volume):
        since = self.mark()
        self.request('POST', f'/servers/{id_}/os-volume_attachments', {
            'volumeAttachment': {'volumeId': volume}})
        self.await_heard('instance.volume_attach.end', id_, since)
        self.await_shown('cinder.volume', volume, has(state='in-use'))
        self.await_shown(SERVER, id_, lambda server: [
            one['id'] for one in server.attributes[VOLUMES]] == [volume])

    def test_what_is_not_to_be_had_here_is_looked_at_too(self):
        id_, volume = self.make_server('unsaid'), self.make_volume('unsaid')
        self.attach(id_, volume)
        payload = self.world.payload('instance.update', id_)
        path = f'/servers/{id_}/os-volume_attachments/{volume}'
        with_it = False
        for event in UNSAID:
            with_it = not with_it
            self.mark()
            self.request('PUT', path, {'volumeAttachment': {
                'volumeId': volume, 'delete_on_termination': with_it}})
            self.world.say('nova', event, payload)
            self.await_shown(SERVER, id_, has(**{VOLUMES: [
                {'id': volume, 'delete_on_termination': with_it}]}), event)
        self.request('PUT', path, {'volumeAttachment': {
            'volumeId': volume, 'delete_on_termination': False}})
        self.request('DELETE', path)
        self.await_shown('cinder.volume', volume, has(state='available'))

    def test_it_fails(self):
        id_ = self.make_server('lab-fail', state='ERROR')
        self.await_heard('instance.create.error', id_)


class TestPlaces(listening.HintCase):

    def setUp(self):
        super().setUp()
        bus = transport.get(self.world.conf)
        self.addCleanup(bus.cleanup)
        self.asking = client.SynchronizerClient(bus, 60)

    def host(self):
        """A host of the cloud, and its service."""
        return next((host.id, host.attributes['service'])
                    for host in self.world.mirror.all('nova.host')
                    if host.state == 'up')

    def test_a_service_is_disabled(self):
        host, service = self.host()
        id_ = next(one.id for one in self.world.mirror.all(
            'nova.service', binary='nova-compute', host=service['host']))
        for status in ('disabled', 'enabled'):
            self.since, since = len(self.world.told), len(self.world.heard)
            self.request('PUT', f'/os-services/{id_}', {'status': status})
            self.await_heard('service.update', service['host'], since)
            self.await_shown('nova.service', id_, has(status=status))
            self.await_shown('nova.host', host, lambda one, is_=status: (
                one.attributes['service']['status'] == is_))

    @unittest.skipUnless(SPARE, 'no OS_CLOUD_SPARE_COMPUTE')
    def test_a_service_comes_and_goes(self):
        known = {one.id for one in self.world.mirror.all('nova.service')}
        process = subprocess.Popen(
            SPARE, shell=True, start_new_session=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            service, = listening.until(lambda: [
                one for one in self.world.mirror.all('nova.service')
                if one.id not in known], 'a service more')
            name = service.attributes['host']
            host, = listening.until(lambda: self.hosts_of(name), 'its host')
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            process.wait()
            self.remove_services(known)
        self.await_heard('service.create', name)
        self.await_heard('service.delete', name)
        # one that cannot be asked for must be missed by a second sweep
        self.await_gone('nova.service', service.id, ('hint', 'sweep'))
        self.await_gone('nova.host', host.id)

    def hosts_of(self, name):
        """Its host appears some seconds later, and nobody tells: so it is
        asked for."""
        list(self.asking.get_all(['nova.host'], max_age=0))
        return [one for one in self.world.mirror.all('nova.host')
                if one.attributes['service']['host'] == name]

    def remove_services(self, known):
        for one in self.request('GET', '/os-services')['services']:
            if one['id'] not in known:
                self.request('DELETE', f'/os-services/{one["id"]}')

    def test_an_aggregate(self):
        host, service = self.host()
        id_ = str(self.request('POST', '/os-aggregates', {'aggregate': {
            'name': f'{self.prefix}-aggregate'}})['aggregate']['id'])
        path = f'/os-aggregates/{id_}'
        self.addCleanup(self.raw.compute.delete, path, raise_exc=False)
        self.await_shown('nova.aggregate', id_)
        edge = (('nova.host', host), 'member-of', ('nova.aggregate', id_))
        for action, members in (('add_host', [service['host']]),
                                ('remove_host', [])):
            self.since = len(self.world.told)
            self.request('POST', f'{path}/action', {
                action: {'host': service['host']}})
            self.await_shown('nova.aggregate', id_, has(hosts=members))
            self.await_shown('nova.host', host)
            self.assertEqual(bool(members), self.world.has_edge(*edge))
        self.request('POST', f'{path}/action', {
            'set_metadata': {'metadata': {'a': 'b'}}})
        self.await_shown('nova.aggregate', id_, has(metadata={'a': 'b'}))
        self.request('DELETE', path)
        self.await_gone('nova.aggregate', id_)

    def test_a_flavor(self):
        id_ = f'{self.prefix}-flavor'
        self.request('POST', '/flavors', {'flavor': {
            'id': id_, 'name': id_, 'ram': 64, 'vcpus': 1, 'disk': 1}})
        self.addCleanup(self.raw.compute.delete, f'/flavors/{id_}',
                        raise_exc=False)
        self.await_shown('nova.flavor', id_)
        self.request('POST', f'/flavors/{id_}/os-extra_specs', {
            'extra_specs': {'hw:cpu_policy': 'shared'}})
        self.await_shown('nova.flavor', id_, has(
            extra_specs={'hw:cpu_policy': 'shared'}))
        self.request('DELETE', f'/flavors/{id_}')
        self.await_gone('nova.flavor', id_)

    def test_a_server_group(self):
        id_ = self.request('POST', '/os-server-groups', {'server_group': {
            'name': f'{self.prefix}-group', 'policy': 'affinity'}})[
                'server_group']['id']
        self.addCleanup(self.raw.compute.delete, f'/os-server-groups/{id_}',
                        raise_exc=False)
        self.await_shown('nova.server_group', id_)
        server = self.make_server('member')
        self.request('DELETE', f'/os-server-groups/{id_}')
        self.await_gone('nova.server_group', id_)
        self.assertIsNotNone(self.world.mirror.get(SERVER, server))
