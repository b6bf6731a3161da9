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

"""From configuration to a cloud: the only module here that reads options.

As whom we ask stands in ``[service_credentials]``, with every auth type of
keystoneauth, or in clouds.yaml; how an endpoint is found, in the group of
each plugin.
"""

import os
from typing import Any

from keystoneauth1 import exceptions as ksa
from keystoneauth1 import loading
from keystoneauth1 import session as ksa_session
from oslo_config import cfg

from synchronizer import exception
from synchronizer.cloud import cloud as cloud_module
from synchronizer.cloud import session as session_module
from synchronizer.conf import credentials

GROUP = credentials.GROUP.name

_FILES = ('cafile', 'certfile', 'keyfile')
_CLOUDS_YAML_FILES = ('cacert', 'cert', 'key')


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make the options of the credentials known; may be done twice."""
    credentials.register_opts(conf)


def load_cloud(conf: cfg.ConfigOpts, os_cloud: str | None = None,
               **given: Any) -> cloud_module.Cloud:
    """The cloud of the configuration, or one that clouds.yaml names.

    `given` goes to `Cloud`: patience, stop, on_request, turns. Raises
    ConfigurationError; asks nothing of the network.
    """
    register_opts(conf)
    if os_cloud:
        session, defaults = _from_clouds_yaml(conf, os_cloud)
        return cloud_module.Cloud(session, defaults=defaults, **given)
    return cloud_module.Cloud(_from_conf(conf), **given)


def check_files(session: ksa_session.Session, os_cloud: str | None = None
                ) -> None:
    """ConfigurationError if a certificate or a key cannot be read."""
    place = f'clouds.yaml, cloud {os_cloud}:' if os_cloud else f'[{GROUP}]'
    cert = session.cert
    paths = (session.verify,
             *(cert if isinstance(cert, tuple | list) else (cert,)))
    for name, path in zip(
            _CLOUDS_YAML_FILES if os_cloud else _FILES, paths, strict=False):
        # verify may be a bool as well, and its path a directory
        if isinstance(path, str) and not os.access(path, os.R_OK):
            raise exception.ConfigurationError(
                f'{place} {name}: {path} is not there, or cannot be read by '
                'this user')


def adapter_options(conf: cfg.ConfigOpts, group: str,
                    os_cloud: str | None = None) -> dict[str, Any]:
    """What a plugin's group says of its endpoint, for `Cloud.api`.

    Where clouds.yaml is used its interface counts, unless somebody chose
    another: a default of ours must not win over it.
    """
    options = conf[group]
    found = {name: getattr(options, name, None) for name in (
        'service_type', 'service_name', 'region_name', 'endpoint_override')}
    if not os_cloud or _is_chosen(conf, 'valid_interfaces', group):
        found['interface'] = options.valid_interfaces
    return {name: value for name, value in found.items()
            if value is not None}


def check_address(conf: cfg.ConfigOpts, group: str, name: str) -> None:
    """Refuse an address with a password in it: logs and reports show it."""
    options = conf[group]
    address = (options[name] if name in options else None) or ''
    if '@' in address.rpartition('://')[2].partition('/')[0]:
        raise exception.ConfigurationError(
            f'[{group}] {name}: the host must have no name or password '
            'before it; they have options of their own')


def _is_chosen(conf: cfg.ConfigOpts, name: str, group: str) -> bool:
    place = conf.get_location(name, group)
    return place is not None and place.location.is_user_controlled


def _timeouts(conf: cfg.ConfigOpts) -> dict[str, float]:
    options = conf[GROUP]
    return {
        'connect_timeout': options.timeout or options.connect_timeout,
        'read_timeout': options.timeout or options.read_timeout}


def _from_conf(conf: cfg.ConfigOpts) -> ksa_session.Session:
    options = conf[GROUP]
    try:
        auth = loading.load_auth_from_conf_options(conf, GROUP)
    except (ksa.AuthPluginException, cfg.Error) as error:
        raise exception.ConfigurationError(
            f'[{GROUP}]: {error}') from error
    if auth is None:
        raise exception.ConfigurationError(
            f'[{GROUP}] auth_type is not set: say as whom the cloud is '
            'asked (auth_type, auth_url, ...), or use --os-cloud')
    check_address(conf, options.auth_section or GROUP, 'auth_url')
    cert = options.certfile
    return session_module.build(
        auth, cert=(cert, options.keyfile) if (
            cert and options.keyfile) else cert,
        verify=False if options.insecure else options.cafile or True,
        **_timeouts(conf))


def _from_clouds_yaml(conf: cfg.ConfigOpts, name: str
                      ) -> tuple[ksa_session.Session, dict[str, Any]]:
    # a tenth of what the service's start takes, for whoever has such a file
    from openstack import config as os_config
    from openstack import exceptions as os_exceptions
    try:
        region = os_config.OpenStackConfig().get_one(cloud=name)
        auth = region.get_auth()
    except (os_exceptions.SDKException, ksa.AuthPluginException) as error:
        raise exception.ConfigurationError(
            f'clouds.yaml, cloud {name}: {error}') from error
    verify, cert = region.get_requests_verify_args()
    session = session_module.build(
        auth, verify=verify, cert=cert, **_timeouts(conf))
    return session, {'region_name': region.get_region_name() or None,
                     'interface': region.get_interface()}
