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

"""What a census means. Pure: says what is well, what is not, and why.

A stream that is stale, though its process lives, is told from one whose
process is dead: the one is cured in the cloud, the other on this host.
"""

from collections.abc import Iterator
import dataclasses

from synchronizer.bus import wire
from synchronizer.model import stream as stream_module
from synchronizer.service.inside import census as census_module
from synchronizer.service.inside import names

OVERDUE, GRACE = 2, 60.0
"""After so many intervals and seconds without a complete sweep a stream is
stale."""

OK, DEAD, STALE, MISSING = 'ok', 'dead', 'stale', 'missing'
WELL = (OK, stream_module.PAUSED)

Json = dict[str, object]


@dataclasses.dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be thought of one stream."""

    type: str
    """The stream."""

    verdict: str
    """ok, paused, or what is wrong: missing, dead, stale, or its state."""

    why: str | None = None
    """In a sentence."""

    row: stream_module.Stream | None = None
    """As the database has it."""

    age: float | None = None
    """Seconds since the last complete sweep began."""

    def to_dict(self) -> Json:
        """For people and monitors."""
        row = self.row
        return {'type': self.type, 'verdict': self.verdict, 'why': self.why,
                'state': row and row.state, 'age': self.age,
                'interval': row and row.interval,
                'entities': row and row.entities,
                'revision': row and row.revision,
                'owner': row and host(row.owner), 'error': row and row.error}


def host(owner: str | None) -> str | None:
    """The host of an owner."""
    return owner.partition(':')[0] if owner else None


def age(row: stream_module.Stream, now: float) -> float | None:
    """Seconds since the last complete sweep began; None: there was none."""
    if row.collected_at is None:
        return None
    return max(0.0, now - wire.seconds(row.collected_at))


def is_stale(row: stream_module.Stream, now: float) -> bool:
    """Whether a complete sweep is overdue."""
    since = age(row, now)
    return (not row.paused and since is not None
            and since > OVERDUE * row.interval + GRACE)


@dataclasses.dataclass(frozen=True, slots=True)
class Health:
    """Of a service on one host."""

    census: census_module.Census
    """What was found."""

    host: str
    """Where we are."""

    def not_live(self) -> list[str]:
        """Processes that a restart would cure."""
        return [f'{process.name} is dead or hangs'
                for process in self.census.processes if not process.alive]

    def not_ready(self) -> list[str]:
        """Why consumers cannot be served all that they may ask for."""
        reasons = [self.census.error] if self.census.error else []
        if not any(process.works for process in self.census.processes
                   if process.name.startswith(
                       (names.SNAPSHOT, names.ALL_IN_ONE))):
            reasons.append('no process answers requests yet')
        reasons += self._unheard()
        for verdict in self.verdicts():
            if verdict.age is None:
                reasons.append(f'{verdict.type} was never collected')
        return reasons

    def wrong(self) -> list[str]:
        """All that somebody should look at."""
        reasons = [self.census.error] if self.census.error else []
        reasons += self.not_live()
        reasons += [f'{process.name} lacks what it needs to work'
                    for process in self.census.processes
                    if process.alive and not process.works]
        reasons += self._unheard()
        reasons += [f'the coordination back end does not answer '
                    f'{process.name}' for process in self.census.processes
                    if process.lacks_coordination]
        return reasons + [
            f'{found.type} is {found.verdict}: {found.why}'
            for found in self.verdicts() if found.verdict not in WELL]

    def to_dict(self) -> Json:
        """All of it, for people and monitors."""
        reasons = self.wrong()
        return {
            'status': 'failing' if reasons else OK, 'reasons': reasons,
            'host': self.host,
            'processes': [
                {'name': process.name, 'pid': process.pid,
                 'alive': process.alive, 'works': process.works,
                 'owns': bool(process.owners)}
                for process in self.census.processes],
            'streams': [found.to_dict() for found in self.verdicts()]}

    def verdicts(self) -> Iterator[Verdict]:
        """One for each stream that is on; none while nothing is known."""
        rows = self.census.rows
        for type_ in () if rows is None else self.census.types:
            if type_ in rows:
                yield self._verdict(rows[type_])
            else:
                yield Verdict(type_, MISSING, 'it is not in the database yet')

    def _verdict(self, row: stream_module.Stream) -> Verdict:
        verdict, why = self._judge(row)
        return Verdict(row.type, verdict, why, row,
                       age(row, self.census.at))

    def _judge(self, row: stream_module.Stream) -> tuple[str, str | None]:
        dead = self._dead(row)
        if dead:
            return DEAD, f'its process {dead} does not answer'
        if row.paused:
            return stream_module.PAUSED, 'an operator holds it'
        since = age(row, self.census.at)
        if is_stale(row, self.census.at):
            return STALE, (
                f'the last complete sweep began {since:.0f} s ago and there '
                f'should be one every {row.interval:.0f} s; '
                f'{row.error or self._whereabouts(row)}')
        if row.state != stream_module.LIVE:
            return row.state, row.error or 'there was no complete sweep yet'
        return OK, None

    def _unheard(self) -> list[str]:
        return [f'the bus does not take what {process.name} publishes'
                for process in self.census.processes if process.lacks_bus]

    def _dead(self, row: stream_module.Stream) -> str | None:
        """The process that should collect it, if that is dead: none does
        for us what another host has taken over."""
        if row.owner and host(row.owner) != self.host:
            return None
        for process in self.census.processes:
            if process.name in (names.collector(row.plugin),
                                names.ALL_IN_ONE) and not process.alive:
                return process.name
        return None

    def _whereabouts(self, row: stream_module.Stream) -> str:
        owners = [owner for process in self.census.processes
                  for owner in process.owners]
        if row.owner in owners:
            return 'its process lives'
        return f'its owner is {row.owner or "nobody"}, which is not us'
