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

"""synchronizer drift --watch: what there is, and then what comes and goes."""

from collections.abc import Callable
from collections.abc import Iterator
import json
import queue
import time
from typing import Any
from typing import NoReturn

from synchronizer.bus import wire
from synchronizer.client import mirror as mirror_module
from synchronizer.cmd.user import base
from synchronizer.cmd.user import drift_rows
from synchronizer.cmd.user import watch
from synchronizer.cmd.user import words
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module

TYPE = 'heat.drift'

THERE = 'there'
_WORDS = {change_module.CREATED: 'appears', change_module.UPDATED: 'changes',
          change_module.DELETED: 'goes'}

Entity = entity_module.Entity
Takes = Callable[[Entity], bool]


class Memory(watch.Memory):
    """Tells what was there when we came, too."""

    def take(self, change: change_module.Change) -> None:
        """Called by the mirror."""
        if not change.committed_at:
            self._put((change, None))
        super().take(change)


class Following:
    """Prints changes until it is interrupted."""

    def __init__(self, command: base.Asking, takes: Takes, as_json: bool,
                 long: bool) -> None:
        self._command, self._takes = command, takes
        self._as_json, self._long = as_json, long
        self._memory = Memory()

    def run(self) -> NoReturn:
        """Start a mirror, and go on for ever."""
        service = self._command.service
        mirror = service.mirror([TYPE])
        watchman = watch.Watchman(service.client.describe,
                                  self._command.tell)
        mirror.start()
        watchman.start()
        try:
            # in pieces, so that a signal is noticed
            reader = watch.Reader(self._command.app.stdout)
            while not mirror.wait_synced(0.5):
                reader.check()
            mirror.subscribe(self._memory.take, replay=True)
            self._begin(mirror)
            self._print(reader)
        finally:
            watchman.stop()
            self._memory.close()
            mirror.stop(watch.PATIENCE)

    def _begin(self, mirror: mirror_module.Mirror) -> None:
        count = len(list(filter(self._takes, mirror.all(TYPE))))
        self._command.tell(f'watching; in drift now: {count or "nothing"}')

    def _print(self, reader: watch.Reader) -> NoReturn:
        stdout = self._command.app.stdout
        while True:
            try:
                change, old = self._memory.told.get(timeout=1)
            except queue.Empty:
                reader.check()
                continue
            if self._takes(change.entity) or (
                    old is not None and self._takes(old)):
                stdout.write(self._written(change, old))
                stdout.flush()

    def _written(self, change: change_module.Change, old: Entity | None
                 ) -> str:
        return as_json(change, old) if self._as_json else as_text(
            change, self._long)


def as_json(change: change_module.Change, old: Entity | None) -> str:
    """As ``synchronizer watch --json`` writes it; what was there when we
    came has no ``committed_at``."""
    body: dict[str, Any] = wire.change_to_dict(change)
    body['old'] = None if old is None else wire.entity_to_dict(old)
    return json.dumps(body) + '\n'


def as_text(change: change_module.Change, long: bool) -> str:
    """One line for the resource, and one for each property."""
    lines = [_head(change)]
    if change.action != change_module.DELETED:
        lines += [f'    {line}' for line in _details(change.entity, long)]
    return '\n'.join(map(words.line, lines)) + '\n'


def _head(change: change_module.Change) -> str:
    shown = change.entity.attributes
    when = change.committed_at or shown.get('since')
    by = shown.get('initiator')
    parts = [
        _local(when) if when else '-',
        _WORDS[change.action] if change.committed_at else THERE,
        f'{shown.get("stack_name")}/{shown.get("resource_name")}',
        str(shown.get('resource_type')), str(change.entity.state),
        *([f'by {by}'] if by else []),
        *([f'({shown["reason"]})'] if shown.get('reason') else [])]
    return ' '.join(parts)


def _local(moment: str) -> str:
    return time.strftime('%Y-%m-%d %H:%M:%S',
                         time.localtime(wire.seconds(moment)))


def _details(drift: Entity, long: bool) -> Iterator[str]:
    caused_by = drift.attributes.get('caused_by')
    if long and caused_by:
        yield (f'caused by {caused_by["type"]} {caused_by["id"]}, revision '
               f'{caused_by["revision"]}')
    for row in drift_rows.rows(drift, long):
        told = drift_rows.for_people(row)
        if row['verdict'] == drift_rows.NOT_COMPARABLE:
            yield f'{told["property"]}: not comparable: {told["reason"]}'
        elif row['property']:
            yield (f'{told["property"]}: {told["desired"]} -> '
                   f'{told["actual"]}')
