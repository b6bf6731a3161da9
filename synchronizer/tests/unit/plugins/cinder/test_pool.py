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

"""cinder.pool: the scheduler's view, joined with the services'."""

import copy
from unittest import mock

from synchronizer.model import entity as entity_module
from synchronizer.plugins import cinder
from synchronizer.tests import base
from synchronizer.tests.unit.plugins import fakes

POOLS = '/scheduler-stats/get_pools'
SERVICES = '/os-services'
FAST, SLOW = 'lab-control@fast#fast', 'lab-control@slow#slow'


class PoolTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.kind = cinder.Pool()
        self.pools = fakes.sample('cinder.pools')
        self.services = fakes.sample('cinder.services')

    def list(self):
        self.session = fakes.Session('3.48').on(
            SERVICES, self.services).on(POOLS, self.pools)
        self.pages, self.outcome = fakes.drain(self.kind.list(self.session))
        return {self.kind.record_id(record): self.kind.entity(record)
                for page in self.pages for record in page.records}

    def digests(self):
        return {id_: entity_module.digest(entity)
                for id_, entity in self.list().items()}

    def service(self, host):
        return next(row for row in self.services['services']
                    if row['host'] == host)

    def capabilities(self, name):
        return next(row for row in self.pools['pools']
                    if row['name'] == name)['capabilities']


class TestPool(PoolTestCase):

    def test_real_ones(self):
        entities = self.list()
        self.assertEqual({FAST, SLOW}, set(entities))
        pool = entities[FAST]
        self.assertEqual((FAST, FAST, 'up'),
                         (pool.id, pool.name, pool.state))
        self.assertEqual(
            {'total_capacity_gb': 100000, 'free_capacity_gb': 100000,
             'allocated_capacity_gb': 0, 'provisioned_capacity_gb': 0,
             'max_over_subscription_ratio': 20}, pool.attributes['capacity'])
        self.assertTrue(self.outcome.complete)
        self.assertIsNone(self.outcome.fence)

    def test_the_rest_is_the_record(self):
        record = copy.deepcopy(self.pools['pools'][0])
        pool = self.list()[record['name']]
        for name in ('timestamp', *pool.attributes['capacity']):
            del record['capabilities'][name]
        self.assertEqual({**record, 'capacity': mock.ANY}, pool.attributes)

    def test_what_is_asked_and_the_window_of_it_all(self):
        self.list()
        self.assertEqual([(SERVICES, {'binary': 'cinder-volume'}),
                          (POOLS, {'detail': 'true'})], self.session.asked)
        self.assertEqual((1.0, 2.5, 'at 1'), (
            self.pages[0].window.start, self.pages[0].window.end,
            self.pages[0].sampled_at))

    def test_what_always_moves_is_no_change(self):
        before = self.digests()
        self.capabilities(FAST).update(
            timestamp='later', free_capacity_gb=95004.7)
        self.capabilities(SLOW).update(allocated_capacity_gb=44)
        after = self.digests()
        self.assertEqual(before[SLOW], after[SLOW])
        self.assertNotEqual(before[FAST], after[FAST])
        self.capabilities(FAST).update(
            timestamp='much later', free_capacity_gb=99999.9,
            total_volumes=7, queue_depth=1)
        self.assertEqual(after, self.digests())

    def test_each_move_counts_where_the_operator_says_so(self):
        self.kind = cinder.Pool(0)
        before = self.digests()
        self.capabilities(FAST).update(free_capacity_gb=99999.9)
        self.assertEqual(
            99999.9, self.list()[FAST].attributes['capacity'][
                'free_capacity_gb'])
        self.assertNotEqual(before[FAST], self.digests()[FAST])

    def test_another_step_is_another_shape(self):
        session = fakes.Session('3.48')
        self.assertNotEqual(*(cinder.Pool(step).shape(session)
                              for step in (5, 0.5)))
        self.assertEqual(*(cinder.Pool(step).shape(session)
                           for step in (5, 5.0)))

    def test_without_capabilities(self):
        for pool in self.pools['pools']:
            pool['capabilities'] = None
        pool = self.list()[FAST]
        self.assertEqual(({}, {}), (pool.attributes['capabilities'],
                                    pool.attributes['capacity']))


class TestState(PoolTestCase):

    def test_down_as_its_service_is(self):
        self.service('lab-control@fast')['state'] = 'down'
        self.assertEqual(
            ['down', 'up'],
            [self.list()[name].state for name in (FAST, SLOW)])

    def test_down_as_its_driver_says(self):
        self.capabilities(SLOW)['backend_state'] = 'down'
        self.assertEqual('down', self.list()[SLOW].state)

    def test_of_a_service_that_nobody_lists(self):
        self.services['services'] = []
        self.assertEqual('up', self.list()[FAST].state)

    def test_of_a_cluster_while_any_of_it_is_up(self):
        one = self.service('lab-control@fast')
        one.update(cluster='c@lvm', state='down')
        other = {**one, 'host': 'other@fast', 'state': 'up'}
        self.services['services'].append(other)
        self.pools['pools'][0]['name'] = 'c@lvm#fast'
        self.assertEqual('up', self.list()['c@lvm#fast'].state)
        self.assertIsNone(self.outcome.fence)
        other['state'] = 'down'
        self.assertEqual('down', self.list()['c@lvm#fast'].state)


class TestSchedulerThatWasJustStarted(PoolTestCase):

    def setUp(self):
        super().setUp()
        self.held = self.list()
        self.pools = {'pools': []}

    def test_backends_that_have_not_reported_yet_are_fenced(self):
        self.assertEqual({}, self.list())
        self.assertEqual([True, True],
                         [self.outcome.fence(self.held[name])
                          for name in (FAST, SLOW)])

    def test_those_that_do_not_report_are_not(self):
        """Cinder leaves their pools out."""
        for change in ({'state': 'down'}, {'status': 'disabled'},
                       {'frozen': True}):
            self.services = fakes.sample('cinder.services')
            self.service('lab-control@fast').update(change)
            self.assertEqual({}, self.list())
            self.assertEqual([False, True],
                             [self.outcome.fence(self.held[name])
                              for name in (FAST, SLOW)])


class TestPlugin(base.TestCase):

    def test_the_step_reaches_the_type(self):
        plugin = cinder.CinderPlugin(
            mock.Mock(), options={'capacity_step': 20.0})
        session = fakes.Session('3.48')
        self.assertEqual(cinder.Pool(20).shape(session),
                         plugin.kind(cinder.Pool).shape(session))
        self.assertIsInstance(plugin.kind(cinder.Volume), cinder.Volume)

    def test_without_options(self):
        plugin = cinder.CinderPlugin(mock.Mock())
        session = fakes.Session('3.48')
        self.assertEqual(cinder.Pool(5).shape(session),
                         plugin.kind(cinder.Pool).shape(session))
