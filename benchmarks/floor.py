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

"""What cannot be undercut: the bare bus, and the bare API."""

import threading
import time
import uuid

import kombu
import oslo_messaging
import requests

from synchronizer.bus import transport

TIMES = 200
TYPE = 'benchmark.floor'


class _Endpoint:

    def __init__(self):
        self.came = threading.Event()
        self.at = 0.0

    @transport.expose
    def ping(self, ctxt):
        self.at = time.perf_counter()
        self.came.set()


def casts(conf):
    """Seconds of single casts to a listener in this process."""
    bus, endpoint = transport.get(conf), _Endpoint()
    server = transport.change_server(
        bus, TYPE, f'floor-{uuid.uuid4().hex[:8]}', endpoint)
    server.start(override_pool_size=1)
    try:
        caster = transport.Caster(bus)
        return [_cast(caster, endpoint) for _ in range(TIMES)]
    finally:
        server.stop()
        server.wait()
        bus.cleanup()


def calls(conf):
    """Seconds of single calls, answers included, to this process."""
    bus = transport.get(conf)
    host = f'floor-{uuid.uuid4().hex[:8]}'
    target = oslo_messaging.Target(
        exchange=host, topic=host, server=host, version='1.0')
    server = oslo_messaging.get_rpc_server(
        bus, target, [_Endpoint()],
        access_policy=oslo_messaging.ExplicitRPCAccessPolicy)
    server.start()
    try:
        client = oslo_messaging.get_rpc_client(
            bus, oslo_messaging.Target(
                exchange=host, topic=host, version='1.0'), timeout=10)
        return [_call(client) for _ in range(TIMES)]
    finally:
        server.stop()
        server.wait()
        bus.cleanup()


def _call(client):
    began = time.perf_counter()
    client.call({}, 'ping')
    return time.perf_counter() - began


def _cast(caster, endpoint):
    endpoint.came.clear()
    began = time.perf_counter()
    caster.cast(TYPE, 'ping')
    if not endpoint.came.wait(10):
        raise SystemExit('a cast was lost')
    return endpoint.at - began


def gets(api, pick):
    """Seconds of single GETs of one server over one connection. `pick`
    names a server; it may die, then another one is asked for."""
    url = f'{api.compute.get_endpoint()}/servers/'
    headers = {'X-Auth-Token': api.auth_token,
               'OpenStack-API-Version': 'compute 2.96'}
    found, server = [], pick()
    with requests.Session() as session:
        session.get(url + server, headers=headers)
        while len(found) < TIMES:
            began = time.perf_counter()
            answer = session.get(url + server, headers=headers)
            seconds = time.perf_counter() - began
            if answer.status_code == 404:
                server = pick()
                continue
            answer.raise_for_status()
            found.append(seconds)
    return found


def delete_queue(url, name):
    """Leave no queue on a broker that is not ours."""
    with kombu.Connection(url.replace('rabbit', 'amqp', 1)) as link:
        link.channel().queue_delete(name)
