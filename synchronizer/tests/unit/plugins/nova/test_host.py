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

"""nova.host: three listings, one reading."""

from synchronizer import exception
from synchronizer.model.entity import Relation
from synchronizer.plugins import nova
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

HYPERVISORS = '/os-hypervisors/detail'
SERVICES = '/os-services'
AGGREGATES = '/os-aggregates'
EMPTY = {'hypervisors': []}
SCOPE = '/servers/detail'
MISSING = fakes.failure(exception.NotFound, 404)


class HostCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.kind = nova.Host()
        self.session = fakes.Session('2.87', page_size=1000)
        self.session.on(SERVICES, fakes.sample('services'))
        self.session.on(AGGREGATES, fakes.sample('aggregates'))

    def list(self, *bodies):
        self.session.on(HYPERVISORS, *bodies, EMPTY)
        self.pages, self.outcome = fakes.drain(self.kind.list(self.session))
        return {record['hypervisor_hostname']: self.kind.entity(record)
                for page in self.pages for record in page.records}


class TestHost(HostCase):

    def test_real_ones(self):
        entities = self.list(fakes.sample('hypervisors'))
        self.assertEqual({'fake-compute1', 'fake-compute2', 'fake-compute3'},
                         set(entities))
        host = entities['fake-compute3']
        self.assertEqual(('fake-compute3', 'fake-compute3', 'up'),
                         (host.id, host.name, host.state))
        self.assertEqual((Relation('in-zone', 'nova.zone', 'az2'),
                          Relation('member-of', 'nova.aggregate', '2')),
                         host.relations)
        self.assertTrue(self.outcome.complete)

    def test_the_service_is_joined_and_the_rest_is_as_it_was(self):
        host = self.list(fakes.sample('hypervisors'))['fake-compute1']
        record = next(
            one for one in fakes.sample('hypervisors')['hypervisors']
            if one['hypervisor_hostname'] == 'fake-compute1')
        expected = {key: value for key, value in record.items()
                    if key not in self.kind.volatile}
        expected['service'] = {
            **record['service'], 'status': 'enabled', 'state': 'up',
            'forced_down': False, 'zone': 'nova'}
        self.assertEqual(expected, host.attributes)
        self.assertEqual(512, host.attributes['vcpus'])

    def test_nothing_that_an_idle_cloud_changes(self):
        for name in ('hypervisors', 'hypervisors.2.88'):
            host = self.list(fakes.sample(name))['fake-compute1']
            self.assertEqual(set(), set(host.attributes) & {
                'uptime', 'running_vms', 'vcpus_used', 'memory_mb_used',
                'local_gb_used', 'free_ram_mb', 'free_disk_gb',
                'current_workload', 'disk_available_least'})

    def test_what_is_asked_and_the_window_of_it_all(self):
        self.list(fakes.sample('hypervisors'))
        self.assertEqual([SERVICES, AGGREGATES, HYPERVISORS, HYPERVISORS,
                          SERVICES], self.session.paths())
        self.assertEqual(1.0, self.pages[0].window.start)
        self.assertEqual(3.5, self.pages[0].window.end)
        self.assertEqual('at 1', self.pages[0].sampled_at)

    def test_a_short_page_is_not_the_last(self):
        """Those without a service are left out after the page is cut."""
        rows = fakes.sample('hypervisors')['hypervisors']
        entities = self.list({'hypervisors': rows[:1]},
                             {'hypervisors': rows[1:]})
        self.assertEqual(3, len(entities))
        self.assertEqual(
            [None, rows[0]['id'], rows[2]['id']],
            [query.get('marker')
             for query in self.session.queries(HYPERVISORS)])

    def test_down(self):
        services = fakes.sample('services')
        for row in services['services']:
            row.update(state='down', forced_down=True,
                       disabled_reason='broken', status='disabled')
        self.session.on(SERVICES, services)
        host = self.list(fakes.sample('hypervisors'))['fake-compute1']
        self.assertEqual('down', host.state)
        self.assertEqual(
            ('disabled', 'down', 'broken', True, 'nova'),
            tuple(host.attributes['service'][name] for name in (
                'status', 'state', 'disabled_reason', 'forced_down',
                'zone')))
        self.assertTrue(self.outcome.complete)

    def test_a_service_made_since(self):
        self.session.on(SERVICES, {'services': []})
        host = self.list(fakes.sample('hypervisors'))['fake-compute1']
        self.assertEqual('up', host.state)
        self.assertEqual((Relation('member-of', 'nova.aggregate', '1'),),
                         host.relations)

    def test_down_cells_are_fenced_whenever_they_are_seen(self):
        up = fakes.sample('services')
        down = {'services': [
            {'binary': 'nova-compute', 'host': 'fake-compute3',
             'status': 'UNKNOWN'} if row['host'] == 'fake-compute3' else row
            for row in up['services']]}
        self.session.on(SERVICES, up, up)
        known = self.list(fakes.sample('hypervisors'))
        for probes in ((down, up), (up, down), (down, down)):
            self.session.on(SERVICES, *probes)
            shown = self.list(fakes.sample('hypervisors'))
            self.assertFalse(self.outcome.complete)
            self.assertEqual(
                {'fake-compute3'}, {name for name, host in known.items()
                                    if self.outcome.fence(host)})
            # half of its reading is a row that says nothing
            self.assertEqual(probes[0] is up, 'fake-compute3' in shown)


class TestGet(HostCase):

    def setUp(self):
        super().setUp()
        self.session.on(SCOPE, {'servers': []})

    def named(self, *names):
        return {'hypervisors': [
            record for record in fakes.sample('hypervisors')['hypervisors']
            if record['hypervisor_hostname'] in names]}

    def get(self, *bodies, name='fake-compute1'):
        self.session.on(HYPERVISORS, *bodies)
        return self.kind.get(self.session, name)

    def test_the_same_as_the_listing(self):
        for name, entity in self.list(fakes.sample('hypervisors')).items():
            record, = self.get(self.named(name), name=name).records
            self.assertEqual(entity, self.kind.entity(record))

    def test_what_is_asked_and_the_window_of_it_all(self):
        page = self.get(self.named('fake-compute1'))
        self.assertEqual(
            [(HYPERVISORS, {'hypervisor_hostname_pattern': 'fake-compute1'}),
             (SERVICES, {'host': 'fake-compute1', 'binary': 'nova-compute'}),
             (AGGREGATES, {})], self.session.asked)
        self.assertEqual((1.0, 3.5), (page.window.start, page.window.end))
        self.assertEqual('at 1', page.sampled_at)

    def test_others_whose_names_contain_it(self):
        rows = self.named('fake-compute1')['hypervisors']
        longer = {**rows[0], 'hypervisor_hostname': 'xFAKE-compute10'}
        page = self.get({'hypervisors': [longer, *rows]})
        self.assertEqual(['fake-compute1'], [
            self.kind.record_id(record) for record in page.records])

    def test_a_pattern_that_is_passed_over_or_refused(self):
        whole = fakes.sample('hypervisors')
        first, rest = (
            {'hypervisors': rows} for rows in (
                whole['hypervisors'][:2], whole['hypervisors'][2:]))
        last = rest['hypervisors'][0]['hypervisor_hostname']
        for answer in (first, fakes.LOST):
            page = self.get(answer, first, rest, EMPTY, name=last)
            self.assertEqual([last], [
                self.kind.record_id(record) for record in page.records])
            self.assertEqual(
                (), self.get(answer, first, rest, EMPTY, answer, first, rest,
                             EMPTY, name='fake').records)

    def test_an_error_is_no_pattern_that_is_refused(self):
        self.assertRaises(
            exception.BrokenAnswer, self.get,
            fakes.failure(exception.BrokenAnswer, 500))

    def test_absent(self):
        longer = {**self.named('fake-compute1')['hypervisors'][0],
                  'hypervisor_hostname': 'fake-compute10'}
        for answer in (MISSING, {'hypervisors': [longer]}):
            self.session.asked = []
            page = self.get(answer)
            self.assertEqual((), page.records)
            # only the second look lies between two looks for dead cells,
            # and comes after the proof that our role is whole
            self.assertEqual(fakes.window(4), page.window)
            self.assertEqual([HYPERVISORS, SERVICES, SCOPE, HYPERVISORS,
                              SERVICES], self.session.paths())

    def test_absent_is_not_believed_of_a_token_that_lost_its_role(self):
        self.session.on(SCOPE, fakes.failure(exception.Refused, 403))
        self.assertRaises(exception.Refused, self.get, MISSING)

    def test_there_at_the_second_look(self):
        self.assertRaises(exception.Undecided, self.get, MISSING,
                          self.named('fake-compute1'))

    def test_while_a_cell_is_down_none_is_absent(self):
        up, down = fakes.sample('services'), {'services': [
            {'binary': 'nova-compute', 'host': 'x', 'status': 'UNKNOWN'}]}
        for probes in ((down, up), (up, down), (down, down)):
            self.session.on(SERVICES, *probes)
            self.assertRaises(exception.Undecided, self.get, MISSING)

    def test_half_a_reading_decides_nothing(self):
        self.session.on(SERVICES, {'services': [
            {'binary': 'nova-compute', 'host': 'fake-compute1',
             'status': 'UNKNOWN'}]})
        self.assertRaises(exception.Undecided, self.get,
                          self.named('fake-compute1'))
