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

"""What is said of other owners: once for each, and what to do."""

from synchronizer.collector import ownership
from synchronizer.service import shared
from synchronizer.tests import base


class AloneTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.ownership = ownership.Ownership('nova', 'here:1')

    def test_what_another_host_had_is_told_once(self):
        for type_ in ('nova.host', 'nova.zone'):
            self.ownership.taken(type_, 'there:1')
        self.assertEqual(1, self.log.output.count('taken over from there'))
        self.assertIn('two services on one database need [coordination] '
                      'backend_url', self.log.output)

    def test_what_was_ours_or_nobodys_is_not(self):
        self.ownership.taken('nova.host', 'here:0')
        self.ownership.taken('nova.zone', None)
        self.assertEqual('', self.log.output)

    def test_the_loss_is_told_once(self):
        for type_ in ('nova.host', 'nova.zone'):
            self.ownership.lost(type_, 'there:1')
        self.assertEqual(1, self.log.output.count(
            'nova: there:1 has taken over (nova.host first); this service '
            'stands by'))
        self.assertIn('end it and restart this one', self.log.output)


class SharedTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.lost = []
        self.ownership = shared.SharedOwnership(
            'nova', 'here:1', self.lost.append)

    def test_a_change_of_owners_is_nothing_unusual(self):
        self.ownership.taken('nova.host', 'there:1')
        self.assertIn('INFO', self.log.output)
        self.assertNotIn('WARNING', self.log.output)

    def test_the_work_is_told_of_its_loss_once(self):
        for type_ in ('nova.host', 'nova.zone'):
            self.ownership.lost(type_, 'there:1')
        self.assertEqual(['there:1'], self.lost)
        self.assertNotIn('restart', self.log.output)
