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

"""Where on a stream: the epoch, and the revision within it."""

import dataclasses


@dataclasses.dataclass(frozen=True, slots=True)
class Position:
    """A point in the life of one stream."""

    epoch: str
    """Minted when the stream is created; another epoch, another stream."""

    revision: int
    """Dense: the number of changes since the epoch began."""
