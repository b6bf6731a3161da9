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

"""Vitrage, as far as its graph goes, told what to do on standard input.

Run by the Python of a virtual environment that has Vitrage: nothing here is
ours. Configuration, drivers, listener, transformers, processor, consistency
check and graph are Vitrage's; left out are its database and its evaluators.
A line is a command, and is answered by a line of JSON.
"""

import datetime
import json
import pathlib
import sys

from oslo_utils import timeutils
import vitrage
from vitrage.common import config
from vitrage.common import constants
from vitrage.datasources import transformer_base
from vitrage.entity_graph import driver_exec
from vitrage.entity_graph import graph_init
from vitrage.entity_graph.consistency import consistency_enforcer
from vitrage.entity_graph.processor import processor
from vitrage.graph.driver import networkx_graph

VALUES = pathlib.Path(
    vitrage.__file__).parent / 'tests/resources/datasources_values'
ACTIONS = constants.GraphAction

# when it was seen, and names that are made up anew for every graph
PASSING = ('vitrage_sample_timestamp', 'vitrage_id', 'vitrage_cached_id',
           'is_real_vitrage_id')
# those whose time of update is when they were seen
SEEN = ('nova.host', 'nova.instance', 'nova.zone')


class _NoDatabase:

    def store_graph(self):
        """What a snapshot ends with."""


class Vitrage:
    """What vitrage-graph has, in its own order."""

    def __init__(self):
        self._events = None
        self.reset()

    def reset(self):
        """Begin with an empty graph."""
        transformer_base.TransformerBase.key_to_uuid_cache.clear()
        self._graph = networkx_graph.NXGraph('Entity Graph')
        self._processor = processor.Processor(self._graph)
        self._events = graph_init.EventsCoordination(self._process)
        self._drivers = driver_exec.DriverExec(
            self._events.handle_multiple_low_priority, _NoDatabase(),
            self._graph)
        self._consistency = consistency_enforcer.ConsistencyEnforcer(
            self._graph, self._events.handle_multiple_high_priority)

    def _process(self, event):
        self._processor.process_event(event)

    def snapshot(self):
        """What Vitrage does when it starts, and every ten minutes."""
        first = not len(self._graph)
        self._drivers.snapshot_get_all(
            constants.DatasourceAction.INIT_SNAPSHOT if first
            else constants.DatasourceAction.SNAPSHOT)

    def listen(self):
        """What it does next."""
        self._events.start()

    def store(self, path):
        """Keep the graph, as after every snapshot."""
        pathlib.Path(path).write_bytes(self._graph.write_gpickle())

    def load(self, path):
        """Begin with a graph that was kept."""
        networkx_graph.NXGraph.read_gpickle(
            pathlib.Path(path).read_bytes(), self._graph)
        for vertex in self._graph.get_vertices():
            transformer_base.TransformerBase.key_to_uuid_cache[
                vertex['vitrage_cached_id']] = vertex.vertex_id

    def consistency(self, ahead):
        """The check that runs every ten minutes, as if it were later."""
        timeutils.set_time_override(
            datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
            + datetime.timedelta(seconds=int(ahead)))
        self._consistency.periodic_process()
        timeutils.clear_time_override()

    def graph(self):
        """All that is not marked deleted."""
        with self._events._lock:
            vertices = {
                vertex.vertex_id: vertex
                for vertex in self._graph.get_vertices()
                if not vertex.get('vitrage_is_deleted')}
            edges = [(_name(vertices[edge.source_id]), edge.label,
                      _name(vertices[edge.target_id]))
                     for edge in self._edges(vertices)]
        return {'vertices': {_name(vertex): _shown(vertex)
                             for vertex in vertices.values()},
                'edges': sorted(set(edges))}

    def _edges(self, vertices):
        for id_ in vertices:
            for edge in self._graph.get_edges(id_):
                if (not edge.get('vitrage_is_deleted')
                        and edge.source_id in vertices
                        and edge.target_id in vertices):
                    yield edge


def _name(vertex):
    return f'{vertex["vitrage_type"]} {vertex.get("id")}'


def _shown(vertex):
    passing = PASSING
    if vertex['vitrage_type'] in SEEN:
        passing += ('update_timestamp',)
    if vertex.get('state') == 'SHELVED_OFFLOADED':
        # Vitrage takes no property away from what it holds
        passing += ('host_id',)
    return {key: value for key, value in vertex.items()
            if key not in passing}


def main():
    config.parse_config([sys.argv[0], '--config-file', sys.argv[1]])
    config.CONF.set_override(
        'datasources_values_dir', str(VALUES), 'entity_graph')
    # what is answered must be all that is on standard output
    answers, sys.stdout = sys.stdout, sys.stderr
    side = Vitrage()
    for line in sys.stdin:
        command, *arguments = line.split()
        result = getattr(side, command)(*arguments)
        print(json.dumps(result), file=answers, flush=True)


if __name__ == '__main__':
    main()
