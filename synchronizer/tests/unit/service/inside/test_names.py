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

"""What the processes are called."""

from synchronizer.service.inside import names
from synchronizer.tests.unit.service import test_options

LISTEN = '[metrics]\nlisten = 127.0.0.1:9758\n'


class NamesTest(test_options.OptionsTestCase):

    def test_each_has_a_name_of_its_own(self):
        conf = self.load('[DEFAULT]\nplugins = nova, heat\n'
                         '[snapshot]\nworkers = 3\n')
        self.assertEqual(
            ['collector-nova', 'collector-heat', 'snapshot', 'snapshot-2',
             'snapshot-3', 'metrics'], names.every(conf))

    def test_all_in_one_is_one(self):
        self.assertEqual(['all-in-one'],
                         names.every(self.load('', '--all-in-one')))

    def test_a_path_that_no_socket_can_have(self):
        for listen, count in ((LISTEN, 1), ('', 0)):
            conf = self.load(test_options.CREDENTIALS + listen)
            conf.set_override('state_path', '/' + 'long/' * 30)
            problems = conf.problems()
            self.assertEqual(count, len(problems), problems)
            self.assertEqual(
                count, str(problems).count('needs a shorter state_path'))
