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

"""What the log holds: JSON on request, and never a secret."""

import json
import os
import signal

from synchronizer.tests.functional import test_service

SECRETS = ('guest:guest', 'sandbox', 'gAAAA')
"""Of the bus, of the cloud, and how a token begins."""

OPTIONS = '''
[DEFAULT]
debug = true
{more}
[nova]
pol_interval = 1
notification_urls = {url}
'''


class LoggingTest(test_service.ServiceTestCase):

    def logging(self, more):
        url = self.rabbitmq_url()
        daemon = self.daemon(url, start=False)
        daemon.configure(OPTIONS.format(url=url, more=more))
        return daemon.start()

    def assert_no_secrets(self, daemon):
        for secret in SECRETS:
            self.assertNotIn(secret, daemon.text())

    def test_each_line_is_json(self):
        daemon = self.logging('use_json = true')
        daemon.await_live()
        daemon.process.send_signal(signal.SIGTERM)
        daemon.await_end()
        lines = [json.loads(line) for line in daemon.text().splitlines()]
        self.assertIn('snapshot works.', [line['message'] for line in lines])
        self.assert_no_secrets(daemon)

    def test_options_are_logged_without_secrets(self):
        daemon = self.logging('log_options = true')
        daemon.await_live()
        for line in ('transport_url', 'nova.notification_urls',
                     'service_credentials.password', 'database.connection'):
            self.assertRegex(daemon.text(), rf'{line} += \S*\*\*\*\*')
        self.assert_no_secrets(daemon)

    def test_the_report_has_no_secrets(self):
        daemon = self.logging('')
        daemon.await_live()
        for pid in (daemon.process.pid, *daemon.workers().values()):
            os.kill(pid, signal.SIGUSR2)
        daemon.await_text('Configuration of this service', 3)
        daemon.await_text('password = ***', 3)
        self.assert_no_secrets(daemon)

    def test_wrong_passwords_are_told_in_lines_and_waited_out(self):
        url = self.rabbitmq_url().replace('guest:guest', 'guest:sesame')
        daemon = self.daemon(url, start=False)
        daemon.configure('[service_credentials]\npassword = sesame\n')
        daemon.start()
        daemon.await_text('snapshot cannot work yet: the bus refuses')
        daemon.await_text('nova.instance: ')
        workers = daemon.workers()
        daemon.await_text('snapshot cannot work yet: the bus refuses', 2)
        self.assertEqual(workers, daemon.workers())
        self.assertNotIn('Traceback', daemon.text())
        self.assertNotIn('sesame', daemon.text())

    def test_an_option_that_nobody_reads_is_named_at_the_start(self):
        daemon = self.logging('')
        daemon.await_text('did you mean poll_interval?')
