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

"""The declared tables are fit for SQL, and rows are what they declare."""

import re

from synchronizer import tables
from synchronizer.model.entity import Entity
from synchronizer.model.entity import Relation
from synchronizer.plugins import cinder
from synchronizer.plugins import heat
from synchronizer.plugins import nova
from synchronizer.tables import catalogue
from synchronizer.tests import base
from synchronizer.tests.unit.tables import samples

DRIFTED = (('metadata', {'b': 'x', 'a': 1}, {}), ('name', 'é', None),
           ('networks', [{'uuid': 'n'}], []), ('read_only', True, False),
           ('size', 3, 4.5), ('tags', 'a\nb', ''))
"""Properties with values of every kind of JSON."""


def rows(name, entity):
    """The rows of an entity in one table, as dicts."""
    table = next(table for table in catalogue.of_type(entity.type)
                 if table.name == name)
    return [dict(zip(table.names, row, strict=True))
            for row in table.rows(entity)]


class DeclaredTest(base.TestCase):

    def test_every_type_of_ours_has_a_table(self):
        types = {kind.name for plugin in (
            nova.NovaPlugin, cinder.CinderPlugin, heat.HeatPlugin)
            for kind in plugin.types}
        self.assertEqual(set(), types - set(catalogue.DECLARED))

    def test_names_are_unique_and_keys_come_first(self):
        declared = tables.declared()
        names = [table.name for table in declared]
        self.assertEqual(len(names), len(set(names)))
        for table in declared:
            self.assertEqual(len(table.names), len(set(table.names)), table)
            self.assertEqual(
                table.key, tuple(column.name for column in table.columns
                                 if column.key))

    def test_names_need_no_quotes(self):
        with tables.Database() as database:
            for table in database.tables:
                result = database.query(
                    f'SELECT {", ".join(table.names)} FROM {table.name}')
                self.assertEqual(table.names, result.columns)
                self.assertEqual([], list(result.rows))

    def test_children_say_whose_they_are(self):
        for table in catalogue.DECLARED.values():
            for child in table.children:
                self.assertEqual(table.type, child.type)
                self.assertRegex(child.owner[0], '_id$')
                self.assertTrue(child.name.startswith(
                    table.type.replace('.', '_')), child.name)

    def test_a_name_finds_its_table(self):
        self.assertEqual('heat.stack', tables.find('heat_stack_tags').type)
        self.assertIsNone(tables.find('nonsense'))


class RowsTest(base.TestCase):

    def test_a_server(self):
        [row] = rows('nova_instances', samples.SERVER)
        shown = {name: row[name] for name in (
            'id', 'name', 'project_id', 'user_id', 'state', 'revision',
            'sampled_at', 'host', 'flavor_name', 'flavor_ram', 'flavor_id',
            'image_id', 'locked', 'config_drive', 'created')}
        self.assertEqual(
            {'id': 's', 'name': 'web', 'project_id': 'p', 'user_id': 'u',
             'state': 'ACTIVE', 'revision': 7,
             'sampled_at': '2026-01-01T00:00:00Z', 'host': 'cmp',
             'flavor_name': 'small', 'flavor_ram': 64, 'flavor_id': 'f',
             'image_id': None, 'locked': 1, 'config_drive': 0,
             'created': None}, shown)

    def test_addresses(self):
        self.assertEqual(
            [{'instance_id': 's', 'network': 'net', 'address': address,
              'mac_address': 'fa:16', 'version': version, 'type': 'fixed'}
             for address, version in (('10.0.0.1', 4), ('fe80::1', 6))],
            rows('nova_instance_addresses', samples.SERVER))

    def test_objects_and_lists(self):
        for name, expected in (
                ('nova_instance_metadata', [
                    {'key': 'k', 'value': 'v'},
                    {'key': 'none', 'value': None}]),
                ('nova_instance_tags', [{'tag': 'x'}, {'tag': 'y'}]),
                ('nova_instance_flavor_extra_specs', [
                    {'key': 'a:b', 'value': 'c'}]),
                ('nova_instance_volumes', [
                    {'volume_id': 'v', 'delete_on_termination': 0}]),
                ('nova_instance_faults', [
                    {'code': 500, 'created': None, 'details': None,
                     'message': 'No valid host'}])):
            self.assertEqual([{'instance_id': 's', **row}
                              for row in expected],
                             rows(name, samples.SERVER))

    def test_what_is_listed_twice_is_one_row(self):
        self.assertEqual(
            [{'instance_id': 's', 'name': 'default'}],
            rows('nova_instance_security_groups', samples.SERVER))

    def test_hosts_of_a_zone_are_passed_on_the_way(self):
        zone = Entity('nova.zone', 'z', attributes={'hosts': {
            'h': {'nova-compute': {'available': True, 'active': False}}}})
        self.assertEqual(
            [{'zone_id': 'z', 'host': 'h', 'service': 'nova-compute',
              'available': 1, 'active': 0}],
            rows('nova_zone_services', zone))

    def test_an_event_knows_its_stack(self):
        for type_, id_ in (('heat.stack', 'S'), ('heat.resource', 'S/r')):
            event = Entity('heat.event', 'e', relations=(
                Relation('about', type_, id_),))
            [row] = rows('heat_events', event)
            self.assertEqual('S', row['stack_id'])

    def test_drift(self):
        drift = Entity('heat.drift', 'S/web', 'web', 'p', state='changed',
                       attributes={
            'stack_id': 'S', 'stack_name': 'shop', 'resource_name': 'web',
            'resource_type': 'OS::Nova::Server',
            'physical_resource_id': 'i', 'verdict': 'changed',
            'reason': None, 'since': '2026-01-01T00:00:00Z',
            'caused_by': {'type': 'nova.instance', 'id': 'i', 'revision': 9},
            'initiator': 'u', 'properties': [
                {'property': name, 'desired': desired, 'actual': actual}
                for name, desired, actual in DRIFTED],
            'not_comparable': [{'property': 'key_name', 'reason': 'why'}]})
        [row] = rows('heat_drift', drift)
        self.assertEqual(
            ('p', 'changed', 'changed', None, 'S', 'u', 'nova.instance', 'i',
             9), tuple(row[name] for name in (
                 'project_id', 'state', 'verdict', 'reason', 'stack_id',
                 'initiator', 'caused_by_type', 'caused_by_id',
                 'caused_by_revision')))
        self.assertEqual(
            [{'resource_id': 'S/web', 'property': name, 'desired': desired,
              'actual': actual} for name, desired, actual in (
                  ('metadata', '{"a":1,"b":"x"}', '{}'), ('name', 'é', None),
                  ('networks', '[{"uuid":"n"}]', '[]'),
                  ('read_only', 'true', 'false'), ('size', '3', '4.5'),
                  ('tags', 'a\nb', ''))],
            rows('heat_drift_properties', drift))
        self.assertEqual(
            [{'resource_id': 'S/web', 'property': 'key_name',
              'reason': 'why'}], rows('heat_drift_not_comparable', drift))

    def test_drift_that_nobody_knows_more_of(self):
        for found in ({'caused_by': None, 'initiator': None,
                       'reason': 'the cell is down', 'properties': [],
                       'not_comparable': []}, {}):
            drift = Entity('heat.drift', 'S/web', attributes=found)
            [row] = rows('heat_drift', drift)
            self.assertEqual(
                (found.get('reason'), None, None, None),
                tuple(row[name] for name in (
                    'reason', 'initiator', 'caused_by_type',
                    'caused_by_revision')))
            for child in ('properties', 'not_comparable'):
                self.assertEqual([], rows(f'heat_drift_{child}', drift))

    def test_details_that_are_off_or_withheld(self):
        for attributes in ({}, {'detail': None, 'data': None,
                                'metadata': None}):
            for type_ in ('heat.stack', 'heat.resource'):
                entity = Entity(type_, 'x', attributes=attributes)
                main, *children = catalogue.of_type(type_)
                self.assertEqual(1, len(main.rows(entity)))
                self.assertEqual(
                    [], [row for child in children
                         for row in child.rows(entity)])

    def test_another_shape_than_expected(self):
        server = Entity('nova.instance', 's', attributes={
            'metadata': ['a'], 'tags': 'x', 'addresses': {'n': {}},
            'security_groups': ['default'], 'flavor': 'small',
            'status': ['odd', 1]})
        [row] = rows('nova_instances', server)
        self.assertEqual('["odd",1]', row['status'])
        self.assertIsNone(row['flavor_name'])
        for name in ('metadata', 'tags', 'addresses'):
            self.assertEqual([], rows(f'nova_instance_{name}', server))
        self.assertEqual([{'instance_id': 's', 'name': ''}],
                         rows('nova_instance_security_groups', server))

    def test_relations(self):
        self.assertEqual(
            [{'type': 'nova.instance', 'id': 's', 'kind': kind,
              'to_type': type_, 'to_id': id_} for kind, type_, id_ in (
                  ('has-flavor', 'nova.flavor', 'f'),
                  ('runs-on', 'nova.host', 'h'))],
            rows('relations', samples.SERVER))


class ForeignTest(base.TestCase):

    def test_a_type_that_nobody_declared(self):
        port = Entity('network.port', 'p', 'eth', state='UP',
                      attributes={'mtu': 1500})
        [row] = rows('network_port', port)
        self.assertEqual(
            {'id': 'p', 'name': 'eth', 'project_id': None, 'user_id': None,
             'state': 'UP', 'revision': 0, 'sampled_at': '',
             'attributes': '{"mtu":1500}'}, row)

    def test_no_two_types_share_a_table(self):
        types = ('a_b.c', 'a.b_c', 'a.b-c', 'A.b_c', 'nova.instances',
                 'heat.stack_tags', 'sqlite.master', 'a"b.c', '\ud800.x',
                 'entities', 'nova.instance')
        names = [catalogue.main(type_).name for type_ in types]
        self.assertEqual(len(types), len(set(names)))
        self.assertEqual('a_b_c', names[1])
        with tables.Database(types) as database:
            for name in names:
                self.assertTrue(re.fullmatch('[a-z][a-z0-9_]*', name))
                self.assertEqual([], list(database.query(
                    f'SELECT id FROM {name}').rows))
