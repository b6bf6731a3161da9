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

"""A service that notifies, and others that listen to it."""

import threading

import fixtures
from oslo_config import cfg
import oslo_messaging
from oslo_messaging import opts

from synchronizer.bus import transport

EXCHANGE, TOPIC = 'things', 'notifications'
PATIENCE = 30


def conf(**overrides):
    """Options of oslo.messaging, as a service of its own has them."""
    made = cfg.ConfigOpts()
    made([], project='things', default_config_files=[],
         default_config_dirs=[])
    for group, options in opts.list_opts():
        if group is None:
            made.register_opts(options)
    for name, value in overrides.items():
        made.set_override(name, value)
    return made


class Context(dict):
    """A context that is sent whole, as older releases of oslo.messaging did
    it: of a plain dict, the newer ones send nothing."""

    def redacted_copy(self):
        return self


class Notifier(fixtures.Fixture):
    """Sends as a service does: to its own exchange, and with a token in
    the context, beside who it was, if that is said."""

    def __init__(self, url, exchange=EXCHANGE, topic=TOPIC, retry=1):
        self.url, self.exchange = url, exchange
        self.topic, self.retry = topic, retry

    def _setUp(self):
        self.transport = transport.for_notifications(
            conf(control_exchange=self.exchange), self.url)
        self.addCleanup(self.transport.cleanup)
        self.notifier = oslo_messaging.Notifier(
            self.transport, 'things.host', driver='messagingv2',
            topics=[self.topic], retry=self.retry)

    def send(self, event, payload, priority='info', **context):
        getattr(self.notifier, priority)(
            Context(auth_token='a-token', **context), event, payload)


class Heard:
    """An endpoint that keeps all it hears, in order."""

    def __init__(self):
        self.events = []
        self._news = threading.Condition()
        self.gate = threading.Event()
        self.gate.set()

    def info(self, ctxt, publisher_id, event_type, payload, metadata):
        self.gate.wait(PATIENCE)
        with self._news:
            self.events.append(event_type)
            self._news.notify_all()

    warn = error = info

    def wait(self, count, timeout=PATIENCE):
        """Wait until so many were heard; all of them."""
        return self.wait_until(lambda: len(self.events) >= count, timeout)

    def wait_for(self, event, timeout=PATIENCE):
        return self.wait_until(lambda: event in self.events, timeout)

    def wait_until(self, condition, timeout):
        with self._news:
            self._news.wait_for(condition, timeout)
            return list(self.events)


def listener(url, endpoint, pool, exchange=EXCHANGE, topics=(TOPIC,)):
    """A listener that was not started, and its transport."""
    made = transport.for_listening(conf(), url)
    return transport.notification_listener(
        made, exchange, list(topics), endpoint, pool), made
