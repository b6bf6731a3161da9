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
"""The voice of the sandbox: it tells of each change as real services do.

It hears of a change in the moment of the change, and speaks on a thread of
its own, in the order of what it heard: so no verb ever waits for a broker.
"""

import collections
from collections.abc import Iterator
import dataclasses
import random
import threading
import time
from typing import Any
from typing import Protocol
import uuid

from synchronizer.sandbox import cinder_notices
from synchronizer.sandbox import heat_notices
from synchronizer.sandbox import mishaps
from synchronizer.sandbox import notices
from synchronizer.sandbox import nova_notices
from synchronizer.sandbox.notices import Change
from synchronizer.sandbox.notices import LEGACY
from synchronizer.sandbox.notices import Notice
from synchronizer.sandbox.notices import VERSIONED
from synchronizer.sandbox.state import Row

# format, as Nova's option has it: the topics that Nova speaks on
FORMATS = {'versioned': (VERSIONED,), 'unversioned': (LEGACY,),
           'both': (LEGACY, VERSIONED)}
PRIORITIES = ('AUDIT', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'CRITICAL',
              'SAMPLE')
TELLERS: dict[str, notices.Teller] = {
    'nova.instance': nova_notices.instance,
    'nova.service': nova_notices.service,
    'nova.flavor': nova_notices.flavor,
    'nova.aggregate': nova_notices.aggregate,
    'nova.server_group': nova_notices.server_group,
    'cinder.volume': cinder_notices.volume,
    'cinder.snapshot': cinder_notices.snapshot,
    'cinder.backup': cinder_notices.backup,
    'cinder.volume_type': cinder_notices.volume_type,
    'heat.stack': heat_notices.stack}


@dataclasses.dataclass(frozen=True)
class Message:
    """A notification as it goes to a broker."""

    service: str
    topic: str
    context: Row
    body: Row


class Speaks(Protocol):
    """What takes messages to a broker, on the voice's thread."""

    def send(self, message: Message) -> None:
        """Send one; it may block, and does not raise."""

    def close(self) -> None:
        """Hang up."""


class Voice:
    """Tells of one cloud, between `start` and `stop`, once.

    `counts` has what was heard (changes), said (notifications), and
    dropped (changes, since too many were waiting).
    """

    def __init__(self, cloud: Any, speaker: Speaks,
                 notification_format: str = 'both', seed: int | None = None,
                 limit: int = 10000) -> None:
        self.cloud = cloud
        self.counts: collections.Counter[str] = collections.Counter(
            heard=0, said=0, dropped=0)
        seed = cloud.seed if seed is None else seed
        self.mishaps = mishaps.Mishaps(seed)
        self._rng = random.Random(seed)
        self._topics = FORMATS[notification_format]
        self._speaker = speaker
        self._limit = limit
        self._waiting: collections.deque[
            tuple[float, Change, Notice | None]] = collections.deque()
        self._changed = threading.Condition()
        self._busy = self._stopped = False
        self._thread = threading.Thread(
            target=self._run, daemon=True, name='sandbox-voice')

    @property
    def waiting(self) -> int:
        """How many changes were heard and are not told yet."""
        return len(self._waiting)

    def start(self) -> None:
        """Tell of what changes from now on."""
        with self.cloud.lock:
            self.cloud.observers.append(self._hear)
        self._thread.start()

    def stop(self, timeout: float = 5.0) -> bool:
        """Be silent; what waits is not said. False: a broker hangs.

        Then the thread ends, and hangs up, when the broker lets it go.
        """
        with self.cloud.lock:
            if self._hear in self.cloud.observers:
                self.cloud.observers.remove(self._hear)
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
        if self._thread.ident is None:
            self._speaker.close()
            return True
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def set_mishaps(self, **wanted: Any) -> None:
        """See Mishaps.set; a shorter delay holds for what waits already."""
        with self._changed:
            self.mishaps.set(**wanted)
            self._changed.notify_all()

    def say(self, service: str, event_type: str, payload: Row,
            priority: str = notices.INFO, topic: str = LEGACY) -> None:
        """Send a forged one, in its turn; no mishap befalls it."""
        if service not in notices.EXCHANGES or (
                topic not in (LEGACY, VERSIONED)):
            raise ValueError(f'nobody speaks as {service} on {topic}')
        if priority not in PRIORITIES:
            raise ValueError(f'no priority {priority}')
        notice = Notice(service, event_type, f'{service}.sandbox', payload,
                        priority, topic)
        with self._changed:
            self._wait(self._change('forged', None, None), notice)

    def wait_idle(self, timeout: float = 10.0) -> bool:
        """Wait until all that was heard is said; False: it took too long."""
        with self._changed:
            return self._changed.wait_for(
                lambda: not (self._waiting or self._busy), timeout)

    def _hear(self, kind: str, old: Row | None, new: Row | None) -> None:
        if kind not in TELLERS:
            return
        with self._changed:
            self.counts['heard'] += 1
            self._wait(self._change(kind, old, new), None)

    def _change(self, kind: str, old: Row | None, new: Row | None
                ) -> Change:
        return Change(self.cloud, kind, old, new, self.cloud.now(),
                      f'req-{self._uuid()}')

    def _wait(self, change: Change, forged: Notice | None) -> None:
        if len(self._waiting) >= self._limit:
            self._waiting.popleft()
            self.counts['dropped'] += 1
        self._waiting.append((time.monotonic(), change, forged))
        self._changed.notify_all()

    def _run(self) -> None:
        try:
            while (heard := self._next()) is not None:
                self._tell(*heard)
        finally:
            self._speaker.close()

    def _next(self) -> tuple[Change, Notice | None] | None:
        """What is due; None: it is time to stop."""
        with self._changed:
            self._busy = False
            self._changed.notify_all()
            while not self._stopped:
                rest = self._rest()
                if rest is not None and rest <= 0:
                    self._busy = True
                    return self._waiting.popleft()[1:]
                self._changed.wait(rest)
        return None

    def _rest(self) -> float | None:
        """Seconds until the first is due; None: nothing waits."""
        if not self._waiting:
            return None
        return self._waiting[0][0] + self.mishaps.delay - time.monotonic()

    def _tell(self, change: Change, forged: Notice | None) -> None:
        said = [] if forged else [self._message(change, notice)
                                  for notice in self._notices(change)]
        with self._changed:
            arrived = self.mishaps.befall(said, bool(self._waiting))
        if forged:
            arrived.insert(0, self._message(change, forged))
        self._send(arrived)

    def _notices(self, change: Change) -> Iterator[Notice]:
        for notice in TELLERS[change.kind](change):
            if notice.service != 'nova' or notice.topic in self._topics:
                yield notice

    def _message(self, change: Change, notice: Notice) -> Message:
        return Message(
            notice.service, notice.topic,
            notices.context(change, notice.service), {
                'message_id': str(uuid.uuid4()),
                'publisher_id': notice.publisher_id,
                'event_type': notice.event_type,
                'priority': notice.priority, 'payload': notice.payload,
                'timestamp': notices.sent_at(change.at)})

    def _send(self, messages: list[Message]) -> None:
        for message in messages:
            if self._stopped:
                return
            self._speaker.send(message)
            self.counts['said'] += 1

    def _uuid(self) -> str:
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))
