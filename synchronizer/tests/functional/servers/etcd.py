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

"""A private etcd."""

import urllib.request

from synchronizer.tests.functional.servers import base


class EtcdServer(base.Server):
    """One etcd without fsync; what it was told outlives ``restart``."""

    name = 'etcd'
    env_variable = 'SYNCHRONIZER_TEST_ETCD_URL'
    programs = ('etcd',)

    def __init__(self) -> None:
        super().__init__()
        self._peer_port = base.free_port()

    @property
    def url(self) -> str:
        return f'etcd3+http://{base.HOST}:{self.port}'

    def initialize(self) -> None:
        """It makes its data itself."""

    def command(self) -> list[str]:
        client = f'http://{base.HOST}:{self.port}'
        peer = f'http://{base.HOST}:{self._peer_port}'
        return [self.program('etcd'), '--name', 'one',
                '--data-dir', self.data, '--unsafe-no-fsync',
                '--listen-client-urls', client,
                '--advertise-client-urls', client,
                '--listen-peer-urls', peer,
                '--initial-advertise-peer-urls', peer,
                '--initial-cluster', f'one={peer}']

    def ready(self) -> bool:
        with urllib.request.urlopen(
                f'http://{base.HOST}:{self.port}/health', timeout=2) as said:
            return b'true' in said.read()
