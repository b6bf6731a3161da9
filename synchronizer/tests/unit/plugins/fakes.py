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

"""A session that answers from a script, and notes what it was asked."""

import copy
import json
import pathlib

from synchronizer import exception
from synchronizer.cloud import answer
from synchronizer.collector import reader
from synchronizer.model import reading

SAMPLES = pathlib.Path(__file__).parent / 'samples'


def sample(name):
    """An answer of a real cloud."""
    return json.loads((SAMPLES / f'{name}.json').read_text())


def window(number):
    """Of the request of that number, from 1."""
    return reading.Window(float(number), number + 0.5)


def failure(kind, status=None):
    """An error as the session raises it."""
    return kind('failed', status=status)


LOST = failure(exception.BrokenAnswer, 400)


class Session:
    """Answers each path from its own queue; the last one stays for ever.

    An answer is a body or an error; NotFound gets the request's window.
    """

    project_id = 'project of ours'

    def __init__(self, microversion='2.104', page_size=2, **answers):
        self.microversion = microversion
        self.page_size = page_size
        self.asked = []
        self.answers = {}

    def on(self, path, *answers):
        self.answers[path] = list(answers)
        return self

    def get(self, path, **query):
        self.asked.append((path, query))
        queue = self.answers[path]
        body = queue.pop(0) if len(queue) > 1 else queue[0]
        here = window(len(self.asked))
        sampled_at = f'at {len(self.asked)}'
        if isinstance(body, Exception):
            body.window, body.sampled_at = here, sampled_at
            raise body
        return answer.Answer(path, copy.deepcopy(body), here, sampled_at,
                             1000.0 + len(self.asked))

    def paths(self):
        return [path for path, _ in self.asked]

    def queries(self, path):
        return [query for asked, query in self.asked if asked == path]


def drain(listing):
    """The pages of a listing, and its outcome."""
    pages = []
    while True:
        try:
            pages.append(next(listing))
        except StopIteration as end:
            return pages, end.value


def read(kind, session):
    """The ids that a collector reads of a listing, in order."""
    readings = []
    for page in kind.list(session):
        readings += reader.Reader(kind).all(
            page, kind.shape(session), reader.Tally())
    return [one.id for one in readings]


def ids(pages):
    return [[record['id'] for record in page.records] for page in pages]
