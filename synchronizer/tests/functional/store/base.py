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

"""Tests with a database on a server, and our schema in it."""

from synchronizer.store import database
from synchronizer.store import engine
from synchronizer.store import migration
from synchronizer.tests.functional import base


def upgrade(url):
    patient = database.Database(engine.Options(url), patient=True)
    try:
        migration.upgrade(patient)
    finally:
        patient.close()


class OwnServerTestCase(base.FunctionalTestCase):
    """`server` is its own, to do with as it likes; `url` is a database."""

    server_class = None

    def setUp(self):
        super().setUp()
        self.server = self.own_server(self.server_class)
        self.url = self.fresh_database(self.server.url)
        upgrade(self.url)
