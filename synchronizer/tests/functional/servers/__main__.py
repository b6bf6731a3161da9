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

"""Name the programs of servers that are not installed.

The exit code is 1 if only tests of their own need them, and 2 if all do.
"""

import sys

from synchronizer.tests.functional import servers


def main() -> int:
    lacking = [kind for kind in servers.KINDS if kind.missing()]
    if not lacking:
        return 0
    print('not installed: ' + ', '.join(
        name for kind in lacking for name in kind.missing()))
    return 1 if set(lacking) <= set(servers.SPARED) else 2


if __name__ == '__main__':
    sys.exit(main())
