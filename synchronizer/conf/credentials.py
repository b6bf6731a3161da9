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

"""[service_credentials]: as whom the cloud is asked."""

from keystoneauth1 import loading
from oslo_config import cfg

from synchronizer.conf import groups

GROUP = cfg.OptGroup(
    'service_credentials',
    title='Credentials',
    help='The account that asks the cloud, as keystoneauth has it. With the '
         'role admin it sees all projects; with less, what it does not see '
         'does not exist here.')

OPTS = [
    cfg.FloatOpt(
        'connect_timeout', default=10.0, min=0.1,
        help='Seconds that a connection to a service may take to come '
             'about. Raised, a dead endpoint is noticed later.'),
    cfg.FloatOpt(
        'read_timeout', default=60.0, min=0.1,
        help='Seconds for which a service may be silent. Raised, a service '
             'that hangs is noticed later; lowered, slow listings fail. '
             'The option timeout, if set, takes the place of both.'),
]

SESSION_OPTS = ('cafile', 'certfile', 'keyfile', 'insecure', 'timeout')
"""Those of keystoneauth's that count here."""


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options known to `conf`.

    Those of the authentication itself depend on auth_type, and are known
    once it is loaded.
    """
    groups.register(conf, GROUP, OPTS)
    loading.register_session_conf_options(conf, GROUP.name)
    loading.register_auth_conf_options(conf, GROUP.name)


def list_opts() -> list[tuple]:
    """For oslo-config-generator; the sample shows auth_type = password."""
    return [(GROUP, [
        *OPTS,
        *(opt for opt in loading.get_session_conf_options()
          if opt.dest in SESSION_OPTS),
        *loading.get_auth_common_conf_options(),
        *loading.get_auth_plugin_conf_options('password')])]
