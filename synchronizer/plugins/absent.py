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


"""When a 404 is believed."""

from collections.abc import Callable
from typing import TypeVar

from synchronizer import exception

Found = TypeVar('Found')


def surely(ask: Callable[[], Found], prove: Callable[[], None]) -> Found:
    """What `ask` gets; its NotFound only if it says so twice.

    `prove` raises unless we see all there is. A role that was lost may be
    back between a 404 and its proof: so what was not found is asked for
    again, now that the role is known to be whole.
    """
    try:
        return ask()
    except exception.NotFound:
        _try(prove)
    return ask()


def _try(prove: Callable[[], None]) -> None:
    try:
        prove()
    except exception.NotFound as error:
        # of something else than what was asked for
        raise exception.BrokenAnswer(
            f'no 404 can be believed: {error}', status=404) from error
