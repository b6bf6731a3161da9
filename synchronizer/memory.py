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
from typing import Any

_C = ctypes.CDLL(None)
_TRIM: Any = getattr(_C, 'malloc_trim', lambda pad: 0)
_OPTION: Any = getattr(_C, 'mallopt', lambda option, value: 0)
"""Of glibc; others give back by themselves."""

_ARENA_MAX, HEAPS = -8, 2


def share_heaps() -> None:
    """Have all threads take their memory from a few heaps. The C library
    would make one for each of them, up to eight for each CPU, and what is
    free in one is of no use to another: that is worth it where threads run
    at once, which Python's do not. Before any thread begins."""
    _OPTION(_ARENA_MAX, HEAPS)


def give_back() -> None:
    """Takes about a millisecond."""
    _TRIM(0)
