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

"""The explorer finds what there is, by the shortest way."""

from synchronizer.tests import base
from synchronizer.tests.unit.protocol import explorer

Step = explorer.Step


class Counter:
    """Counts up by one or by two, to a bound; good is the bound alone."""

    def __init__(self, bound, wrong=None, back=None):
        self.bound, self.wrong, self.back = bound, wrong, back

    def start(self):
        return 0

    def steps(self, state):
        for more in (1, 2):
            if state + more <= self.bound:
                to = state + more
                yield Step(f'to {to}', to, more == 1,
                           'never there' if to == self.wrong else None)
        if state == self.back:
            yield Step('back', state - 1, True)

    def good(self, state):
        return state == self.bound


class ExplorerTest(base.TestCase):

    def test_all_is_well(self):
        self.assertEqual(explorer.Report(6, 9, None),
                         explorer.explore(Counter(5)))

    def test_the_shortest_way_to_what_is_wrong(self):
        found = explorer.explore(Counter(9, wrong=5)).found
        self.assertEqual(
            '1 to 1\n2 to 3\n3 to 5\n=> never there', str(found))

    def test_a_bad_end(self):
        model = Counter(5)
        model.good = lambda state: False
        found = explorer.explore(model).found
        self.assertEqual(f'{explorer.END}: here it ends', found.promise)
        self.assertEqual(('to 1', 'to 3', 'to 5'), found.trace)

    def test_only_quiet_steps_lead_to_an_end(self):
        model = Counter(5)
        model.steps = lambda state: [
            step._replace(quiet=step.quiet and state != 3)
            for step in Counter.steps(model, state)]
        found = explorer.explore(model).found
        self.assertEqual(('to 1', 'to 3'), found.trace)

    def test_a_circle_and_once_round_it(self):
        found = explorer.explore(Counter(5, back=4)).found
        self.assertEqual(f'{explorer.END}: it goes round in circles',
                         found.promise)
        self.assertEqual(('to 1', 'to 3', 'to 4', 'back'), found.trace)

    def test_a_model_that_grows_too_large(self):
        self.assertRaises(explorer.TooManyStates, explorer.explore,
                          Counter(100), 50)
