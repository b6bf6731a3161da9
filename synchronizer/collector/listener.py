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

"""From notifications to hints: what a service tells, and what we make of it.

Of a notification nothing is kept but what its plugin's table says, where to
look, and the ids of who did it. Payloads and contexts hold tokens of callers;
none is logged or stored.
"""

import collections
from collections.abc import Callable
import dataclasses
from typing import Any

from oslo_log import log

from synchronizer import metrics
from synchronizer import tracing
from synchronizer.collector import context
from synchronizer.plugins import hints

LOG = log.getLogger(__name__)

REMEMBERED = 4096
"""How many of the last message ids are known again."""

Hear = Callable[[hints.Hint], None]


@dataclasses.dataclass(slots=True)
class Heard:
    """How many notifications of each kind."""

    taken: int = 0
    """Led to hints."""

    others: int = 0
    """Are in no table."""

    doubled: int = 0
    """Had come before."""

    unreadable: int = 0
    """Should have led to hints, and lack what the table wants."""

    def __str__(self) -> str:
        return (f'{self.taken} taken, {self.others} of no use, '
                f'{self.doubled} doubled, {self.unreadable} unreadable')


class Listener:
    """An endpoint for the notifications of one service, all priorities."""

    def __init__(self, name: str, table: hints.Table, hear: Hear) -> None:
        self._name, self._table, self._hear = name, table, hear
        self._ids: collections.OrderedDict[str, None] = (
            collections.OrderedDict())
        self._complained: set[str] = set()
        self.heard = Heard()

    def info(self, ctxt: dict, publisher_id: str, event_type: Any,
             payload: Any, metadata: dict) -> None:
        """A notification came."""
        try:
            if self._is_doubled(metadata):
                self._count('doubled')
                return
            found = hints.read(self._table, event_type, payload,
                               hints.unix(metadata.get('timestamp')))
        except Exception as error:
            # anybody may send anything of any shape
            self._unreadable(str(event_type)[:80], error)
            return
        if not found:
            self._count('others')
            return
        self._count('taken')
        LOG.debug('%(name)s: %(event)s', {
            'name': self._name, 'event': event_type})
        initiator = context.initiator(ctxt, payload)
        if initiator is not None:
            tracing.tell('hint', initiator.request_id,
                         hints.unix(metadata.get('timestamp')),
                         event=str(event_type)[:80], plugin=self._name)
        for hint in found:
            self._pass_on(dataclasses.replace(hint, initiator=initiator))

    audit = debug = warn = error = critical = sample = info

    def _count(self, result: str) -> None:
        setattr(self.heard, result, getattr(self.heard, result) + 1)
        metrics.NOTIFICATIONS.labels(self._name, result).inc()

    def _pass_on(self, hint: hints.Hint) -> None:
        try:
            self._hear(hint)
        except Exception:
            # it costs this hint, and none of the others
            LOG.exception('%(name)s: a hint at %(type)s is lost',
                          {'name': self._name, 'type': hint.type})

    def _is_doubled(self, metadata: dict) -> bool:
        id_ = metadata.get('message_id')
        if not isinstance(id_, str):
            return False
        if id_ in self._ids:
            return True
        self._ids[id_] = None
        if len(self._ids) > REMEMBERED:
            self._ids.popitem(last=False)
        return False

    def _unreadable(self, event: str, error: Exception) -> None:
        self._count('unreadable')
        # once for each event; all are counted
        level = log.DEBUG if event in self._complained else log.WARNING
        if len(self._complained) < REMEMBERED:
            self._complained.add(event)
        LOG.log(level, '%(name)s: a notification %(event)r cannot be read: '
                '%(error)s', {'name': self._name, 'event': event,
                              'error': _kind(error)})


def _kind(error: Exception) -> str:
    """Our own words, or only the kind: others may quote the payload."""
    return (str(error) if type(error) is ValueError
            else type(error).__name__)
