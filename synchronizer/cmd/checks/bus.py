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

"""The bus: whether the service will be let in, and can use what is there."""

from collections.abc import Iterable

from oslo_config import cfg

from synchronizer.bus import probe as probe_module
from synchronizer.bus import topics
from synchronizer.cmd.checks import base
from synchronizer.cmd.checks import subject as subject_module
from synchronizer.service import parts

UNREAD = 1000
"""So many messages that wait, and nobody who reads, are a mistake."""

UNSET = ('[DEFAULT] transport_url is not set: the service would look for a '
         'RabbitMQ without a password on this host')
OTHER = 'it is no RabbitMQ, of which alone more can be told'
FLAGS = ('amqp_durable_queues, rabbit_quorum_queue and amqp_auto_delete of '
         '[oslo_messaging_rabbit] must be as with whoever made it, or it has '
         'to be deleted first')


def bus(subject: subject_module.Subject) -> base.Result:
    """The broker of requests and changes."""
    conf = subject.conf
    if not parts.bus_is_set(conf):
        return base.Result(base.WARNING, UNSET)
    if not probe_module.is_rabbit(conf):
        return base.Result(base.SUCCESS, OTHER)
    verdict = base.Verdict()
    with probe_module.Probe(conf) as probe:
        check_exchange(verdict, probe, topics.EXCHANGE)
        check_queue(verdict, probe, topics.REQUESTS)
        for name in _announced(conf, subject):
            _check_read(verdict, probe, name)
    return verdict.result()


def check_exchange(verdict: base.Verdict, probe: probe_module.Probe,
                   name: str) -> bool:
    """Whether it is there; and if it is, whether we can use it."""
    if not probe.has_exchange(name):
        return False
    quarrel = probe.quarrel_of_exchange(name)
    if quarrel:
        verdict.fail(f'the exchange {name} cannot be used ({quarrel})',
                     FLAGS)
    return True


def check_queue(verdict: base.Verdict, probe: probe_module.Probe, name: str
                ) -> probe_module.Queue | None:
    """The same of a queue."""
    found = probe.queue(name)
    quarrel = found and probe.quarrel_of_queue(name)
    if quarrel:
        verdict.fail(f'the queue {name} cannot be used ({quarrel})', FLAGS)
    return found


def _announced(conf: cfg.ConfigOpts, subject: subject_module.Subject
               ) -> Iterable[str]:
    """The queues that the second driver fills."""
    if 'notification' not in conf.publisher.drivers:
        return
    types = conf.publisher.notification_types or [
        kind.name for kinds in subject.types.values() for kind in kinds]
    for type_ in types:
        yield f'{topics.notifications(type_)}.info'


def _check_read(verdict: base.Verdict, probe: probe_module.Probe, name: str
                ) -> None:
    found = probe.queue(name)
    if found and not found.consumers and found.messages > UNREAD:
        verdict.warn(
            f'{found.messages} messages wait in {name}, which nobody reads: '
            'name the types that somebody reads in [publisher] '
            'notification_types, or take "notification" out of drivers')
