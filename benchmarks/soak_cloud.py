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


"""A simulated cloud that can live for hours: it forgets what is over.

Run as a program by ``benchmarks.soak``: ``soak_cloud.py SEED SERVERS
TRANSPORT_URL`` prints its URL, then for each line that it reads how it is,
as JSON, and ends with its standard input.
"""

import json
import multiprocessing
import socket
import sys
import threading
import uuid

import amqp
import kombu
import orjson

from synchronizer import sandbox
from synchronizer.sandbox import notices

KEPT = 1000
"""Of the true history, which nobody asks for here."""

EVERY = 5.0
"""Seconds between two archivings of what was deleted."""

SPEAKING = ('nova', 'cinder')
"""Of other services nobody would take messages off the broker."""

PATIENT = {socket.TCP_USER_TIMEOUT: 60000}
"""A broker that takes nothing for a second, as one that is short of CPU
does, would be hung up on."""

WAITING = 1000
"""So many messages of a service may be on their way to the broker."""


class Speakers:
    """Each service speaks from a process of its own, as in a real cloud:
    two hundred operations a second are nearly four hundred messages, and
    among the threads of this process each would wait for its turn."""

    def __init__(self, transport_url):
        context = multiprocessing.get_context('spawn')
        self._queues = {service: context.Queue(WAITING)
                        for service in SPEAKING}
        self._processes = [
            context.Process(target=_speak, args=(transport_url, queue),
                            daemon=True)
            for queue in self._queues.values()]
        for process, queue in zip(self._processes, self._queues.values()):
            process.start()
            # what waits in the end is not waited for
            queue.cancel_join_thread()

    def send(self, message):
        """Have it sent; waits while too many do."""
        if message.service in self._queues:
            self._queues[message.service].put(message)

    @property
    def waiting(self):
        """How many were not sent yet."""
        return sum(queue.qsize() for queue in self._queues.values())

    def close(self):
        """What waits is not sent any more."""
        for process in self._processes:
            process.terminate()
            process.join()


def _speak(transport_url, queue):
    """As oslo.messaging does, but for what it costs: it waits until the
    broker has confirmed each message, and works more than half as much as
    all of the service, on CPUs that the service has to itself elsewhere."""
    url = transport_url.replace('rabbit:', 'amqp:')
    with kombu.Connection(url, transport_options={
            'socket_settings': PATIENT}) as connection:
        channel = connection.default_channel
        for exchange in notices.EXCHANGES.values():
            kombu.Exchange(exchange, 'topic', durable=False).declare(
                channel=channel)
        while True:
            message = queue.get()
            priority = message.body['priority'].lower()
            channel.basic_publish(
                amqp.Message(_envelope(message), content_encoding='utf-8',
                             content_type='application/json'),
                notices.EXCHANGES[message.service],
                f'{message.topic}.{priority}')


def _envelope(message):
    context = {f'_context_{name}': value
               for name, value in message.context.items()}
    return orjson.dumps({
        'oslo.version': '2.0', 'oslo.message': orjson.dumps({
            **message.body, **context,
            '_unique_id': uuid.uuid4().hex}).decode()})


def main(seed, servers, transport_url):
    cloud = sandbox.SandboxCloud(
        seed=int(seed), hosts=20, servers=int(servers), volumes=200,
        stacks=0, cells=2)
    speakers = Speakers(transport_url)
    voice = sandbox.Voice(cloud, speakers, 'versioned')
    with sandbox.SandboxServer(cloud, voice=voice) as server:
        print(server.url, flush=True)
        ended = threading.Event()
        threading.Thread(target=_tell, args=(server, speakers, ended),
                         daemon=True).start()
        while not ended.wait(EVERY):
            _forget(cloud)


def _tell(server, speakers, ended):
    for _ in sys.stdin:
        print(json.dumps({
            'steps': server.life.steps,
            'servers': len(server.cloud.live('nova.instance')),
            'waiting': server.voice.waiting + speakers.waiting,
            'dropped': server.voice.counts['dropped']}), flush=True)
    ended.set()


def _forget(cloud):
    with cloud.lock:
        del cloud.journal[:-KEPT]
        for kind, table in cloud.tables.items():
            for key in [key for key, row in table.items()
                        if row.get('deleted') or kind == 'heat.event']:
                cloud.forget(kind, key)


if __name__ == '__main__':
    main(*sys.argv[1:])
