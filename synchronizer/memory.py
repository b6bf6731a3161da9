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

"""Memory that is free goes back to the system.

A listing is read a page at a time, and next to nothing of a page is kept.
The C library keeps what it was given for a page all the same: up to twice
the largest answer that there ever was, and what lies between what is kept.
"""

import ctypes
import gc
from typing import Any

_C = ctypes.CDLL(None)
_TRIM: Any = getattr(_C, 'malloc_trim', lambda pad: 0)
_OPTION: Any = getattr(_C, 'mallopt', lambda option, value: 0)
"""Of glibc; others give back by themselves."""

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8
LARGE, HEAPS = 16 << 10, 2


def keep_heaps_small() -> None:
    """Before any thread begins.

    All threads take their memory from a few heaps. The C library would make
    one for each of them, up to eight for each CPU, and what is free in one
    is of no use to another: that is worth it where threads run at once,
    which Python's do not.

    What is large lies in none of them, and so goes back as soon as it is
    free: answers, and the pages that SQLite remembers, of which a connection
    takes and frees some hundreds. Else small things that stay come to lie
    between them, and keep the room of all that ever lay around them. The C
    library would do so with what is eight times as large, until the first
    large answer: from then on it takes that for usual.
    """
    _OPTION(_ARENA_MAX, HEAPS)
    _OPTION(_MMAP_THRESHOLD, LARGE)


GARBAGE = 20_000, 20, 20
"""How much is made between two looks for what only holds itself."""


def look_seldom_for_garbage() -> None:
    """For those who sweep: records come by the hundred thousand, none of
    which holds itself, and Python, whose measure is for programs that make
    little, looks through all that lives again and again, which costs a fifth
    of a sweep. Not for those who make little: there it would lie about for
    hours."""
    gc.set_threshold(*GARBAGE)


def give_back() -> None:
    """Takes about a millisecond."""
    _TRIM(0)
