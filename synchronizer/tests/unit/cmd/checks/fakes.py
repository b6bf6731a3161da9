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

"""A broker that is a table, and a subject that is a configuration."""

from unittest import mock

from synchronizer import exception
from synchronizer.bus import probe as probe_module
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.tests.unit.service import test_options


class Broker:
    """What a Probe would see."""

    def __init__(self):
        self.exchanges = {}
        self.queues = {}
        self.away = None
        self.asked = []

    def exchange(self, name, quarrel=None):
        self.exchanges[name] = quarrel

    def queue(self, name, messages=0, consumers=0, quarrel=None):
        self.queues[name] = probe_module.Queue(messages, consumers), quarrel

    def probe(self, conf, url=None, notifications=False, place='there'):
        """In place of Probe."""
        self.asked.append((url, notifications, place))
        made = mock.MagicMock()
        made.__enter__.return_value = made
        made.__exit__.return_value = None
        if self.away:
            made.__enter__.side_effect = exception.BusError(self.away)
        made.has_exchange = self.exchanges.__contains__
        made.quarrel_of_exchange = self.exchanges.get
        made.queue = lambda name: self.queues.get(name, (None,))[0]
        made.quarrel_of_queue = lambda name: self.queues[name][1]
        return made


class ChecksTestCase(test_options.OptionsTestCase):
    """Looks at a configuration, on a broker of its own."""

    def setUp(self):
        super().setUp()
        self.broker = Broker()
        patcher = mock.patch.object(
            probe_module, 'Probe', side_effect=self.broker.probe)
        patcher.start()
        self.addCleanup(patcher.stop)

    def subject(self, default='', more=''):
        return self.subject_of(
            '[DEFAULT]\ntransport_url = rabbit://somewhere/\n'
            f'host = here\n{default}\n{test_options.CREDENTIALS}{more}')

    def subject_of(self, text, *arguments):
        return subject_module.Subject(self.load(text, *arguments))

    def assert_row(self, code, result, *words, without=()):
        """That verdict, on one line with all these words."""
        self.assertEqual(code, result.code, result.details)
        for word in words:
            self.assertIn(word, result.details)
        for word in without:
            self.assertNotIn(word, result.details)
        self.assertNotIn('\n', result.details or '')
