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

"""The services' own clients, on our session.

They know how to find their endpoint; what is used of them is the HTTP
adapter (see `api`). None of them asks anything of the network here.
"""

from collections.abc import Callable
from typing import Any

from cinderclient.v3 import client as cinder_client
from heatclient.v1 import client as heat_client
from keystoneauth1 import adapter
from keystoneauth1 import session as ksa_session
from novaclient import client as nova_client


def nova(session: ksa_session.Session, *, service_type: str | None = None,
         interface: list[str] | str | None = None, **options: Any
         ) -> adapter.Adapter:
    """The adapter of python-novaclient."""
    return nova_client.Client(
        '2.1', session=session, service_type=service_type or 'compute',
        endpoint_type=interface, **options).client


def cinder(session: ksa_session.Session, *, service_type: str | None = None,
           interface: list[str] | str | None = None,
           endpoint_override: str | None = None, **options: Any
           ) -> adapter.Adapter:
    """The adapter of python-cinderclient."""
    return cinder_client.Client(
        session=session, service_type=service_type or 'block-storage',
        endpoint_type=interface, os_endpoint=endpoint_override,
        **options).client


def heat(session: ksa_session.Session, *, service_type: str | None = None,
         **options: Any) -> adapter.Adapter:
    """The adapter of python-heatclient."""
    given = {name: value for name, value in options.items()
             if value is not None}
    return heat_client.Client(
        session=session, service_type=service_type or 'orchestration',
        **given).http_client


CLIENTS: dict[str, Callable[..., adapter.Adapter]] = {
    'nova': nova, 'cinder': cinder, 'heat': heat}


def build(service: str, session: ksa_session.Session, **options: Any
          ) -> adapter.Adapter:
    """The adapter of a service; one without a client of its own gets a
    plain one of keystoneauth."""
    if service in CLIENTS:
        return CLIENTS[service](session, **options)
    return adapter.Adapter(
        session, **{'service_type': service, **options})
