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

"""What systemd is told of a service that cannot start."""

import configparser
import pathlib

import synchronizer
from synchronizer.tests import base

UNIT = (pathlib.Path(synchronizer.__file__).parents[1]
        / 'etc/systemd/synchronizer.service')

START = 20
"""Seconds that a start takes at the most until options are refused."""


class UnitTest(base.TestCase):

    def test_a_start_that_is_refused_is_not_tried_for_ever(self):
        unit = configparser.RawConfigParser(strict=False)
        unit.read(UNIT)
        self.assertEqual('on-failure', unit['Service']['Restart'])
        tries = unit.getint('Unit', 'StartLimitBurst')
        pause = unit.getint('Service', 'RestartSec')
        self.assertLessEqual(
            tries * (START + pause),
            unit.getint('Unit', 'StartLimitIntervalSec'))
