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

"""What the collector is told by the configuration, as values."""

import dataclasses
import datetime
import time


@dataclasses.dataclass(frozen=True, slots=True)
class Settings:
    """Seconds, unless said otherwise."""

    poll_interval: float = 600
    """Between the starts of two sweeps of a type."""

    delta_interval: float = 30
    """Between two incremental listings; 0: none."""

    concurrency: int = 4
    """How many ids of one plugin are asked for at once."""

    brake_ratio: float = 0.2
    """Share of a stream's entities that may vanish at once unquestioned."""

    brake_min: int = 20
    """Number of entities that may vanish at once unquestioned."""

    brake_sample: int = 50
    """How many of the vanished are asked for before the next sweep."""

    delta_overlap: float = 10
    """How far an incremental listing looks back before the last one."""

    hint_settle: float = 0.05
    """For so long hints for one id are taken together."""

    hint_batch: int = 20
    """More ids at once are looked at by a listing, where there is one."""

    listen_patience: float = 3
    """How long the first sweep waits until notifications are listened to:
    what happens before it is seen by it, what happens later is told."""

    retry_first: float = 1
    """The first pause after a failure; doubled by each further one."""

    retry_limit: float = 60
    """The longest pause after failures."""

    watch_interval: float = 1
    """Between two looks at what operators and callers ask of a stream."""

    trim_interval: float = 60
    """Between two trims of the journal."""

    retention_hours: float = 24
    """Changes older than this are trimmed."""

    retention_revisions: int = 100000
    """All but so many changes of a stream are trimmed."""


class Clock:
    """Time, as an argument: tests bring their own."""

    def monotonic(self) -> float:
        """For intervals and windows."""
        return time.monotonic()

    def wall(self) -> datetime.datetime:
        """For people, in UTC."""
        return datetime.datetime.now(datetime.UTC)


def stamp(moment: datetime.datetime) -> str:
    """A wall-clock time as the contract writes it."""
    return moment.astimezone(datetime.UTC).strftime('%Y-%m-%dT%H:%M:%S.%fZ')
