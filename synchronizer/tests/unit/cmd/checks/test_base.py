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

"""Verdicts, their time, and errors as rows."""

import threading

from oslo_config import cfg

from synchronizer import exception
from synchronizer.cmd.checks import base
from synchronizer.tests import base as test_base

REFUSED = (
    "Unable to establish connection to http://h:1/v3: HTTPConnectionPool("
    "host='h', port=1): Max retries exceeded with url: /v3 (Caused by "
    "NewConnectionError(\"HTTPConnection(host='h', port=1): Failed to "
    "establish a new connection: [Errno 111] Connection refused\"))")


class VerdictTest(test_base.TestCase):

    def test_nothing_is_success(self):
        result = base.Verdict().result('all is well')
        self.assertEqual((base.SUCCESS, 'all is well'),
                         (result.code, result.details))

    def test_the_worst_counts_and_all_is_told(self):
        verdict = base.Verdict()
        verdict.fail('one', 'do this')
        verdict.warn('two', 'do this')
        verdict.warn('two')
        result = verdict.result('all is well')
        self.assertEqual((base.FAILURE, 'one; two; do this'),
                         (result.code, result.details))


class GuardedTest(test_base.TestCase):

    def run_(self, error):
        def check():
            raise error
        return base.guarded(check)()

    def test_errors_of_ours_are_failures_on_one_line(self):
        result = self.run_(exception.StoreUnavailable('it is\naway'))
        self.assertEqual((base.FAILURE, 'it is away'),
                         (result.code, result.details))
        self.assertEqual(base.FAILURE, self.run_(cfg.Error('no')).code)

    def test_what_needs_another_check_is_a_warning(self):
        result = self.run_(base.NotLookedAt('nobody can log in'))
        self.assertEqual((base.WARNING, 'not looked at: nobody can log in'),
                         (result.code, result.details))

    def test_what_nobody_expects_is_a_row_too(self):
        result = self.run_(OSError('no CA bundle,\n invalid path: /nope'))
        self.assertEqual(
            (base.FAILURE, 'OSError: no CA bundle, invalid path: /nope'),
            (result.code, result.details))

    def test_what_ends_a_program_does(self):
        self.assertRaises(SystemExit, self.run_, SystemExit(1))

    def test_no_password_is_shown(self):
        for error in (RuntimeError, ValueError, exception.StoreUnavailable):
            result = self.run_(error('at mysql://me:se@c/ret@h/x: no'))
            self.assertIn('mysql://me:***@h/x: no', result.details)
            self.assertNotIn('ret', result.details)

    def test_what_hangs_is_a_failure(self):
        ended = threading.Event()
        self.addCleanup(ended.set)
        result = base.guarded(ended.wait, limit=0.01)()
        self.assertEqual(base.FAILURE, result.code)
        self.assertIn('no answer within 0.01 s', result.details)


class PlainTest(test_base.TestCase):

    def test_the_cause_without_what_is_around_it(self):
        self.assertEqual(
            'Unable to establish connection to http://h:1/v3: Failed to '
            'establish a new connection: [Errno 111] Connection refused',
            base.plain(exception.Unreachable(REFUSED)))

    def test_other_texts_stay(self):
        self.assertEqual('nova: 403, (no)', base.plain(
            exception.Refused('nova: 403,\n (no)')))
