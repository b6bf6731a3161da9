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

"""All services' words for a state fall into a few classes."""

import ddt

from synchronizer.graph import states
from synchronizer.tests import base


@ddt.ddt
class StatesTest(base.TestCase):

    @ddt.data(
        ('nova.instance', 'ACTIVE', 'ok'),
        ('nova.instance', 'BUILD', 'building'),
        ('nova.instance', 'VERIFY_RESIZE', 'building'),
        ('nova.instance', 'HARD_REBOOT', 'building'),
        ('nova.instance', 'SHELVED_OFFLOADED', 'off'),
        ('nova.instance', 'SOFT_DELETED', 'off'),
        ('nova.instance', 'ERROR', 'error'),
        ('nova.instance', 'UNKNOWN', 'unknown'),
        ('nova.host', 'down', 'error'),
        ('nova.zone', 'unavailable', 'error'),
        ('nova.flavor', None, 'stateless'),
        ('cinder.volume', 'in-use', 'ok'),
        ('cinder.volume', 'backing-up', 'building'),
        ('cinder.volume', 'detaching', 'building'),
        ('cinder.volume', 'error_deleting', 'error'),
        ('heat.stack', 'UPDATE_IN_PROGRESS', 'building'),
        ('heat.stack', 'ROLLBACK_FAILED', 'error'),
        ('heat.stack', 'SUSPEND_COMPLETE', 'off'),
        ('heat.resource', 'CHECK_COMPLETE', 'ok'),
        ('heat.drift', 'changed', 'drift-changed'),
        ('heat.drift', 'missing', 'drift-missing'),
        ('heat.drift', 'unknown', 'drift-unknown'),
        ('other.thing', 'quaint', 'unknown'))
    @ddt.unpack
    def test_class_of(self, type_, state, expected):
        self.assertEqual(expected, states.class_of(type_, state))

    def test_each_class_has_a_look_of_its_own(self):
        classes = {class_ for _, _, class_ in states.WORDS}
        names = [look.name for look in states.LOOKS]
        self.assertEqual(set(), classes - set(names))
        self.assertEqual(len(names), len(set(names)))
        for field in ('light', 'dark'):
            self.assertEqual(len(names), len(
                {getattr(look, field) for look in states.LOOKS}))
