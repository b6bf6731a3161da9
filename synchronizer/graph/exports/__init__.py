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

"""The graph, or a part of it, in forms that other programs read.

Each takes a networkx graph: ``graph.nx``, or what ``graph.around`` gives.
The order is the same whatever came first, and no name can break a form.
"""

from synchronizer.graph.exports.dot import to_dot
from synchronizer.graph.exports.graphml import write_graphml
from synchronizer.graph.exports.html import to_html
from synchronizer.graph.exports.node_link import to_node_link
from synchronizer.graph.exports.svg import to_svg

__all__ = ('to_dot', 'to_html', 'to_node_link', 'to_svg', 'write_graphml')
