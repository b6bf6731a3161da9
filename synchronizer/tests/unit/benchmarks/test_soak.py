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

"""What an hour of changes is judged by."""

import testtools

from benchmarks import soak
from synchronizer.tests import base
from synchronizer.tests import pages

HOUR = 3600.0


def sample(at, **more):
    usual = {
        'steps': 200.0, 'untold': 3, 'dropped': 0, 'servers': 1000,
        'busy': 1.5, 'changes': 100.0, 'commit': [0.01, 0.02, 0.03],
        'cloud': [0.1, 0.2, 0.3], 'journal': 20000, 'entities': 1010,
        'database': 10 ** 7, 'memory': {'collector-nova': 100000},
        'files': {'collector-nova': 30}, 'cpu': {'collector-nova': 0.5}}
    return soak.Sample(at=at, **{**usual, **more})


@testtools.skipUnless(pages.DOCS.exists(), 'needs the source tree')
class SoakTest(base.TestCase):

    def setUp(self):
        super().setUp()
        self.args = soak.parser().parse_args([])

    def samples(self, change=lambda at: {}):
        return [sample(at, **change(at))
                for at in range(10, int(self.args.seconds) + 10, 10)]

    def unlevel(self, change=lambda at: {}):
        return [line for line, holds in soak.verdict(
            self.args, self.samples(change)) if not holds]

    def is_kept(self, change=lambda at: {}):
        return soak.kept(self.args, self.samples(change))[1]

    def test_level(self):
        self.assertEqual([], self.unlevel())
        self.assertTrue(self.is_kept())

    def test_memory_that_grows_by_more_than_a_twentieth_an_hour(self):
        def grow(by):
            return lambda at: {'memory': {
                'collector-nova': 100000 + by * at / HOUR}}
        self.assertEqual([], self.unlevel(grow(4000)))
        self.assertIn('+5.86 MB an hour', self.unlevel(grow(6000))[0])

    def test_a_short_run_does_not_judge_memory(self):
        self.args.seconds = 240
        self.assertEqual([], self.unlevel(lambda at: {
            'memory': {'collector-nova': 100000 + 100 * at}}))

    def test_servers_that_are_gone_and_still_held(self):
        line, = self.unlevel(lambda at: {'entities': 1000 + at})
        self.assertIn('servers held for each that there is', line)

    def test_as_many_more_as_there_are_more_of_is_level(self):
        self.assertEqual([], self.unlevel(lambda at: {
            'entities': 1000 + at, 'servers': 990 + at}))

    def test_a_machine_that_is_too_slow(self):
        self.assertFalse(self.is_kept(lambda at: {'steps': 180.0}))

    def test_a_cloud_that_cannot_tell_of_all(self):
        self.assertFalse(self.is_kept(lambda at: {'dropped': int(at)}))
        self.assertFalse(self.is_kept(lambda at: {'untold': 1001}))

    def test_what_was_dropped_before_the_first_sample_is_not_judged(self):
        self.assertTrue(self.is_kept(lambda at: {'dropped': 7}))

    def test_a_rate_that_is_kept_is_said_with_what_it_took(self):
        line, _ = soak.kept(self.args, self.samples())
        self.assertIn('200 of 200 operations a second; 3 changes still to be '
                      'told of, 0 never', line)
        self.assertIn('1.5 of ', line)

    def test_a_table_has_a_line_for_each_of_some(self):
        lines = list(soak.table(self.samples()))
        self.assertTrue(soak.ROWS < len(lines) <= soak.ROWS + 3)
