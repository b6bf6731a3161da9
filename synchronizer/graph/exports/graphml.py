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

"""GraphML, as Gephi, yEd, igraph and networkx read it."""

import pathlib
from typing import BinaryIO

import networkx

from synchronizer.graph import arrows
from synchronizer.graph.exports import content

Value = str | bool


def write_graphml(graph: networkx.MultiDiGraph,
                  target: str | pathlib.Path | BinaryIO) -> None:
    """To a file's name, or a binary file that is open.

    A node is ``type/id``, with the short fields as data; the kind of an
    edge is the data ``kind``. What XML cannot hold is written as \\uXXXX.
    """
    # the pure writer: the other one is chosen by what happens to be there
    networkx.write_graphml_xml(_plain(graph), target)


def _plain(graph: networkx.MultiDiGraph) -> networkx.MultiDiGraph:
    plain = networkx.MultiDiGraph()
    for node, entity in content.nodes(graph):
        plain.add_node(content.storable(arrows.text(node)), **{
            name: _clean(value)
            for name, value in content.fields(
                graph, node, entity).items()})
    for number, edge in enumerate(content.edges(graph)):
        plain.add_edge(content.storable(arrows.text(edge.start)),
                       content.storable(arrows.text(edge.end)),
                       # ids of edges are unique in a file
                       key=f'e{number}', kind=content.storable(edge.kind))
    return plain


def _clean(value: Value) -> Value:
    return content.storable(value) if isinstance(value, str) else value
