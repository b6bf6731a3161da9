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


"""The cloud's true history, and whether a stream of changes follows it."""

import collections

from synchronizer.model import shape

FIELDS = {
    'nova.instance': (
        'status', 'name', 'metadata', 'tags', 'OS-EXT-SRV-ATTR:host',
        'OS-EXT-STS:task_state', 'updated', 'flavor',
        'os-extended-volumes:volumes_attached'),
    'cinder.volume': ('status', 'name', 'size', 'metadata', 'attachments')}
"""What of a record is its own; the rest is made of other things."""

LISTS = ('tags', 'os-extended-volumes:volumes_attached', 'attachments')

SKEW = 0.5
"""Seconds by which two readings of one clock may be apart in doubt."""


def own(type_, record):
    """What of a record can be compared."""
    kept = {key: record.get(key) for key in FIELDS[type_]}
    if 'flavor' in kept:
        kept['flavor'] = (kept['flavor'] or {}).get('original_name')
    for key in LISTS:
        if key in kept:
            kept[key] = sorted(map(shape.text, kept[key] or ()))
    return kept


def unequal(type_, held, true):
    """Those fields of two records that differ, of both."""
    held, true = own(type_, held), own(type_, true)
    return {key: (held[key], true[key]) for key in held
            if held[key] != true[key]}


class History:
    """Every state that each thing of one type ever had, and since when."""

    def __init__(self, cloud, type_):
        self._type = type_
        self._true = collections.defaultdict(list)
        self._at = collections.defaultdict(lambda: -1)
        for when, _, id_, record in cloud.history(type_):
            gone = record is None or record['status'] == 'DELETED'
            self._true[id_].append(
                (when, None if gone else own(type_, record)))

    def broken_by(self, change, seen):
        """What is wrong with the next change of the stream, or None.

        It must show a state that came after the one shown before, and that
        was true already when somebody saw the change (`seen`, by the wall
        clock of the cloud, or None).
        """
        entity, action = change['entity'], change['action']
        id_ = entity['id']
        state = None if action == 'deleted' else own(
            self._type, entity['attributes'])
        true, at = self._true[id_], self._at[id_]
        if action == 'updated' and at >= 0 and state == true[at][1]:
            # what is not its own has changed
            return None
        found = next((n for n in range(at + 1, len(true))
                      if true[n][1] == state), None)
        what = f'{self._type} {id_} #{change["revision"]} {action}'
        if found is None:
            return (f'{what}: no state that it had later than the one '
                    'told before')
        self._at[id_] = found
        if seen is not None and true[found][0] > seen + SKEW:
            return f'{what}: told {true[found][0] - seen:.1f} s before it'
        return None
