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

"""What the processes are called, and where each can be asked."""

import os

from oslo_config import cfg

from synchronizer import exception
from synchronizer.service import enabled

ALL_IN_ONE, METRICS, SNAPSHOT = 'all-in-one', 'metrics', 'snapshot'
LONGEST = 107
"""Bytes that the path of a socket may have."""


def collector(plugin: str) -> str:
    """The process of a plugin."""
    return f'collector-{plugin}'


def snapshots(conf: cfg.ConfigOpts) -> list[str]:
    """Those that answer requests."""
    return [SNAPSHOT, *(f'{SNAPSHOT}-{number}' for number in
                        range(2, conf.snapshot.workers + 1))]


def every(conf: cfg.ConfigOpts) -> list[str]:
    """All processes of this service, but for the master."""
    if 'all_in_one' in conf and conf.all_in_one:
        return [ALL_IN_ONE]
    return [*map(collector, enabled.names(conf)), *snapshots(conf), METRICS]


def socket(conf: cfg.ConfigOpts, name: str) -> str:
    """Where a process can be asked."""
    return os.path.join(conf.state_path, 'processes', f'{name}.sock')


def check(conf: cfg.ConfigOpts) -> None:
    """ConfigurationError if that cannot be."""
    if not conf.metrics.listen:
        return
    longest = max((socket(conf, name) for name in every(conf)), key=len)
    if len(os.fsencode(longest)) > LONGEST:
        raise exception.ConfigurationError(
            f'[metrics] listen needs a shorter state_path: {longest} is '
            f'longer than {LONGEST} bytes, as a socket must not be')
