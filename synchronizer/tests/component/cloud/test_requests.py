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

"""What the network and the services do to requests."""

from synchronizer import exception
from synchronizer.plugins import nova
from synchronizer.tests.component.cloud import base

DETAIL = 'servers/detail'


class TestRequests(base.CloudCase):

    def setUp(self):
        super().setUp()
        self.kind = nova.Instance()

    def assert_whole(self, **given):
        found, outcome = self.list(self.kind, **given)
        self.assertEqual(self.living(), set(found))
        self.assertIsNone(outcome.reason)

    def logins(self):
        return self.server.requests['POST /identity/v3/auth/tokens']

    def test_token_that_ends_in_the_middle_of_a_listing(self):
        self.assert_whole(between=self.server.identity.expire_tokens)
        self.assertEqual(2, self.logins())
        self.assertEqual([], self.waits)
        self.assertEqual(1, [s for _, s, _ in self.counted].count(401))

    def test_token_that_another_thread_gives_up(self):
        auth = self.plugin.api._http.session.auth
        lock, left = auth._lock, [1, 1]

        class Lock:
            """Between it and what it guards, all may happen."""

            def __enter__(self):
                return lock.__enter__()

            def __exit__(self, *error):
                if left:
                    left.pop()
                    auth.invalidate()
                return lock.__exit__(*error)
        auth._lock = Lock()
        self.assert_whole()
        self.assertEqual([], left)
        self.assertEqual(2, len(self.waits))

    def test_body_that_is_cut(self):
        self.server.faults.add('cut', DETAIL, times=2, skip=1)
        self.assert_whole()
        self.assertEqual(2, len(self.waits))

    def test_body_that_is_always_cut(self):
        self.server.faults.add('cut', DETAIL)
        self.assertRaises(exception.BrokenAnswer, self.list, self.kind)
        self.assertEqual(3, len(self.waits))

    def test_body_that_is_no_json(self):
        self.server.faults.add('garbage', DETAIL, times=1)
        self.assert_whole()

    def test_retry_after(self):
        self.server.faults.add('throttle', DETAIL, times=1, after=7)
        self.server.faults.add('throttle', DETAIL, times=1, status=503,
                               after=9)
        self.assert_whole()
        self.assertEqual([7.0, 9.0], self.waits)

    def test_throttled_for_good(self):
        self.server.faults.add('throttle', DETAIL, after=2)
        error = self.assertRaises(
            exception.Throttled, self.list, self.kind)
        self.assertEqual(2.0, error.retry_after)

    def test_each_gateway_error(self):
        for status in (500, 502, 503, 504):
            self.server.faults.add('error', DETAIL, times=1, status=status)
        self.plugin = self.make_plugin(tries=5)
        self.assert_whole()

    def test_connection_that_drops(self):
        self.server.faults.add('drop', DETAIL, times=1)
        self.assert_whole()

    def test_refused_in_the_middle(self):
        self.server.faults.add('refuse', DETAIL, skip=1)
        self.assertRaises(exception.Refused, self.list, self.kind)
        self.assertEqual([], self.waits)

    def test_service_that_went_away_and_came_back(self):
        self.assert_whole()
        self.server.stop()
        self.assertRaises(exception.Unreachable, self.list, self.kind)
        self.server.start()
        self.assert_whole()

    def test_keystone_that_is_down(self):
        self.server.faults.add('error', 'auth/tokens', status=502)
        self.assertRaises(exception.BrokenAnswer, self.list, self.kind)
        self.server.faults.clear()
        self.server.faults.add('drop', 'identity')
        self.assertRaises(exception.Unreachable, self.list, self.kind)
        self.server.faults.clear()
        self.assert_whole()

    def test_no_admin(self):
        plugin = self.make_plugin(user='demo')
        for kind in nova.NovaPlugin.types:
            self.assertRaises(
                exception.Refused, self.list, kind(), plugin)

    def test_no_secret_in_the_log(self):
        log = self.debug_log()
        secrets = {row.get('OS-EXT-SRV-ATTR:user_data') for row in
                   self.truth.truth()['nova.instance'].values()}
        tokens = set(self.server.identity._tokens)
        self.assert_whole()
        for word in (secrets | tokens | {'"password": "sandbox"'}) - {None}:
            self.assertNotIn(word, log.output)
        for server in self.living():
            self.assertNotIn(f'"id": "{server}"', log.output)

    def test_version_that_is_too_old(self):
        self.truth.nova_max_version = '2.42'
        error = self.assertRaises(
            exception.Unsupported, self.list, self.kind)
        self.assertIn('offers microversions 2.1 to 2.42', str(error))

    def test_version_that_sinks_in_the_middle(self):
        def sink():
            self.truth.nova_max_version = '2.90'

        self.assertRaises(
            exception.Unsupported, self.list, self.kind, between=sink)
        self.assert_whole()
        self.assertEqual(
            '2.90', self.plugin.session(self.kind).microversion)


class TestHang(base.CloudCase):

    read_timeout = 0.1

    def test_hang(self):
        kind = nova.Instance()
        way = self.plugin.session(kind)
        self.server.faults.add('hang', DETAIL, times=1)
        found, outcome = self.drain(kind.list(way), kind)
        self.assertEqual(self.living(), set(found))
        self.assertEqual(1, len(self.waits))
        self.server.faults.add('hang', DETAIL)
        self.assertRaises(exception.Unreachable, self.drain,
                          kind.list(way), kind)
        self.server.faults.clear()

    def test_login_that_hangs(self):
        self.server.faults.add('hang', 'identity')
        self.plugin = self.make_plugin(tries=1)
        self.assertRaises(
            exception.Unreachable, self.list, nova.Instance())
        self.server.faults.clear()
