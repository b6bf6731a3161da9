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

"""Which processes there are, with cotyledon's own supervision."""

import collections
import threading
import time
from unittest import mock

from cotyledon import _service_manager
from cotyledon import ServiceManager

from synchronizer.service import crew as crew_module
from synchronizer.tests import base


class Child:
    """As a process, as far as the supervisor looks at one."""

    exitcode = None
    pid = 42

    def is_alive(self):
        return self.exitcode is None

    def terminate(self):
        """It is told to end, which may take a while."""
        self.told = True


class CrewTest(base.TestCase):

    def setUp(self):
        super().setUp()
        # a second one in a process refuses to be made, and takes signals
        self.manager = manager = object.__new__(ServiceManager)
        manager._services = collections.OrderedDict()
        manager._running_services = collections.defaultdict(dict)
        manager._forktimes, manager._hooks = [], {'dead_worker': []}
        manager._got_sig_chld = threading.Event()
        manager._start_worker = self.start_worker
        launcher = mock.Mock(_manager=manager)
        launcher.launch_service = lambda one: manager.add(
            lambda: None, args=(one,))
        self.crew = crew_module.Crew(launcher)
        self.started = []
        self.crew.begin(self.named('nova', 'snapshot'))
        self.supervise()

    def named(self, *names):
        return {name: f'process of {name}' for name in names}

    def start_worker(self, service_id, worker_id):
        (process,) = self.manager._services[service_id].args
        self.started.append(process.rpartition(' ')[2])
        self.manager._running_services[service_id][Child()] = mock.Mock(
            worker_id=worker_id)

    def children(self):
        """Those that run, by name."""
        return {self.crew._names[service_id]: child
                for service_id, running in
                self.manager._running_services.items() for child in running}

    def supervise(self):
        """What its thread does once it is woken."""
        while dead := self.manager._get_last_worker_died():
            self.manager._start_worker(*dead)
        self.manager._adjust_workers()

    def end(self, *names):
        for name in names:
            self.children()[name].exitcode = 0

    def test_at_first_all_are_started_in_their_order(self):
        self.assertEqual(['nova', 'snapshot'], self.started)

    def test_who_dies_is_started_again(self):
        self.end('nova')
        self.supervise()
        self.assertEqual(['nova', 'snapshot', 'nova'], self.started)

    def test_a_new_one_is_started_without_anybody_s_end(self):
        self.crew.want(self.named('nova', 'heat', 'snapshot'))
        self.assertTrue(self.manager._got_sig_chld.is_set())
        self.assertEqual(['nova', 'snapshot'], self.started)
        self.supervise()
        self.assertEqual(['nova', 'snapshot', 'heat'], self.started)
        self.assertIn('heat starts', self.log.output)

    def test_who_is_not_wanted_ends_and_stays_away(self):
        nova = self.children()['nova']
        self.crew.want(self.named('snapshot'))
        self.assertIn('nova ends', self.log.output)
        self.supervise()
        self.assertTrue(nova.told)
        self.end('nova')
        for _ in range(3):
            self.supervise()
        self.assertEqual({'snapshot'}, self.children().keys())
        self.assertEqual(['nova', 'snapshot'], self.started)

    def test_nor_is_it_started_if_its_end_is_seen_first(self):
        # SIGHUP ends all of them at once
        self.crew.want(self.named('snapshot'))
        self.end('nova', 'snapshot')
        self.supervise()
        self.assertEqual(['nova', 'snapshot', 'snapshot'], self.started)

    def test_who_is_wanted_again_waits_for_its_own_end(self):
        self.crew.want(self.named('snapshot'))
        self.supervise()
        self.crew.want(self.named('nova', 'snapshot'))
        self.supervise()
        self.assertEqual(['nova', 'snapshot'], self.started)
        self.end('nova')
        self.supervise()
        self.assertEqual(['nova', 'snapshot', 'nova'], self.started)

    def test_who_is_wanted_again_after_its_end_is_started(self):
        self.crew.want(self.named('snapshot'))
        self.supervise()
        self.end('nova')
        self.supervise()
        self.crew.want(self.named('nova', 'snapshot'))
        self.supervise()
        self.assertEqual(['nova', 'snapshot', 'nova'], self.started)
        self.end('nova')
        self.supervise()
        self.assertEqual(2, len(self.children()))

    def test_a_sighup_while_forks_are_slowed_down_ends_no_supervisor(self):
        manager = self.manager
        manager._forktimes = [time.time()] * 3
        with mock.patch.object(
                _service_manager.time, 'sleep',
                lambda seconds: setattr(manager, '_forktimes', [])):
            manager._slowdown_respawn_if_needed()
        # and what it counts, it goes on counting
        self.assertEqual(1, len(manager._forktimes))

    def test_forks_are_slowed_down(self):
        pauses = []
        self.manager._wait_interval = 0.01
        with mock.patch.object(_service_manager.time, 'sleep',
                               pauses.append):
            for _ in range(4):
                self.manager._slowdown_respawn_if_needed()
        self.assertEqual([0.01, 0.01, 0.01, 5], pauses)

    def test_what_stays_is_not_spoken_of(self):
        self.crew.want(self.named('nova', 'snapshot'))
        self.supervise()
        self.assertEqual('', self.log.output)
        self.assertEqual(['nova', 'snapshot'], self.started)
