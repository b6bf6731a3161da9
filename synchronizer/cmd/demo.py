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

"""make run: the whole service, on a cloud that is made of HTTP, to watch.

Sandbox cloud, collector, store, bus, RPC server and a Mirror run in this one
process. The cloud tells of its changes, so most are found by a hint. At its
end it says whether the mirror equals the cloud.
"""

import argparse
import pathlib
import shutil
import signal
import sys
import tempfile
import threading
import time

from oslo_log import log as logging

from synchronizer import client
from synchronizer import sandbox
from synchronizer.cmd import common
from synchronizer.cmd import demo_check
from synchronizer.cmd import demo_view
from synchronizer.cmd import demo_voice
from synchronizer.service import embedded
from synchronizer.service import options
from synchronizer.service import schema

PROGRAM = 'synchronizer-demo'
SETTINGS = """\
[DEFAULT]
state_path = {state}
log_file = {state}/synchronizer.log
host = demo

[service_credentials]
auth_type = password
auth_url = {auth_url}
username = admin
password = sandbox
project_name = admin
user_domain_id = default
project_domain_id = default

[nova]
poll_interval = {poll}
delta_interval = {delta}

[cinder]
poll_interval = {poll}
delta_interval = {delta}

[heat]
poll_interval = {poll}

[publisher]
bookmark_interval = 1

[reality]
enable_observer = true
poll_interval = {poll}
"""
DELTA_INTERVAL = 10
LEVEL_TIMEOUT = 30


def parse(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog='make run ARGS="..."', description=__doc__.split('\n')[0],
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    for name, kind, default, text in (
            ('for', float, None, 'seconds to run; none: until interrupted'),
            ('servers', int, 60, 'servers that the cloud begins with'),
            ('hosts', int, 6, 'compute hosts'),
            ('rate', float, 3, 'operations a second in the cloud\'s life'),
            ('poll', float, 30, 'seconds between sweeps'),
            ('seed', int, 1, 'the same seed makes the same cloud')):
        parser.add_argument(f'--{name}', type=kind, default=default,
                            metavar='N', help=text, dest=name.strip('-'))
    parser.add_argument('--plain', action='store_true',
                        help='plain lines, also in a terminal')
    args = parser.parse_args(argv)
    if min(args.servers, args.hosts, args.rate) < 0 or args.poll < 1 or (
            args.hosts < 1) or (vars(args)['for'] or 1) <= 0:
        parser.error('numbers are positive, and --poll is at least 1')
    return args


class Demo:
    """A cloud, the service, and a mirror of both."""

    def __init__(self, args: argparse.Namespace, state: pathlib.Path) -> None:
        self._args = args
        self.cloud = sandbox.SandboxCloud(
            seed=args.seed, hosts=args.hosts, servers=args.servers)
        self._http = sandbox.SandboxServer(
            self.cloud, voice=demo_voice.make(self.cloud))
        self._http.start()
        self.conf = self._configure(state)
        self._meter = demo_voice.Meter(self.conf)
        self._service = embedded.Embedded(self.conf)
        # not long: the first request may be there before the service is
        self.mirror = client.Mirror(self.conf, timeout=3)

    def _configure(self, state: pathlib.Path) -> options.Config:
        path = state / 'demo.conf'
        path.write_text(SETTINGS.format(
            state=state, auth_url=self._http.auth_url, poll=self._args.poll,
            delta=min(DELTA_INTERVAL, self._args.poll)))
        conf = options.make(options.register_cli_opts)
        common.parse(conf, PROGRAM, '', [
            '--config-file', str(path), '--all-in-one'])
        problems = conf.problems()
        if problems:
            raise RuntimeError('; '.join(problems))
        logging.setup(conf, PROGRAM)
        schema.prepare(conf)
        return conf

    def run(self, ended: threading.Event, view: demo_view.View) -> list[str]:
        """Live until told to end; what differs then, a line each."""
        self.mirror.subscribe(view.told)
        self._meter.start()
        self._service.start()
        self.mirror.start()
        self._http.life.start(self._args.rate)
        begun = time.monotonic()
        limit = vars(self._args)['for']
        with view:
            while not ended.wait(0.5) and (
                    limit is None or time.monotonic() - begun < limit):
                view.show(self.mirror)
        self._http.life.stop()
        return demo_check.differences(
            self.cloud, self.mirror, self.conf, LEVEL_TIMEOUT)

    def stop(self) -> None:
        """End everything, from the consumer to the cloud."""
        self._http.life.stop()
        self.mirror.stop()
        self._service.stop()
        self._http.stop()
        self._meter.stop()


def main(argv: list[str] | None = None) -> int:
    """Run the demonstration; 0 only if the mirror equals the cloud."""
    args = parse(argv)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    state = pathlib.Path(tempfile.mkdtemp(prefix='synchronizer-demo-'))
    demo = Demo(args, state)
    view = demo_view.make(args.plain)
    try:
        differences = demo.run(ended, view)
    finally:
        demo.stop()
    print(demo_check.summary(demo.mirror, view, differences))
    if differences:
        print(f'The log is {state}/synchronizer.log', file=sys.stderr)
        return 1
    shutil.rmtree(state)
    return 0


if __name__ == '__main__':
    sys.exit(main())
