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

"""Whose doing it is that is seen, where notifications told it."""

from collections.abc import Iterable
import dataclasses
import threading

from synchronizer.model.initiator import Initiator

MOST = 10_000
"""How many ids may wait for a sweep with who is behind them."""


@dataclasses.dataclass(slots=True)
class Credit:
    """Of one id that is asked for: who is behind what the next answer shows.

    Of several the last. A hint that names nobody, as of a periodic task,
    takes nothing from one who was named before as long as what he did has
    not been read: it will be among what is read. Afterwards, while we only
    watch it come to rest, somebody else is at work then.
    """

    by: Initiator | None = None
    """Who. It stands still while a request is under way."""

    met: bool = False
    """Whether an answer has shown what he did."""

    _newer: Initiator | None = None

    def told(self, by: Initiator | None, under_way: bool) -> None:
        """A hint came; a request that is under way may not see it."""
        if under_way:
            self._newer = by or self._newer
        elif by or self.met:
            self.by, self.met = by, False

    def doubted(self, by: Initiator | None, under_way: bool) -> None:
        """What he did was seen and cannot be believed yet. He comes after
        whoever was told of meanwhile."""
        if under_way:
            self._newer = self._newer or by
        elif by and (self.met or self.by is None):
            self.by, self.met = by, False

    def answered(self, once_more: bool) -> None:
        """What was told before the request has been seen. `once_more`:
        something was told meanwhile."""
        self.met = True
        if once_more:
            self.by = None

    def ended(self) -> None:
        """The request is over, whatever it gave."""
        if self._newer:
            self.by, self.met, self._newer = self._newer, False, None


class Credits:
    """Of what a sweep is to show, since it cannot be asked for alone."""

    def __init__(self) -> None:
        self._waiting: dict[str, Initiator] = {}
        self._seen: dict[str, Initiator] = {}
        self._lock = threading.Lock()

    def told(self, id_: str, by: Initiator | None) -> None:
        """A hint came, and a sweep was asked for."""
        with self._lock:
            if by and (id_ in self._waiting or len(self._waiting) < MOST):
                self._waiting[id_] = by

    def begin(self, hinted: bool) -> None:
        """A sweep begins, since hints asked for it, or not: then nobody is
        named for what it shows. It shows it in any case."""
        with self._lock:
            if hinted:
                self._seen.update(self._waiting)
            self._waiting = {}

    def by(self, id_: str) -> Initiator | None:
        """Who is behind what the sweep shows of that id."""
        return self._seen.get(id_)

    def keep(self, ids: Iterable[str]) -> None:
        """Of these the next sweep decides."""
        for id_ in ids:
            self.told(id_, self.by(id_))

    def end(self) -> None:
        """The sweep is over."""
        self._seen = {}

    def forget(self) -> None:
        """Another owner had the stream meanwhile."""
        with self._lock:
            self._waiting, self._seen = {}, {}
