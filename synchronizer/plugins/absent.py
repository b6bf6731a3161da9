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


"""When a 404 is believed."""

import abc
import dataclasses

from synchronizer import exception
from synchronizer.model import reading
from synchronizer.plugins import base


def said(error: exception.NotFound) -> reading.Page:
    """What a 404 shows, as long as it was said but once."""
    return reading.Page((), error.window, error.sampled_at, unproved=True)


class ProvedType(base.EntityType):
    """A type whose service says 404 also to whoever may not see a thing.

    So a 404 counts only if it is said again after `prove`. A role that was
    lost may be back between a 404 and its proof: what was not found is asked
    for once more, now that the role is known to be whole.
    """

    can_get = True

    @abc.abstractmethod
    def look_up(self, session: base.Session, id_: str) -> reading.Page:
        """One id by one answer; `said` is what a 404 shows."""

    @abc.abstractmethod
    def check_scope(self, session: base.Session) -> None:
        """Raise unless we see all there is."""

    def prove(self, session: base.Session) -> None:
        """Raise unless we see all there is, a 404 of that too."""
        try:
            self.check_scope(session)
        except exception.NotFound as error:
            # of something else than what was asked for
            raise exception.BrokenAnswer(
                f'no 404 can be believed: {error}', status=404) from error

    def get(self, session: base.Session, id_: str) -> reading.Page:
        """One record, or none: it is absent, and we could see it."""
        page = self.look_up(session, id_)
        if page.unproved:
            self.prove(session)
            page = self.look_up(session, id_)
        return dataclasses.replace(page, unproved=False)
