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


"""What sweeps ask of a cloud and of the database, counted."""

import collections

from sqlalchemy import event
import testtools

from benchmarks import clouds
from benchmarks import collectors
from synchronizer import sandbox
from synchronizer.tests import base
from synchronizer.tests import pages

PAGE = 10
SERVERS, VOLUMES, STACKS = 35, 25, 4


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class FrugalTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.cloud = sandbox.SandboxCloud(
            servers=SERVERS, volumes=VOLUMES, stacks=STACKS,
            page_limit=PAGE)
        self.server = sandbox.SandboxServer(self.cloud)
        self.server.start()
        self.addCleanup(self.server.stop)
        self.found = collectors.Collectors(
            clouds.client(self.server.auth_url))
        self.addCleanup(self.found.close)
        self.found.open()
        self.statements = collections.Counter()
        event.listen(self.found.store._database.engine,
                     'before_cursor_execute', self._count)

    def _count(self, connection, cursor, statement, *more):
        words = statement.split()
        self.statements[
            f'INSERT {words[words.index("INTO") + 1]}'
            if words[0] == 'INSERT' else words[0]] += 1

    def _sweep(self):
        """How often each address was asked for, and each statement run."""
        before = self.server.requests.copy()
        self.statements.clear()
        self.found.sweep()
        return self.server.requests - before, self.statements.copy()

    def _pages_of(self, kind):
        return len([row for row in self.cloud.rows(kind)
                    if not row.get('deleted')]) // PAGE + 1

    def test_where_nothing_changed_only_the_listings_are_asked_for(self):
        self._sweep()
        asked, statements = self._sweep()
        self.assertEqual(
            self._pages_of('nova.instance'),
            asked.pop('GET /compute/v2.1/servers/detail'))
        self.assertFalse([path for path in asked if 'resources' in path])
        self.assertLess(
            sum(asked.values()) - self._pages_of('cinder.volume'), 16)
        self.assertFalse([words for words in statements
                          if words.startswith('INSERT')])
        self.assertLess(statements['SELECT'] + statements['UPDATE'], 20)

    def test_rows_go_in_by_the_page_and_not_one_by_one(self):
        asked, statements = self._sweep()
        listed = sum(map(self._pages_of, ('nova.instance', 'cinder.volume',
                                          'heat.stack')))
        for table in ('entities', 'journal'):
            # the resources of all stacks may come at once
            stacks = self._pages_of('heat.stack') * PAGE
            self.assertLessEqual(
                statements[f'INSERT {table}'], listed + stacks)
            self.assertGreater(statements[f'INSERT {table}'], 0)

    def test_a_stack_is_asked_for_by_the_address_that_is_its_own(self):
        asked, _ = self._sweep()
        self.assertFalse([path for path in asked
                          if path.endswith('/stacks/{name}')])
        for path, count in asked.items():
            if 'resources' in path:
                self.assertEqual(len(self.cloud.live('heat.stack')), count)

    def test_a_look_asks_for_no_more_than_moved(self):
        self.found.all['nova.instance'].sweep()
        before = self.server.requests.copy()
        self.found.all['nova.instance'].look()
        asked = self.server.requests - before
        self.assertGreaterEqual(
            self._pages_of('nova.instance'), sum(asked.values()))
