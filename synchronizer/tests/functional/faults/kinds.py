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

"""The faults: each strikes a deployment once, and is healed."""

import contextlib
import os
import signal

from synchronizer.tests.functional.faults import clock
from synchronizer.tests.functional.faults import network
from synchronizer.tests.functional.faults import volume
from synchronizer.tests.functional.servers import processes

LEASE = 18
"""Longer than any owner may be silent before another one takes over."""


COLLECTOR = 'synchronizer: collector-'


class Fault:
    """One kind. `hold`: how long it lasts, at least and at most."""

    room = ''
    hold = (0.2, 1.5)

    def __init__(self, deployment, rng):
        self.deployment, self.rng = deployment, rng

    def __str__(self):
        return name(type(self))

    @classmethod
    def missing(cls, deployment):
        """Why it cannot be had here, or None."""
        return None

    def lasts(self):
        """What `hold` is in this deployment."""
        return self.hold

    def strike(self):
        raise NotImplementedError

    def heal(self):
        """Whatever has happened meanwhile."""

    def one(self):
        """One of the synchronizers."""
        return self.rng.choice(self.deployment.synchronizers)


def name(kind):
    """Words of what it is called: KillsAWorker, as kills a worker."""
    return ''.join(f' {letter.lower()}' if letter.isupper() else letter
                   for letter in kind.__name__).strip()


# --- processes -----------------------------------------------------------

class _OfProcess(Fault):
    """`hurt`: the synchronizer; `plugin`: the one whose collector it was, or
    nothing if all of them were hurt, or None if it was no collector."""
    room = 'process'
    hurt = None
    plugin = ''

    def signal(self, pid, number):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    def worker(self):
        """Any process of any synchronizer but its master, or None."""
        members = [(pid, title, one) for one in self.deployment.synchronizers
                   for title, pid in one.members() if pid != one.process.pid]
        if not members:
            return None
        pid, title, self.hurt = self.rng.choice(sorted(
            members, key=lambda member: member[0]))
        collects = title.startswith(COLLECTOR)
        self.plugin = title.removeprefix(COLLECTOR) if collects else None
        return pid


class WorkerKilled(_OfProcess):
    hold = (0.1, 0.5)

    def strike(self):
        pid = self.worker()
        if pid:
            self.signal(pid, signal.SIGKILL)


class WorkerStopped(_OfProcess):
    hold = (0.5, 3)

    def strike(self):
        self.pid = self.worker()
        if self.pid:
            self.signal(self.pid, signal.SIGSTOP)

    def heal(self):
        if self.pid:
            self.signal(self.pid, signal.SIGCONT)


class SynchronizerKilled(_OfProcess):
    """The master, with kill -9: its children must see that it is gone."""
    hold = (0.5, 2)

    def strike(self):
        self.hurt = self.one()
        self.signal(self.hurt.process.pid, signal.SIGKILL)
        self.hurt.process.wait()

    def heal(self):
        self.hurt.start()


class HostLost(_OfProcess):
    """All of a synchronizer at once, as when its host loses power."""
    hold = (0.5, 4)

    def lasts(self):
        alone = len(self.deployment.synchronizers) == 1
        return self.hold if alone else self.rng.choice(
            (self.hold, (LEASE, LEASE + 6)))

    def strike(self):
        self.hurt = self.one()
        for pid in processes.family(self.hurt.process.pid):
            self.signal(pid, signal.SIGKILL)
        self.hurt.process.wait()

    def heal(self):
        self.hurt.start()


class HostStopped(_OfProcess):
    """All of a synchronizer for longer than it may own anything."""
    pids = ()

    def lasts(self):
        alone = len(self.deployment.synchronizers) == 1
        return (2, 5) if alone else (LEASE, LEASE + 6)

    def strike(self):
        self.hurt = self.one()
        self.pids = processes.family(self.hurt.process.pid)
        for pid in self.pids:
            self.signal(pid, signal.SIGSTOP)

    def heal(self):
        for pid in reversed(self.pids):
            self.signal(pid, signal.SIGCONT)


class Reloaded(_OfProcess):

    def strike(self):
        self.hurt = self.one()
        self.signal(self.hurt.process.pid, signal.SIGHUP)


class Restarted(_OfProcess):

    def strike(self):
        self.hurt = self.one()
        self.signal(self.hurt.process.pid, signal.SIGTERM)

    def heal(self):
        self.hurt.process.wait(60)
        self.hurt.start()


# --- broker --------------------------------------------------------------

class BrokerKilled(Fault):
    room = 'broker'

    def strike(self):
        self.deployment.broker.kill()

    def heal(self):
        self.deployment.broker.start()


class BrokerRestarted(BrokerKilled):

    def strike(self):
        self.deployment.broker.stop()


class BrokerEmptied(Fault):
    """It comes back without queues, exchanges, and what was in them."""
    room = 'broker'
    hold = (0, 0)

    def strike(self):
        self.deployment.broker.restart_empty()


class BrokerPaused(Fault):
    room = 'broker'
    hold = (0.5, 6)

    def strike(self):
        self.deployment.broker.pause()

    def heal(self):
        self.deployment.broker.resume()


# --- database ------------------------------------------------------------

class DatabaseKilled(Fault):
    room = 'database'

    def strike(self):
        self.deployment.database.kill()

    def heal(self):
        self.deployment.database.start()


class DatabaseRestarted(DatabaseKilled):

    def strike(self):
        self.deployment.database.stop()


class DatabasePaused(Fault):
    room = 'database'
    hold = (0.5, 6)

    def strike(self):
        self.deployment.database.pause()

    def heal(self):
        self.deployment.database.resume()


class DatabaseReadOnly(Fault):
    room = 'database'
    hold = (0.5, 3)

    def strike(self):
        self.deployment.database.read_only(True)

    def heal(self):
        self.deployment.database.read_only(False)


class DatabaseFull(Fault):
    room = 'database'
    hold = (1, 4)

    @classmethod
    def missing(cls, deployment):
        return volume.Volume.missing()

    def strike(self):
        self.deployment.database.disk.fill()

    def heal(self):
        database = self.deployment.database
        database.disk.free()
        if not database.runs:
            # it gave up, as its administrator would find it
            database.kill()
            database.start()


class DatabaseFailsOver(Fault):
    """Its successor, with another address, goes on where it died."""
    room = 'database'
    hold = (0.5, 2)

    @classmethod
    def missing(cls, deployment):
        if not hasattr(deployment.database, 'fail_over'):
            return f'no successor of a {deployment.database.name}'
        return None

    def strike(self):
        self.deployment.fail_over()


# --- coordination --------------------------------------------------------

class _OfCoordination(Fault):
    room = 'coordination'
    hold = (0.5, 6)

    @classmethod
    def missing(cls, deployment):
        alone = deployment.coordination is None
        return 'one synchronizer needs none' if alone else None

    def lasts(self):
        # at times for longer than anybody's lease
        return self.rng.choice((self.hold, (LEASE, LEASE + 6)))


class CoordinationKilled(_OfCoordination):

    def strike(self):
        self.deployment.coordination.kill()

    def heal(self):
        self.deployment.coordination.start()


class CoordinationPaused(_OfCoordination):

    def strike(self):
        self.deployment.coordination.pause()

    def heal(self):
        self.deployment.coordination.resume()


class CoordinationEmptied(_OfCoordination):
    """It comes back and knows nobody."""

    def lasts(self):
        return (0, 0)

    def strike(self):
        self.deployment.coordination.restart_empty()


# --- network, disks and clocks of the synchronizers ----------------------

class LinkCut(Fault):
    """One server away from one synchronizer: each connection is reset."""
    room = 'network'
    hold = (0.3, 4)
    words = ('cut',)

    def strike(self):
        self.links = self.rng.choice([
            one.links for one in self.deployment.synchronizers
        ] + [self.deployment.consumers])
        self.server = self.rng.choice(self.links.names)
        self.links.tell(self.server, *self.words)

    def heal(self):
        self.links.tell(self.server, 'pass')


class LinkHangs(LinkCut):
    """Connections stay open, and nothing comes through."""
    words = ('hang',)


class LinkSlow(LinkCut):
    words = ('slow', 0.1)


class _OfNetwork(Fault):
    room = 'network'
    hold = (1, 5)

    @classmethod
    def missing(cls, deployment):
        return network.Namespace.missing()

    def network(self):
        return self.deployment.synchronizers[-1].network

    def heal(self):
        self.network().heal()


class NetworkCut(_OfNetwork):
    """All packets of one synchronizer are lost."""

    def strike(self):
        self.network().cut()


class NetworkSlow(_OfNetwork):

    def strike(self):
        self.network().slow()


class DiskFull(Fault):
    """That of a synchronizer's state and log."""
    room = 'host'

    @classmethod
    def missing(cls, deployment):
        return volume.Volume.missing()

    def strike(self):
        self.hurt = self.one()
        self.hurt.disk.fill()

    def heal(self):
        self.hurt.disk.free()


class ClockSteps(Fault):
    """Hours forward or back, and later to the truth."""
    room = 'host'
    hold = (1, 4)

    @classmethod
    def missing(cls, deployment):
        return clock.Clock.missing()

    def strike(self):
        self.hurt = self.one()
        self.hurt.clock.put(self.rng.choice((-1, 1))
                            * self.rng.randint(60, 7200))

    def heal(self):
        self.hurt.clock.put(0)


# --- the cloud -----------------------------------------------------------

class _OfApi(Fault):
    room = 'cloud'
    rule = ()
    more = {}

    def strike(self):
        path = self.rng.choice(('/compute', '/volume', '/servers', ''))
        self.id = self.deployment.http.faults.add(
            *self.rule, path=path, **self.more)

    def heal(self):
        self.deployment.http.faults.remove(self.id)
        self.deployment.http.faults.release()


def _of_api(title, rule, **more):
    return type(title, (_OfApi,), {'rule': (rule,), 'more': more})


ApiErrs = _of_api('ApiErrs', 'error', status=500, probability=0.5)
ApiBadGateway = _of_api('ApiBadGateway', 'error', status=502, times=5)
ApiAway = _of_api('ApiAway', 'error', status=503)
ApiThrottles = _of_api('ApiThrottles', 'throttle', times=3, after=1)
ApiTooLarge = _of_api('ApiTooLarge', 'throttle', status=413, times=3,
                      after=1)
ApiHangs = _of_api('ApiHangs', 'hang', times=2)
ApiAnswersLate = _of_api('ApiAnswersLate', 'hang', times=4, seconds=1,
                         when='after')
ApiCutsBodies = _of_api('ApiCutsBodies', 'cut', times=4)
ApiTalksNonsense = _of_api('ApiTalksNonsense', 'garbage', times=4)
ApiShowsNothing = _of_api('ApiShowsNothing', 'empty', times=4)
ApiShowsHalf = _of_api('ApiShowsHalf', 'half', times=4)
ApiShowsTwice = _of_api('ApiShowsTwice', 'twice', times=4)
ApiHangsUp = _of_api('ApiHangsUp', 'drop', times=4)
ApiRefuses = _of_api('ApiRefuses', 'refuse', times=4)
ApiKnowsNobody = _of_api('ApiKnowsNobody', 'refuse', status=401, times=4)


class TokensExpire(Fault):
    room = 'cloud'
    hold = (0, 0)

    def strike(self):
        self.deployment.http.identity.expire_tokens()


class RoleLost(Fault):
    """Ours: what is of other projects is not shown, or refused."""
    room = 'cloud'
    hold = (1, 4)

    def strike(self):
        self.deployment.http.identity.lose_roles('admin')

    def heal(self):
        self.deployment.http.identity.lose_roles()


class CellDown(Fault):
    room = 'cloud'
    hold = (1, 3)

    def strike(self):
        cloud = self.deployment.cloud
        self.cell = self.rng.choice(sorted(cloud.cells()))
        cloud.cell_down(self.cell)

    def heal(self):
        self.deployment.cloud.cell_up(self.cell)


class NotificationsGoWrong(Fault):
    """They come late, twice, in disorder, or not at all."""
    room = 'cloud'
    hold = (1, 4)

    def strike(self):
        self.deployment.voice.set_mishaps(
            lost=0.3, doubled=0.3, reordered=0.3,
            delay=self.rng.choice((0, 1)))

    def heal(self):
        self.deployment.voice.set_mishaps(
            lost=0, doubled=0, reordered=0, delay=0)


KINDS = (
    WorkerKilled, WorkerStopped, SynchronizerKilled, HostLost, HostStopped,
    Reloaded, Restarted, BrokerKilled, BrokerRestarted, BrokerEmptied,
    BrokerPaused, DatabaseKilled, DatabaseRestarted, DatabasePaused,
    DatabaseReadOnly, DatabaseFull, DatabaseFailsOver, CoordinationKilled,
    CoordinationPaused, CoordinationEmptied, LinkCut, LinkHangs, LinkSlow,
    NetworkCut, NetworkSlow, DiskFull, ClockSteps, ApiErrs,
    ApiBadGateway, ApiAway, ApiThrottles, ApiTooLarge, ApiHangs,
    ApiAnswersLate, ApiCutsBodies, ApiTalksNonsense, ApiShowsNothing,
    ApiShowsHalf, ApiShowsTwice, ApiHangsUp, ApiRefuses, ApiKnowsNobody,
    TokensExpire, RoleLost, CellDown, NotificationsGoWrong)
