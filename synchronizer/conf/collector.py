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

"""[collector]: how the cloud is asked, and when deletions are believed."""

from oslo_config import cfg

from synchronizer.conf import groups

GROUP = cfg.OptGroup(
    'collector',
    title='Collecting',
    help='How every plugin asks the cloud, and when it believes that '
         'something is gone.')

OPTS = [
    cfg.FloatOpt(
        'deletion_brake_ratio',
        default=0.2, min=0, max=1,
        help='If a sweep lacks more than this share of what a stream held, '
             'and more than deletion_brake_min, nothing is deleted until a '
             'sample and a second sweep agree; the stream is "suspect" '
             'meanwhile. Raised, a cloud that hides things by mistake can '
             'make consumers delete more; lowered, honest mass deletions '
             'are announced later. 1 switches the brake off.'),
    cfg.IntOpt(
        'deletion_brake_min',
        default=20, min=0,
        help='Number of entities that may vanish from one stream in one '
             'sweep without the brake. Raised, small clouds are less '
             'protected against a listing that is too short; lowered, '
             'ordinary deletions meet the brake more often.'),
    cfg.FloatOpt(
        'hint_settle',
        default=0.05, min=0,
        help='Seconds for which notifications of one thing are taken '
             'together before it is looked at. Raised, bursts cost fewer '
             'requests and each change is noticed later; lowered, the '
             'opposite.'),
    cfg.IntOpt(
        'hint_batch',
        default=20, min=1,
        help='If notifications tell of more things of a type at once, they '
             'are looked at by a listing of what moved, where the API has '
             'one, instead of each by itself. Raised, bursts cost more '
             'requests; lowered, few changes may cost a whole page.'),
    cfg.IntOpt(
        'request_tries',
        default=4, min=1,
        help='How often one request is sent before its listing fails. '
             'Raised, short outages pass unnoticed, but an API in trouble '
             'gets more requests; 1 means that nothing is tried again.'),
]


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`."""
    groups.register(conf, GROUP, OPTS)


def list_opts() -> list[tuple]:
    """For oslo-config-generator."""
    return [(GROUP, OPTS)]
