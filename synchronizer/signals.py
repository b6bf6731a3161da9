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

"""Signals that a program waits for, each of them heeded."""

from collections.abc import Iterable
import contextlib
import signal
import socket
from typing import Self


class Signals(contextlib.ExitStack):
    """The signals of these numbers, one after the other; of the main thread.

    Who waits for a lock until a handler sets it can miss one: Python calls
    handlers between two steps, and a signal that comes when the last step
    before the waiting is done interrupts nothing. So what is waited for is a
    byte, which is written as soon as the signal is there.
    """

    def __init__(self, numbers: Iterable[int]) -> None:
        super().__init__()
        self._numbers = frozenset(numbers)
        self._told, self._teller = socket.socketpair()
        self._teller.setblocking(False)

    def __enter__(self) -> Self:
        super().__enter__()
        self.callback(self._told.close)
        self.callback(self._teller.close)
        self.callback(signal.set_wakeup_fd, signal.set_wakeup_fd(
            self._teller.fileno(), warn_on_full_buffer=False))
        for number in self._numbers:
            self.callback(signal.signal, number,
                          signal.signal(number, lambda *unused: None))
        return self

    def next(self) -> int:
        """Wait for one; which it is."""
        while (number := self._told.recv(1)[0]) not in self._numbers:
            # of others, which have handlers of their own, bytes come as well
            continue
        return number
