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

"""Run a sandbox cloud as a program, until it is told to end."""

import argparse
import os
import re
import signal
import sys
from typing import NoReturn
import warnings

from synchronizer import quiet
from synchronizer import signals
from synchronizer.sandbox import voice
from synchronizer.sandbox.cloud import PASSWORD
from synchronizer.sandbox.cloud import SandboxCloud
from synchronizer.sandbox.http import SandboxServer
from synchronizer.sandbox.state import SandboxError

ENTRY = '''\
  {cloud}:
    region_name: RegionOne
    identity_api_version: 3
    auth:
      auth_url: {url}
      username: {user}
      password: {password}
      project_name: {project}
      user_domain_id: default
      project_domain_id: default
'''
CLOUDS = (('sandbox', 'admin', 'admin'), ('sandbox-demo', 'demo', 'demo'),
          ('sandbox-alice', 'alice', 'alpha'))


class _Parser(argparse.ArgumentParser):

    def error(self, message: str) -> NoReturn:
        """One line says it."""
        self.exit(2, f'{self.prog}: {message}\n')


def _number(kind: type, low: float) -> object:
    def parse(text: str) -> object:
        value = kind(text)
        if not low <= value < float('inf'):
            raise ValueError(text)
        return value
    # argparse names what it wanted by the name of the function.
    parse.__name__ = f'{kind.__name__} from {low} up'
    return parse


def _version(text: str) -> str:
    if not re.fullmatch(r'[23]\.\d+', text):
        raise ValueError(text)
    return text


_version.__name__ = 'microversion'


def parser() -> argparse.ArgumentParser:
    """What can be said on the command line."""
    whole, real = _number(int, 0), _number(float, 0)
    result = _Parser(
        prog='python -m synchronizer.sandbox',
        description='A small OpenStack (Keystone, Nova, Cinder, Heat) on '
        'one port of the loopback, with a scripted life. Prints the URL '
        'of Keystone; ends on SIGINT or SIGTERM. Users admin, demo and '
        'alice, password sandbox. Controls are below /_sandbox.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    for name, kind, default, text in (
            ('port', whole, 0, 'port on 127.0.0.1; 0 takes a free one'),
            ('seed', int, 1, 'the same seed makes the same cloud'),
            ('hosts', _number(int, 1), 5, 'compute hosts'),
            ('cells', _number(int, 1), 2, 'cells the hosts are spread over'),
            ('servers', whole, 40, 'servers; those of stacks on top'),
            ('volumes', whole, 20, 'volumes; those of stacks on top'),
            ('stacks', whole, 8, 'stacks, every other with nested ones'),
            ('rate', real, 0, 'operations of life per second'),
            ('page-limit', _number(int, 1), 1000,
             'most entries of a page in Nova and Cinder'),
            ('token-lifetime', _number(float, 1), 3600, 'in seconds'),
            ('nova-max-version', _version, '2.104', 'newest microversion'),
            ('cinder-max-version', _version, '3.71', 'newest microversion'),
            ('clouds-yaml', str, None, 'write a clouds.yaml here, with '
             'the clouds sandbox (admin) and sandbox-demo'),
            ('transport-url', str, None, 'send notifications here, as '
             'rabbit://USER:PASSWORD@HOST:5672/; none: send none')):
        result.add_argument(f'--{name}', type=kind, default=default,
                            metavar=name.upper(), help=text)
    result.add_argument('--notification-format', choices=voice.FORMATS,
                        default='both', help='of Nova\'s notifications')
    return result


def write_clouds(path: str, url: str) -> None:
    """A clouds.yaml for all users, readable by the owner only."""
    text = 'clouds:\n' + ''.join(
        ENTRY.format(cloud=cloud, url=url, user=user, project=project,
                     password=PASSWORD) for cloud, user, project in CLOUDS)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(file, 'w', encoding='utf-8') as out:
        out.write(text)


def build(args: argparse.Namespace) -> SandboxServer:
    """The server that the arguments describe, not yet started."""
    cloud = SandboxCloud(
        seed=args.seed, hosts=args.hosts, servers=args.servers,
        volumes=args.volumes, stacks=args.stacks, cells=args.cells,
        page_limit=args.page_limit, token_lifetime=args.token_lifetime)
    cloud.nova_max_version = args.nova_max_version
    cloud.cinder_max_version = args.cinder_max_version
    return SandboxServer(cloud, args.port, voice=_voice(cloud, args))


def _voice(cloud: SandboxCloud, args: argparse.Namespace
           ) -> voice.Voice | None:
    if args.transport_url is None:
        return None
    # of what only those need who send, some still import eventlet
    warnings.filterwarnings('ignore', message=r'\s*Eventlet is deprecated')
    from synchronizer.sandbox import speaker
    with quiet.hushed(*quiet.PLUGINS):
        mouth = speaker.Speaker(args.transport_url)
    return voice.Voice(cloud, mouth, args.notification_format)


def main(argv: list[str] | None = None) -> int:
    """Serve until a signal comes; the exit code."""
    args = parser().parse_args(argv)
    with signals.Signals((signal.SIGINT, signal.SIGTERM)) as told:
        return serve(args, told)


def serve(args: argparse.Namespace, told: signals.Signals) -> int:
    """Be this cloud until a signal comes; the exit code."""
    try:
        server = build(args)
    except SandboxError as exc:
        print(f'synchronizer.sandbox: {exc}', file=sys.stderr)
        return 1
    try:
        server.start()
        if args.clouds_yaml:
            write_clouds(args.clouds_yaml, server.auth_url)
        if args.rate:
            server.life.start(args.rate)
        print(server.auth_url, flush=True)
        told.next()
    except (OSError, OverflowError) as exc:
        print(f'synchronizer.sandbox: {exc}', file=sys.stderr)
        return 1
    finally:
        server.stop()
    return 0


if __name__ == '__main__':
    sys.exit(main())
