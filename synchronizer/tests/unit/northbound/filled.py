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

"""A store with something in it."""

import itertools

from synchronizer.bus import wire
from synchronizer.model import change as change_module
from synchronizer.model import entity as entity_module
from synchronizer.store import base
from synchronizer.store import memory

NOVA, HEAT, CINDER = 'nova.instance', 'heat.stack', 'cinder.volume'


class Filled:
    """A memory store, and the collector's hand in it."""

    def __init__(self, *types, clock=None):
        self.store = memory.MemoryStore(clock)
        self.store.ensure([
            base.StreamSpec(type_, type_.partition('.')[0], 600)
            for type_ in types])
        self.claims = {}
        self.values = itertools.count()

    def claim(self, type_, owner='host'):
        self.claims[type_] = self.store.claim(type_, owner)

    def commit(self, action, type_, *ids, **attributes):
        """One commit; the changes as they were numbered."""
        if type_ not in self.claims:
            self.claim(type_)
        writes = []
        known = self.store.entities(type_, ids)
        for id_ in ids:
            entity = entity_module.Entity(
                type_, id_, name=f'name of {id_}', project_id='p',
                attributes={'value': next(self.values), **attributes},
                sampled_at='2026-11-20T10:00:00.000000Z')
            before = known[id_][0] if id_ in known else None
            if action == 'deleted' and before:
                entity = before
            writes.append(base.Write(
                entity, base.Stored(f'1:{next(self.values)}', 'shape'),
                change_module.Change(
                    action, entity, 'sweep', ('attributes.value',)
                    if action == 'updated' else ()),
                before))
        self.claims[type_], changes = self.store.commit(
            self.claims[type_], writes)
        return changes

    def collected(self, type_, when=1000.0, state='live', served=None):
        """A sweep that started then is complete."""
        if type_ not in self.claims:
            self.claim(type_)
        self.store.report(self.claims[type_], state, None, wire.text(when),
                          served)
