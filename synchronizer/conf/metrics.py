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

"""[metrics]: where the service shows how it is."""

from oslo_config import cfg
from oslo_config import types

from synchronizer.conf import groups

GROUP = cfg.OptGroup(
    'metrics',
    title='Metrics and health',
    help='Where Prometheus, and whoever asks for the health, is answered.')

PORTS = range(1, 65536)


class Address(types.String):
    """A host, or its IP address, and a port; or nothing."""

    def __init__(self) -> None:
        super().__init__(type_name='HOST:PORT')

    def __call__(self, value: object) -> str:
        """The text as it was given, if it can be split."""
        text = super().__call__(value)
        if text:
            split(text)
        return text


def split(text: str) -> tuple[str, int]:
    """Host and port; ValueError if it is not that."""
    host, _, port = text.rpartition(':')
    bare = host.removeprefix('[').removesuffix(']')
    is_bracketed = host == f'[{bare}]'
    if not bare or (':' in bare) != is_bracketed or not (
            port.isascii() and port.isdigit() and int(port) in PORTS):
        raise ValueError(
            f'{text!r} is not HOST:PORT, as in 127.0.0.1:9758, [::1]:9758 '
            'or 0.0.0.0:9758')
    return bare, int(port)


OPTS = [
    cfg.Opt(
        'listen',
        type=Address(),
        default='',
        help='HOST:PORT at which the service answers GET /metrics (for '
             'Prometheus), /healthz, /healthz/live and /healthz/ready, for '
             'all of its processes. 127.0.0.1:9758 answers programs of this '
             'host only, 0.0.0.0:9758 everybody. There is neither password '
             'nor TLS, and no secret to be read: names of types, of this '
             'host and of processes, numbers, and errors. Empty: nothing '
             'listens, and there is one process less.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    groups.register(conf, GROUP, OPTS)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(GROUP, OPTS)]
