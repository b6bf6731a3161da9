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


"""In how many places at once a long listing is walked."""

from oslo_config import cfg

MOST = 32


def opt(type_: str, api: str) -> cfg.IntOpt:
    """The option, of the plugin of that type and its API."""
    return cfg.IntOpt(
        'partitions',
        default=1, min=1, max=MOST,
        help=f'In how many parts, walked side by side, {type_} is listed, '
             'as far as it has pages. The requests are the same, and up to '
             'one more for each part; but so many run at once. Raised, a '
             f'listing takes less time, as far as {api} has workers to '
             'answer with, whom others have to do without meanwhile; max_'
             'requests_per_second and the API set the limit then. The first '
             'listing of a process is walked in one part, and shows where '
             'to cut the next.')
