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

"""Which arguments a driver of a database takes."""

from synchronizer import exception
from synchronizer.store import database
from synchronizer.store import engine
from synchronizer.tests import base

MYSQL = 'mysql+pymysql://me:secret@127.0.0.1:1/x'
POSTGRESQL = 'postgresql+psycopg2://me:secret@127.0.0.1:1/x'


class ArgumentsTest(base.TestCase):

    def refusal(self, call, *arguments):
        error = self.assertRaises(
            exception.ConfigurationError, call, *arguments)
        self.assertIn('[database] connection, what stands behind the ?',
                      str(error))
        self.assertNotIn('secret', str(error))
        self.assertNotIn('\n', str(error))
        return str(error)

    def test_those_that_fit(self):
        for url in (MYSQL, f'{MYSQL}?connect_timeout=3&ssl_ca=/ca',
                    MYSQL.replace('mysql', 'mariadb', 1),
                    POSTGRESQL, f'{POSTGRESQL}?sslmode=require',
                    'sqlite:////nope/x'):
            self.assertIsNone(engine.check(engine.Options(url)), url)

    def test_those_that_do_not(self):
        for url in (MYSQL, POSTGRESQL):
            self.assertIn('bogus', self.refusal(
                engine.check, engine.Options(f'{url}?bogus=1')))
        self.assertIn('abc', self.refusal(
            engine.build, engine.Options(MYSQL, 'connect_timeout=abc')))

    def test_what_only_the_driver_finds(self):
        made = database.Database(
            engine.Options(f'{MYSQL}?read_timeout=0'))
        self.addCleanup(made.close)
        for call in (made.connect, lambda: made.read(lambda unused: None)):
            self.assertIn('read_timeout', self.refusal(call))
