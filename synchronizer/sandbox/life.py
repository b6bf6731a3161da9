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

"""A scripted, seeded life: one plausible operation after the other.

The same seed on the same cloud makes the same life, step by step.
"""

import collections
import random
import threading
import time
from typing import Any

from synchronizer.sandbox.block import VOLUME
from synchronizer.sandbox.compute import SERVER
from synchronizer.sandbox.stacks import STACK
from synchronizer.sandbox.state import Row
from synchronizer.sandbox.state import SandboxError

# operation: weight
OPERATIONS = {
    'boot': 12, 'delete': 9, 'migrate': 10, 'resize': 6, 'power': 10,
    'rename': 5, 'metadata': 8, 'tag': 5, 'attach': 5, 'detach': 4,
    'burst': 1, 'sweep': 1, 'volume': 6, 'volume_delete': 5, 'extend': 3,
    'snapshot': 3, 'stack': 2, 'stack_update': 3, 'stack_delete': 2,
    'service': 2, 'disable': 2,
}

TRIES = 4
"""How many rows are drawn before all are looked at for one that will do."""

ROOM = 200
"""So many more of a kind than at first may live, before some must go."""

GOING = {VOLUME: ('volume_delete', 'detach'),
         'cinder.snapshot': ('snapshot_delete',), STACK: ('stack_delete',)}
"""How room is made for kinds of which more come than go."""


class Life:
    """Steps through a life, by hand or on a thread of its own."""

    def __init__(self, cloud: Any, seed: int | None = None,
                 rate: float = 1.0) -> None:
        self.cloud = cloud
        self.rng = random.Random(cloud.seed if seed is None else seed)
        self.rate = rate
        self.steps = 0
        self._size = max(2, len(cloud.live(SERVER)))
        self._most = {kind: len(cloud.live(kind)) + ROOM for kind in GOING}
        self._later: collections.deque[tuple[str, Row]] = collections.deque()
        self._wake = threading.Condition()
        self._stepping = threading.Lock()
        self._thread: threading.Thread | None = None
        self._stopped = self._paused = False

    def step(self) -> tuple[str, Any]:
        """Do one operation; tells which, and to what."""
        with self._stepping, self.cloud.lock:
            self.steps += 1
            if self._later and self.rng.random() < 0.5:
                verb, args = self._later.popleft()
                done = self._finish(verb, args)
            else:
                verb = self._choose()
                done = getattr(self, '_' + verb)()
            return (verb, done) if done else ('boot', self._boot())

    def run(self, steps: int) -> list[tuple[str, Any]]:
        """Do several operations at once."""
        return [self.step() for _ in range(steps)]

    def start(self, rate: float | None = None) -> None:
        """Step `rate` times a second from now on."""
        if rate is not None:
            self.set_rate(rate)
        self.stop()
        self._stopped = False
        self._thread = threading.Thread(target=self._loop, daemon=True,
                                        name='sandbox-life')
        self._thread.start()

    def stop(self) -> None:
        """No step happens any more once this returns."""
        with self._wake:
            self._stopped = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def pause(self) -> None:
        """No step happens once this returns, until `resume`."""
        with self._wake:
            self._paused = True
        with self._stepping:
            pass

    def resume(self) -> None:
        """Go on after a pause."""
        with self._wake:
            self._paused = False
            self._wake.notify_all()

    def set_rate(self, rate: float) -> None:
        """Steps per second; 0 rests."""
        with self._wake:
            self.rate = rate
            self._wake.notify_all()

    def _loop(self) -> None:
        due = time.monotonic()
        while True:
            with self._wake:
                rest = self._rest(due)
                if self._stopped:
                    return
                if rest > 0:
                    self._wake.wait(None if rest == float('inf') else rest)
                    continue
                # Steps missed by much are not made up for all at once.
                due = max(due, time.monotonic() - 1) + 1 / self.rate
            self.step()

    def _rest(self, due: float) -> float:
        if self._paused or self.rate <= 0:
            return float('inf')
        return min(due - time.monotonic(), 1 / self.rate)

    def _choose(self) -> str:
        """Keep the cloud near the size it had."""
        count = len(self.cloud.live(SERVER))
        if count < self._size * 0.7:
            return 'boot'
        if count > self._size * 1.3:
            return 'delete'
        for kind, most in self._most.items():
            if len(self.cloud.live(kind)) > most:
                return self.rng.choice(GOING[kind])
        return self.rng.choices(list(OPERATIONS),
                                list(OPERATIONS.values()))[0]

    def _finish(self, verb: str, args: Row) -> Any:
        try:
            self.cloud.call(verb, **args)
        except SandboxError:
            return None  # deleted in the meantime
        return next(iter(args.values()))

    def _pick(self, kind: str, **wanted: Any) -> Row | None:
        def will_do(row: Row) -> bool:
            return all(row[key] == value for key, value in wanted.items())

        rows = self.cloud.live(kind)
        # most do: to look at all of them each time takes longest of all
        for _ in range(TRIES if rows else 0):
            row = self.rng.choice(rows)
            if will_do(row):
                return row
        rows = list(filter(will_do, rows))
        return self.rng.choice(rows) if rows else None

    def _boot(self) -> Any:
        project = self.rng.choice(('demo', 'alpha'))
        server = self.cloud.boot(project=project, status='BUILD')
        self._later.append(('finish_boot', {'server': server}))
        return server

    def _delete(self) -> Any:
        server = self._pick(SERVER)
        if server:
            self.cloud.delete_server(server['id'])
        return server and server['id']

    def _migrate(self) -> Any:
        server = self._pick(SERVER, status='ACTIVE')
        if server:
            self.cloud.begin(server['id'], 'MIGRATING')
            self._later.append(('migrate', {'server': server['id']}))
        return server and server['id']

    def _resize(self) -> Any:
        server = self._pick(SERVER, status='ACTIVE')
        if server:
            self.cloud.resize(server['id'], confirm=False)
            self._later.append(('confirm_resize', {'server': server['id']}))
        return server and server['id']

    def _power(self) -> Any:
        server = self._pick(SERVER, status=self.rng.choice(
            ('ACTIVE', 'SHUTOFF')))
        if server:
            stop = server['status'] == 'ACTIVE'
            self.cloud.call('stop' if stop else 'start', server=server['id'])
        return server and server['id']

    def _rename(self) -> Any:
        server = self._pick(SERVER)
        if server:
            self.cloud.rename(server['id'], f'renamed-{self.steps}')
        return server and server['id']

    def _metadata(self) -> Any:
        server = self._pick(SERVER)
        if server:
            self.cloud.set_metadata(server['id'], {
                'life': str(self.rng.randrange(1000))})
        return server and server['id']

    def _tag(self) -> Any:
        server = self._pick(SERVER)
        if server:
            self.cloud.tag(server['id'], f't{self.rng.randrange(8)}')
        return server and server['id']

    def _attach(self) -> Any:
        server = self._pick(SERVER, status='ACTIVE')
        volume = self._pick(VOLUME, attachments=())
        if server and volume:
            self.cloud.attach_volume(server['id'], volume['id'])
            return volume['id']
        return None

    def _detach(self) -> Any:
        volume = self._pick(VOLUME, status='in-use')
        if volume:
            self.cloud.detach_volume(volume['id'])
        return volume and volume['id']

    def _burst(self) -> Any:
        return [self._boot() for _ in range(self.rng.randint(3, 10))]

    def _sweep(self) -> Any:
        return [self._delete() for _ in range(self.rng.randint(2, 5))]

    def _volume(self) -> Any:
        volume = self.cloud.create_volume(status='creating', project=(
            self.rng.choice(('demo', 'alpha'))))
        self._later.append(('set_volume_status', {
            'volume': volume, 'status': 'available'}))
        return volume

    def _volume_delete(self) -> Any:
        volume = self._pick(VOLUME, attachments=())
        if volume:
            self.cloud.delete_volume(volume['id'])
        return volume and volume['id']

    def _extend(self) -> Any:
        volume = self._pick(VOLUME)
        if volume:
            self.cloud.extend_volume(volume['id'])
        return volume and volume['id']

    def _snapshot(self) -> Any:
        volume = self._pick(VOLUME)
        return volume and self.cloud.create_snapshot(volume['id'])

    def _snapshot_delete(self) -> Any:
        snapshot = self._pick('cinder.snapshot')
        if snapshot:
            self.cloud.delete_snapshot(snapshot['id'])
        return snapshot and snapshot['id']

    def _stack(self) -> Any:
        stack = self.cloud.create_stack(
            project=self.rng.choice(('demo', 'alpha')),
            nested=self.rng.randint(0, 2), settle=False)
        self._later.append(('settle_stack', {'stack': stack}))
        return stack

    def _stack_update(self) -> Any:
        stack = self._pick(STACK, parent=None, status='COMPLETE')
        if stack:
            self.cloud.update_stack(stack['id'], settle=False, metadata={
                'release': str(self.rng.randrange(100))})
            self._later.append(('settle_stack', {'stack': stack['id']}))
        return stack and stack['id']

    def _stack_delete(self) -> Any:
        stack = self._pick(STACK, parent=None, status='COMPLETE')
        if stack:
            self.cloud.delete_stack(stack['id'], settle=False)
            self._later.append(('finish_delete', {'stack': stack['id']}))
        return stack and stack['id']

    def _service(self) -> Any:
        host = self._pick('nova.host')
        if host:
            up = host['service']['up']
            self.cloud.call('service_down' if up else 'service_up',
                            host=host['name'])
            if up:
                self._later.append(('service_up', {'host': host['name']}))
        return host and host['name']

    def _disable(self) -> Any:
        host = self._pick('nova.host')
        if host:
            enabled = host['service']['status'] == 'enabled'
            self.cloud.call('disable_service' if enabled else
                            'enable_service', host=host['name'])
            if enabled:
                self._later.append(('enable_service',
                                    {'host': host['name']}))
        return host and host['name']
