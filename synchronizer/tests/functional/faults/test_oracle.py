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


"""The oracle sees each broken promise, and the storm is one of its seed."""

import itertools
import random
import types

from synchronizer import sandbox
from synchronizer.tests import base
from synchronizer.tests.functional import raw
from synchronizer.tests.functional.faults import kinds
from synchronizer.tests.functional.faults import oracle
from synchronizer.tests.functional.faults import run
from synchronizer.tests.functional.faults import storm
from synchronizer.tests.functional.faults import truth
from synchronizer.tests.functional.faults import witness

SERVER = 'nova.instance'


class HistoryTest(base.TestCase):
    """A server is booted at 1, renamed at 2 and 3, and deleted at 4."""

    def setUp(self):
        super().setUp()
        clock = itertools.count(1)
        self.cloud = sandbox.SandboxCloud(hosts=1, servers=0, volumes=0,
                                          stacks=0)
        self.cloud.now = lambda: self.now
        self.now = next(clock)
        self.id_ = self.cloud.boot('one')
        self.now = next(clock)
        self.cloud.rename(self.id_, 'two')
        self.now = next(clock)
        self.cloud.rename(self.id_, 'three')
        self.now = next(clock)
        self.cloud.delete_server(self.id_)
        self.states = [record for _, _, _, record
                       in self.cloud.history(SERVER)]
        self.history = truth.History(self.cloud, SERVER)

    def tell(self, action, state=None, seen=100):
        return self.history.broken_by({
            'action': action, 'revision': 1, 'entity': {
                'id': self.id_, 'attributes': state}}, seen)

    def test_its_own_life_is_true(self):
        one, two, three = self.states[:3]
        for action, state in (('created', one), ('updated', two),
                              ('updated', three), ('deleted', None)):
            self.assertIsNone(self.tell(action, state))

    def test_states_that_were_never_seen_may_be_left_out(self):
        self.assertIsNone(self.tell('created', self.states[1]))
        self.assertIsNone(self.tell('deleted'))

    def test_back_in_time(self):
        self.assertIsNone(self.tell('created', self.states[1]))
        self.assertIn('no state', self.tell('updated', self.states[0]))

    def test_invented(self):
        self.assertIn('no state', self.tell(
            'created', self.states[0] | {'name': 'four'}))

    def test_deleted_before_it_was(self):
        self.assertIsNone(self.tell('created', self.states[0], 1.2))
        self.assertIn('before it', self.tell('deleted', seen=2))

    def test_deleted_and_there_again(self):
        self.assertIsNone(self.tell('created', self.states[0]))
        self.assertIsNone(self.tell('deleted'))
        self.assertIn('no state', self.tell('created', self.states[2]))


class BusWitnessTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.patch(raw.Ear, '__init__', lambda *unused: None)
        self.witness = witness.BusWitness(None, SERVER)

    def patch(self, owner, name, value):
        self.addCleanup(setattr, owner, name, getattr(owner, name))
        setattr(owner, name, value)

    def hear(self, *revisions, word='same'):
        self.witness.changed({}, epoch='e', changes=[
            {'revision': revision, 'word': word} for revision in revisions])

    def test_again_is_no_quarrel(self):
        self.hear(1, 2)
        self.hear(2, 3)
        self.assertEqual((3, 1, set()), (
            self.witness.newest, self.witness.again, self.witness.quarrels))

    def test_two_changes_of_one_revision(self):
        self.hear(1, 2)
        self.hear(2, word='other')
        self.assertEqual({2}, self.witness.quarrels)

    def test_a_hole_in_a_message(self):
        self.hear(1, 3)
        self.assertEqual([[1, 3]], self.witness.torn)

    def test_late(self):
        self.hear(2)
        self.hear(1)
        self.assertEqual(1, self.witness.late)


class UnlevelTest(base.TestCase):

    def sentences(self, kilobytes, files):
        return list(oracle.unlevel([
            (n, *pair) for n, pair in enumerate(
                zip(kilobytes, files, strict=True))]))

    def test_level(self):
        self.assertEqual([], self.sentences([90000] * 30, [20] * 30))

    def test_grows(self):
        memory, files = self.sentences(
            range(50000, 350000, 10000), range(0, 300, 10))
        self.assertIn('kB', memory)
        self.assertIn('files', files)

    def test_who_takes_a_stream_over_grows_once(self):
        for owns in range(1, 60):
            self.assertEqual([], self.sentences(
                [40000] * (60 - owns) + [120000] * owns, [20] * 60), owns)
            self.assertEqual([], self.sentences(
                [40000] * (60 - owns) + [80000] + [120000] * (owns - 1),
                [20] * 60), owns)

    def test_who_takes_over_and_goes_on_growing(self):
        self.assertNotEqual([], self.sentences(
            [40000] * 30 + [*range(60000, 210000, 5000)], [20] * 60))


class StormTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.place = types.SimpleNamespace(
            synchronizers=[1, 2], coordination=None,
            database=types.SimpleNamespace(name='x'))

    def waves(self, seed, count=40, first=()):
        script = storm.Script(self.place, seed, first=first)
        return [[(str(one), one.hold) for one in wave] for wave in
                itertools.islice(script.waves(), count)], script

    def test_a_seed_is_a_script(self):
        one, other = self.waves(5)[0], self.waves(5)[0]
        self.assertEqual(one, other)
        self.assertNotEqual(one, self.waves(6)[0])

    def test_the_first_waves_are_chosen(self):
        first = [[kinds.BrokerKilled, kinds.WorkerKilled]]
        waves = self.waves(1, first=first)[0]
        self.assertEqual(['broker killed', 'worker killed'],
                         [name for name, _ in waves[0]])

    def test_every_kind_comes_before_any_comes_again(self):
        waves, script = self.waves(
            random.randrange(1000), first=[[kinds.ApiHangs]])
        names = [name for wave in waves for name, _ in wave]
        wanted = {kinds.name(kind) for kind in kinds.KINDS
                  } - set(script.missing)
        self.assertEqual(wanted, set(names[:len(wanted)]))

    def test_one_of_each_room_all_at_once(self):
        script = self.waves(1)[1]
        rooms = [one.fault.room for one in script.all_at_once()]
        self.assertEqual(sorted(set(rooms)), rooms)


class ClaimsTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.strikes = []
        for name, at in (('x', 10.0), ('y', 20.0)):
            fault = kinds.HostLost(None, None)
            fault.hurt = types.SimpleNamespace(name=name)
            self.strikes.append(storm.Strike(fault, 1, struck=at))

    def test_lengths_are_until_the_last_stream_has_an_owner(self):
        rows = {'a': [(1, 1, 'x'), (12, 2, 'y'), (21, 3, 'y')],
                'b': [(1, 1, 'x:1'), (14, 2, 'y'), (22, 3, 'y')],
                'c': [(1, 1, 'y'), (13, 2, 'z')]}
        self.assertEqual({run.TAKEN_OVER: {'host lost': [4.0]},
                          run.AGAIN: {'host lost': [2.0]}},
                         run.claims(rows, self.strikes))

    def test_only_what_was_hurt(self):
        rows = {'nova.a': [(1, 1, 'x'), (12, 2, 'y')],
                'cinder.a': [(1, 1, 'x'), (15, 2, 'y')]}
        self.strikes[0].fault.plugin = 'nova'
        self.assertEqual({'host lost': [2.0]}, run.claims(
            rows, self.strikes)[run.TAKEN_OVER])
        self.strikes[0].fault.plugin = None
        self.assertEqual({}, run.claims(
            rows, self.strikes)[run.TAKEN_OVER])

    def test_none(self):
        self.assertEqual({run.TAKEN_OVER: {}, run.AGAIN: {}},
                         run.claims({'a': [(1, 1, 'x')]}, []))
