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

"""No signal is lost, whenever it comes."""

import os
import signal
import threading

from synchronizer import signals
from synchronizer.tests import base


class SignalsTest(base.TestCase):

    def test_one_after_the_other(self):
        with signals.Signals((signal.SIGHUP, signal.SIGTERM)) as told:
            for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGHUP):
                os.kill(os.getpid(), number)
                self.assertEqual(number, told.next())

    def test_one_that_interrupts_no_waiting(self):
        """As one that comes just before the waiting begins."""
        asked = threading.Semaphore(0)

        def tell():
            for _ in range(10):
                asked.acquire()
                signal.pthread_kill(threading.get_ident(), signal.SIGHUP)

        with signals.Signals((signal.SIGHUP,)) as told:
            thread = threading.Thread(target=tell)
            thread.start()
            for _ in range(10):
                asked.release()
                self.assertEqual(signal.SIGHUP, told.next())
            thread.join()

    def test_others_keep_their_handlers(self):
        heard = []
        before = signal.signal(signal.SIGUSR2,
                               lambda number, frame: heard.append(number))
        self.addCleanup(signal.signal, signal.SIGUSR2, before)
        with signals.Signals((signal.SIGHUP,)) as told:
            for number in (signal.SIGUSR2, signal.SIGHUP):
                signal.raise_signal(number)
            self.assertEqual(signal.SIGHUP, told.next())
        self.assertEqual([signal.SIGUSR2], heard)

    def test_what_was_before_is_afterwards(self):
        def mine(*unused):
            self.fail('nobody sends one')

        before = signal.signal(signal.SIGHUP, mine)
        self.addCleanup(signal.signal, signal.SIGHUP, before)
        with signals.Signals((signal.SIGHUP,)):
            self.assertIsNot(mine, signal.getsignal(signal.SIGHUP))
        self.assertIs(mine, signal.getsignal(signal.SIGHUP))
        self.assertEqual(-1, signal.set_wakeup_fd(-1))
