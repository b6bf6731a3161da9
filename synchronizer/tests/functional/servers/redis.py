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

"""A private Redis."""

import os
import socket

from synchronizer.tests.functional.servers import base


class RedisServer(base.Server):
    """Redis that keeps nothing over ``restart``, as many are set up."""

    name = 'redis'
    env_variable = 'SYNCHRONIZER_TEST_REDIS_URL'
    programs = ('redis-server',)

    @property
    def url(self) -> str:
        return f'redis://{base.HOST}:{self.port}'

    def initialize(self) -> None:
        os.mkdir(self.data)

    def command(self) -> list[str]:
        return [self.program('redis-server'), '--bind', base.HOST,
                '--port', str(self.port), '--dir', self.data,
                '--save', '', '--appendonly', 'no', '--daemonize', 'no']

    def ready(self) -> bool:
        with socket.create_connection((base.HOST, self.port), 2) as link:
            link.settimeout(2)
            link.sendall(b'PING\r\n')
            return link.recv(16).startswith(b'+PONG')
