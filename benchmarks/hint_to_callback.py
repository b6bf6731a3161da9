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

"""From a notification's arrival to a consumer's callback, part by part.

Runs the whole service and a mirror in this process and measures them from
outside, on the cloud that OS_CLOUD names or on a simulated one.
"""

import argparse
import contextlib
import json
import logging
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import uuid

import openstack
import openstack.exceptions

from benchmarks import floor
from benchmarks import stopwatch
from benchmarks.results import Result
from synchronizer import client
from synchronizer.collector import settings
from synchronizer.service import embedded
from synchronizer.service import options
from synchronizer.service import schema
from synchronizer.tests.functional import servers

SETTINGS = '''
[DEFAULT]
transport_url = {own}
state_path = {state}
host = {pool}
plugins = nova
[nova]
poll_interval = 1000000
delta_interval = 0
notification_urls = {bus}
notification_pool = {pool}
'''
ROW = '{:34} {:>9} {:>9} {:>9}'
PATIENCE = 60
ROUND_TRIPS, TAIL = 5, 5
SERVERS = 40
"""In the simulated cloud."""


def run(options):
    """Line 4, on a simulated cloud."""
    args = parser().parse_args([
        '--sandbox', '--seed', str(options.seed),
        '--samples', str(options.times * 100)])
    watch, floors = measure(args)
    whole = [1000 * look.whole for look in watch.looks]
    _, call, _ = floors.values()
    half, most = percentile(whole, 0.5), percentile(whole, 0.99)
    yield Result(4, 'hint to callback, p50, against its bound', SERVERS,
                 half, 'ms', 1000 * bound(
                     [look.answer for look in watch.looks], call), 1)
    yield Result(4, 'hint to callback, p99, against its p50', SERVERS,
                 most, 'ms', half, TAIL)
    yield Result(4, 'hints a second meanwhile', SERVERS,
                 watch.hints / watch.seconds, '1/s')


def parser():
    result = argparse.ArgumentParser(
        prog='python -m benchmarks.hint_to_callback', description=__doc__,
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    result.add_argument('--sandbox', action='store_true', help='simulate '
                        'the cloud, in a process of its own')
    result.add_argument('--bus', default=os.environ.get('OS_CLOUD_BUS'),
                        help='where the real cloud sends its notifications, '
                        'as rabbit://USER:PASSWORD@HOST:5672//; '
                        'OS_CLOUD_BUS says it too')
    result.add_argument('--samples', type=int, default=200,
                        help='changes to be measured')
    result.add_argument('--servers', type=int, default=3,
                        help='servers of the real cloud to be changed')
    result.add_argument('--rate', type=float, default=45,
                        help='operations a second in the simulated cloud; '
                        'each makes some two hints')
    result.add_argument('--seed', type=int, default=1)
    result.add_argument('--image', default='tiny')
    result.add_argument('--flavor', default='f.nano')
    return result


# --- clouds --------------------------------------------------------------

class RealCloud:
    """Some servers of the cloud that OS_CLOUD names, and work on them."""

    def __init__(self, args, stack):
        if not (os.environ.get('OS_CLOUD') and args.bus):
            raise SystemExit('OS_CLOUD names no cloud, or --bus no broker')
        self.name, self.bus = os.environ['OS_CLOUD'], args.bus
        self._args, self._rng = args, random.Random(args.seed)
        self.api = openstack.connect(cloud=self.name)
        self._ids = [self._create(n) for n in range(args.servers)]
        stack.callback(self._delete)
        for id_ in self._ids:
            self.api.compute.wait_for_server(
                self.api.compute.get_server(id_), wait=PATIENCE)

    def _create(self, number):
        compute = self.api.compute
        return compute.create_server(
            name=f'benchmark-{number}', networks='none',
            image_id=self.api.image.find_image(self._args.image).id,
            flavor_id=compute.find_flavor(self._args.flavor).id).id

    def _delete(self):
        for id_ in self._ids:
            self.api.compute.delete_server(id_)

    def work(self, watch, mirror):
        """Change one after the other until enough was measured."""
        while len(watch.looks) < self._args.samples:
            id_ = self._rng.choice(self._ids)
            path, body, shown = self._rng.choice(
                (self._lock, self._note, self._turn))(
                    mirror.get('nova.instance', id_))
            openstack.exceptions.raise_from_response(
                self.api.compute.post(f'/servers/{id_}/{path}', json=body))
            _until(lambda id_=id_, shown=shown: shown(
                mirror.get('nova.instance', id_)), f'{body} of {id_}')

    def _lock(self, server):
        locked = server.attributes['locked']
        return ('action', {'unlock' if locked else 'lock': None},
                lambda server: server.attributes['locked'] != locked)

    def _note(self, server):
        text = str(self._rng.random())
        return ('metadata', {'metadata': {'mark': text}},
                lambda server: server.attributes['metadata'].get(
                    'mark') == text)

    def _turn(self, server):
        on = server.state == 'ACTIVE'
        state = 'SHUTOFF' if on else 'ACTIVE'
        return ('action', {'os-stop' if on else 'os-start': None},
                lambda server: (
                    server.state == state
                    and not server.attributes['OS-EXT-STS:task_state']))


class SimulatedCloud:
    """A sandbox with a life of its own, in another process."""

    name = 'sandbox'

    def __init__(self, args, stack, bus, state):
        self.bus, self._args = bus, args
        clouds = state / 'clouds.yaml'
        process = subprocess.Popen(
            [sys.executable, '-m', 'synchronizer.sandbox',
             '--seed', str(args.seed), '--rate', str(args.rate),
             '--servers', str(SERVERS),
             '--stacks', '0', '--volumes', '0',
             '--transport-url', bus, '--clouds-yaml', str(clouds),
             '--notification-format', 'versioned'],
            stdout=subprocess.PIPE)
        stack.callback(process.wait)
        stack.callback(process.terminate)
        process.stdout.readline()
        os.environ['OS_CLIENT_CONFIG_FILE'] = str(clouds)
        self.api = openstack.connect(cloud=self.name)

    def work(self, watch, mirror):
        _until(lambda: len(watch.looks) >= self._args.samples,
               f'{self._args.samples} samples', 10 * PATIENCE)


# --- the service and its mirror ------------------------------------------

def _configure(state, own, cloud, pool):
    (state / 'conf').write_text(SETTINGS.format(
        state=state, own=own, bus=cloud.bus, pool=pool))
    conf = options.make(options.register_cli_opts)
    conf(['--config-file', str(state / 'conf'), '--os-cloud', cloud.name],
         project='synchronizer')
    schema.prepare(conf)
    return conf


def _until(condition, what, timeout=PATIENCE):
    deadline = time.monotonic() + timeout
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f'not within {timeout} s: {what}')
        time.sleep(0.01)


def _mirror(conf, stack):
    mirror = client.Mirror(conf, timeout=5)
    mirror.start()
    stack.callback(mirror.stop)
    # level with a stream that was never collected is level with nothing
    _until(lambda: mirror.synced and all(
        mirror.state(type_) == 'live' for type_ in mirror.types),
        'everything collected', 2 * PATIENCE)
    return mirror


def measure(args):
    """What was measured, and the floors of the same minutes."""
    with contextlib.ExitStack() as stack:
        state = pathlib.Path(stack.enter_context(
            tempfile.TemporaryDirectory()))
        own = stack.enter_context(servers.RabbitServer()).url
        cloud = (SimulatedCloud(args, stack, own, state) if args.sandbox
                 else RealCloud(args, stack))
        pool = f'synchronizer-benchmark-{uuid.uuid4().hex[:8]}'
        conf = _configure(state, own, cloud, pool)
        stack.callback(floor.delete_queue, cloud.bus, f'{pool}.nova')
        watch = stack.enter_context(stopwatch.Stopwatch('nova.instance'))
        service = embedded.Embedded(conf)
        stack.callback(service.stop)
        service.start()
        mirror = _mirror(conf, stack)
        mirror.subscribe(watch.told)
        began = time.monotonic()
        cloud.work(watch, mirror)
        watch.seconds = time.monotonic() - began
        rng = random.Random(args.seed)
        return watch, {
            'one cast over the bus': floor.casts(conf),
            'one call over the bus, answered': floor.calls(conf),
            'one GET, nothing else': floor.gets(
                cloud.api, lambda: rng.choice(
                    mirror.all('nova.instance')).id)}


# --- the answer ----------------------------------------------------------

def percentile(values, share):
    """The nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def _row(name, seconds):
    return ROW.format(name, *(
        f'{1000 * value:.1f}' for value in (
            percentile(seconds, 0.5), percentile(seconds, 0.99),
            max(seconds))))


def report(watch, floors):
    """Print the table; whether it is quick, and whether what is ours stays
    below the answer."""
    parts = {name: [getattr(look, name) for look in watch.looks]
             for name in stopwatch.PARTS}
    ours = [look.commit + look.delivery for look in watch.looks]
    print(f'{len(watch.looks)} changes in {watch.seconds:.1f} s; '
          f'{watch.hints / watch.seconds:.1f} hints a second; '
          f'{watch.listed} changes were found by listings')
    print(ROW.format('milliseconds', 'p50', 'p99', 'most'))
    for name, seconds in parts.items():
        print(_row(f'  {name}', seconds))
    print(_row('commit and delivery', ours))
    print(_row('arrival to callback', [look.whole for look in watch.looks]))
    for name, seconds in floors.items():
        print(_row(f'floor: {name}', seconds))
    cast, call, get = floors.values()
    quick, below = _is_quick(watch, parts['answer'], call), True
    for share, name in ((0.5, 'p50'), (0.99, 'p99')):
        answer = percentile(parts['answer'], share)
        mine = percentile(ours, share)
        below = below and mine < answer
        told = percentile(parts['delivery'], share)
        print(f'{name}: answer / bare GET '
              f'{answer / percentile(get, share):.1f}, delivery / cast '
              f'{told / percentile(cast, share):.1f}, '
              f'commit and delivery / answer {mine / answer:.2f}')
    return quick, below


def bound(answers, call):
    """Seconds that half of all may take: what it settles for, the API's
    answer, and a few round trips of the bus."""
    return (settings.Settings().hint_settle + percentile(answers, 0.5)
            + ROUND_TRIPS * percentile(call, 0.5))


def _is_quick(watch, answers, call):
    whole = [look.whole for look in watch.looks]
    half, most = percentile(whole, 0.5), percentile(whole, 0.99)
    allowed = bound(answers, call)
    print(f'p50: {1000 * half:.1f} of {1000 * allowed:.1f} ms (settling, '
          f'answer and {ROUND_TRIPS} calls); p99: {most / half:.1f} of '
          f'{TAIL} times the p50')
    return half <= allowed and most <= TAIL * half


def main(arguments=None):
    args = parser().parse_args(arguments)
    if servers.RabbitServer.missing():
        raise SystemExit('RabbitMQ is not installed')
    # the libraries below talk while connections are closed
    logging.basicConfig(level=logging.CRITICAL)
    watch, floors = measure(args)
    print(json.dumps(vars(args) | {'bus': None}, sort_keys=True))
    quick, below = report(watch, floors)
    print(f'as quick as is promised: {"yes" if quick else "NO"}')
    if args.sandbox:
        print('a simulated answer costs nothing: it is no measure')
        return 0 if quick else 1
    print('commit and delivery stay below the answer of Nova: '
          + ('yes' if below else 'NO'))
    return 0 if quick and below else 1


if __name__ == '__main__':
    sys.exit(main())
