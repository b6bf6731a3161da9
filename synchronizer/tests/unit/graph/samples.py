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

"""Entities for the tests of the graph, made in few words."""

from hypothesis import strategies

from synchronizer import graph
from synchronizer.model.entity import Entity
from synchronizer.model.entity import Relation

TYPES = ('cinder.pool', 'cinder.snapshot', 'cinder.volume', 'heat.resource',
         'heat.stack', 'nova.aggregate', 'nova.flavor', 'nova.host',
         'nova.instance', 'nova.zone')


def entity(node, *relations, **fields):
    """One of (type, id), with relations as (kind, (type, id))."""
    return Entity(*node, relations=tuple(
        Relation(kind, *end) for kind, end in relations), **fields)


HOST, ZONE = ('nova.host', 'h'), ('nova.zone', 'z')
OTHER_HOST, AGGREGATE = ('nova.host', 'i'), ('nova.aggregate', '1')
SERVER, OTHER = ('nova.instance', 's'), ('nova.instance', 'o')
FLAVOR, POOL = ('nova.flavor', 'f'), ('cinder.pool', 'p')
VOLUME, SNAPSHOT = ('cinder.volume', 'v'), ('cinder.snapshot', 'n')
COPY = ('cinder.volume', 'copy')
PARENT, STACK = ('heat.stack', 'parent'), ('heat.stack', 'stack')
NEST = ('heat.resource', 'parent/nest')
BODY = ('heat.resource', 'stack/body')
OTHER_BODY = ('heat.resource', 'stack/other')
ADDRESS = ('heat.resource', 'stack/address')


def cloud():
    """Two hosts with a server each, both of one nested stack."""
    return [
        entity(ZONE, name='zone'),
        entity(AGGREGATE, name='ssd'),
        entity(HOST, ('in-zone', ZONE), ('member-of', AGGREGATE), state='up'),
        entity(OTHER_HOST, ('in-zone', ZONE), state='down'),
        entity(FLAVOR, name='small'),
        entity(SERVER, ('has-flavor', FLAVOR), ('runs-on', HOST),
               name='web', state='ACTIVE', project_id='a'),
        entity(OTHER, ('has-flavor', FLAVOR), ('runs-on', OTHER_HOST),
               name='web-2', state='ERROR', project_id='b'),
        entity(POOL, state='up'),
        entity(VOLUME, ('attached-to', SERVER), ('stored-in', POOL),
               name='disk', state='in-use'),
        entity(SNAPSHOT, ('made-from', VOLUME)),
        entity(COPY, ('made-from', SNAPSHOT), state='available'),
        entity(PARENT, state='CREATE_COMPLETE'),
        entity(NEST, ('contains', PARENT), ('realized-by', STACK)),
        entity(STACK, ('contains', PARENT)),
        entity(BODY, ('contains', STACK), ('realized-by', SERVER)),
        entity(OTHER_BODY, ('contains', STACK), ('realized-by', OTHER)),
        entity(ADDRESS, ('contains', STACK), ('depends-on', BODY))]


def drift(resource, verdict='changed', properties=(), **attributes):
    """That of a resource; properties as (name, desired, actual)."""
    return entity(('heat.drift', resource[1]), ('about', resource),
                  state=verdict, attributes={
        'properties': [
            {'property': name, 'desired': desired, 'actual': actual}
            for name, desired, actual in properties], **attributes})


def cloud_graph():
    """The same as a graph that has all of its types."""
    return graph.EntityGraph(cloud(), types=TYPES)


HOSTILE = (
    '</script><script>alert(1)</script>', '<!--', ']]>', '"', "'", '\\', '\\"',
    'a\\', '&amp;', '\x00', '\r\n\t', '\u202eevil', '\u2028', '\ud800',
    '\ufffe', 'a;b -> c', '{{data}}', '$x', '%s', '—ünïcode—', '')

WORDS = strategies.sampled_from(HOSTILE) | strategies.text(max_size=8)
NODES = strategies.tuples(strategies.sampled_from(TYPES[:4]), WORDS)


@strategies.composite
def graphs(draw):
    """Small graphs with any names, and with gaps."""
    entities = draw(strategies.lists(strategies.builds(
        lambda node, relations, name, state: entity(
            node, *sorted(relations), name=name, state=state,
            attributes={'a': name}),
        NODES, strategies.sets(strategies.tuples(
            strategies.sampled_from(('runs-on', 'contains')), NODES),
            max_size=3),
        strategies.none() | WORDS, strategies.none() | WORDS), max_size=5))
    entities += draw(strategies.lists(strategies.builds(
        lambda node, verdict, *told: drift(
            node, verdict, [told], reason=told[0]),
        NODES, WORDS, WORDS, WORDS, strategies.none() | WORDS), max_size=2))
    return graph.EntityGraph(entities, types=TYPES[:2])
