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

"""A clock that stands still, and a service that answers what it is told."""

from collections import deque
import dataclasses
import datetime

from synchronizer.collector import settings
from synchronizer.model import entity as entity_module
from synchronizer.model import reading
from synchronizer.plugins import base as plugin_base

BEGIN = datetime.datetime(2026, 11, 20, 10, tzinfo=datetime.UTC)


class Clock(settings.Clock):
    """Moves when it is told to."""

    def __init__(self):
        self.seconds = 1000.0

    def advance(self, seconds=1.0):
        self.seconds += seconds
        return self.seconds

    def monotonic(self):
        return self.seconds

    def wall(self):
        return BEGIN + datetime.timedelta(seconds=self.seconds - 1000)


class Session:
    """A microversion, and nothing to ask."""

    def __init__(self, microversion='2.1'):
        self.microversion, self.page_size = microversion, 100


class Thing(plugin_base.EntityType):
    """Listed page by page from a script; gets answered from a dict."""

    name = 'test.thing'
    volatile = ('beat',)
    unordered = ('tags',)
    can_get = True
    can_list_since = True

    def __init__(self, clock):
        self.clock = clock
        self.listings = deque()
        self.truth = {}
        self.since = []
        self.between_pages = lambda: None

    def script(self, *pages, outcome=reading.COMPLETE):
        """The next listing: pages of records, then its outcome, which may
        be an exception."""
        self.listings.append((pages, outcome))

    def page(self, records):
        start = self.clock.advance()
        return reading.Page(
            tuple(records), reading.Window(start, self.clock.advance()),
            settings.stamp(self.clock.wall()), self.clock.seconds)

    def list(self, session):
        pages, outcome = self.listings.popleft()
        for number, records in enumerate(pages):
            if number:
                self.between_pages()
            yield self.page(records)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def list_since(self, session, when):
        self.since.append(when)
        return self.list(session)

    def get(self, session, id_):
        record = self.truth.get(id_)
        if isinstance(record, Exception):
            raise record
        return self.page([record] if record else [])

    def entity(self, record):
        if record['status'] == 'DELETED':
            return None
        return entity_module.Entity(
            self.name, record['id'], record['id'].upper(),
            state=record['status'], attributes=self.attributes(record))


class Listed(Thing):
    """The same, without a get."""

    name = 'test.listed'
    can_get = False


class Told(Thing):
    """The same, of a service that sends notifications.

    A record's `rest` is when to look at it again, `host` and `volume` are
    what it hangs together with.
    """

    stamp = 'updated'
    untold = ('attributes.note',)

    def __init__(self, clock):
        super().__init__(clock)
        self.gets = []
        self.parts = deque()

    def get(self, session, id_):
        self.gets.append(id_)
        return super().get(session, id_)

    def list_part(self, session, part):
        pages, outcome = self.parts.popleft()
        for records in pages:
            yield self.page(records)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def follow(self, entity):
        return entity.attributes.get('rest')

    def beside(self, entity):
        return [(type_, entity.attributes[key])
                for key, type_ in (('host', 'test.host'),
                                   ('volume', 'other.volume'))
                if key in entity.attributes]


class Doubted(Told):
    """The same, of a service that says 404 also to whoever may not see:
    `requests` has the id of each get, and None for each proof."""

    def __init__(self, clock):
        super().__init__(clock)
        self.requests, self.refusal = [], None

    def look_up(self, session, id_):
        self.requests.append(id_)
        page = self.get(session, id_)
        return dataclasses.replace(page, unproved=not page.records)

    def prove(self, session):
        self.requests.append(None)
        self.clock.advance()
        if self.refusal:
            raise self.refusal


class Plugin(plugin_base.Plugin):
    """One service with the session it is given."""

    name = 'test'
    types = (Thing, Listed)

    def __init__(self, session=None):
        self.agreed = session or Session()

    def session(self, entity_type):
        if isinstance(self.agreed, Exception):
            raise self.agreed
        return self.agreed


def record(id_, status='ACTIVE', **more):
    return {'id': id_, 'status': status, **more}
