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

"""Nova: pages, microversions, changes-since, down cells, scopes."""

from keystoneauth1 import session
from keystoneauth1.identity import v3
from novaclient import client as novaclient

from synchronizer.sandbox.compute import SERVER
from synchronizer.sandbox.wire import iso
from synchronizer.tests.unit.sandbox import base
from synchronizer.tests.unit.sandbox.base import ids

ALL = '/servers/detail?all_tenants=1'


class ListTest(base.SandboxCase):

    def newest_first(self):
        return list(reversed(self.ids(SERVER)))

    def walk(self, query=ALL):
        pages, path = [], query
        while path:
            body = self.nova(path)
            pages.append(ids(body['servers']))
            links = body.get('servers_links')
            path = links and links[0]['href'].partition(base.NOVA)[2]
        return pages

    def test_novaclient(self):
        auth = v3.Password(
            self.server.auth_url, username='admin', password='sandbox',
            project_name='admin', user_domain_id='default',
            project_domain_id='default')
        self.cloud.token_lifetime = 10 ** 9
        nova = novaclient.Client('2.96', session=session.Session(auth))
        servers = nova.servers.list(search_opts={'all_tenants': 1}, limit=-1)
        self.assertEqual(self.newest_first(), [one.id for one in servers])

    def test_pages(self):
        pages = self.walk(f'{ALL}&limit=4')
        self.assertEqual(11, len(self.newest_first()))
        self.assertEqual(self.newest_first(), sum(pages, []))
        self.assertEqual([4, 4, 3], [len(page) for page in pages])

    def test_full_last_page_has_a_link(self):
        body = self.nova(f'{ALL}&limit=11')
        self.assertIn('servers_links', body)
        link = body['servers_links'][0]['href'].partition(base.NOVA)[2]
        self.assertEqual({'servers': []}, self.nova(link))

    def test_page_limit_cuts(self):
        self.cloud.page_limit = 5
        self.assertEqual([5, 5, 1], [len(page) for page in self.walk()])
        self.assertEqual(5, len(self.nova(f'{ALL}&limit=9')['servers']))

    def test_limit(self):
        self.assertEqual({'servers': []}, self.nova(f'{ALL}&limit=0'))
        for limit in ('-1', 'x', ''):
            reply = self.get(f'{base.NOVA}{ALL}&limit={limit}')
            self.assertEqual(400, reply.status_code)

    def test_marker(self):
        newest = self.newest_first()
        self.cloud.delete_server(newest[3])
        path = f'{ALL}&marker={newest[3]}'
        self.assertEqual(newest[4:], ids(self.nova(path)['servers']))
        self.cloud.archive_deleted()
        self.assertEqual({'badRequest': {
            'code': 400, 'message': f'marker [{newest[3]}] not found'}},
            self.nova(path))

    def test_sorting_pages(self):
        for n, key in enumerate(reversed(self.newest_first())):
            self.clock.tick()
            if n % 2:
                self.cloud.rename(key, f'n{n}')
        wanted = sorted(self.cloud.live(SERVER), key=lambda row: (
            row['updated'], row['number']))
        pages = self.walk(f'{ALL}&sort_key=updated_at&sort_dir=asc&limit=3')
        self.assertEqual(ids(wanted), sum(pages, []))

    def test_filters(self):
        key = self.newest_first()[0]
        self.cloud.stop(key)
        host = self.cloud.get(SERVER, key)['host']
        for query in ('status=SHUTOFF', f'uuid={key}',
                      f'host={host}&status=shutoff'):
            found = self.nova(f'{ALL}&{query}')['servers']
            self.assertEqual([key], ids(found), query)

    def test_unknown_parameter(self):
        path = f'{ALL}&bogus=1'
        self.assertEqual(11, len(self.nova(path, '2.74')['servers']))
        self.assertEqual(400, self.nova(path, '2.75')['badRequest']['code'])

    def test_scope(self):
        demo = self.token('demo', 'demo')
        reply = self.get(base.NOVA + ALL, token=demo)
        self.assertEqual(403, reply.status_code)
        mine = self.nova('/servers/detail', token=demo)['servers']
        self.assertEqual({self.cloud.projects['demo']},
                         {one['tenant_id'] for one in mine})
        self.assertNotIn('OS-EXT-SRV-ATTR:host', mine[0])
        foreign = self.ids(SERVER, project_id=self.cloud.projects['alpha'])
        self.assertIn('itemNotFound', self.nova(f'/servers/{foreign[0]}',
                                                token=demo))

    def test_what_nobody_thought_of_is_a_500(self):
        reply = self.get(f'{base.NOVA}{ALL}&name=(')
        self.assertEqual(500, reply.status_code)
        self.assertEqual(500, reply.json()['computeFault']['code'])

    def test_soft_deleted(self):
        key = self.newest_first()[0]
        self.cloud.soft_delete(key)
        self.assertNotIn(key, ids(self.nova(ALL)['servers']))
        self.assertEqual('SOFT_DELETED', self.nova(
            f'/servers/{key}')['server']['status'])


class ChangesSinceTest(base.SandboxCase):

    def since(self, moment):
        path = f'{ALL}&changes-since={iso(moment)}'
        return {one['id']: one['status']
                for one in self.nova(path)['servers']}

    def test_whole_seconds_and_the_deleted(self):
        first, second = self.ids(SERVER)[:2]
        self.clock.tick(10.7)
        self.cloud.stop(first)
        self.clock.tick(0.6)
        self.cloud.delete_server(second)
        moment = int(self.clock.now)
        self.assertEqual({second: 'DELETED'}, self.since(moment))
        self.assertEqual({first: 'SHUTOFF', second: 'DELETED'},
                         self.since(moment - 1))
        self.assertEqual({}, self.since(moment + 1))

    def test_what_does_not_move_updated(self):
        key = self.ids(SERVER)[0]
        volume = self.ids('cinder.volume', attachments=())[0]
        self.clock.tick(5)
        self.cloud.tag(key, 'a')
        self.cloud.delete_metadata(key, 'n')
        self.cloud.attach_volume(key, volume)
        self.cloud.detach_volume(volume)
        self.cloud.service_down(self.cloud.get(SERVER, key)['host'])
        self.assertEqual({}, self.since(self.clock.now))
        self.cloud.set_metadata(key, {'a': 'b'})
        self.assertEqual({key: 'ACTIVE'}, self.since(self.clock.now))

    def test_bad_time(self):
        reply = self.get(f'{base.NOVA}{ALL}&changes-since=yesterday')
        self.assertEqual(400, reply.status_code)

    def test_date_is_the_clouds(self):
        self.assertEqual('Fri, 15 Jan 2027 08:00:00 GMT',
                         self.get(base.NOVA + ALL).headers['Date'])


class VersionTest(base.SandboxCase):

    def test_documents(self):
        self.cloud.nova_max_version = '2.96'
        version = self.nova('/')['version']
        self.assertEqual(('2.1', '2.96'),
                         (version['min_version'], version['version']))
        listed = self.http.get(f'{self.server.url}/compute/').json()
        self.assertEqual(['v2.0', 'v2.1'], ids(listed['versions']))

    def test_headers(self):
        for sent, got in ((None, '2.1'), ('compute latest', '2.104'),
                          ('volume 3.0, compute 2.53', '2.53')):
            reply = self.get(f'{base.NOVA}/servers', sent)
            self.assertEqual(f'compute {got}',
                             reply.headers['OpenStack-API-Version'])
            self.assertEqual(got, reply.headers[
                'X-OpenStack-Nova-API-Version'])

    def test_above_max(self):
        self.cloud.nova_max_version = '2.79'
        reply = self.get(f'{base.NOVA}/servers', 'compute 2.96')
        self.assertEqual(406, reply.status_code)
        self.assertEqual(
            'Version 2.96 is not supported by the API. Minimum is 2.1 and '
            'maximum is 2.79.', reply.json()['computeFault']['message'])

    def test_nonsense(self):
        reply = self.get(f'{base.NOVA}/servers', 'compute two')
        self.assertEqual(400, reply.status_code)

    def test_server_shapes(self):
        new = {'2.9': 'locked', '2.16': 'host_status', '2.26': 'tags',
               '2.19': 'description', '2.73': 'locked_reason',
               '2.63': 'trusted_image_certificates',
               '2.96': 'pinned_availability_zone',
               '2.100': 'scheduler_hints'}
        for version, field in new.items():
            before = f'2.{int(version[2:]) - 1}'
            self.assertNotIn(field, self.nova(ALL, before)['servers'][0])
            self.assertIn(field, self.nova(ALL, version)['servers'][0])

    def test_flavor_in_server(self):
        self.assertEqual({'id', 'links'}, set(
            self.nova(ALL, '2.46')['servers'][0]['flavor']))
        self.assertEqual(
            {'vcpus', 'ram', 'disk', 'ephemeral', 'swap', 'original_name',
             'extra_specs'},
            set(self.nova(ALL, '2.47')['servers'][0]['flavor']))

    def test_groups_of_one_server(self):
        group = self.cloud.live('nova.server_group')[0]
        path = f'/servers/{group["members"][0]}'
        self.assertEqual([group['id']], self.nova(
            path, '2.71')['server']['server_groups'])
        self.assertNotIn('server_groups', self.nova(path, '2.70')['server'])


class DownCellTest(base.SandboxCase):

    def setUp(self):
        super().setUp()
        self.cloud.cell_down('cell2')
        self.down = self.ids(SERVER, cell='cell2')
        self.up = self.ids(SERVER, cell='cell1')

    def test_minimal_rows(self):
        servers = self.nova(ALL, '2.69')['servers']
        minimal = [one for one in servers if one['status'] == 'UNKNOWN']
        self.assertEqual(set(self.down), set(ids(minimal)))
        self.assertEqual(set(self.up + self.down), set(ids(servers)))
        self.assertEqual({'id', 'status', 'tenant_id', 'created', 'links'},
                         set(minimal[0]))

    def test_silently_left_out(self):
        for path, version in (
                (f'{ALL}&limit=1000', '2.96'), (ALL, '2.68'),
                (f'{ALL}&changes-since=2020-01-01T00:00:00Z', '2.96'),
                (f'{ALL}&deleted=false', '2.96'),
                (f'{ALL}&sort_key=created_at', '2.96')):
            self.assertEqual(set(self.up), set(ids(
                self.nova(path, version)['servers'])), path)

    def test_minimal_rows_fill_what_is_left(self):
        self.cloud.page_limit = len(self.up) + 1
        servers = self.nova(ALL)['servers']
        self.assertEqual(1, len(set(ids(servers)) & set(self.down)))

    def test_one(self):
        path = f'/servers/{self.down[0]}'
        self.assertEqual('UNKNOWN', self.nova(path)['server']['status'])
        self.assertEqual(500, self.nova(path, '2.68')['computeFault'][
            'code'])

    def test_marker(self):
        reply = self.get(f'{base.NOVA}{ALL}&marker={self.down[0]}')
        self.assertEqual(500, reply.status_code)

    def test_services_and_hypervisors(self):
        services = self.nova('/os-services', '2.69')['services']
        unknown = [one for one in services if one['status'] == 'UNKNOWN']
        self.assertEqual([
            {'binary': 'nova-compute', 'host': host, 'status': 'UNKNOWN'}
            for host in ('compute-1', 'compute-3')], unknown)
        self.assertEqual(len(services) - 2, len(
            self.nova('/os-services', '2.68')['services']))
        self.assertEqual(['compute-0', 'compute-2'], [
            one['hypervisor_hostname'] for one in
            self.nova('/os-hypervisors/detail')['hypervisors']])

    def test_up_again(self):
        self.cloud.cell_up('cell2')
        self.assertEqual({'ACTIVE'}, {
            one['status'] for one in self.nova(ALL)['servers']})


class OtherNounsTest(base.SandboxCase):

    def test_services(self):
        self.cloud.service_down('compute-0')
        self.cloud.disable_service('compute-1', 'rain')
        self.cloud.force_down('compute-2')
        shown = {one['host']: one for one in self.nova(
            '/os-services?binary=nova-compute')['services']}
        self.assertEqual(
            [('down', 'enabled', None), ('up', 'disabled', 'rain'),
             ('down', 'enabled', None), ('up', 'enabled', None)],
            [(one['state'], one['status'], one['disabled_reason'])
             for one in shown.values()])
        self.assertTrue(shown['compute-2']['forced_down'])
        status = {one['OS-EXT-SRV-ATTR:host']: one['host_status']
                  for one in self.nova(ALL)['servers']}
        wanted = dict(zip(shown, ('UNKNOWN', 'MAINTENANCE', 'DOWN', 'UP')))
        self.assertEqual({host: wanted[host] for host in status}, status)

    def test_hypervisors(self):
        path = '/os-hypervisors/detail?limit=3'
        old = self.nova('/os-hypervisors/detail', '2.52')['hypervisors'][0]
        self.assertIsInstance(old['id'], int)
        self.assertIn('vcpus_used', old)
        first = self.nova(path, '2.88')
        self.assertNotIn('vcpus_used', first['hypervisors'][0])
        link = first['hypervisors_links'][0]['href']
        rest = self.nova(link.partition(base.NOVA)[2], '2.88')
        self.assertEqual(['compute-3'], [
            one['hypervisor_hostname'] for one in rest['hypervisors']])
        self.assertEqual(400, self.get(
            f'{base.NOVA}{path}&marker=x', 'compute 2.53').status_code)

    def test_aggregates_and_zones(self):
        self.cloud.set_aggregate_metadata('1', {'availability_zone': 'az1'})
        self.assertEqual(['az1', 'az2'], [
            one['availability_zone']
            for one in self.nova('/os-aggregates')['aggregates']])
        zones = self.nova('/os-availability-zone/detail')
        self.assertEqual({
            'internal': ['sandbox-control'],
            'az1': ['compute-0', 'compute-1'],
            'az2': ['compute-2', 'compute-3']},
            {one['zoneName']: sorted(one['hosts'])
             for one in zones['availabilityZoneInfo']})

    def test_flavors(self):
        self.assertEqual(5, len(self.nova('/flavors/detail')['flavors']))
        everything = self.nova('/flavors/detail?is_public=None')['flavors']
        self.assertEqual(6, len(everything))
        first = self.nova('/flavors/detail?is_public=None&limit=4')
        link = first['flavors_links'][0]['href'].partition(base.NOVA)[2]
        self.assertEqual(ids(everything), ids(
            first['flavors'] + self.nova(link)['flavors']))

    def test_server_groups(self):
        path = '/os-server-groups'
        self.assertEqual([], self.nova(path)['server_groups'])
        groups = self.nova(f'{path}?all_projects=True')['server_groups']
        self.assertEqual(self.ids('nova.server_group'), ids(groups))
        self.assertEqual('anti-affinity', groups[0]['policy'])
        self.assertEqual([], self.nova(
            f'{path}?all_projects=True&offset=1')['server_groups'])
        old = self.nova(f'{path}/{groups[0]["id"]}', '2.63')
        self.assertEqual(['anti-affinity'], old['server_group']['policies'])

    def test_admins_only(self):
        demo = self.token('demo', 'demo')
        for path in ('/os-services', '/os-hypervisors/detail',
                     '/os-aggregates', '/os-availability-zone/detail'):
            reply = self.get(base.NOVA + path, token=demo)
            self.assertEqual(403, reply.status_code, path)
