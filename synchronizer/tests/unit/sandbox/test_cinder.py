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

"""Cinder: pages, scopes, times, and filters that bite."""

from synchronizer.sandbox.wire import iso
from synchronizer.tests.unit.sandbox import base
from synchronizer.tests.unit.sandbox.base import ids

VOLUME = 'cinder.volume'
ALL = '/volumes/detail?all_tenants=1'


class CinderTest(base.SandboxCase):

    def test_pages(self):
        newest = list(reversed(self.ids(VOLUME)))
        first = self.cinder(f'{ALL}&limit=6')
        link = first['volumes_links'][0]['href']
        rest = self.get(link.removeprefix(self.server.url)).json()
        self.assertEqual(newest, ids(first['volumes'] + rest['volumes']))
        self.assertNotIn('volumes_links', rest)

    def test_marker(self):
        newest = list(reversed(self.ids(VOLUME, attachments=())))
        path = f'{ALL}&marker={newest[0]}'
        self.assertEqual(200, self.status(path))
        self.cloud.delete_volume(newest[0])
        self.assertEqual(404, self.status(path))

    def status(self, path, project='admin', **options):
        key = self.cloud.projects[project]
        return self.get(f'/volume/v3/{key}{path}', **options).status_code

    def test_scope(self):
        demo = self.token('demo', 'demo')
        mine = self.ids(VOLUME, project_id=self.cloud.projects['demo'])
        shown = self.cinder(ALL, project='demo', token=demo)['volumes']
        self.assertEqual(set(mine), set(ids(shown)))
        self.assertNotIn('os-vol-host-attr:host', shown[0])
        self.assertEqual([], self.cinder('/volumes/detail')['volumes'])
        self.assertEqual(400, self.status(ALL, 'alpha', token=demo))
        self.assertEqual(403, self.status('/os-services', 'demo',
                                          token=demo))

    def test_updated_at(self):
        first, second = self.ids(VOLUME)[:2]
        self.clock.tick(10)
        self.cloud.set_volume_metadata(second, {'a': 'b'})
        self.cloud.extend_volume(first)
        path = f'{ALL}&updated_at='
        now = iso(self.clock.now)
        for sign, wanted in (('gte', [first]), ('gt', []), ('eq', [first])):
            shown = self.cinder(f'{path}{sign}:{now}')['volumes']
            self.assertEqual(wanted, ids(shown), sign)
        everything = self.cinder(f'{path}gte:{now},lt:{now}')['volumes']
        self.assertEqual(10, len(everything))
        self.assertEqual(10, len(
            self.cinder(f'{path}gte:{now}', '3.30')['volumes']))
        self.assertEqual(400, self.cinder(f'{path}since:{now}')[
            'badRequest']['code'])

    def test_unknown_filters(self):
        demo = self.token('demo', 'demo')
        path = '/snapshots/detail?all_tenants=1'
        self.assertEqual(2, len(self.cinder(path)['snapshots']))
        path += f'&updated_at=gt:{iso(1)}'
        self.assertEqual({'snapshots': []}, self.cinder(path))
        member = {'project': 'demo', 'token': demo}
        self.assertEqual(1, len(self.cinder(path, '3.30', **member)[
            'snapshots']))
        self.assertIn('badRequest', self.cinder(path, '3.31', **member))

    def test_microversions(self):
        for version, field in (('3.13', 'group_id'),
                               ('3.48', 'service_uuid'),
                               ('3.63', 'volume_type_id'),
                               ('3.65', 'consumes_quota')):
            before = f'3.{int(version[2:]) - 1}'
            self.assertNotIn(field, self.cinder(ALL, before)['volumes'][0])
            self.assertIn(field, self.cinder(ALL, version)['volumes'][0])
        self.assertIn('computeFault', self.cinder(ALL, '3.99'))

    def test_discovery(self):
        for path, status in (('', 300), ('/', 300), ('/v3/', 200)):
            reply = self.http.get(f'{self.server.url}/volume{path}')
            self.assertEqual(status, reply.status_code)
            self.assertEqual('3.71', reply.json()['versions'][0]['version'])

    def test_others(self):
        services = self.cinder('/os-services')['services']
        self.assertEqual(4, len(services))
        pools = self.cinder('/scheduler-stats/get_pools?detail=true')
        allocated = sum(one['capabilities']['allocated_capacity_gb']
                        for one in pools['pools'])
        self.assertEqual(allocated, sum(
            one['size'] for one in self.cinder(ALL)['volumes']))
        types = self.cinder('/types')['volume_types']
        self.assertEqual(['fast', 'slow'], [one['name'] for one in types])
        self.assertEqual({'volume_type': types[0]},
                         self.cinder(f'/types/{types[0]["id"]}'))

    def test_one(self):
        for noun in ('volume', 'snapshot', 'backup'):
            listed = self.cinder(f'/{noun}s/detail?all_tenants=1')[
                f'{noun}s'][0]
            self.assertEqual({noun: listed},
                             self.cinder(f'/{noun}s/{listed["id"]}'))
            self.assertEqual(404, self.status(f'/{noun}s/none'))
