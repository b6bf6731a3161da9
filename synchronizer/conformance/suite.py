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

"""The tests that whoever writes a plugin inherits."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
import functools
from typing import Any
from typing import ClassVar

from synchronizer.conformance import declared
from synchronizer.conformance import entities
from synchronizer.conformance import listings
from synchronizer.conformance import subject as subject_module
from synchronizer.plugins import base


class PluginSuite:
    """Mix it into a TestCase, and say where the service is.

    The service is to be one in which nothing happens, with three things of
    each type or more, and pages that are shorter than that.
    """

    plugin: ClassVar[type[base.Plugin]]
    """The plugin."""

    types: ClassVar[tuple[type[base.EntityType], ...] | None] = None
    """Those of its types that the service can show; None: all."""

    marker_lost: ClassVar[int | None] = None
    """The status of a listing whose marker is gone; None: the service knows
    no markers."""

    unproved: ClassVar[tuple[str, ...]] = ()
    """Declared paths that the records cannot show; patterns, as the shell
    has them."""

    fail: Callable[..., Any]

    def session(self, kind: base.EntityType) -> base.Session:
        """The way to the service for that type; a fresh one each time."""
        raise NotImplementedError('say where the service is')

    def without_role(self, kind: base.EntityType) -> base.Session | None:
        """The same service as an account that has lost its role sees it;
        None: it cannot be tried."""
        return None

    def kind(self, entity_type: type[base.EntityType]) -> base.EntityType:
        """A fresh one, for plugins that make them in a way of their own."""
        return entity_type()

    def absent(self, kind: base.EntityType) -> str:
        """An id that is not there."""
        return 'id-of-nothing'

    # --- the plugin ------------------------------------------------------

    def test_conformance_plugin(self) -> None:
        """What the plugin declares can be true."""
        self._none(declared.of_plugin(self.plugin))

    def test_conformance_hints(self) -> None:
        """Its notifications lead somewhere."""
        self._none(declared.of_hints(self.plugin))

    # --- each of its types -----------------------------------------------

    def test_conformance_declarations(self) -> None:
        """What each type declares is true of its records."""
        self._each(lambda subject: declared.of_kind(
            subject.make(), subject.list().records, self.unproved))

    def test_conformance_entities(self) -> None:
        """An entity is its record: pure, stable, without links, secrets and
        what is volatile."""
        self._each(lambda subject: entities.check(
            subject, subject.list().records))

    def test_conformance_idle(self) -> None:
        """Two listings of an idle service publish nothing."""
        self._each(listings.idle)

    def test_conformance_get(self) -> None:
        """A get shows what the listing shows."""
        self._each(listings.got)

    def test_conformance_absent(self) -> None:
        """Nothing but a 404 says that something is gone."""
        self._each(lambda subject: listings.absent(
            subject, self.absent(subject.make())))

    def test_conformance_errors(self) -> None:
        """An error in the middle never gives a complete listing."""
        self._each(listings.faulty)

    def test_conformance_cut_answers(self) -> None:
        """Nor does an answer of another shape."""
        self._each(listings.cut)

    def test_conformance_repeated_pages(self) -> None:
        """Nor does a page that comes again; and it ends."""
        self._each(listings.repeated)

    def test_conformance_lost_markers(self) -> None:
        """Nor does a marker that is gone; and it ends."""
        self._each(lambda subject: listings.lost(subject, self.marker_lost))

    def test_conformance_since(self) -> None:
        """What moved is part of what there is."""
        self._each(listings.since)

    def test_conformance_role(self) -> None:
        """Who has lost his role does not take things for gone."""
        self._each(lambda subject: listings.blind(
            subject, lambda: self.without_role(subject.make())))

    # --- inside ----------------------------------------------------------

    def _each(self, check: Callable[[subject_module.Subject], Iterator[str]]
              ) -> None:
        problems = []
        for entity_type in self.types or self.plugin.types:
            subject = subject_module.Subject(
                functools.partial(self.kind, entity_type), self.session)
            problems += [f'{entity_type.name}: {problem}'
                         for problem in check(subject)]
        self._none(problems)

    def _none(self, problems: Iterable[str]) -> None:
        found = list(problems)
        if found:
            self.fail('\n'.join([f'{len(found)} problems:', *found]))
