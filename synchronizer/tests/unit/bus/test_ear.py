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

"""Ears over brokers that hang, fail, go away and come back."""

import queue
import threading

from synchronizer.bus import ear
from synchronizer.tests import base

PATIENCE = 10


class Fake:
    """A listener: each of its steps may be made to hang or to fail."""

    def __init__(self, world):
        self.world, self.steps = world, []

    def start(self, override_pool_size=None):
        self.steps.append(('start', override_pool_size))
        self.world.starts.release()
        self._do(self.world.start)
        self.steps.append('started')

    def stop(self):
        self.steps.append('stop')
        self._do(self.world.end)

    def wait(self):
        self.steps.append('wait')
        self.world.ends.release()

    @staticmethod
    def _do(what):
        if isinstance(what, threading.Event):
            what.wait(PATIENCE)
        elif isinstance(what, Exception):
            raise what


class World:
    """What one ear meets."""

    def __init__(self):
        self.start = self.end = None
        self.starts, self.ends = (
            threading.Semaphore(0), threading.Semaphore(0))
        self.told = threading.Semaphore(0)
        self.made, self.build_errors = [], []
        self.beats = queue.Queue()

    def build(self):
        if self.build_errors:
            raise self.build_errors.pop()
        self.made.append(Fake(self))
        return self.made[-1]

    def beat(self):
        """True, False or an error as the test says; no more beats: never
        again."""
        beat = self.beats.get()
        if isinstance(beat, Exception):
            raise beat
        return beat


class EarCase(base.TestCase):

    def make(self, interval=0.0):
        world = World()
        made = ear.Ear('test', world.build, world.told.release, world.beat,
                       interval)
        self.addCleanup(made.stop, PATIENCE)
        # the last beat lets the thread see that it was stopped
        self.addCleanup(world.beats.put, True)
        return world, made

    def listening(self):
        world, made = self.make()
        made.start()
        made.want(True)
        self.assertTrue(made.wait(PATIENCE))
        self.got(world.told)
        return world, made

    def got(self, semaphore):
        self.assertTrue(semaphore.acquire(timeout=PATIENCE))


class EarTest(EarCase):

    def test_nothing_is_built_before_it_is_wanted(self):
        world, made = self.make()
        made.start()
        self.assertFalse(made.wait(0))
        made.stop(PATIENCE)
        self.assertEqual([], world.made)

    def test_it_listens_in_order_and_says_so(self):
        world, made = self.listening()
        self.assertTrue(made.wait(0))
        self.assertEqual([('start', 1), 'started'], world.made[0].steps)

    def test_who_wants_it_does_not_wait_for_a_start_that_hangs(self):
        world, made = self.make()
        world.start = threading.Event()
        made.start()
        made.want(True)
        self.got(world.starts)
        self.assertFalse(made.wait(0))
        world.start.set()
        self.assertTrue(made.wait(PATIENCE))

    def test_it_is_stopped_in_time_while_a_start_hangs(self):
        world, made = self.make()
        world.start = threading.Event()
        self.addCleanup(world.start.set)
        made.start()
        made.want(True)
        self.got(world.starts)
        made.stop(0.01)
        self.assertFalse(made.wait(0))

    def test_a_start_that_fails_is_tried_again(self):
        world, made = self.make()
        paused = []
        pause = made._pause
        made._pause = lambda seconds: paused.append(seconds) or pause(0)
        world.build_errors = [OSError('no broker'), OSError('no broker')]
        made.start()
        made.want(True)
        self.got(world.told)
        self.assertIn('test: nothing is heard: no broker', self.log.output)
        self.assertTrue(0 < paused[0] <= 0.5 < paused[1] <= 1, paused)

    def test_a_start_that_fails_is_given_up_when_it_is_not_wanted(self):
        world, made = self.make()
        world.start = OSError('no exchange')
        made.start()
        made.want(True)
        self.got(world.starts)
        made.want(False)
        made.stop(PATIENCE)
        self.assertFalse(made._thread.is_alive())

    def test_what_is_not_wanted_any_more_ends_and_may_be_wanted_again(self):
        world, made = self.listening()
        made.want(False)
        world.beats.put(True)
        self.got(world.ends)
        self.assertEqual(['stop', 'wait'], world.made[0].steps[2:])
        made.want(True)
        self.got(world.told)
        self.assertEqual(2, len(world.made))

    def test_while_the_broker_is_there_it_goes_on(self):
        world, made = self.listening()
        for _ in range(3):
            world.beats.put(True)
        made.stop(0)
        world.beats.put(True)
        made.stop(PATIENCE)
        self.assertEqual(1, len(world.made))

    def test_a_broker_that_was_away_is_listened_to_anew(self):
        world, made = self.listening()
        for alive in (False, False, True):
            world.beats.put(alive)
        self.got(world.told)
        self.assertEqual(2, len(world.made))
        self.assertEqual(['stop', 'wait'], world.made[0].steps[2:])
        self.assertIn('listening anew', self.log.output)
        self.assertTrue(made.wait(0))

    def test_a_pulse_of_which_nobody_thought_is_a_lost_one(self):
        world, made = self.listening()
        for beat in (AttributeError('of some library'), True):
            world.beats.put(beat)
        self.got(world.told)
        self.assertEqual(2, len(world.made))
        self.assertTrue(made._thread.is_alive())

    def test_while_it_is_away_nothing_is_listened_to(self):
        world, made = self.listening()
        world.beats.put(False)
        # taken from the queue only after the one before was judged
        world.beats.put(False)
        for _ in range(PATIENCE * 100):
            if not made.wait(0):
                break
            threading.Event().wait(0.01)
        self.assertFalse(made.wait(0))

    def test_while_the_broker_is_away_nothing_is_built(self):
        world, made = self.listening()
        for _ in range(5):
            world.beats.put(False)
        made.stop(0)
        world.beats.put(False)
        made.stop(PATIENCE)
        self.assertEqual(1, len(world.made))

    def test_a_listener_that_does_not_end_is_left_behind(self):
        world, made = self.listening()
        world.end = threading.Event()
        self.addCleanup(world.end.set)
        for alive in (False, True):
            world.beats.put(alive)
        self.got(world.told)
        self.assertEqual(2, len(world.made))
        made.stop(0)
        world.beats.put(True)
        made.stop(PATIENCE)
        self.assertFalse(made._thread.is_alive())

    def test_an_end_that_fails_is_said_and_harms_nothing(self):
        world, made = self.make(interval=PATIENCE)
        world.end = OSError('the channel is closed')
        made.start()
        made.want(True)
        self.got(world.told)
        made.stop(PATIENCE)
        self.assertFalse(made._thread.is_alive())
        self.assertIn('was not closed: the channel is closed',
                      self.log.output)


class EarsTest(EarCase):

    def setUp(self):
        super().setUp()
        (self.first, one), (self.second, two) = self.make(), self.make()
        self.ears = ear.Ears([one, two])

    def test_all_are_waited_for(self):
        self.second.start = threading.Event()
        self.ears.start()
        self.ears.want(True)
        self.got(self.first.told)
        self.got(self.second.starts)
        self.assertFalse(self.ears.wait(0.01))
        self.second.start.set()
        self.assertTrue(self.ears.wait(PATIENCE))

    def test_all_end_together(self):
        self.ears.start()
        self.ears.want(True)
        self.assertTrue(self.ears.wait(PATIENCE))
        for world in (self.first, self.second):
            world.beats.put(True)
        self.ears.stop(PATIENCE)
        for world in (self.first, self.second):
            self.got(world.ends)

    def test_none_at_all_need_no_wait(self):
        nothing = ear.Ears([])
        nothing.want(True)
        self.assertTrue(nothing.wait(0))
        nothing.stop(0)
