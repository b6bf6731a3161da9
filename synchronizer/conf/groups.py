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

"""How a group of options is made known."""

import copy

from oslo_config import cfg


def register(conf: cfg.ConfigOpts, group: cfg.OptGroup,
             options: list[cfg.Opt]) -> None:
    """Make a group and its options known to `conf` alone.

    oslo.config copies a group but not the table of options in it: two
    ConfigOpts that are given one group would share what they register in
    it, and what they override.
    """
    conf.register_group(copy.deepcopy(group))
    conf.register_opts(options, group=group.name)
