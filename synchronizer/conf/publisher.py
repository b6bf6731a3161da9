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

"""[publisher]: how changes reach the bus."""

from oslo_config import cfg
from oslo_config import types

from synchronizer.conf import groups

GROUP = cfg.OptGroup(
    'publisher',
    title='Publishing',
    help='How committed changes are told on the message bus.')

DRIVERS = ('fanout', 'notification')

OPTS = [
    cfg.ListOpt(
        'drivers',
        default=['fanout'],
        item_type=types.String(choices=DRIVERS),
        help='Ways onto the bus. "fanout" is the one that mirrors need: '
             'each consumer has a queue that goes with it. "notification", '
             'besides it, is for consumers that only speak oslo '
             'notifications; its queues (synchronizer.<type>.info) grow '
             'without end while nobody reads them, so it is off by default: '
             'switch it on only with a consumer on every type, or on those '
             'of notification_types.'),
    cfg.ListOpt(
        'notification_types',
        default=[],
        item_type=types.String(),
        help='Entity types whose changes the driver "notification" tells, by '
             'their full names; none named: all that are on. A type more is '
             'a queue more that somebody has to read.'),
    cfg.FloatOpt(
        'bookmark_interval',
        default=5, min=0.1,
        help='Seconds between two bookmarks of a stream, by which consumers '
             'notice that they missed a message and that the stream is '
             'alive. Raised, a lost message is noticed later; lowered, the '
             'bus carries more messages on an idle cloud.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    groups.register(conf, GROUP, OPTS)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(GROUP, OPTS)]
