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

"""A process that is asked how it is."""

import errno
import os
import socket
import stat
import tempfile
import threading

import prometheus_client

from synchronizer.service.inside import probe
from synchronizer.tests import base


class ProbeTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.path = os.path.join(tempfile.mkdtemp(), 'in', 'x.sock')
        self.registry = prometheus_client.CollectorRegistry()
        self.works = False

    def probe(self, path=None):
        made = probe.Probe(path or self.path, lambda: self.works,
                           lambda: ('here:a',), self.registry)
        made.start()
        self.addCleanup(made.stop)
        return made

    def test_it_tells_all_that_there_is_at_that_moment(self):
        counter = prometheus_client.Counter(
            'things', 'Counted.', ['type'], registry=self.registry)
        self.probe()
        self.assertEqual(
            {'pid': os.getpid(), 'works': False, 'owners': ['here:a'],
             'families': [['things', 'Counted.', 'counter', []]]},
            probe.ask(self.path, 5))
        counter.labels('a').inc(2)
        self.works = True
        told = probe.ask(self.path, 5)
        self.assertTrue(told['works'])
        self.assertEqual([['things_total', {'type': 'a'}, 2.0]],
                         told['families'][0][3])

    def test_nobody_else_may_ask(self):
        self.probe()
        mode = os.stat(os.path.dirname(self.path)).st_mode
        self.assertEqual(0o700, stat.S_IMODE(mode))

    def test_the_place_of_one_that_was_killed_is_taken(self):
        dead = socket.socket(socket.AF_UNIX)
        os.mkdir(os.path.dirname(self.path))
        dead.bind(self.path)
        dead.close()
        self.assertRaises(OSError, probe.ask, self.path, 5)
        self.probe()
        self.assertEqual(os.getpid(), probe.ask(self.path, 5)['pid'])

    def test_stopped_it_answers_no_more(self):
        self.probe().stop()
        self.assertRaises(OSError, probe.ask, self.path, 5)

    def test_too_many_open_files_are_no_end(self):
        self.patch(probe, 'REST', 0)
        accept, faults = socket.socket.accept, [
            OSError(errno.EMFILE, 'Too many open files')]

        def scarce(listening):
            if faults:
                raise faults.pop()
            return accept(listening)
        self.patch(socket.socket, 'accept', scarce)
        self.probe()
        self.assertEqual(os.getpid(), probe.ask(self.path, 5)['pid'])
        self.assertIn('nobody can be answered: [Errno 24]', self.log.output)

    def test_an_end_is_no_fault(self):
        made = self.probe()
        (thread,) = [one for one in threading.enumerate()
                     if one.name == 'probe']
        made.stop()
        thread.join(5)
        self.assertFalse(thread.is_alive())
        self.assertNotIn('nobody can be answered', self.log.output)

    def test_a_place_that_cannot_be_had_is_said_and_no_more(self):
        self.probe('/proc/nowhere/x.sock')
        self.assertIn('this process cannot be asked', self.log.output)

    def test_whoever_goes_away_is_forgotten(self):
        self.probe()
        for _ in range(3):
            with socket.socket(socket.AF_UNIX) as gone:
                gone.connect(self.path)
        self.assertEqual(os.getpid(), probe.ask(self.path, 5)['pid'])

    def test_a_fault_of_ours_costs_one_answer(self):
        faults = [KeyError('a mistake of ours')]

        class Frail:
            def collect(self):
                if faults:
                    raise faults.pop()
                return []
        self.registry.register(Frail())
        self.probe()
        self.assertRaises(ValueError, probe.ask, self.path, 5)
        self.assertIn('a mistake of ours', self.log.output)
        self.assertEqual([], probe.ask(self.path, 5)['families'])
