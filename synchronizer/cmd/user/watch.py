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

"""synchronizer watch: changes as they come, with old and new values."""

import argparse
from collections.abc import Callable
from collections.abc import Sequence
import json
import queue
import select
import threading
import time
from typing import Any
from typing import NoReturn

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.client import mirror as mirror_module
from synchronizer.cmd.user import base
from synchronizer.cmd.user import differences
from synchronizer.cmd.user import selection
from synchronizer.cmd.user import words
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module

BACKLOG = 1000
"""Changes that may wait to be printed; then the mirror holds on."""

PULSE = 5.0
"""Seconds between two looks whether the service is there."""

PATIENCE = 7.0
"""Seconds to take back the subscriptions, which the broker would keep and
fill for half an hour."""

Told = tuple[change_module.Change, entity_module.Entity | None]


class Watch(base.Command):
    """Show changes as they come, until interrupted.

    It tells what differs, the old value and the new one. When the service
    or the broker is away it waits for it, and then tells what was missed.
    """

    def add_options(self, parser: argparse.ArgumentParser) -> None:
        """Of what, and how."""
        parser.add_argument('types', nargs='*', metavar='TYPE',
                            help='as nova.instance; all, if none is named')
        parser.add_argument(
            '--json', action='store_true',
            help='one line each: the change as programs get it, and "old", '
            'the entity before it')
        selection.add_options(parser)

    def take_action(self, parsed_args: argparse.Namespace) -> None:
        """Watch."""
        types = [stream['type']
                 for stream in self.service.streams(parsed_args.types)]
        mirror = self.service.mirror(types)
        memory = Memory()
        watchman = Watchman(self.service.client.describe, self.tell)
        mirror.start()
        watchman.start()
        try:
            # in pieces, so that a signal is noticed
            reader = Reader(self.app.stdout)
            while not mirror.wait_synced(0.5):
                reader.check()
            mirror.subscribe(memory.take, replay=True)
            self._begin(mirror, types)
            self._print(memory, reader, parsed_args)
        finally:
            watchman.stop()
            memory.close()
            mirror.stop(PATIENCE)

    def _begin(self, mirror: mirror_module.Mirror, types: Sequence[str]
               ) -> None:
        count = sum(len(mirror.all(type_)) for type_ in types)
        self.tell(f'watching {count} entities of {len(types)} type'
                  f'{"s" if len(types) > 1 else ""}')

    def _print(self, memory: 'Memory', reader: 'Reader',
               parsed_args: argparse.Namespace) -> NoReturn:
        writer = _json if parsed_args.json else _text
        chosen = selection.Selection(parsed_args)
        while True:
            try:
                change, old = memory.told.get(timeout=1)
            except queue.Empty:
                reader.check()
                continue
            if chosen.takes(change.entity) or (
                    old is not None and chosen.takes(old)):
                self.app.stdout.write(writer(change, old))
                self.app.stdout.flush()


class Reader:
    """Whoever reads what is printed, as at the other end of a pipe: in a
    calm cloud nothing is written for long, so nothing would fail."""

    def __init__(self, stream: Any) -> None:
        self._poll = select.poll()
        try:
            self._poll.register(stream.fileno(), 0)
        except (AttributeError, OSError, ValueError):
            # it is no file: then nobody can go away
            self._poll = None

    def check(self) -> None:
        """BrokenPipeError: nobody reads any more."""
        if self._poll and any(event & select.POLLERR
                              for _, event in self._poll.poll(0)):
            raise BrokenPipeError


class Memory:
    """What the entities were like before each change."""

    def __init__(self) -> None:
        self.told: queue.Queue[Told] = queue.Queue(BACKLOG)
        """Changes, each with the entity before it."""

        self._held: dict[tuple[str, str], entity_module.Entity] = {}
        self._closed = threading.Event()

    def take(self, change: change_module.Change) -> None:
        """Called by the mirror; it waits while too many wait here."""
        key = (change.type, change.id)
        old = self._held.pop(key, None)
        if change.action != change_module.DELETED:
            self._held[key] = change.entity
        # what was there when we came has no time
        if change.committed_at:
            self._put((change, old))

    def close(self) -> None:
        """Nobody takes any more."""
        self._closed.set()

    def _put(self, told: Told) -> None:
        while not self._closed.is_set():
            try:
                return self.told.put(told, timeout=0.5)
            except queue.Full:
                continue


class Watchman:
    """Says when the service goes away, and when it comes back."""

    def __init__(self, describe: Callable[[], Any],
                 tell: Callable[[str], Any]) -> None:
        self._describe, self._tell = describe, tell
        self._stopping = threading.Event()
        self._away = False
        self._thread = threading.Thread(target=self._run, daemon=True,
                                        name='watchman')

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End, without waiting for an answer."""
        self._stopping.set()

    def look(self) -> None:
        """Once."""
        try:
            self._describe()
        except exception.SynchronizerError:
            if not self._away:
                self._tell('the service does not answer; waiting for it')
            self._away = True
            return
        if self._away:
            self._tell('the service answers again')
        self._away = False

    def _run(self) -> None:
        while not self._stopping.wait(PULSE):
            self.look()


def _json(change: change_module.Change,
          old: entity_module.Entity | None) -> str:
    body = wire.change_to_dict(change)
    body['old'] = None if old is None else wire.entity_to_dict(old)
    return json.dumps(body) + '\n'


def _text(change: change_module.Change,
          old: entity_module.Entity | None) -> str:
    """One line for the change, and one for each difference."""
    entity = change.entity
    when = time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(
        wire.seconds(change.committed_at)))
    name = entity.name if entity.name and entity.name != entity.id else ''
    head = [when, change.action, change.type, words.visible(name),
            words.visible(entity.id), f'({change.cause})']
    if change.action == change_module.CREATED and entity.state:
        head.append(words.visible(entity.state))
    lines = [' '.join(part for part in head if part)]
    lines += [f'    {one}' for one in differences.between(
        old, entity, change.changed)]
    return '\n'.join(line.replace('\n', '\\n') for line in lines) + '\n'
