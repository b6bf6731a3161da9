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

"""Which settings of a server keep us from working."""

from oslo_config import cfg

from synchronizer.store import server
from synchronizer.tests import base

MYSQL = {'packet': 16 << 20, 'read_only': 0, 'log_bin': 1,
         'binlog_format': 'MIXED'}


class MysqlTest(base.TestCase):

    def problems(self, **other):
        return server.mysql_problems(**{**MYSQL, **other})

    def test_nothing(self):
        for other in ({}, {'packet': server.LEAST_PACKET},
                      {'read_only': 'OFF'},
                      {'log_bin': 0, 'binlog_format': 'STATEMENT'}):
            self.assertEqual([], self.problems(**other))

    def test_each(self):
        for other, word in (({'packet': server.LEAST_PACKET - 1}, '16M'),
                            ({'read_only': 1}, 'replica'),
                            ({'read_only': 'ON'}, 'replica'),
                            ({'binlog_format': 'STATEMENT'}, 'ROW')):
            (problem,) = self.problems(**other)
            self.assertIn(word, problem)


class PostgresqlTest(base.TestCase):

    def test_each(self):
        self.assertEqual([], server.postgresql_problems(False, 'UTF8'))
        for values, word in (((True, 'UTF8'), 'replica'),
                             ((False, 'LATIN1'), 'LATIN1')):
            (problem,) = server.postgresql_problems(*values)
            self.assertIn(word, problem)


class SqliteTest(base.TestCase):

    def test_a_file_has_no_settings(self):
        conf = cfg.ConfigOpts()
        conf([], default_config_files=[], default_config_dirs=[])
        server.engine_module.register_opts(conf)
        directory = self.useFixture(base.fixtures.TempDir()).path
        conf.set_override('connection', f'sqlite:///{directory}/x',
                          'database')
        self.assertEqual([], server.problems(conf))
