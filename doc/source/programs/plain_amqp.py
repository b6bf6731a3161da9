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

"""Follow servers with nothing but AMQP: plain_amqp.py URL [TYPE]

No oslo.messaging and nothing of Synchronizer: what is done here can be done
in any language that has a client of RabbitMQ.
"""

import json
import sys
import uuid

import kombu

TIMEOUT = 60


class Refused(Exception):
    """The service answered with an error."""


def sealed(message):
    """A message as it travels: JSON, in the envelope of oslo.messaging."""
    return {'oslo.version': '2.0', 'oslo.message': json.dumps(message)}


def opened(body):
    return json.loads(body['oslo.message'])


class Bus:
    """Requests, and the casts of one type."""

    def __init__(self, url):
        # kombu knows the broker as amqp, oslo.messaging as rabbit
        self.connection = kombu.Connection(
            url.replace('rabbit://', 'amqp://', 1))
        self.channel = self.connection.channel()
        self.replies, self.casts = [], []
        self.reply_to = self._listen(
            f'reply_{uuid.uuid4().hex}', self.replies)

    def _listen(self, name, heard, exchange=None):
        queue = kombu.Queue(name, exchange, channel=self.channel,
                            durable=False, exclusive=True, auto_delete=True)
        queue.declare()

        def take(body, message):
            heard.append(opened(body))
            message.ack()
        kombu.Consumer(self.channel, queue, callbacks=[take],
                       accept=['json']).consume()
        return name

    def subscribe(self, type_):
        """A queue of our own at the fanout exchange of the type."""
        topic = f'synchronizer.changes.{type_}'
        exchange = kombu.Exchange(f'{topic}_fanout', 'fanout', durable=False,
                                  auto_delete=True)
        self._listen(f'{topic}_fanout_{uuid.uuid4().hex}', self.casts,
                     exchange)

    def call(self, method, **args):
        """Ask, and wait for the answer."""
        id_ = uuid.uuid4().hex
        kombu.Producer(self.channel).publish(
            sealed({'method': method, 'args': args, 'version': '1.0',
                    '_msg_id': id_, '_unique_id': uuid.uuid4().hex,
                    '_reply_q': self.reply_to, '_timeout': TIMEOUT}),
            exchange='synchronizer', routing_key='synchronizer',
            serializer='json')
        while not self.replies:
            self.connection.drain_events(timeout=TIMEOUT)
        reply = self.replies.pop()
        if reply['failure']:
            raise Refused(json.loads(reply['failure'])['message'])
        return reply['result']

    def cast(self):
        """The next message to all: its method, and its arguments."""
        while not self.casts:
            self.connection.drain_events()
        message = self.casts.pop(0)
        return message['method'], message['args']


class Follower:
    """Holds a copy of one type, and knows when it missed something."""

    def __init__(self, bus, type_):
        self.bus, self.type, self.held = bus, type_, {}
        bus.subscribe(type_)
        self.snapshot()

    def snapshot(self):
        """Everything, at one position."""
        self.held, arguments = {}, {'types': [self.type]}
        while arguments:
            page = self.bus.call('get_all', **arguments)
            self.held.update((one['id'], one) for one in page['entities'])
            self.head = page['streams'][self.type]
            arguments = page['marker'] and {'marker': page['marker']}

    def follow(self):
        """Take one message; the changes that it brought."""
        method, said = self.bus.cast()
        if said['epoch'] != self.head['epoch']:
            self.snapshot()
            return []
        changes = said['changes'] if method == 'changed' else []
        last = changes[-1]['revision'] if changes else said['revision']
        first = changes[0]['revision'] if changes else last + 1
        if first > self.head['revision'] + 1:
            changes = self.missed()
        return [one for one in changes if self.take(one)]

    def missed(self):
        """What the journal has after our own position."""
        found, more = [], True
        since = self.head['revision']
        while more:
            try:
                answer = self.bus.call(
                    'get_changes', type=self.type, epoch=self.head['epoch'],
                    since=since)
            except Refused:
                # the journal does not reach back so far
                self.snapshot()
                return []
            found, more = found + answer['changes'], answer['more']
            since = found[-1]['revision'] if found else since
        return found

    def take(self, change):
        """Whether it was the next one."""
        if change['revision'] != self.head['revision'] + 1:
            return False
        self.head['revision'] += 1
        entity = change['entity']
        held = self.held.get(entity['id'])
        if held and held['revision'] >= change['revision']:
            # a page of the snapshot was newer than its position
            return False
        if change['action'] == 'deleted':
            self.held.pop(entity['id'], None)
        else:
            self.held[entity['id']] = entity
        return True


def main(url, type_='nova.instance'):
    follower = Follower(Bus(url), type_)
    print(len(follower.held), type_, 'at', follower.head['revision'],
          flush=True)
    while True:
        for change in follower.follow():
            print(change['revision'], change['action'],
                  change['entity']['name'], flush=True)


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
