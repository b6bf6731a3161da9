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

"""Node-link JSON, as networkx and D3 read it."""

from typing import Any

import networkx

from synchronizer.graph import arrows
from synchronizer.graph import drift
from synchronizer.graph.arrows import Node
from synchronizer.graph.exports import content
from synchronizer.model import entity as entity_module
from synchronizer.model import shape


def to_node_link(graph: networkx.MultiDiGraph) -> dict[str, Any]:
    """In the shape of networkx's node_link_data with ``edges='edges'``.

    A node's ``id`` is ``type/id``; the entity's own stands beside it as
    ``entity_id``, with all that is known of it. ``key`` is the kind of a
    relation. ``drift`` is the verdict on a resource, or on what stands behind
    one.
    """
    types = graph.graph.get('types')
    return {
        'directed': True, 'multigraph': True,
        'graph': {'types': None if types is None else sorted(types)},
        'nodes': [_node(graph, node, entity)
                  for node, entity in content.nodes(graph)],
        'edges': [
            {'source': arrows.text(edge.start),
             'target': arrows.text(edge.end), 'key': edge.kind}
            for edge in content.edges(graph)]}


def _node(graph: networkx.MultiDiGraph, node: Node,
          entity: entity_module.Entity | None) -> dict[str, Any]:
    body = {'id': arrows.text(node), 'type': node[0], 'entity_id': node[1],
            'known': entity is not None,
            'drift': drift.verdict(drift.at(graph, node))}
    if entity is not None:
        body |= {name: getattr(entity, name) for name in (
            *entity_module.FIELDS, 'revision', 'sampled_at')}
        body['attributes'] = shape.finite(entity.attributes)
    return body
