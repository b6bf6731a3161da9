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

"""What was measured, as a table and as plots for the documents."""

import itertools
import math
import pathlib
from xml.sax import saxutils

from benchmarks import results

DOCS = (pathlib.Path(__file__).parents[1]
        / 'doc' / 'source' / 'contributor' / 'benchmarks')
HEAD = ('.. list-table::', '   :header-rows: 1',
        '   :widths: 6 10 34 14 14 10 14', '')
COLUMNS = ('Line', 'Entities', 'What', 'Figure', 'Floor', 'Ratio', 'Bound')
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 640, 360, 70, 40, 250, 50
COLOURS = ('#1b6ca8', '#c0392b', '#27804a', '#8e44ad', '#b9770e', '#34495e')


def write(directory=DOCS):
    """Write all that was kept into the documents."""
    directory.mkdir(exist_ok=True)
    kept = list(results.load())
    (directory / 'table.inc').write_text(table(kept))
    plots = {told['name']: curves for told, found in kept
             if (curves := _curves(found))}
    for name, curves in plots.items():
        (directory / f'{name}.svg').write_text(plot(name, curves))
    (directory / 'plots.inc').write_text('\n'.join(
        f'.. image:: {directory.name}/{name}.svg\n'
        f'   :alt: {name}, by the number of entities\n' for name in plots))


# --- the table -----------------------------------------------------------

def table(kept):
    """A list table of all results, in the order of the lines."""
    rows = sorted((result for _, found in kept for result in found),
                  key=lambda result: result.line)
    lines = [*HEAD, *_row(COLUMNS)]
    for result in rows:
        lines += _row(_cells(result))
    return '\n'.join([*lines, '', _made(kept), ''])


def _row(cells):
    return [f'   {"* -" if not number else "  -"} {cell}'.rstrip()
            for number, cell in enumerate(cells)]


def _cells(result):
    bound = ''
    if result.bound is not None:
        sign = '>=' if result.least else '<='
        bound = f'{sign} {result.bound:g}' + (
            '' if result.holds else ' **missed**')
    return (result.line, f'{result.size:,}'.replace(',', ' '), result.what,
            f'{results.shown(result.figure)} {result.unit}',
            '' if result.floor is None else
            f'{results.shown(result.floor)} {result.unit}',
            '' if result.floor is None else f'{result.ratio:.2f}', bound)


def _made(kept):
    made = sorted({
        f'Python {told["python"]}, {told["cpus"]} CPUs ({told["machine"]}), '
        f'seed {told["seed"]}{", in the short form" if told["short"] else ""}'
        for told, _ in kept})
    return f'Made with {"; ".join(made)}.'


# --- the plots -----------------------------------------------------------

def _curves(found):
    """What was measured at several sizes: (unit, what) -> points."""
    curves = {}
    for result in found:
        curves.setdefault((result.unit, result.what), []).append(
            (result.size, result.figure))
    return {key: sorted(points) for key, points in curves.items()
            if len({size for size, _ in points}) > 1
            and all(figure > 0 for _, figure in points)}


class _Scale:
    """Powers of ten along a line."""

    def __init__(self, values, start, end):
        logs = [math.log10(value) for value in values]
        self._low = math.floor(min(logs))
        self._high = max(math.ceil(max(logs)), self._low + 1)
        self._start, self._end = start, end

    def __call__(self, value):
        share = (math.log10(value) - self._low) / (self._high - self._low)
        return self._start + share * (self._end - self._start)

    @property
    def ticks(self):
        """The powers of ten themselves."""
        return [10.0 ** power for power in range(
            self._low, self._high + 1)]


def plot(name, curves):
    """An SVG of them, both scales logarithmic: what grows as fast as the
    cloud runs along the dotted lines, and nothing may be steeper."""
    points = list(itertools.chain.from_iterable(curves.values()))
    across = _Scale([size for size, _ in points], LEFT, WIDTH - RIGHT)
    up = _Scale([figure for _, figure in points], HEIGHT - BOTTOM, TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" '
        f'height="{HEIGHT}" font-family="sans-serif" font-size="11">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        _text(LEFT, TOP - 16, f'{name}, by the number of entities'),
        *_axes(across, up), *_linear(across, up)]
    for number, ((unit, what), line) in enumerate(curves.items()):
        parts += _curve(number, f'{what} ({unit})', [
            (across(size), up(figure)) for size, figure in line])
    return '\n'.join([*parts, '</svg>', ''])


def _axes(across, up):
    for tick in across.ticks:
        yield _line(across(tick), TOP, across(tick), HEIGHT - BOTTOM)
        yield _text(across(tick) - 18, HEIGHT - BOTTOM + 16, f'{tick:,.0f}')
    for tick in up.ticks:
        yield _line(LEFT, up(tick), WIDTH - RIGHT, up(tick))
        yield _text(8, up(tick) + 4, f'{tick:g}')


def _linear(across, up):
    """As fast as the cloud, from each power of ten on the left."""
    ends = across.ticks[0], across.ticks[-1]
    steps = len(across.ticks) - 1
    for start, end in zip(up.ticks, up.ticks[steps:]):
        yield _line(across(ends[0]), up(start), across(ends[1]), up(end),
                    ' stroke-dasharray="2 4"')


def _curve(number, label, points):
    colour = COLOURS[number % len(COLOURS)]
    path = ' '.join(f'{x:.1f},{y:.1f}' for x, y in points)
    yield (f'<polyline points="{path}" fill="none" stroke="{colour}" '
           'stroke-width="2"/>')
    for x, y in points:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
    y = TOP + 14 * number
    yield (f'<rect x="{WIDTH - RIGHT + 12}" y="{y - 8}" width="10" '
           f'height="10" fill="{colour}"/>')
    yield _text(WIDTH - RIGHT + 28, y, label)


def _line(x1, y1, x2, y2, more=''):
    return (f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" '
            f'y2="{y2:.1f}" stroke="#ccc"{more}/>')


def _text(x, y, text):
    return f'<text x="{x:.1f}" y="{y:.1f}">{saxutils.escape(text)}</text>'
