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

"""nova.instance, rule by rule."""

import copy

from synchronizer import exception
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.model.entity import Relation
from synchronizer.plugins import nova
from synchronizer.plugins.nova import members
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

SERVERS = '/servers/detail'
FLAVORS = '/flavors/detail'
SERVICES = '/os-services'
UP = {'services': [{'binary': 'nova-compute', 'host': 'h1', 'state': 'up',
                    'status': 'enabled', 'id': 's1'}]}
DOWN = {'services': [*UP['services'], {
    'binary': 'nova-compute', 'host': 'h2', 'status': 'UNKNOWN'}]}
FLAVOR = {'flavors': [{'id': 'f1', 'name': 'small'}]}
MISSING = fakes.failure(exception.NotFound, 404)


def server(id_='a', host='h1', **changes):
    return {'id': id_, 'name': f'vm-{id_}', 'status': 'ACTIVE',
            'tenant_id': 'p', 'user_id': 'u', 'updated': '2026-01-01T00Z',
            'flavor': {'original_name': 'small'},
            'OS-EXT-SRV-ATTR:host': host,
            'OS-EXT-SRV-ATTR:hypervisor_hostname': host and f'{host}.lan',
            **changes}


def hidden(id_):
    return {'id': id_, 'status': 'UNKNOWN', 'tenant_id': 'p',
            'created': '2026-01-01T00:00:00Z', 'links': []}


def servers(*rows):
    return {'servers': list(rows)}


class InstanceTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.kind = nova.Instance()
        self.session = fakes.Session().on(SERVICES, UP).on(FLAVORS, FLAVOR)

    def list(self, *bodies):
        self.session.on(SERVERS, *bodies)
        return fakes.drain(self.kind.list(self.session))

    def entity(self, record):
        return self.kind.entity(record)


class TestEntity(InstanceTestCase):

    def test_a_real_one(self):
        pages, _ = self.list(fakes.sample('servers'))
        active, failed = map(self.entity, pages[0].records)
        self.assertEqual(('nova.instance', 'secretive', 'ACTIVE'),
                         (active.type, active.name, active.state))
        self.assertEqual('ERROR', failed.state)
        self.assertEqual(active.attributes['tenant_id'],
                         active.project_id)
        self.assertEqual(active.attributes['user_id'], active.user_id)
        self.assertEqual(500, failed.attributes['fault']['code'])

    def test_attributes_are_the_record_less_links_and_secrets(self):
        listed = fakes.sample('servers')
        pages, _ = self.list(listed)
        expected = copy.deepcopy(listed['servers'][0])
        for key in ('links', 'OS-EXT-SRV-ATTR:user_data'):
            del expected[key]
        del expected['image']['links']
        self.assertEqual(
            expected, self.entity(pages[0].records[0]).attributes)

    def test_no_user_data_in_any_shape(self):
        record = server(**{
            'OS-EXT-SRV-ATTR:user_data': 'c2VjcmV0', 'user_data': 'c2VjcmV0',
            'adminPass': 'c2VjcmV0', 'personality': ['c2VjcmV0']})
        self.assertNotIn('c2VjcmV0', str(self.entity(record)))

    def test_relations(self):
        pages, _ = self.list(servers(server()))
        self.assertEqual((Relation('has-flavor', 'nova.flavor', 'f1'),
                          Relation('runs-on', 'nova.host', 'h1.lan')),
                         self.entity(pages[0].records[0]).relations)

    def test_what_cannot_be_known_is_left_out(self):
        record = server(host=None, flavor={'original_name': 'gone'})
        pages, _ = self.list(servers(record))
        self.assertEqual((), self.entity(pages[0].records[0]).relations)

    def test_below_2_47_the_flavor_has_an_id(self):
        pages, _ = self.list(servers(server(flavor={'id': 'f9'})))
        self.assertIn(Relation('has-flavor', 'nova.flavor', 'f9'),
                      self.entity(pages[0].records[0]).relations)

    def test_a_deleted_one_is_gone_a_soft_deleted_one_is_not(self):
        self.assertIsNone(self.entity(server(status='DELETED')))
        self.assertEqual(
            'SOFT_DELETED', self.entity(server(status='SOFT_DELETED')).state)

    def test_no_name_is_null(self):
        self.assertIsNone(self.entity(server(name='')).name)

    def test_order_of_what_has_none(self):
        one = server(tags=['a', 'b'], security_groups=[{'name': 'x'},
                                                       {'name': 'y'}],
                     addresses={'net': [{'addr': '1'}, {'addr': '2'}]})
        other = server(tags=['b', 'a'], security_groups=[{'name': 'y'},
                                                         {'name': 'x'}],
                       addresses={'net': [{'addr': '2'}, {'addr': '1'}]})
        self.assertEqual(*(entity_module.digest(
            self.entity(record), self.kind.unordered)
            for record in (one, other)))


class TestList(InstanceTestCase):

    def test_what_is_asked(self):
        pages, outcome = self.list(servers(server('a'), server('b')),
                                   servers(server('c')))
        self.assertEqual([['a', 'b'], ['c']], fakes.ids(pages))
        self.assertEqual(reading.COMPLETE, outcome)
        self.assertEqual(
            [(SERVICES, {}), (FLAVORS, {'limit': 2, 'is_public': 'None'}),
             (SERVERS, {'limit': 2, 'all_tenants': 1}),
             (SERVERS, {'limit': 2, 'all_tenants': 1, 'marker': 'b'}),
             (SERVICES, {})], self.session.asked)

    def test_each_page_has_its_own_window_and_clock(self):
        pages, _ = self.list(servers(server('a'), server('b')), servers())
        self.assertEqual(fakes.window(3), pages[0].window)
        self.assertEqual(('at 3', 1003.0),
                         (pages[0].sampled_at, pages[0].server_time))

    def test_a_lost_marker_restarts(self):
        pages, outcome = self.list(
            servers(server('a'), server('b')), fakes.LOST,
            servers(server('a')))
        self.assertEqual([['a', 'b'], ['a']], fakes.ids(pages))
        self.assertTrue(outcome.complete)

    def test_a_page_that_comes_twice_is_partial_without_a_fence(self):
        page = servers(server('a'), server('b'))
        _, outcome = self.list(page, page)
        self.assertEqual('/servers/detail: a page came twice',
                         outcome.reason)
        self.assertIsNone(outcome.fence)

    def test_of_two_rows_in_a_page_the_newer_stands(self):
        old, new = server(updated='2026-01-01'), server(
            host='h9', updated='2026-01-02')
        for rows in ((old, new), (new, old)):
            pages, _ = self.list(servers(*rows), servers())
            self.assertEqual(['h9.lan'], [
                record['OS-EXT-SRV-ATTR:hypervisor_hostname'][:6]
                for record in pages[0].records])

    def test_an_older_row_on_a_later_page_is_passed_over(self):
        pages, _ = self.list(
            servers(server('a', updated='2026-01-02'), server('b')),
            servers(server('a', updated='2026-01-01'), server('c')),
            servers())
        self.assertEqual([['a', 'b'], ['c']], fakes.ids(pages))

    def test_without_the_flavors_there_is_no_listing(self):
        self.session.on(FLAVORS, fakes.failure(exception.Unreachable))
        self.assertRaises(exception.Unreachable, self.list, servers())

    def test_refused(self):
        self.assertRaises(exception.Refused, self.list,
                          fakes.failure(exception.Refused, 403))


class TestDownCells(InstanceTestCase):

    def entities(self):
        return [self.entity(server('x', host)) for host in (
            'h1', 'h2', None, '')]

    def assert_fenced(self, outcome):
        self.assertEqual('1 computes are in cells that do not answer',
                         outcome.reason)
        self.assertEqual([False, True, True, True],
                         [outcome.fence(one) for one in self.entities()])

    def test_before_and_after(self):
        self.session.on(SERVICES, DOWN)
        self.assert_fenced(self.list(servers(server()))[1])

    def test_failing_in_the_middle(self):
        self.session.on(SERVICES, UP, DOWN)
        self.assert_fenced(self.list(servers(server()))[1])

    def test_coming_back_in_the_middle(self):
        self.session.on(SERVICES, DOWN, UP)
        self.assert_fenced(self.list(servers(server()))[1])

    def test_a_row_without_a_state_is_down_too(self):
        self.session.on(SERVICES, {'services': [
            {'binary': 'nova-compute', 'host': 'h2', 'status': 'enabled'}]})
        self.assert_fenced(self.list(servers(server()))[1])

    def test_a_service_that_is_only_down_hides_nothing(self):
        self.session.on(SERVICES, {'services': [
            {'binary': 'nova-compute', 'host': 'h2', 'status': 'enabled',
             'state': 'down'}]})
        self.assertTrue(self.list(servers(server()))[1].complete)

    def test_below_2_69_there_is_no_telling(self):
        self.session.microversion = '2.68'
        self.assertTrue(self.list(servers(server()))[1].complete)
        self.assertNotIn(SERVICES, self.session.paths())

    def test_minimal_rows_are_no_records(self):
        pages, outcome = self.list(servers(hidden('x'), server('a')),
                                   servers())
        self.assertEqual([['a']], fakes.ids(pages))
        self.assertFalse(outcome.complete)
        self.assertTrue(outcome.fence(self.entity(server('x'))))
        self.assertFalse(outcome.fence(self.entity(server('y'))))

    def test_a_whole_row_of_unknown_status_is_one(self):
        pages, outcome = self.list(servers(server(status='UNKNOWN')))
        self.assertEqual([['a']], fakes.ids(pages))
        self.assertTrue(outcome.complete)


class TestListSince(InstanceTestCase):

    def test_whole_seconds_of_the_services_clock(self):
        self.session.on(SERVERS, servers(
            server('a', status='DELETED'), server('b')), servers())
        pages, outcome = fakes.drain(
            self.kind.list_since(self.session, 1795180492.9))
        self.assertEqual([['a', 'b']], fakes.ids(pages))
        self.assertIsNone(self.entity(pages[0].records[0]))
        self.assertEqual('a', self.kind.record_id(pages[0].records[0]))
        self.assertTrue(outcome.complete)
        self.assertEqual(
            {'limit': 2, 'all_tenants': 1,
             'changes-since': '2026-11-20T13:14:52Z'},
            self.session.queries(SERVERS)[0])
        self.assertNotIn(SERVICES, self.session.paths())


    def test_beside_a_whole_listing(self):
        self.session.on(SERVERS, servers(server('a'), server('b')),
                        servers(server('c')), servers())
        listing = self.kind.list(self.session)
        pages = [next(listing)]
        moved, _ = fakes.drain(self.kind.list_since(self.session, 0.0))
        rest, outcome = fakes.drain(listing)
        self.assertTrue(outcome.complete)
        self.assertEqual(
            ['f1'] * 3, [record['synchronizer:flavor'] for page in (
                *pages, *moved, *rest) for record in page.records])


class TestGet(InstanceTestCase):

    def get(self, body, scope=None):
        self.session.on('/servers/a', body)
        self.session.on(SERVERS, scope or servers())
        return self.kind.get(self.session, 'a')

    def test_has_the_shape_of_the_listing(self):
        listed, _ = self.list(fakes.sample('servers'))
        for name, record in zip(('active', 'error'), listed[0].records,
                                strict=True):
            shown = fakes.sample(f'server.{name}')
            self.assertIn('server_groups', shown['server'])
            page = self.get(shown)
            self.assertEqual(
                *(entity_module.digest(self.entity(one), self.kind.unordered)
                  for one in (record, page.records[0])))

    def test_absent_with_the_window_of_the_get(self):
        page = self.get(MISSING)
        self.assertEqual((), page.records)
        self.assertEqual(fakes.window(3), page.window)
        self.assertEqual('at 3', page.sampled_at)
        self.assertEqual(
            ['/servers/a', SERVERS, '/servers/a'], self.session.paths())
        self.assertEqual([{'all_tenants': 1, 'limit': 20}],
                         self.session.queries(SERVERS))

    def test_a_role_that_comes_back_after_a_404(self):
        self.session.on('/servers/a', MISSING,
                        fakes.sample('server.active'))
        self.session.on(SERVERS, servers())
        self.assertEqual(1, len(self.kind.get(self.session, 'a').records))

    def test_absent_is_not_believed_of_a_token_that_lost_its_role(self):
        self.assertRaises(
            exception.Refused, self.get, MISSING,
            fakes.failure(exception.Refused, 403))

    def test_a_404_for_everything_proves_nothing(self):
        self.assertRaises(exception.BrokenAnswer, self.get, MISSING,
                          fakes.failure(exception.NotFound, 404))

    def test_in_a_down_cell_nobody_knows(self):
        self.assertRaises(exception.Undecided, self.get,
                          {'server': hidden('a')})

    def test_an_id_from_outside_stays_an_id(self):
        self.session.on('/servers/..%2Fx%3F', MISSING)
        self.session.on(SERVERS, servers())
        self.kind.get(self.session, '../x?')

    def test_misshapen(self):
        self.assertRaises(exception.BrokenAnswer, self.get, {'servers': []})


class TestBeside(InstanceTestCase):

    def setUp(self):
        super().setUp()
        self.members = members.Members()
        self.kind = nova.Instance(self.members)

    def beside(self, **changes):
        return list(self.kind.beside(self.entity(server(**changes))))

    def test_its_host_and_its_volumes(self):
        self.assertEqual(
            [('nova.host', 'h1.lan'), ('cinder.volume', 'v1'),
             ('cinder.volume', 'v2')],
            self.beside(**{'os-extended-volumes:volumes_attached': [
                {'id': 'v1', 'delete_on_termination': False},
                {'id': 'v2', 'delete_on_termination': True}]}))

    def test_its_group(self):
        self.members.learn([{'id': 'g', 'members': ['a']}])
        self.assertEqual([('nova.host', 'h1.lan'),
                          ('nova.server_group', 'g')], self.beside())

    def test_nothing(self):
        self.assertEqual([], self.beside(host=None))
