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

"""Notifications: whether they come here, and whether somebody else takes
them away."""

from collections.abc import Iterator
import functools

from oslo_config import cfg

from synchronizer import exception
from synchronizer.bus import probe as probe_module
from synchronizer.bus import topics
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import bus
from synchronizer.cmd.checks import subject as subject_module

SHARED = 'readers of one queue take messages from each other'


def notifications(subject: subject_module.Subject) -> base.Result:
    """Of every service that tells of its changes."""
    subject.require_valid()
    verdict = base.Verdict()
    listened_to = []
    for name in [kind.name for kind in subject.types]:
        for url in _urls(subject.conf, name):
            listened_to.append(name)
            try:
                _check(verdict, subject.conf, name, url)
            except exception.BusError as error:
                verdict.fail(str(error))
    return verdict.result(
        'listened to: ' + ', '.join(dict.fromkeys(listened_to))
        if listened_to else 'nothing is listened to')


def _urls(conf: cfg.ConfigOpts, name: str) -> Iterator[str | None]:
    options = conf[name]
    if not getattr(options, 'notification_topics', None):
        return
    for url in options.notification_urls or [None]:
        if probe_module.is_rabbit(conf, url, notifications=True):
            yield url


def _check(verdict: base.Verdict, conf: cfg.ConfigOpts, name: str,
           url: str | None) -> None:
    options = conf[name]
    place = f'[{name}] notification_urls' if url else (
        'transport_url of [oslo_messaging_notifications] or [DEFAULT]')
    with probe_module.Probe(conf, url, True, place) as probe:
        exchange = options.notification_exchange
        if not bus.check_exchange(verdict, probe, exchange):
            verdict.warn(
                f'there is no exchange {exchange} on the broker: does {name} '
                'send notifications ([oslo_messaging_notifications] driver = '
                'messagingv2), to this broker and virtual host, and is '
                f'[{name}] notification_exchange its control_exchange?')
        if options.notification_pool:
            _check_pool(verdict, probe, name, options)
        else:
            _check_topics(verdict, probe, name, options,
                          functools.partial(_runs_here, conf))


def _check_pool(verdict: base.Verdict, probe: probe_module.Probe, name: str,
                options: cfg.ConfigOpts.GroupAttr) -> None:
    queue = f'{options.notification_pool}.{name}'
    found = bus.check_queue(verdict, probe, queue)
    if found is None:
        return
    # of one deployment the owner of the streams alone listens
    if found.consumers > 1:
        verdict.warn(
            f'{queue} has {found.consumers} consumers: {SHARED}; give each '
            f'deployment on this broker a [{name}] notification_pool of its '
            'own')
    elif not found.consumers and found.messages > bus.UNREAD:
        verdict.warn(
            f'{found.messages} messages wait in {queue}, which nobody reads '
            'while no synchronizer runs: give it a limit by a policy, or '
            'delete it')


def _check_topics(verdict: base.Verdict, probe: probe_module.Probe,
                  name: str, options: cfg.ConfigOpts.GroupAttr,
                  runs_here: functools.partial) -> None:
    """Without a pool: the queues of the topics themselves."""
    for topic in options.notification_topics:
        queue = f'{topic}.info'
        found = bus.check_queue(verdict, probe, queue)
        consumers = found.consumers if found else 0
        if consumers > 1 or (consumers and not runs_here()):
            verdict.warn(
                f'{queue} has another reader ({consumers} consumers): '
                f'{SHARED}; set [{name}] notification_pool, or give us a '
                'topic that nobody else reads')


def _runs_here(conf: cfg.ConfigOpts) -> bool:
    """Whether our own service answers requests, and so listens, too."""
    if not probe_module.is_rabbit(conf):
        return False
    with probe_module.Probe(conf) as probe:
        found = probe.queue(f'{topics.REQUESTS}.{conf.host}')
        return bool(found and found.consumers)
