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

"""Every state of both protocols, within bounds; and without each guard.

With ``SYNCHRONIZER_MODEL_DEPTH=1`` one more of everything may happen, which
takes long; see the page about the models.
"""

import functools

from synchronizer.tests import base
from synchronizer.tests import pages
from synchronizer.tests.unit.protocol import explorer
from synchronizer.tests.unit.protocol import guards
from synchronizer.tests.unit.protocol import owning
from synchronizer.tests.unit.protocol import plain
from synchronizer.tests.unit.protocol import streaming

PAGE = 'doc/source/contributor/protocol-model.rst'


@functools.cache
def blocks():
    """The literal blocks of the page."""
    return {text.strip() for _, _, text in pages.blocks(PAGE)}


class ModelTest(base.TestCase):
    """Each test explores one model."""

    timeout = 0 if guards.depth() else 120

    def assertHolds(self, model):
        report = explorer.explore(model)
        self.assertIsNone(report.found, f'\n{report.found}')
        # a model in which little can happen shows little
        self.assertGreater(report.states, 100)


class StreamingTest(ModelTest):
    """Nothing is wrong with snapshots and streams."""

    consumer = guards.Follower

    def explore(self, bounds):
        self.assertHolds(streaming.Streaming(
            guards.deeper(bounds), streaming.Rules(self.consumer)))


class PlainTest(StreamingTest):
    """Nor with the rules that the protocol gives to consumers."""

    consumer = plain.Plain


class OwningTest(ModelTest):
    """Nothing is wrong with owners."""

    def explore(self, bounds):
        self.assertHolds(owning.Owning(guards.deeper(bounds)))


class GuardTest(ModelTest):
    """Without any one guard something is, and the page shows it."""

    def lose(self, guard):
        found = guard.explored().found
        self.assertIsNotNone(found, f'{guard.name}: not needed')
        self.assertTrue(found.promise.startswith(guard.promise), f'\n{found}')
        if pages.DOCS.exists():
            self.assertIn(str(found), blocks())


class ConsumingGuardTest(GuardTest):
    """Those of the rules for consumers."""


class ServingGuardTest(GuardTest):
    """Those of the service."""


class FollowingGuardTest(GuardTest):
    """Those of the follower of a mirror."""

    def test_it_levels_first_and_so_needs_no_look_at_what_is_held(self):
        guard = guards.SECOND_BELT
        self.assertIsNone(guard.explored().found)


class OwningGuardTest(GuardTest):
    """Those of the owners."""


class OvertakenTest(ModelTest):

    def test_an_owner_that_notices_nothing_may_cast_an_old_bookmark(self):
        found = explorer.explore(streaming.Streaming(
            guards.OVERTAKEN)).found
        self.assertEqual(streaming.BELOW, found.promise)
        self.assertIn(str(found), blocks())


def _add(case, method, things):
    """A test of its own for each, so that they are shared out."""
    for name, thing in things:
        def test(self, thing=thing):
            getattr(self, method)(thing)
        words = ''.join(c if c.isalnum() else '_' for c in name)
        setattr(case, f'test_{words}', test)


_add(StreamingTest, 'explore', guards.STREAMS.items())
_add(OwningTest, 'explore', guards.OWNERS.items())
for _case, _guards in ((ConsumingGuardTest, guards.CONSUMING),
                       (ServingGuardTest, guards.SERVING),
                       (FollowingGuardTest, guards.FOLLOWING),
                       (OwningGuardTest, guards.OWNING)):
    _add(_case, 'lose', [(guard.name, guard) for guard in _guards])
