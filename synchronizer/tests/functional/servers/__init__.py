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

"""RabbitMQ, databases, etcd and Redis that the tests start and end themselves.

The tests of one process share one of each (``url_of``). A test of faults
takes a server of its own, as a context manager::

    with servers.RabbitServer() as rabbit:
        rabbit.pause()
"""

from synchronizer.tests.functional.servers.base import ServerError
from synchronizer.tests.functional.servers.etcd import EtcdServer
from synchronizer.tests.functional.servers.maria import MariaServer
from synchronizer.tests.functional.servers.postgres import PostgresServer
from synchronizer.tests.functional.servers.rabbit import RabbitServer
from synchronizer.tests.functional.servers.redis import RedisServer
from synchronizer.tests.functional.servers.shared import url_of
from synchronizer.tests.functional.servers.sql import FreshDatabase

KINDS = (RabbitServer, MariaServer, PostgresServer, EtcdServer, RedisServer)

SPARED = (EtcdServer, RedisServer)
"""Without these only their own tests are skipped."""

__all__ = ['KINDS', 'SPARED', 'EtcdServer', 'FreshDatabase', 'MariaServer',
           'PostgresServer', 'RabbitServer', 'RedisServer', 'ServerError',
           'url_of']
