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
"""Fifty consumers that all start at once, and want what is fresh.

Line 5: the requests that the cloud sees, against those of one consumer, and
the entities a second that all of them take in together. ``python -m
benchmarks.crowds`` is the consumers.
"""

import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import sys
import tempfile
import threading
import time

from benchmarks import clouds
from benchmarks import filled
from benchmarks.results import Result
from synchronizer.client import rpc
from synchronizer.service import embedded
from synchronizer.service import options as service_options
from synchronizer.service import schema
from synchronizer.tests.functional import servers

CROWD = 50
STEADY = 0.7
ONE_SWEEP = 1.2
"""Times the requests of one: a second sweep would double them."""

NAME = 'benchmark'
SETTINGS = '''
[DEFAULT]
transport_url = {url}
state_path = {state}
plugins = nova
[nova]
types = {type}
poll_interval = 1000000
delta_interval = 0
notification_topics =
'''


def run(options):
    for size in options.sizes:
        with contextlib.ExitStack() as stack:
            cloud = stack.enter_context(clouds.Cloud(size, options.seed))
            url = stack.enter_context(servers.RabbitServer()).url
            _serve(stack, cloud, url)
            crowd = stack.enter_context(filled.Process(__name__, url))
            crowd.answer()
            counts, rates = zip(*(_ask(cloud, crowd, consumers)
                                  for consumers in (1, CROWD)))
        yield Result(5, f'requests for {CROWD} consumers at once', size,
                     counts[1], 'requests', counts[0], ONE_SWEEP)
        yield Result(5, f'entities a second to {CROWD} consumers', size,
                     rates[1], '1/s', rates[0], STEADY, least=True)


def _serve(stack, cloud, url):
    """The whole service, in this process."""
    state = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
    (state / 'clouds.yaml').write_text(json.dumps({'clouds': {NAME: {
        'auth': {'auth_url': cloud.auth_url, **clouds.USER}}}}))
    os.environ['OS_CLIENT_CONFIG_FILE'] = str(state / 'clouds.yaml')
    (state / 'conf').write_text(SETTINGS.format(
        url=url, state=state, type=filled.TYPE))
    conf = service_options.make(service_options.register_cli_opts)
    conf(['--config-file', str(state / 'conf'), '--os-cloud', NAME],
         project='synchronizer')
    schema.prepare(conf)
    service = embedded.Embedded(conf)
    stack.callback(service.stop)
    service.start()


def _ask(cloud, crowd, consumers):
    """(requests that the cloud saw, entities a second)."""
    before = cloud.requests()
    count, seconds = crowd.ask(consumers)
    return cloud.requests() - before, count / seconds


# --- the consumers -------------------------------------------------------

def _consume(url, together):
    """Take in what is fresh, then what is there: (entities, when begun,
    when ended)."""
    client = rpc.SynchronizerClient.from_url(url, timeout=300)
    client.describe()
    together.wait()
    for _ in client.get_all([filled.TYPE], max_age=0):
        pass
    together.wait()
    began = time.monotonic()
    count = sum(len(page.entities)
                for page in client.get_all([filled.TYPE]))
    return count, began, time.monotonic()


def _crowd(url, consumers):
    together = threading.Barrier(consumers)
    with concurrent.futures.ThreadPoolExecutor(consumers) as pool:
        counts, began, ended = zip(*pool.map(
            _consume, [url] * consumers, [together] * consumers))
    if len(set(counts)) != 1:
        raise SystemExit('not all were served alike')
    return sum(counts), max(ended) - min(began)


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.crowds', description=__doc__)
    parser.add_argument('url')
    args = parser.parse_args(arguments)
    # once before the first sweep, to wait for it
    client = rpc.SynchronizerClient.from_url(args.url, timeout=300)
    deadline = time.monotonic() + 600
    while client.describe()['streams'][0]['state'] != 'live':
        if time.monotonic() > deadline:
            raise SystemExit('the cloud is not collected')
        time.sleep(0.1)
    filled.say('ready')
    for line in sys.stdin:
        filled.say(_crowd(args.url, int(line)))
    os._exit(0)


if __name__ == '__main__':
    main()
