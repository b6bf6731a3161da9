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

"""Print every change, a line each: print_changes.py URL [TYPE...]"""

import sys
import threading

from synchronizer.client import Mirror


def show(change):
    entity = change.entity
    print(change.committed_at, change.action, entity.type,
          entity.name or entity.id, *change.changed, flush=True)


def main(url, *types, ended=None):
    ended = ended or threading.Event()

    def told(change):
        try:
            show(change)
        except BrokenPipeError:
            # nobody reads any more
            ended.set()
    mirror = Mirror.from_url(url, types or None)
    mirror.subscribe(told)
    mirror.start()
    try:
        ended.wait()
    finally:
        mirror.stop()


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
