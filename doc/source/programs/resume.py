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

"""Handle every change once, over restarts: resume.py URL FILE

FILE keeps the positions. What happened while this program was away is told
when it comes back, as long as the journal of the service reaches back.
"""

import dataclasses
import json
import os
import pathlib
import sys
import threading

from synchronizer.client import Mirror


def load(path):
    """The positions of the last run; nothing the first time."""
    return json.loads(path.read_text()) if path.exists() else None


def save(path, positions):
    """All or nothing: a file that is half written would lose them."""
    text = json.dumps({type_: dataclasses.asdict(at)
                       for type_, at in positions.items()})
    new = path.with_suffix('.new')
    with new.open('w') as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)


def main(url, file, handle=print, ended=None):
    path = pathlib.Path(file)
    mirror = Mirror.from_url(url, positions=load(path))
    mirror.subscribe(handle)
    mirror.start()
    ended = ended or threading.Event()
    try:
        while not ended.wait(1):
            save(path, mirror.positions())
    finally:
        mirror.stop()
        save(path, mirror.positions())


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
