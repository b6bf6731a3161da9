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

"""Which Synchronizer this is."""

from pbr import version as pbr_version

UNKNOWN = '0.0.0'

version_info = pbr_version.VersionInfo('synchronizer')


def version_string() -> str:
    """Return the release with its git suffix, or 0.0.0 where unknown.

    A source tree that was copied without its git metadata and never
    installed has no version; that is no reason not to run.
    """
    try:
        return version_info.version_string()
    except Exception:
        # pbr raises a bare Exception when there is no metadata.
        return UNKNOWN
