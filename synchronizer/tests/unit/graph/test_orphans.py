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

"""Those that hang in the air, and why."""

import dataclasses

from synchronizer import graph
from synchronizer.graph.arrows import Edge
from synchronizer.graph.orphans import Orphan
from synchronizer.tests import base
from synchronizer.tests.unit.graph import samples
from synchronizer.tests.unit.graph.samples import entity


class OrphansTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.graph = samples.cloud_graph()

    def reasons(self):
        return {orphan.node: orphan.reason for orphan in
                self.graph.orphans()}

    def test_a_sound_cloud_has_none(self):
        self.assertEqual([], self.graph.orphans())

    def test_when_a_server_is_gone(self):
        self.graph.remove(*samples.SERVER)
        self.assertEqual([
            Orphan(samples.VOLUME, 'unattached',
                   'It is attached to nova.instance s, and none of these '
                   'lives.'),
            Orphan(samples.BODY, 'bodiless',
                   'Its physical nova.instance s is not there.',
                   Edge(samples.BODY, 'realized-by', samples.SERVER))],
            self.graph.orphans())

    def test_of_what_is_not_loaded_nothing_is_said(self):
        self.graph.remove(*samples.SERVER)
        self.graph.types = {'cinder.volume', 'heat.resource'}
        self.assertEqual([], self.graph.orphans())
        self.graph.types = None
        self.assertEqual([], self.graph.orphans())

    def test_a_volume_of_two_servers_lives_on_one(self):
        gone = ('nova.instance', 'gone')
        self.graph.put(entity(samples.VOLUME, ('attached-to', gone),
                              ('attached-to', samples.SERVER)))
        self.assertEqual([Orphan(
            samples.VOLUME, 'dangling',
            'It is attached-to nova.instance gone, which is not there.',
            Edge(samples.VOLUME, 'attached-to', gone))],
            self.graph.orphans())

    def test_a_server_that_waits_for_its_end_does_not_live(self):
        self.graph.put(entity(samples.SERVER, state='SOFT_DELETED'))
        self.assertEqual([samples.VOLUME, samples.BODY],
                         list(self.reasons()))

    def test_a_volume_in_use_by_nobody(self):
        self.graph.put(entity(samples.VOLUME, state='in-use'))
        self.assertEqual(
            {samples.VOLUME: 'It is in-use, and attached to nothing.'},
            self.reasons())
        self.graph.put(entity(samples.VOLUME, state='available'))
        self.assertEqual({}, self.reasons())

    def test_a_server_resource_without_a_server(self):
        attributes = {'resource_type': 'OS::Nova::Server',
                      'physical_resource_id': ''}
        for state, reason in (
                ('CREATE_FAILED',
                 'It is CREATE_FAILED, and has no nova.instance.'),
                ('CREATE_IN_PROGRESS', None), ('DELETE_COMPLETE', None)):
            self.graph.put(entity(
                samples.BODY, state=state, attributes=attributes))
            self.assertEqual(reason, self.reasons().get(samples.BODY))

    def test_other_relations_that_lead_nowhere(self):
        group = ('nova.server_group', 'g')
        gone = ('nova.instance', 'gone')
        self.graph = graph.EntityGraph(
            [entity(group, ('member-of', gone))], types=['nova.instance'])
        self.assertEqual(
            {group: 'nova.instance gone member-of it, which is not there.'},
            self.reasons())

    def test_a_volume_that_only_a_host_has_is_attached(self):
        self.graph.put(entity(samples.VOLUME, state='in-use', attributes={
            'attachments': [{'server_id': None, 'host_name': 'ctl-1'}]}))
        self.assertNotIn(samples.VOLUME, self.reasons())

    def test_a_resource_on_its_way_out_may_have_lost_its_body(self):
        self.graph.remove(*samples.SERVER)
        body = self.graph.entity(*samples.BODY)
        self.graph.put(dataclasses.replace(body, state='DELETE_IN_PROGRESS'))
        self.assertNotIn(samples.BODY, self.reasons())

    def test_a_dead_body_is_none(self):
        server = self.graph.entity(*samples.SERVER)
        self.graph.put(dataclasses.replace(server, state='SOFT_DELETED'))
        self.assertEqual('Its physical nova.instance s is SOFT_DELETED.',
                         self.reasons()[samples.BODY])
