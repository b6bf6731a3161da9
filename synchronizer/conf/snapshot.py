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

"""[snapshot]: how requests are answered."""

from oslo_config import cfg

from synchronizer.conf import groups

GROUP = cfg.OptGroup(
    'snapshot',
    title='Answering requests',
    help='The processes that answer get_all, get, get_changes and '
         'get_history from the database.')

OPTS = [
    cfg.IntOpt(
        'workers',
        default=1, min=1,
        help='Number of processes that answer requests. Raised, more '
             'consumers are served side by side, for one more process and '
             'its database connections each.'),
    cfg.IntOpt(
        'page_bytes',
        default=4 * 1024 * 1024, min=64 * 1024, max=128 * 1024 * 1024,
        help='Bytes of entities in one reply, at most. Raised, a snapshot '
             'needs fewer round trips but more memory, and a reply above '
             'the limit of the broker (RabbitMQ: max_message_size) never '
             'arrives; lowered, a snapshot needs more round trips.'),
    cfg.FloatOpt(
        'max_age_timeout',
        default=50, min=0,
        help='Seconds that a request with max_age waits for a sweep before '
             'it fails as too stale. It should stay below the time that '
             'callers wait for a reply (rpc_response_timeout, 60). Raised, '
             'slow sweeps are waited for, and the threads that wait are '
             'busy for longer; lowered, such callers fail sooner.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    groups.register(conf, GROUP, OPTS)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(GROUP, OPTS)]
