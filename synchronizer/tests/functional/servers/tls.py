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

"""The same servers behind TLS, with an authority made for one test."""

import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import tempfile

import fixtures

from synchronizer.sandbox import SandboxServer
from synchronizer.tests.functional.servers import base
from synchronizer.tests.functional.servers import maria
from synchronizer.tests.functional.servers import postgres
from synchronizer.tests.functional.servers import rabbit

NAMES = f'subjectAltName=IP:{base.HOST},DNS:localhost'


class Authority(fixtures.Fixture):
    """A certificate authority and one certificate for all servers.

    ``ca``, ``cert`` and ``key`` are paths.
    """

    def _setUp(self) -> None:
        folder = pathlib.Path(tempfile.mkdtemp(dir=base.TEMPORARY))
        self.addCleanup(shutil.rmtree, folder)
        self.ca, self.cert, self.key = (
            folder / name for name in ('ca.pem', 'cert.pem', 'key.pem'))
        self._certify('Authority', self.ca, folder / 'ca.key',
                      '-addext', 'basicConstraints=critical,CA:TRUE')
        self._certify('Server', self.cert, self.key, '-addext', NAMES,
                      '-addext', 'basicConstraints=CA:FALSE', '-CA', self.ca,
                      '-CAkey', folder / 'ca.key')

    @staticmethod
    def missing() -> list[str]:
        """Return the programs that are not installed."""
        return [] if shutil.which('openssl') else ['openssl']

    def given_to(self, server: base.Server) -> tuple[str, str, str]:
        """Authority, certificate and key, where the server may read them."""
        paths = []
        for source in (self.ca, self.cert, self.key):
            path = os.path.join(server.directory, source.name)
            shutil.copy(source, path)
            os.chmod(path, 0o600)
            if server.user:
                shutil.chown(path, server.user)
            paths.append(path)
        return tuple(paths)

    @staticmethod
    def _certify(name: str, cert: pathlib.Path, key: pathlib.Path,
                 *more: object) -> None:
        subprocess.run(
            ['openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt',
             'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2',
             '-subj', f'/CN={name}', '-keyout', key, '-out', cert, *more],
            check=True, capture_output=True)


class RabbitTlsServer(rabbit.RabbitServer):
    """RabbitMQ that listens to nobody without TLS."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()
        self._authority = authority

    def initialize(self) -> None:
        super().initialize()
        ca, cert, key = self._authority.given_to(self)
        with open(f'{self.data}/rabbitmq.conf', 'a') as conf:
            conf.write(f'listeners.tcp = none\n'
                       f'listeners.ssl.1 = {base.HOST}:{self.port}\n'
                       f'ssl_options.cacertfile = {ca}\n'
                       f'ssl_options.certfile = {cert}\n'
                       f'ssl_options.keyfile = {key}\n')

    def environment(self) -> dict[str, str]:
        found = super().environment()
        # it would listen there without TLS
        del found['RABBITMQ_NODE_PORT'], found['RABBITMQ_NODE_IP_ADDRESS']
        return found

    def ready(self) -> bool:
        context = ssl.create_default_context(cafile=str(self._authority.ca))
        with (socket.create_connection((base.HOST, self.port), 2) as plain,
              context.wrap_socket(plain, server_hostname=base.HOST) as link):
            link.sendall(b'AMQP\x00\x00\x09\x01')
            return link.recv(1) == b'\x01'


class PostgresTlsServer(postgres.PostgresServer):
    """PostgreSQL that speaks TLS to those who want it."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()
        self._authority = authority

    def command(self) -> list[str]:
        _, cert, key = self._authority.given_to(self)
        return [*super().command(), '-c', 'ssl=on',
                '-c', f'ssl_cert_file={cert}', '-c', f'ssl_key_file={key}']


class MariaTlsServer(maria.MariaServer):
    """MariaDB that refuses whoever speaks no TLS, over the network."""

    def __init__(self, authority: Authority) -> None:
        super().__init__()
        self._authority = authority

    @property
    def url(self) -> str:
        return f'{super().url}&ssl_ca={self._authority.ca}'

    def command(self) -> list[str]:
        ca, cert, key = self._authority.given_to(self)
        return [*super().command(), f'--ssl-ca={ca}', f'--ssl-cert={cert}',
                f'--ssl-key={key}', '--require-secure-transport=ON']


class SandboxTlsServer(SandboxServer):
    """A cloud whose endpoints are https."""

    def __init__(self, cloud: object, authority: Authority) -> None:
        super().__init__(cloud)
        self._authority = authority

    @property
    def url(self) -> str:
        return super().url.replace('http:', 'https:')

    def start(self) -> None:
        super().start()
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self._authority.cert, self._authority.key)
        # nobody knows the port yet
        self._listener.socket = context.wrap_socket(
            self._listener.socket, server_side=True,
            do_handshake_on_connect=False)
