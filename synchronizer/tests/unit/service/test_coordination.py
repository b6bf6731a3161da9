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

"""A place at the back end: who contends, who holds, and whose lock it is."""

import threading
from unittest import mock

import fixtures

from synchronizer import exception
from synchronizer.service import coordination
from synchronizer.tests import base
from synchronizer.tests.unit.service import back_end

TIMES = coordination.Times(15)


class TimesTest(base.TestCase):

    def test_a_death_is_noticed_and_taken_over_in_time(self):
        for promised in (6, 15, 40):
            times = coordination.Times(promised)
            # the lease, a look, and one that had to wait
            self.assertLessEqual(
                times.lease + times.pace + times.patience, promised)

    def test_what_lives_is_heard_often_enough(self):
        self.assertGreater(TIMES.lease, 4 * TIMES.pace)

    def test_what_was_seen_before_a_pause_is_old_when_it_is_another_s(self):
        for promised in (6, 15, 40):
            times = coordination.Times(promised)
            # it was heard a pace and an answer before, if all was well
            self.assertLess(
                times.fresh, times.lease - times.pace)

    def test_each_driver_has_its_own_names_for_them(self):
        self.assertEqual({'timeout': 9}, TIMES.options('file'))
        self.assertEqual({'timeout': 9}, TIMES.options('zookeeper'))
        self.assertEqual(
            {'timeout': 2, 'lock_timeout': 9, 'membership_timeout': 9},
            TIMES.options('etcd3+http'))
        self.assertEqual(
            {'timeout': 2, 'lock_timeout': 9, 'membership_timeout': 9,
             'socket_timeout': 2, 'socket_connect_timeout': 2},
            TIMES.options('redis'))


class DriverTest(base.TestCase):

    def refused(self, url):
        return str(self.assertRaises(
            exception.ConfigurationError, coordination.driver, url, TIMES))

    def test_etcd_and_redis_take_our_times_over_those_of_the_url(self):
        etcd = coordination.driver(
            'etcd3+http://127.0.0.1:1?lock_timeout=99', TIMES)
        self.assertEqual((9, 9), (etcd.lock_timeout,
                                  etcd.membership_timeout))
        redis = coordination.driver('redis://127.0.0.1:1', TIMES)
        self.assertEqual((9, 9), (redis.lock_timeout,
                                  redis.membership_timeout))

    def test_one_without_groups(self):
        says = self.refused('mysql://name:word@127.0.0.1/base')
        self.assertIn('knows no groups', says)
        self.assertIn('use etcd3+http', says)

    def test_one_that_does_not_exist(self):
        self.assertIn("there is no driver 'carrier'",
                      self.refused('carrier://pigeon'))

    def test_one_that_is_not_installed(self):
        self.useFixture(fixtures.MockPatchObject(
            coordination.coordination, 'get_coordinator',
            side_effect=ImportError("No module named 'kazoo'")))
        self.assertIn('pip install "synchronizer[zookeeper]"',
                      self.refused('zookeeper://127.0.0.1:1'))

    def test_a_url_that_cannot_be_read_shows_no_password(self):
        says = self.refused('redis://:hidden@127.0.0.1:port')
        self.assertIn('it cannot be used', says)
        self.assertNotIn('hidden', says)


class CoordinationTestCase(base.TestCase):

    def setUp(self):
        super().setUp()
        self.clock = back_end.Clock()
        self.end = back_end.BackEnd(self.clock)

    def place(self, host, unit='nova', types=(), family=None):
        place = coordination.Coordination(
            self.end.driver, 'space', host, unit, types, family=family,
            timer=self.clock)
        place.contending = True
        place.connect()
        return place


class CoordinationTest(CoordinationTestCase):

    def setUp(self):
        super().setUp()
        self.one, self.other = self.place('a'), self.place('b')

    def test_all_see_who_contends_and_who_holds(self):
        self.one.look()
        self.assertTrue(self.one.take())
        seen = self.other.look()
        self.assertEqual({('a', 'nova'), ('b', 'nova')}, seen.contenders)
        self.assertEqual({'nova': 'a'}, seen.holders)
        self.assertEqual(seen, self.one.look())

    def test_one_holds_at_a_time(self):
        self.assertTrue(self.one.take())
        self.assertFalse(self.other.take())
        self.assertFalse(self.other.leading)
        self.one.release()
        self.assertTrue(self.other.take())

    def test_another_unit_is_another_lock(self):
        self.assertTrue(self.one.take())
        self.assertTrue(self.place('b', 'heat').take())

    def test_another_database_is_another_namespace(self):
        self.assertNotEqual(coordination.namespace(b'one'),
                            coordination.namespace(b'other'))
        stranger = coordination.Coordination(
            self.end.driver, 'elsewhere', 'c', 'nova')
        stranger.connect()
        self.assertTrue(self.one.take())
        self.assertTrue(stranger.take())
        self.assertEqual({'nova': 'c'}, stranger.look().holders)
        self.assertEqual({'nova': 'a'}, self.one.look().holders)

    def test_what_is_given_back_has_no_holder_and_still_a_lock(self):
        self.one.take()
        self.one.step_down()
        self.assertEqual({}, self.other.look().holders)
        self.assertFalse(self.other.take())

    def test_one_that_withdraws_contends_no_more(self):
        self.one.look()
        self.other.look()
        self.one.withdraw()
        self.assertEqual({('b', 'nova')}, self.other.look().contenders)
        self.assertEqual({('b', 'nova')}, self.one.look().contenders)

    def test_one_decides_at_a_time(self):
        with self.one.deciding() as alone, self.other.deciding() as also:
            self.assertTrue(alone)
            self.assertFalse(also)
        with self.other.deciding() as alone:
            self.assertTrue(alone)

    def test_a_decision_that_could_not_be_ended_is_ended_later(self):
        def decide():
            with self.one.deciding():
                self.end.down = True
        self.assertRaises(exception.CoordinationError, decide)
        self.end.down = False
        with self.other.deciding() as alone:
            self.assertFalse(alone)
        self.one.look()
        with self.other.deciding() as alone:
            self.assertTrue(alone)

    def test_a_look_in_the_middle_of_a_decision_does_not_end_it(self):
        with self.one.deciding():
            self.one.look()
            with self.other.deciding() as alone:
                self.assertFalse(alone)

    def test_the_holder_tells_its_types(self):
        holder = self.place('c', types=['nova.host', 'nova.flavor'])
        self.assertIsNone(self.one.types_of_holder())
        holder.take()
        self.assertEqual(('c', ['nova.flavor', 'nova.host']),
                         self.one.types_of_holder())

    def test_an_end_leaves_nothing(self):
        self.one.look()
        self.one.take()
        self.one.close()
        seen = self.other.look()
        self.assertEqual({('b', 'nova')}, seen.contenders)
        self.assertEqual({}, seen.holders)
        self.assertTrue(self.other.take())

    def test_whatever_a_client_raises_is_one_error(self):
        self.end.down = True
        for what in (self.one.look, self.one.take, self.one.connect,
                     self.one.withdraw, self.one.close):
            self.assertRaises(exception.CoordinationError, what)

    def test_a_look_at_the_same_is_no_sign_of_loss(self):
        self.one.look()
        self.one.take()
        self.one.look()
        self.assertFalse(self.one.forgotten)


class PatienceTest(CoordinationTestCase):
    """Clients try again as often as they like; we wait as long as we like.
    """

    def setUp(self):
        super().setUp()
        self.go_on = threading.Event()
        self.addCleanup(self.go_on.set)

    def place(self, patience):
        place = coordination.Coordination(
            self.end.driver, 'space', 'a', 'nova', patience=patience)
        place.connect()
        place.contending = True
        return place

    def test_an_answer_in_time(self):
        place = self.place(60)
        self.assertTrue(place.take())
        self.assertEqual({'nova': 'a'}, place.look().holders)

    def test_an_error_in_time(self):
        place = self.place(60)
        self.end.down = True
        self.assertIn('nobody there', str(self.assertRaises(
            exception.CoordinationError, place.look)))

    def test_none_in_time(self):
        place = self.place(60)
        place._driver.heartbeat = self.go_on.wait
        place._ask.__self__._patience = 0.01
        for _ in range(2):
            self.assertIn('no answer within 0.01 s', str(self.assertRaises(
                exception.CoordinationError, place.look)))
        self.assertFalse(self.end.groups[b'space-contenders'])

    def test_what_came_late_counts_all_the_same(self):
        place = self.place(60)
        patient = place._ask.__self__
        lock = place._lock_of('nova')
        acquire = lock.acquire

        def wait(blocking):
            self.go_on.wait()
            return acquire(blocking)
        lock.acquire = wait
        place._lock_of = lambda name: lock
        patient._patience = 0.01
        self.assertRaises(exception.CoordinationError, place.take)
        self.assertFalse(place.leading)
        self.go_on.set()
        patient._asked.result(60)
        self.assertTrue(place.leading)
        patient._patience = 60
        self.assertEqual({'nova': 'a'}, place.look().holders)


class LossTest(CoordinationTestCase):
    """Not heard for too long, or by a back end that has forgotten."""

    def setUp(self):
        super().setUp()
        self.one, self.other = self.place('a'), self.place('b')
        self.one.look()
        self.one.take()

    def pause(self):
        self.clock.now += self.end.lease + 1

    def test_a_lock_that_nobody_took_is_ours_again(self):
        self.pause()
        self.assertEqual({'nova': 'a'}, self.one.look().holders)
        self.assertTrue(self.one.forgotten)
        self.assertTrue(self.one.leading)
        self.assertFalse(self.other.take())

    def test_a_lock_that_another_took_is_not(self):
        self.pause()
        self.other.look()
        self.assertTrue(self.other.take())
        self.assertEqual({'nova': 'b'}, self.one.look().holders)
        self.assertFalse(self.one.leading)
        self.assertFalse(self.one.holding)
        # and the end of what we had costs the other one nothing
        self.one.release()
        self.assertEqual({'nova': 'b'}, self.other.look().holders)

    def test_a_back_end_that_kept_nothing(self):
        self.end.forget()
        self.other.look()
        self.assertTrue(self.other.forgotten)
        self.assertEqual({'nova': 'a'}, self.one.look().holders)
        self.assertFalse(self.other.take())

    def test_a_driver_that_can_tell_of_its_lock(self):
        self.one._driver.knows_locks = True
        self.one.look()
        self.assertFalse(self.one.forgotten)
        self.end.locks.clear()
        self.one.look()
        self.assertTrue(self.one.forgotten)
        self.assertTrue(self.one.leading)

    def test_an_outage_in_the_middle_of_it(self):
        self.pause()
        with mock.patch.object(
                self.one._lock, 'release', side_effect=OSError('cut')):
            self.assertRaises(exception.CoordinationError, self.one.look)
        self.assertTrue(self.one.holding)
        self.assertEqual({'nova': 'a'}, self.one.look().holders)
        self.assertTrue(self.one.leading)


class HeirTest(CoordinationTestCase):
    """An earlier process of the same master is dead, or there were no
    other."""

    def setUp(self):
        super().setUp()
        self.clock.now = 100.0
        self.dead = self.place('a', family='m')
        self.dead.look()
        self.dead.take()
        self.clock.now += 5

    def test_it_is_known_and_since_when_it_was_there(self):
        heir = self.place('a', family='m')
        self.assertIsNone(heir.predecessor)
        heir.look()
        self.assertEqual(5, heir.predecessor)
        self.clock.now += self.end.lease
        heir.look()
        self.assertIsNone(heir.predecessor)

    def test_of_several_the_last_one(self):
        second = self.place('a', family='m')
        second.take(inherits=True)
        self.clock.now += 2
        heir = self.place('a', family='m')
        heir.look()
        self.assertEqual(2, heir.predecessor)

    def test_nobody_else_is(self):
        for place in (self.place('a', family='other'), self.place('a'),
                      self.place('b', family='m'),
                      self.place('a', 'heat', family='m'), self.dead):
            place.look()
            self.assertIsNone(place.predecessor)

    def test_nor_is_one_of_no_family(self):
        self.dead.close()
        self.place('a').take()
        heir = self.place('a')
        heir.look()
        self.assertIsNone(heir.predecessor)

    def test_its_lock_is_taken_from_it(self):
        heir, other = self.place('a', family='m'), self.place('b')
        heir.look()
        self.assertFalse(heir.take())
        self.assertTrue(heir.take(inherits=True))
        self.assertTrue(heir.leading)
        self.assertEqual({'nova': 'a'}, other.look().holders)
        self.clock.now += self.end.lease
        self.assertEqual({'nova': 'a'}, heir.look().holders)
        self.assertFalse(other.take())

    def test_unless_the_driver_cannot(self):
        heir = self.place('a', family='m')
        heir._driver.breaks_locks = False
        heir.look()
        self.assertFalse(heir.take(inherits=True))
        self.assertFalse(heir.leading)


class FileTest(base.TestCase):
    """tooz itself, by the driver that needs no server."""

    def setUp(self):
        super().setUp()
        self.directory = self.useFixture(fixtures.TempDir()).path

    def place(self, host):
        place = coordination.Coordination(
            lambda member: coordination.driver(
                f'file://{self.directory}', TIMES, member),
            'space', host, 'nova', ['nova.host'])
        place.contending = True
        place.connect()
        self.addCleanup(place.close)
        return place

    def test_it_works_alike(self):
        one, other = self.place('a'), self.place('b')
        one.look()
        with one.deciding() as alone:
            self.assertTrue(alone)
            self.assertTrue(one.take())
        seen = other.look()
        self.assertEqual({('a', 'nova'), ('b', 'nova')}, seen.contenders)
        self.assertEqual({'nova': 'a'}, seen.holders)
        self.assertEqual(('a', ['nova.host']), other.types_of_holder())
        self.assertFalse(other.take())
        one.step_down()
        one.release()
        self.assertEqual({}, other.look().holders)
        self.assertTrue(other.take())
        one.withdraw()
        self.assertEqual({('b', 'nova')}, other.look().contenders)
