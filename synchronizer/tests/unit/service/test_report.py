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

"""What a process reports of itself."""

from synchronizer.collector import facts
from synchronizer.service import report
from synchronizer.tests import base

FACTS = facts.Facts('nova.host', standing='ours', state='live', revision=7)


class StreamsTest(base.TestCase):

    def text(self):
        model = report._streams()
        model.set_current_view_type('text')
        return str(model)

    def test_whoever_tells_is_asked_until_he_ends(self):
        forget = report.tells(lambda: [FACTS])
        other = report.tells(lambda: [facts.Facts('nova.zone')])
        self.addCleanup(other)
        text = self.text()
        self.assertIn('nova.host = \n', text)
        self.assertIn('  revision = 7\n', text)
        self.assertIn('nova.zone = \n', text)
        forget()
        self.assertNotIn('nova.host', self.text())

    def test_a_process_without_streams_says_so(self):
        self.assertEqual('streams = none in this process',
                         self.text().strip())
