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


"""A consumer in another process, of whatever release its tree is of.

Reads words from its standard input and answers each with a line of JSON. It
uses what every release has.
"""

import json
import sys

from synchronizer import client


def _state(mirror):
    return {type_: {entity.id: entity.state for entity in mirror.all(type_)}
            for type_ in mirror.types}


def main(url):
    told = []
    mirror = client.Mirror.from_url(url, timeout=10)
    mirror.subscribe(lambda change: told.append(
        [change.entity.type, change.epoch, change.revision, change.cause]))
    with mirror:
        for line in sys.stdin:
            word = line.strip()
            if word == 'synced':
                answer = mirror.wait_synced(1)
            elif word == 'verify':
                answer = [str(one) for one in mirror.verify()]
            elif word == 'state':
                answer = _state(mirror)
            else:
                answer = list(told)
            print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    main(sys.argv[1])
