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

"""What a state means to the eye: a few classes for all services' words."""

import fnmatch
import functools
from typing import NamedTuple

OK, BUILDING, ERROR, OFF = 'ok', 'building', 'error', 'off'
DRIFT_CHANGED, DRIFT_MISSING = 'drift-changed', 'drift-missing'
DRIFT_UNKNOWN = 'drift-unknown'
UNKNOWN, STATELESS = 'unknown', 'stateless'
MISSING, NOT_LOADED = 'missing', 'not-loaded'


class Look(NamedTuple):
    """How a class is drawn. The colours differ to colour-blind eyes too
    (Okabe and Ito), and the borders differ without any."""

    name: str
    label: str
    light: str
    """Colour on a light page."""

    dark: str
    """Colour on a dark page."""

    border: str = 'solid'
    """As CSS has it; all but double are known to SVG as dashes."""


LOOKS = (
    Look(OK, 'ok', '#009e73', '#2fc79a'),
    Look(BUILDING, 'building or changing', '#56b4e9', '#6cc3f5', 'dashed'),
    Look(ERROR, 'error or down', '#d55e00', '#ff7f2a', 'double'),
    Look(DRIFT_CHANGED, 'in drift: changed', '#cc79a7', '#e39ac4', 'double'),
    Look(DRIFT_MISSING, 'in drift: missing', '#882255', '#ff6fb5', 'dashed'),
    Look(DRIFT_UNKNOWN, 'drift not known', '#0072b2', '#4da6ff', 'dotted'),
    Look(OFF, 'off, paused or shelved', '#8c6d00', '#d9b13b'),
    Look(UNKNOWN, 'another state', '#7a7a7a', '#a8a8a8'),
    Look(STATELESS, 'has no state', '#b9c0c7', '#5f6b76'),
    Look(MISSING, 'not there', '#000000', '#ffffff', 'dotted'),
    Look(NOT_LOADED, 'not loaded', '#9aa3ad', '#7b8794', 'dotted'),
)

WORDS = (
    # of heat.drift alone, where they say something else
    ('heat.drift', 'changed', DRIFT_CHANGED),
    ('heat.drift', 'missing', DRIFT_MISSING),
    ('heat.drift', 'unknown', DRIFT_UNKNOWN),
    ('*', '*_in_progress', BUILDING),
    ('*', '*_failed', ERROR),
    ('*', 'delete_complete', OFF),
    ('*', 'suspend_complete', OFF),
    ('*', '*_complete', OK),
    ('*', 'error*', ERROR),
    ('*', 'fail*', ERROR),
    ('*', 'down', ERROR),
    ('*', 'unavailable', ERROR),
    ('*', 'in_progress', BUILDING),
    ('*', 'build', BUILDING),
    ('*', 'rebuild', BUILDING),
    ('*', 'migrating', BUILDING),
    ('*', 'password', BUILDING),
    ('*', 'reserved', BUILDING),
    ('*', 'backing-up', BUILDING),
    ('*', '*-backup', BUILDING),
    ('*', 'awaiting-transfer', BUILDING),
    ('*', 'maintenance', BUILDING),
    ('*', '*reboot', BUILDING),
    ('*', '*resize', BUILDING),
    ('*', '*ing', BUILDING),
    ('*', 'active', OK),
    ('*', 'up', OK),
    ('*', 'available', OK),
    ('*', 'in-use', OK),
    ('*', 'complete', OK),
    ('*', 'shutoff', OFF),
    ('*', 'paused', OFF),
    ('*', 'suspended', OFF),
    ('*', 'shelved*', OFF),
    ('*', 'rescue', OFF),
    ('*', '*deleted', OFF),
    ('*', 'disabled', OFF),
)
"""(type, state in small letters, class): patterns, the first that fits."""


@functools.lru_cache(maxsize=4096)
def class_of(type_: str, state: str | None) -> str:
    """The class of an entity that is known."""
    if state is None:
        return STATELESS
    word = state.lower()
    for types, words, class_ in WORDS:
        if fnmatch.fnmatchcase(type_, types) and fnmatch.fnmatchcase(
                word, words):
            return class_
    return UNKNOWN
