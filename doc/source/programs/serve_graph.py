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

"""Say over HTTP what hangs on something: serve_graph.py URL [PORT]

GET /hangs-on/nova.host/compute-1 gives a JSON list.
"""

from http import server
import json
import sys
import threading
import time
import urllib.parse

from synchronizer.client import Mirror


class Graph:
    """The graph of a moment ago: copying it takes longer than asking it."""

    def __init__(self, mirror, age=2.0):
        self.mirror, self._age = mirror, age
        self._lock = threading.Lock()
        self._copy, self._until = None, 0.0

    def copy(self):
        with self._lock:
            if time.monotonic() >= self._until:
                self._copy = self.mirror.graph_copy()
                self._until = time.monotonic() + self._age
            return self._copy


class Handler(server.BaseHTTPRequestHandler):
    """Answers from the graph that its server has."""

    def do_GET(self):
        _, verb, type_, id_ = ([
            urllib.parse.unquote(part) for part in self.path.split('/', 3)]
            + [''] * 4)[:4]
        known = verb == 'hangs-on' and (
            self.server.graph.mirror.get(type_, id_))
        graph = known and self.server.graph.copy()
        if not known or graph.entity(type_, id_) is None:
            self.send_error(404, 'Nothing is known of that')
            return
        body = json.dumps([
            {'type': found.node[0], 'id': found.node[1],
             'harm': found.harm.value}
            for found in graph.hangs_on(type_, id_)]).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def main(url, port=8080, started=lambda http: None):
    mirror = Mirror.from_url(url)
    mirror.start()
    mirror.wait_synced()
    with server.ThreadingHTTPServer(('127.0.0.1', int(port)), Handler) as http:
        http.graph = Graph(mirror)
        started(http)
        try:
            http.serve_forever()
        finally:
            mirror.stop()


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
