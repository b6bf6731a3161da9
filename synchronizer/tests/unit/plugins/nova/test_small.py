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

"""The types that are small: service, aggregate, zone, flavor, group."""

from unittest import mock

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import nova
from synchronizer.plugins.nova import members
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

SCOPE = '/servers/detail'
SERVICES = '/os-services'
DOWN = {'services': [
    {'binary': 'nova-compute', 'host': 'h1', 'id': 's1', 'state': 'up',
     'status': 'enabled', 'zone': 'nova'},
    {'binary': 'nova-compute', 'host': 'h2', 'status': 'UNKNOWN'}]}
REFUSED = fakes.failure(exception.Refused, 403)
MISSING = fakes.failure(exception.NotFound, 404)


class SmallTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.session = fakes.Session(page_size=1000)
        self.session.on(SCOPE, {'servers': []})
        self.session.on(SERVICES, fakes.sample('services'))

    def list(self, kind):
        pages, self.outcome = fakes.drain(kind.list(self.session))
        return [kind.entity(record)
                for page in pages for record in page.records]


class TestService(SmallTestCase):

    def test_real_ones(self):
        entities = self.list(nova.Service())
        self.assertTrue(self.outcome.complete)
        self.assertEqual(
            [('nova-scheduler@lab-control', 'up'),
             ('nova-conductor@lab-control', 'up')],
            [(one.name, one.state) for one in entities[:2]])
        for one in entities:
            self.assertEqual(one.id, one.attributes['id'])
            self.assertNotIn('updated_at', one.attributes)
            self.assertIn('forced_down', one.attributes)

    def test_those_of_a_down_cell_are_skipped_and_fenced(self):
        self.session.on(SERVICES, DOWN)
        entities = self.list(nova.Service())
        self.assertEqual(['s1'], [one.id for one in entities])
        self.assertFalse(self.outcome.complete)
        self.assertFalse(self.outcome.fence(entities[0]))
        gone = nova.Service().entity({**DOWN['services'][0], 'host': 'h2'})
        self.assertTrue(self.outcome.fence(gone))


class TestAggregate(SmallTestCase):

    def test_real_ones(self):
        self.session.on('/os-aggregates', fakes.sample('aggregates'))
        entities = self.list(nova.Aggregate())
        self.assertEqual([('1', 'rack1'), ('2', 'rack2')],
                         [(one.id, one.name) for one in entities])
        self.assertEqual(('fake-compute1', 'fake-compute2'),
                         tuple(entities[0].attributes['hosts']))
        self.assertTrue(self.outcome.complete)

    def test_get(self):
        record = fakes.sample('aggregates')['aggregates'][0]
        self.session.on('/os-aggregates/1', {'aggregate': record})
        page = nova.Aggregate().get(self.session, '1')
        self.assertEqual((record,), page.records)

    def test_absent(self):
        self.session.on('/os-aggregates/1', MISSING)
        page = nova.Aggregate().get(self.session, '1')
        self.assertEqual(((), fakes.window(3)), (page.records, page.window))


class TestZone(SmallTestCase):

    def test_real_ones(self):
        self.session.on('/os-availability-zone/detail',
                        fakes.sample('zones'))
        entities = self.list(nova.Zone())
        self.assertEqual(
            [('az2', 'az2', 'available'),
             ('internal', 'internal', 'available'),
             ('nova', 'nova', 'available')],
            [(one.id, one.name, one.state) for one in entities])
        self.assertEqual(
            {'fake-compute3': {'nova-compute': {
                'available': True, 'active': True}}},
            entities[0].attributes['hosts'])
        self.assertTrue(self.outcome.complete)

    def test_unavailable(self):
        zone = {'zoneName': 'z', 'zoneState': {'available': False},
                'hosts': None}
        self.assertEqual('unavailable', nova.Zone().entity(zone).state)

    def test_while_a_cell_is_down_no_zone_is_shown_without_its_hosts(self):
        up = fakes.sample('services')
        self.session.on('/os-availability-zone/detail',
                        fakes.sample('zones'))
        known = self.list(nova.Zone())
        for probes in ((DOWN, up), (up, DOWN), (DOWN, DOWN)):
            self.session.on(SERVICES, *probes)
            self.assertEqual([], self.list(nova.Zone()))
            self.assertFalse(self.outcome.complete)
            self.assertTrue(all(map(self.outcome.fence, known)))


class TestFlavor(SmallTestCase):

    def setUp(self):
        super().setUp()
        self.session.on('/flavors/detail', fakes.sample('flavors'))

    def test_real_ones(self):
        entities = self.list(nova.Flavor())
        self.assertEqual({'f.nano', 'private one'},
                         {one.name for one in entities})
        self.assertEqual([('/flavors/detail', {
            'limit': 1000, 'is_public': 'None'}),
            (SCOPE, {'all_tenants': 1, 'limit': 20})], self.session.asked)
        for one in entities:
            self.assertNotIn('links', one.attributes)

    def test_without_the_role_the_private_ones_are_only_hidden(self):
        self.session.on(SCOPE, REFUSED)
        self.assertRaises(exception.Refused, self.list, nova.Flavor())
        self.session.on('/flavors/x', MISSING)
        self.assertRaises(exception.Refused, nova.Flavor().get,
                          self.session, 'x')

    def test_get(self):
        record = fakes.sample('flavors')['flavors'][0]
        self.session.on('/flavors/a%20b', {'flavor': record})
        page = nova.Flavor().get(self.session, 'a b')
        self.assertEqual((record,), page.records)


class TestServerGroup(SmallTestCase):

    def setUp(self):
        super().setUp()
        self.session.on('/os-server-groups', fakes.sample('server_groups'),
                        {'server_groups': []})

    def test_real_ones(self):
        entities = self.list(nova.ServerGroup())
        self.assertEqual(['g1', 'empty'], [one.name for one in entities])
        group = entities[0]
        self.assertEqual(
            tuple(Relation('member-of', 'nova.instance', member)
                  for member in group.attributes['members']),
            group.relations)
        self.assertEqual(1, len(group.relations))
        self.assertEqual(group.attributes['project_id'], group.project_id)
        self.assertEqual(group.attributes['user_id'], group.user_id)
        self.assertEqual(
            [{'limit': 1000, 'offset': 0, 'all_projects': 'True'},
             {'limit': 1000, 'offset': 2, 'all_projects': 'True'}],
            self.session.queries('/os-server-groups'))

    def test_without_the_role_the_others_are_only_hidden(self):
        self.session.on(SCOPE, REFUSED)
        self.assertRaises(exception.Refused, self.list, nova.ServerGroup())

    def test_get(self):
        record = fakes.sample('server_groups')['server_groups'][0]
        self.session.on('/os-server-groups/g', {'server_group': record})
        page = nova.ServerGroup().get(self.session, 'g')
        self.assertEqual((record,), page.records)

    def test_servers_know_their_groups(self):
        plugin = nova.NovaPlugin(mock.Mock())
        group, = self.list(plugin.kind(nova.ServerGroup))[:1]
        server = plugin.kind(nova.Instance).make({
            'id': group.attributes['members'][0]})
        self.assertEqual(
            [('nova.server_group', group.id)],
            list(plugin.kind(nova.Instance).beside(server)))


class TestMembers(base.TestCase):

    def setUp(self):
        super().setUp()
        self.members = members.Members()
        self.members.learn([{'id': 'g', 'members': ['a', 'b']}])

    def groups(self):
        return [self.members.groups_of(server) for server in 'abc']

    def test_what_was_read_of_one_is_added(self):
        self.members.learn([{'id': 'h', 'members': ['b', 'c']}])
        self.assertEqual([['g'], ['h'], ['h']], self.groups())

    def test_what_was_read_of_all_is_all(self):
        self.members.replace([{'id': 'h', 'members': ['c']}])
        self.assertEqual([[], [], ['h']], self.groups())

    def test_only_a_whole_listing_is_of_all(self):
        page = {'server_groups': [{'id': 'h', 'members': ['c']}]}
        session = fakes.Session(page_size=1).on(SCOPE, {'servers': []})
        kind = nova.ServerGroup(self.members)
        session.on('/os-server-groups', page, page)
        fakes.drain(kind.list(session))
        self.assertEqual([['g'], ['g'], ['h']], self.groups())
        session.on('/os-server-groups', page, {'server_groups': []})
        fakes.drain(kind.list(session))
        self.assertEqual([[], [], ['h']], self.groups())

    def test_a_group_that_was_asked_for(self):
        session = fakes.Session().on('/os-server-groups/h', {
            'server_group': {'id': 'h', 'members': ['c']}})
        nova.ServerGroup(self.members).get(session, 'h')
        self.assertEqual([['g'], ['g'], ['h']], self.groups())
