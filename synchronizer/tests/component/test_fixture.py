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

"""The fixture, as another project's test uses it; and through it the whole
way from a reading to a mirror."""

import threading

from synchronizer import client
from synchronizer import exception
from synchronizer import fixture
from synchronizer.tests import base

TYPE, OTHER = 'nova.instance', 'nova.host'


class FixtureTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(
            fixture.SynchronizerFixture([TYPE, OTHER]))
        self.service.put(TYPE, 'a', name='web-1', state='ACTIVE',
                         project_id='p', attributes={'x': 1},
                         relations=[('runs-on', OTHER, 'h')])
        self.mirror = client.Mirror(self.service.conf)
        self.told, self.news = [], threading.Condition()
        self.mirror.subscribe(self.hear)
        self.mirror.start()
        self.addCleanup(self.mirror.stop)
        self.assertTrue(self.mirror.wait_synced(20))

    def hear(self, change):
        with self.news:
            self.told.append((change.action, change.id, change.changed,
                              change.cause))
            self.news.notify_all()

    def assertTold(self, *told):
        with self.news:
            self.news.wait_for(lambda: len(self.told) >= len(told), 20)
            self.assertEqual(list(told), self.told)

    def test_what_is_put_is_mirrored(self):
        entity = self.mirror.get(TYPE, 'a')
        self.assertEqual(
            ('web-1', 'ACTIVE', {'x': 1}, 1),
            (entity.name, entity.state, entity.attributes, entity.revision))
        self.assertEqual([entity], self.mirror.all(TYPE, project_id='p', x=1))
        self.assertIn(((TYPE, 'a'), (OTHER, 'h'), 'runs-on'),
                      self.mirror.graph.nx.edges(keys=True))

    def test_a_life_is_told_in_order(self):
        self.service.put(TYPE, 'a', name='web-1', state='SHUTOFF')
        self.service.put(TYPE, 'b')
        self.service.delete(TYPE, 'a')
        self.assertTold(
            ('updated', 'a', ('project_id', 'state', 'relations',
                              'attributes.x'), 'hint'),
            ('created', 'b', (), 'hint'), ('deleted', 'a', (), 'hint'))
        self.assertIsNone(self.mirror.get(TYPE, 'a'))
        self.assertEqual([], self.mirror.verify())

    def test_the_same_again_is_not_told(self):
        self.service.put(TYPE, 'b')
        self.service.put(TYPE, 'b')
        self.service.delete(TYPE, 'never')
        self.service.delete(TYPE, 'b')
        self.assertTold(('created', 'b', (), 'hint'),
                        ('deleted', 'b', (), 'hint'))

    def test_a_new_epoch_tells_what_differs(self):
        self.service.store.fail_next(
            exception.StoreUnavailable('x'), 'changes_since', times=3)
        self.service.reset(TYPE)
        self.service.put(TYPE, 'c')
        with self.news:
            self.assertTrue(self.news.wait_for(
                lambda: any(id_ == 'c' for _, id_, _, _ in self.told), 20))
        self.assertTrue(self.mirror.wait_synced(20))
        self.assertEqual([], self.mirror.verify())

    def test_a_cloud_that_fails_is_seen_as_degraded(self):
        self.service.fail(exception.Unreachable('down for a while'))
        self.service.sweep()
        asking = client.SynchronizerClient.from_conf(self.service.conf)

        def error():
            return asking.describe()['streams'][0]['error']
        with self.news:
            self.assertTrue(self.news.wait_for(error, 0) or any(
                error() or self.news.wait(0.1) for _ in range(100)))
        self.assertIn('down for a while', error())
        self.service.heal()
