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

"""[journal]: how long changes can be asked for."""

from oslo_config import cfg

from synchronizer.conf import groups

GROUP = cfg.OptGroup(
    'journal',
    title='Journal',
    help='Every change is kept for consumers that were away. A change is '
         'dropped when it is outside either limit; a consumer that comes '
         'later takes a new snapshot.')

OPTS = [
    cfg.FloatOpt(
        'retention_hours',
        default=24, min=0, max=1000000,
        help='Hours that a change is kept. Raised, consumers may be away '
             'for longer, and the database grows with the rate of change; '
             '0 keeps hardly anything.'),
    cfg.IntOpt(
        'retention_revisions',
        default=100000, min=0,
        help='Number of changes that are kept of each stream. Raised, busy '
             'streams reach further back, and the database grows by about '
             'the size of one entity for each.'),
    cfg.FloatOpt(
        'trim_interval',
        default=60, min=1,
        help='Seconds between two trims of the journal. Raised, the journal '
             'outgrows its limits for longer and each trim drops more at '
             'once; lowered, the database is asked more often.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    groups.register(conf, GROUP, OPTS)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(GROUP, OPTS)]
