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

"""[coordination]: how several synchronizers on one database share it."""

from oslo_config import cfg

from synchronizer.conf import groups

GROUP = cfg.OptGroup(
    'coordination',
    title='Several synchronizers',
    help='Where the synchronizers of one database agree on who collects '
         'what. All of them need the same values here, and the same plugins '
         'and types.')

OPTS = [
    cfg.StrOpt(
        'backend_url',
        secret=True,
        sample_default='etcd3+http://controller:2379',
        help='The back end, as tooz writes it: etcd3+http://HOST:2379, '
             'etcd3+https://HOST:2379, redis://:PASSWORD@HOST:6379, '
             'zookeeper://HOST:2181; or file:///DIRECTORY for several '
             'services on one host. Each plugin is then collected by one of '
             'the synchronizers, evenly shared, and by another one if that '
             'one is lost. Not set: one service owns everything, and a '
             'second one that is started on the same database takes it '
             'away.'),
    cfg.FloatOpt(
        'takeover_timeout',
        default=15, min=6,
        help='Seconds after which what a dead or paused synchronizer owned '
             'is collected by another one. All time-outs of the back end '
             'follow from it. Raised, a death leaves its streams uncollected '
             'for longer; lowered, the back end is asked more often, and a '
             'synchronizer that is slow for a moment loses what it owns.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    groups.register(conf, GROUP, OPTS)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(GROUP, OPTS)]
