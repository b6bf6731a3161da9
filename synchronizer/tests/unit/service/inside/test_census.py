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

"""Everybody is asked at once, and nobody is waited for for ever."""

import os
import tempfile
import threading

from synchronizer import exception
from synchronizer.service.inside import census
from synchronizer.service.inside import errand
from synchronizer.service.inside import probe
from synchronizer.tests import base
from synchronizer.tests.unit.service.inside import world


class ErrandTest(base.TestCase):

    def test_those_who_ask_meanwhile_share_what_it_brings(self):
        gate, runs = threading.Event(), []

        def do():
            runs.append(1)
            gate.wait()
            return len(runs)
        made = errand.Errand(do)
        first, second = made.begin(), made.begin()
        self.assertRaises(TimeoutError, first.result, 0.01)
        gate.set()
        self.assertEqual([1, 1], [first.result(5), second.result(5)])
        self.assertEqual(2, made.begin().result(5))

    def test_an_error_is_for_those_who_wait(self):
        def fail():
            raise KeyError('why')
        self.assertRaises(KeyError, errand.Errand(fail).begin().result, 5)


class TakerTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.directory = tempfile.mkdtemp()
        self.rows = {'nova.host': world.row('nova.host')}

    def path(self, name):
        return os.path.join(self.directory, name)

    def take(self, rows=None, patience=5, names=('collector-nova',)):
        return census.Taker(
            {name: self.path(name) for name in names}, ['nova.host'],
            rows or (lambda: self.rows), patience, lambda: 42.0).take()

    def answering(self, name):
        made = probe.Probe(self.path(name), lambda: True, lambda: ('a:b',))
        made.start()
        self.addCleanup(made.stop)

    def test_all_that_is_found(self):
        self.answering('collector-nova')
        found = self.take()
        self.assertEqual((42.0, ('nova.host',), self.rows, None), (
            found.at, found.types, found.rows, found.error))
        (process,) = found.processes
        self.assertEqual(
            ('collector-nova', os.getpid(), True, ('a:b',), True),
            (process.name, process.pid, process.works, process.owners,
             process.alive))
        self.assertIn('synchronizer_changes', [
            name for name, *_ in process.families])

    def test_one_that_is_not_there_is_dead(self):
        self.answering('snapshot')
        found = self.take(names=('collector-nova', 'snapshot'))
        self.assertEqual([False, True],
                         [process.alive for process in found.processes])

    def test_one_that_hangs_is_dead(self):
        with probe.socket.socket(probe.socket.AF_UNIX) as hanging:
            hanging.bind(self.path('collector-nova'))
            hanging.listen()
            (process,) = self.take(patience=0.05).processes
        self.assertFalse(process.alive)

    def test_a_database_that_says_no(self):
        def fail():
            raise exception.StoreUnavailable('lost connection')
        found = self.take(fail)
        self.assertEqual((None, 'lost connection'), (
            found.rows, found.error))

    def test_it_need_not_be_asked(self):
        asked = []
        taker = census.Taker({}, ['nova.host'], lambda: asked.append(1))
        found = taker.take(streams=False)
        self.assertEqual((None, None, []), (found.rows, found.error, asked))

    def test_a_database_that_says_nothing(self):
        gate = threading.Event()
        self.addCleanup(gate.set)
        found = self.take(gate.wait, patience=0.05)
        self.assertIsNone(found.rows)
        self.assertIn('did not answer', found.error)
