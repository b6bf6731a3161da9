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

"""The back end through which synchronizers agree: tooz, and what we need of
it. One thread uses it.

Two groups and some locks, in a namespace that belongs to the database:
whoever *contends* for a unit is in the one group, whoever *holds* one in the
other. The lock of a unit makes it one holder's; a lock around each decision
lets only one process change anything at a time. Being in the group of the
holders is also the sign that our lock is still ours: both live as long as we
are heard, and not every driver can tell of a lock.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from concurrent import futures
import contextlib
import dataclasses
import hashlib
import threading
import time
from typing import Any
from typing import TypeVar
from urllib import parse
import uuid

from oslo_log import log as logging
import tooz
from tooz import coordination

from synchronizer import exception
from synchronizer import quiet
from synchronizer.service import share

LOG = logging.getLogger(__name__)

LEASE = 0.6
"""Of the take-over: so long whoever is not heard keeps what he has."""

PACE = 0.1
"""Of the take-over: how often each member is heard, and looks."""

ANSWER = 0.15
"""Of the take-over: so long the back end may take to answer a request."""

PATIENCE = 0.25
"""Of the take-over: so long all the requests of one step may take."""

FRESH = 0.3
"""Of the take-over: so long what was seen of a stream may be acted on. Less
than what is left of a lease when whoever has it is paused: so if another one
has taken over meanwhile, it is old."""

LOGGERS = tuple(f'tooz.drivers.{name}' for name in (
    'etcd3gw', 'redis', 'memcached', 'zookeeper', 'file'))

EXTRAS = {'etcd3+http': 'etcd', 'etcd3+https': 'etcd', 'redis': 'redis',
          'zookeeper': 'zookeeper', 'kazoo': 'zookeeper'}

GOOD = 'etcd3+http, etcd3+https, redis, zookeeper or file'

NEEDED = ('join_group', 'leave_group', 'get_members', 'get_lock')

CONTENDERS, HOLDERS = 'contenders', 'holders'

T = TypeVar('T')

_PASSED = ('timeout', 'lock_timeout', 'membership_timeout')


@dataclasses.dataclass(frozen=True, slots=True)
class Times:
    """All that follows from takeover_timeout. Seconds."""

    takeover: float
    """What is promised."""

    @property
    def lease(self) -> int:
        """So long the back end waits for one who is not heard."""
        return max(1, int(self.takeover * LEASE))

    @property
    def pace(self) -> float:
        """Between two looks."""
        return self.takeover * PACE

    @property
    def answer(self) -> int:
        """So long a request may take."""
        return max(1, int(self.takeover * ANSWER))

    @property
    def patience(self) -> float:
        """So long one step of ours may take, whatever a client does."""
        return self.takeover * PATIENCE

    @property
    def fresh(self) -> float:
        """So long what was seen of a stream may be acted on."""
        return self.takeover * FRESH

    def options(self, scheme: str) -> dict[str, object]:
        """As the driver of that scheme calls them."""
        if scheme in ('file', 'zookeeper', 'kazoo'):
            # how long a member lives that is not heard
            return {'timeout': self.lease}
        found: dict[str, object] = dict(
            zip(_PASSED, (self.answer, self.lease, self.lease)))
        if scheme == 'redis':
            found |= {'socket_timeout': self.answer,
                      'socket_connect_timeout': self.answer}
        return found


def driver(url: str, times: Times, member: bytes = b'nobody'
           ) -> coordination.CoordinationDriver:
    """What tooz makes of the URL; nothing is asked yet. ConfigurationError
    if it can make nothing that would do."""
    scheme = url.partition(':')[0]
    try:
        _port(url)
        with quiet.hushed(*quiet.PLUGINS):
            made = coordination.get_coordinator(
                url, member, **times.options(scheme))
    except Exception as error:
        # each driver has its own way to say it; the URL may hold a password
        raise exception.ConfigurationError(
            f'[coordination] backend_url: {_unusable(scheme, error)}'
        ) from error
    lacks = [name for name in NEEDED if getattr(type(made), name) is getattr(
        coordination.CoordinationDriver, name)]
    if lacks:
        raise exception.ConfigurationError(
            f'[coordination] backend_url: the driver {scheme} knows no '
            f'groups, by which the work is shared; use {GOOD}')
    return made


def _port(url: str) -> int | None:
    """Read for its faults: some drivers see them only when they connect."""
    return parse.urlsplit(url).port


def _unusable(scheme: str, error: Exception) -> str:
    if isinstance(error, ImportError):
        extra = EXTRAS.get(scheme)
        return f'{error}' + (
            f': pip install "synchronizer[{extra}]"' if extra else '')
    if 'No' in str(error) and 'driver found' in str(error):
        return f'there is no driver {scheme!r}; use {GOOD}'
    return (f'it cannot be used ({type(error).__name__}); it looks like '
            'etcd3+http://HOST:2379')


def namespace(secret: bytes) -> str:
    """A name for what belongs to one database: others that share the back
    end do not meet us there."""
    return 'synchronizer-' + hashlib.sha256(
        b'coordination' + secret).hexdigest()[:16]


def hosts(found: share.View) -> list[str]:
    """All that are there."""
    return sorted({host for host, _ in found.contenders})


def sharing(made: coordination.CoordinationDriver, space: str) -> list[str]:
    """The hosts that share a database's work now, for one who only asks;
    CoordinationError if the back end does not answer."""
    def look() -> list[str]:
        made.start()
        try:
            found = made.get_members(_group(space, CONTENDERS)).get()
        except coordination.GroupNotCreated:
            return []
        finally:
            made.stop()
        return sorted({_parts(member)[0] for member in found})
    return _told(look)


def _group(space: str, name: str) -> bytes:
    return f'{space}-{name}'.encode()


class Coordination:
    """One process' place at the back end; every method but the first may
    raise CoordinationError, after which it is to be tried again."""

    def __init__(self, make: Callable[
                     [bytes], coordination.CoordinationDriver],
                 space: str, host: str, unit: str, types: Sequence[str] = (),
                 patience: float | None = None, family: str | None = None,
                 timer: Callable[[], float] = time.monotonic) -> None:
        """`patience`: seconds for one of the methods; None: no limit.
        `family`: all processes for this unit that have the same are dead
        when we are made."""
        self._ask = _told if patience is None else _Patient(patience).ask
        self.host, self.unit = host, unit
        self._family, self._timer = family, timer
        self._me = f'{host}:{unit}:{self._token()}'.encode()
        self.types = frozenset(types)
        self._space = space
        self._contenders = _group(space, CONTENDERS)
        self._holders = _group(space, HOLDERS)
        self._driver = make(self._me)
        self._lock: Any = None
        self._decision: Any = None
        self._ends_decision = True
        self._joined: set[bytes] = set()
        self.contending = False
        """Whether we are to be seen as one who could collect it."""

        self.leading = False
        """Whether we are to be seen as the one who does."""

        self.forgotten = False
        """Whether the back end had forgotten us at the last look."""

        self.predecessor: float | None = None
        """How long ago the one began who held our unit, is dead, and had
        left it to nobody at the last look; None: there is no such."""

    def _token(self) -> str:
        """What is ours of our name; the clock is that of the host."""
        token = uuid.uuid4().hex[:12]
        return (token if self._family is None else
                f'{self._family}-{int(self._timer())}-{token}')

    @property
    def holding(self) -> bool:
        """Whether we have the lock, as far as we know."""
        return self._lock is not None

    def connect(self) -> None:
        """Begin."""
        def connect() -> None:
            self._driver.start()
            for group in (self._contenders, self._holders):
                self._create(group)
        self._ask(connect)

    def close(self) -> None:
        """End: nothing is ours any more."""
        try:
            self.release()
        finally:
            self._ask(self._driver.stop)

    # --- looks -----------------------------------------------------------

    def look(self) -> share.View:
        """Be heard, see to it that we stand where we want to stand, and see
        who else is there."""
        return self._ask(self._look)

    def _look(self) -> share.View:
        self._driver.heartbeat()
        self._end_decision()
        self.forgotten = False
        contenders = self._members(self._contenders, self.contending)
        holders = self._read(self._holders)
        if self.leading and not (self._me in holders and self._is_ours()):
            self.forgotten = True
            self._regain()
        holders = self._members(self._holders, self.leading)
        self.predecessor = self._predecessor(holders)
        return share.View(
            frozenset((host, unit) for host, unit, _ in map(
                _parts, contenders)),
            {unit: host for host, unit, _ in map(_parts, sorted(holders))})

    def _predecessor(self, holders: set[bytes]) -> float | None:
        born = []
        for host, unit, token in map(_parts, holders - {self._me}):
            if unit == self.unit:
                family, _, when = token.rpartition('-')[0].partition('-')
                if (host, family) != (self.host, self._family):
                    # it is another's by now
                    return None
                born.append(int(when))
        return self._timer() - max(born) if born else None

    def types_of_holder(self) -> tuple[str, list[str]] | None:
        """The host that holds our unit, and the types that are on there."""
        def look() -> tuple[str, list[str]] | None:
            for member in self._read(self._holders):
                host, unit, _ = _parts(member)
                if unit == self.unit:
                    told = self._driver.get_member_capabilities(
                        self._holders, member).get()
                    return host, list((told or {}).get('types', ()))
            return None
        return self._ask(look)

    def _members(self, group: bytes, wanted: bool) -> set[bytes]:
        """Who is in it, once we are, or are not."""
        found = self._read(group)
        if wanted and self._me not in found:
            self.forgotten |= group in self._joined
            self._join(group)
            return found | {self._me}
        if not wanted and self._me in found:
            self._leave(group)
            return found - {self._me}
        return found

    # --- the lock --------------------------------------------------------

    @contextlib.contextmanager
    def deciding(self) -> Iterator[bool]:
        """Whether we alone decide now; until the end."""
        def begin() -> bool:
            lock = self._lock_of('decision')
            if lock.acquire(blocking=False):
                self._decision = lock
            return self._decision is not None

        self._ends_decision = False
        try:
            yield self._ask(begin)
        finally:
            # if it cannot be ended now, the next look ends it: heartbeats
            # would keep it for ever
            self._ends_decision = True
            self._ask(self._end_decision)

    def _end_decision(self) -> None:
        if self._decision is not None and self._ends_decision:
            self._decision.release()
            self._decision = None

    def take(self, inherits: bool = False) -> bool:
        """Whether the unit is ours now. Whoever decides alone, and has seen
        a predecessor, `inherits` it."""
        def take() -> bool:
            lock = self._lock_of(self.unit)
            if inherits:
                with contextlib.suppress(tooz.NotImplemented):
                    # else it runs out by itself
                    lock.break_()
            if not lock.acquire(blocking=False):
                return False
            self._lock, self.leading = lock, True
            self._members(self._holders, True)
            return True
        return self._ask(take)

    def step_down(self) -> None:
        """Be seen to have given the unit back, while we still end."""
        self.leading = False
        self._ask(lambda: self._members(self._holders, False))

    def release(self) -> None:
        """Give it back; whoever may, takes it from now on."""
        self.leading = False

        def release() -> None:
            if self._lock is not None:
                self._lock.release()
                self._lock = None
            self._members(self._holders, False)
        self._ask(release)

    def withdraw(self) -> None:
        """Be no one whom anybody would leave anything to."""
        self.contending = False
        self._ask(lambda: self._members(self._contenders, False))

    def _regain(self) -> None:
        """We were not heard for a while: what is left of our lock is of no
        use, and whether there is another one for us, is seen now."""
        if self._lock is not None:
            # heartbeats may keep it even so
            self._lock.release()
            self._lock = None
        lock = self._lock_of(self.unit)
        self.leading = lock.acquire(blocking=False)
        self._lock = lock if self.leading else None

    def _is_ours(self) -> bool:
        if self._lock is None:
            return False
        try:
            return self._lock.is_still_owner()
        except tooz.NotImplemented:
            # then the group has to tell
            return True

    def _lock_of(self, name: str) -> Any:
        return self._driver.get_lock(f'{self._space}-{name}'.encode())

    # --- groups ----------------------------------------------------------

    def _create(self, group: bytes) -> None:
        with contextlib.suppress(coordination.GroupAlreadyExist):
            self._driver.create_group(group).get()

    def _read(self, group: bytes) -> set[bytes]:
        try:
            return set(self._driver.get_members(group).get())
        except coordination.GroupNotCreated:
            # whatever was there, is lost
            self.forgotten = True
            self._create(group)
            return set()

    def _join(self, group: bytes) -> None:
        with contextlib.suppress(coordination.MemberAlreadyExist):
            self._driver.join_group(group, {'types': sorted(self.types)}).get()
        self._joined.add(group)

    def _leave(self, group: bytes) -> None:
        with contextlib.suppress(coordination.MemberNotJoined,
                                 coordination.GroupNotCreated):
            self._driver.leave_group(group).get()
        self._joined.discard(group)


def _parts(member: bytes) -> tuple[str, str, str]:
    host, unit, token = member.decode().split(':')
    return host, unit, token


def _told(what: Callable[[], T]) -> T:
    """What the back end says; whatever goes wrong below is that it does not
    answer well: its clients raise what they like."""
    try:
        with quiet.hushed(*LOGGERS):
            return what()
    except Exception as error:
        raise exception.CoordinationError(
            f'{type(error).__name__}: {" ".join(str(error).split())}'[:300]
        ) from error


class _Patient:
    """Asks one thing at a time, and waits so long for it: the clients have
    time-outs, and try again as often as they like."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._asked: futures.Future[Any] | None = None

    def ask(self, what: Callable[[], T]) -> T:
        """Like `_told`; what takes too long goes on, and nothing else is
        asked until it is over."""
        if self._asked is not None and not self._asked.done():
            raise self._late()
        self._asked = future = futures.Future()
        threading.Thread(target=_into, args=(future, what), daemon=True,
                         name='coordination').start()
        try:
            return future.result(self._patience)
        except TimeoutError:
            raise self._late() from None

    def _late(self) -> exception.CoordinationError:
        return exception.CoordinationError(
            f'no answer within {self._patience:g} s')


def _into(future: 'futures.Future[T]', what: Callable[[], T]) -> None:
    try:
        future.set_result(_told(what))
    except BaseException as error:
        # it belongs to whoever waits
        future.set_exception(error)
