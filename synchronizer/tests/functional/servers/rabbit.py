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

"""A private RabbitMQ."""

import os
import pathlib
import socket

from synchronizer.tests.functional.servers import base

# epmd is given a port of its own and started by us: left to itself, Erlang
# starts one as a daemon that nobody ends.
LAUNCH = '''
"$EPMD" -address 127.0.0.1 -port $ERL_EPMD_PORT &
until "$EPMD" -port $ERL_EPMD_PORT -names >/dev/null 2>&1; do sleep 0.02; done
exec "$SERVER"
'''

CONFIGURATION = '''
loopback_users = none
vm_memory_high_watermark.absolute = 1GB
disk_free_limit.absolute = 50MB
log.file = false
log.console = true
log.console.level = info
'''


class RabbitServer(base.Server):
    """RabbitMQ without plugins; user and password are guest."""

    name = 'rabbitmq'
    env_variable = 'SYNCHRONIZER_TEST_RABBITMQ_URL'
    programs = ('rabbitmq-server', 'rabbitmqctl', 'epmd')
    # before /usr/sbin: the wrapper there gives root's rights away, and with
    # them the access to our directory
    path = f'/usr/lib/rabbitmq/bin:{base.Server.path}'

    def __init__(self) -> None:
        super().__init__()
        self._epmd_port = base.free_port()
        self._distribution_port = base.free_port()

    @property
    def node(self) -> str:
        return f'synchronizer{self.port}@localhost'

    @property
    def url(self) -> str:
        return f'rabbit://guest:guest@{base.HOST}:{self.port}/'

    def initialize(self) -> None:
        os.mkdir(self.data)
        pathlib.Path(self.data, 'rabbitmq.conf').write_text(CONFIGURATION)
        pathlib.Path(self.data, 'plugins').write_text('[].\n')

    def command(self) -> list[str]:
        return ['sh', '-c', LAUNCH]

    def environment(self) -> dict[str, str]:
        return {
            'EPMD': self.program('epmd'),
            'SERVER': self.program('rabbitmq-server'),
            'ERL_EPMD_ADDRESS': base.HOST,
            'ERL_EPMD_PORT': str(self._epmd_port),
            'RABBITMQ_NODENAME': self.node,
            'RABBITMQ_NODE_IP_ADDRESS': base.HOST,
            'RABBITMQ_NODE_PORT': str(self.port),
            'RABBITMQ_DIST_PORT': str(self._distribution_port),
            'RABBITMQ_CONF_ENV_FILE': f'{self.data}/none',
            'RABBITMQ_CONFIG_FILE': f'{self.data}/rabbitmq',
            'RABBITMQ_ENABLED_PLUGINS_FILE': f'{self.data}/plugins',
            'RABBITMQ_GENERATED_CONFIG_DIR': f'{self.data}/config',
            'RABBITMQ_SCHEMA_DIR': f'{self.data}/schema',
            'RABBITMQ_MNESIA_BASE': f'{self.data}/mnesia',
            'RABBITMQ_LOG_BASE': f'{self.data}/logs',
            'RABBITMQ_PID_FILE': f'{self.data}/server.pid',
            # the script then becomes the server, and takes signals itself
            'RUNNING_UNDER_SYSTEMD': 'true',
            'RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS':
                '-kernel inet_dist_use_interface {127,0,0,1}'
                ' +S 2:2 +sbwt none',
        }

    def ready(self) -> bool:
        """Greet it: a server that is up answers with Connection.Start."""
        with socket.create_connection((base.HOST, self.port), 2) as link:
            link.settimeout(2)
            link.sendall(b'AMQP\x00\x00\x09\x01')
            return link.recv(1) == b'\x01'

    def ctl(self, *arguments: str) -> None:
        """Run rabbitmqctl; it takes a second or two."""
        self.run([self.program('rabbitmqctl'), '-n', self.node, *arguments])
