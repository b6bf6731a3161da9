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

"""Whether the broker of a transport URL takes connections at all.

oslo.messaging goes on trying until the time is over, and then cannot tell a
broker that is away from a service that is.
"""

import re
import socket

from synchronizer import exception

PORT = 5672
PATIENCE = 3.0

_SECRET = re.compile(r'(?<=//)[^/,\s]*@|(?<=,)[^/,\s]*@')
_ADDRESS = re.compile(r'(?:\[(?P<v6>[^\]]*)\]|(?P<name>[^:]*))'
                      r'(?::(?P<port>\d+))?')


def addresses(url: str) -> list[tuple[str, int]]:
    """Hosts and ports of a URL for RabbitMQ; of another, none."""
    scheme, _, rest = url.partition('://')
    if scheme.partition('+')[0] != 'rabbit':
        return []
    places = re.split(r'[/?]', rest, maxsplit=1)[0].split(',')
    found = [_ADDRESS.fullmatch(place.rpartition('@')[2])
             for place in places]
    return [(one['v6'] or one['name'] or 'localhost',
             int(one['port'] or PORT)) for one in found if one]


def check(url: str) -> None:
    """BusError if none of them can be connected to."""
    problems = []
    for host, port in addresses(url):
        try:
            socket.create_connection((host, port), PATIENCE).close()
            return
        except OSError as error:
            problems.append(f'{host}:{port} ({error.strerror or error})')
    if problems:
        raise exception.BusError(
            f'no broker answers at {", ".join(problems)}: does it run, and '
            'is transport_url right?')


def without_secrets(text: str) -> str:
    """A text that may quote a URL, without its users and passwords."""
    return _SECRET.sub('***@', text)
