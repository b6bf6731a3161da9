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


"""Listings in parts before a cloud that changes while they are read."""

import contextlib

from synchronizer.plugins import cinder
from synchronizer.plugins import nova
from synchronizer.sandbox.state import SandboxError
from synchronizer.tests.component.cloud import base


class SegmentsCase(base.CloudCase):

    sizes = {**base.CloudCase.sizes, 'servers': 60, 'volumes': 60}

    def twice(self, kind, before=None):
        """The first listing is not cut; what the second shows."""
        self.list(kind)
        if before:
            before()
        self.server.requests.clear()
        return self.list(kind)


class TestServers(SegmentsCase):

    path = 'GET /compute/v2.1/servers/detail'

    def test_all_servers_and_about_as_many_requests(self):
        kind = nova.Instance(partitions=4)
        found, outcome = self.twice(kind)
        self.assertEqual((self.living(), None), (set(found), outcome.reason))
        self.assertEqual(3, len(kind._parts.cuts))
        # a full last page is followed by an empty one
        self.assertLessEqual(self.server.requests[self.path], 60 / 3 + 8)

    def test_a_cloud_that_changes_between_pages(self):
        for _ in range(5):
            kind = nova.Instance(partitions=4)
            self.list(kind)
            rule = self.server.faults.add(
                'call', 'servers/detail',
                fn=lambda path: self.server.life.run(1))
            before = self.living()
            found, outcome = self.list(kind)
            self.server.faults.remove(rule)
            self.assertIsNone(outcome.reason)
            self.assertEqual(set(), before & self.living() - set(found))

    def test_begins_that_are_deleted(self):
        kind = nova.Instance(partitions=4)

        def delete():
            for cut in kind._parts.cuts:
                self.truth.delete_server(cut.marker)
        found, outcome = self.twice(kind, delete)
        self.assertEqual((self.living(), None), (set(found), outcome.reason))

    def test_a_cell_that_is_down(self):
        kind = nova.Instance(partitions=4)
        found, outcome = self.twice(
            kind, lambda: self.truth.cell_down('cell2'))
        self.assertFalse(outcome.complete)
        self.truth.cell_up('cell2')
        found, outcome = self.list(kind)
        self.assertEqual((self.living(), None), (set(found), outcome.reason))


class TestVolumes(SegmentsCase):

    plugin_class = cinder.CinderPlugin
    path = 'GET /volume/v3/{project}/volumes/detail'

    def volumes(self):
        return set(self.truth.truth()['cinder.volume'])

    def test_all_volumes(self):
        kind = cinder.Volume(partitions=4)
        found, outcome = self.twice(kind)
        self.assertEqual((self.volumes(), None),
                         (set(found), outcome.reason))
        self.assertEqual(3, len(kind._parts.cuts))

    def test_a_begin_that_is_deleted_is_no_marker_to_cinder(self):
        kind = cinder.Volume(partitions=4)

        def delete():
            for cut in kind._parts.cuts:
                with contextlib.suppress(SandboxError):
                    # one that is attached stays
                    self.truth.delete_volume(cut.marker)
        found, outcome = self.twice(kind, delete)
        self.assertEqual((self.volumes(), None),
                         (set(found), outcome.reason))
