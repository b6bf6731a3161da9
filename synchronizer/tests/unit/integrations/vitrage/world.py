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

"""A service and a Vitrage, small enough to hold in the hand."""

import dataclasses

from synchronizer import exception
from synchronizer.bus import wire
from synchronizer.client import rpc
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module

EPOCH = 'e0'
SINCE = '2026-11-20T10:00:00Z'
"""When the journals begin."""


def entity(type_, id_, state=None, **attributes):
    return entity_module.Entity(type_, id_, state=state,
                                attributes=attributes)


def fields(row, action):
    """What a driver adds, as far as it matters."""
    return {**row, 'action': action}


class Service:
    """Streams with what lives in them and their journals."""

    def __init__(self, *types):
        self.living = {type_: {} for type_ in types}
        self.journal = {type_: [] for type_ in types}
        self.oldest = dict.fromkeys(types, 1)
        self.epoch = EPOCH
        self.away = False
        self.page_size = 2
        self.asked = []

    def _change(self, action, one):
        journal = self.journal[one.type]
        change = change_module.Change(
            action, one, 'hint', epoch=self.epoch,
            revision=len(journal) + 1)
        if action != change_module.DELETED:
            change = dataclasses.replace(
                change, entity=one.stamped(change.revision))
        journal.append(change)
        return change

    def put(self, one):
        living = self.living[one.type]
        change = self._change(
            change_module.UPDATED if one.id in living
            else change_module.CREATED, one)
        living[one.id] = change.entity
        return change

    def trim(self, type_):
        """Let the journal forget all changes so far."""
        self.oldest[type_] = len(self.journal[type_]) + 1

    def delete(self, type_, id_):
        return self._change(change_module.DELETED,
                            self.living[type_].pop(id_))

    # --- as a client has it ----------------------------------------------

    def get_all(self, types):
        type_, = types
        self.asked.append(('get_all', type_))
        head = wire.Head(self.epoch, len(self.journal[type_]))
        ids = sorted(self.living[type_])
        for start in range(0, len(ids) or 1, self.page_size):
            self._there()
            living = self.living[type_]
            yield rpc.Page({type_: head}, [
                living[id_] for id_ in ids[start:start + self.page_size]
                if id_ in living])

    def describe(self):
        return {'streams': [
            {'type': type_, 'epoch': self.epoch, 'oldest_revision': oldest}
            for type_, oldest in self.oldest.items()]}

    def get_at(self, time, types):
        type_, = types
        if time != SINCE:
            raise exception.BeyondJournal('no earlier', since=SINCE)
        living = {}
        for change in self.journal[type_][:self.oldest[type_] - 1]:
            living[change.id] = change
        yield rpc.PastPage(time, {}, [
            change.entity for change in living.values()
            if change.action != change_module.DELETED])

    def get_changes(self, type_, epoch, since):
        self.asked.append(('get_changes', type_))
        self._there()
        if since < self.oldest[type_] - 1:
            raise exception.ResyncRequired('trimmed')
        changes = self.journal[type_][since:since + self.page_size]
        revision = len(self.journal[type_])
        return rpc.Changes(epoch, revision, changes,
                           since + len(changes) < revision)

    def _there(self):
        if self.away:
            raise exception.BusError('nobody answers')


class Graph:
    """What Vitrage's processor makes of events.

    An update takes away edges only where it brings others.
    """

    def __init__(self, links='attachments'):
        self.rows, self.edges = {}, {}
        self._links = links

    def process(self, event):
        id_, action = event['id'], event['action']
        links = [str(link) for link in event.get(self._links, ())]
        if action == 'delete_entity':
            self.rows.pop(id_, None)
            self.edges.pop(id_, None)
        elif action == 'delete_relationship':
            self.edges[id_] = self.edges.get(id_, set()) - set(links)
        else:
            self.rows[id_] = {key: value for key, value in event.items()
                              if key != 'action'}
            self.edges[id_] = set(links) or self.edges.get(id_, set())

    def keep(self, ids):
        """What a snapshot ends with."""
        for id_ in self.rows.keys() - ids:
            del self.rows[id_], self.edges[id_]

    def shown(self):
        return {id_: (row, self.edges[id_])
                for id_, row in self.rows.items()}
