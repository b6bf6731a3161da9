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


"""How long a listing of servers takes in one part and in several.

A simulated Nova holds 100 pages of servers and answers each page after a
second, as a real one with pages of 1000 may. Its workers are threads without
number: what is measured is what the walk makes of them.
"""

import argparse
import time

from keystoneauth1 import identity

from synchronizer.cloud import cloud
from synchronizer.cloud import session
from synchronizer.plugins import nova
from synchronizer.sandbox import SandboxCloud
from synchronizer.sandbox import SandboxServer


def _list(plugin, kind):
    listing, seen = kind.list(plugin.session(kind)), set()
    while True:
        try:
            seen.update(kind.record_id(one) for one in next(listing).records)
        except StopIteration as end:
            return seen, end.value


def main():
    parser = argparse.ArgumentParser(
        prog='python -m benchmarks.partitions', description=__doc__)
    parser.add_argument('--servers', type=int, default=10000)
    parser.add_argument('--pages', type=int, default=100)
    parser.add_argument('--seconds', type=float, default=1.0,
                        help='of each page')
    parser.add_argument('parts', type=int, nargs='*', default=[1, 2, 4, 8])
    args = parser.parse_args()
    truth = SandboxCloud(servers=args.servers, volumes=0, stacks=0,
                         page_limit=args.servers // args.pages)
    with SandboxServer(truth) as server:
        auth = identity.Password(
            server.auth_url, username='admin', password='sandbox',
            project_name='admin', user_domain_id='default',
            project_domain_id='default')
        plugin = nova.NovaPlugin(cloud.Cloud(session.build(auth)))
        for count in args.parts:
            kind = nova.Instance(partitions=count)
            whole, _ = _list(plugin, kind)
            rule = server.faults.add(
                'hang', 'servers/detail', seconds=args.seconds)
            server.requests.clear()
            began = time.perf_counter()
            seen, outcome = _list(plugin, kind)
            seconds = time.perf_counter() - began
            server.faults.remove(rule)
            if seen != whole or not outcome.complete:
                raise SystemExit('the listing is not whole')
            asked = server.requests['GET /compute/v2.1/servers/detail']
            print(f'{count} parts: {asked} requests, {seconds:.1f} s')


if __name__ == '__main__':
    main()
