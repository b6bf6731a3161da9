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

"""Guru meditation: on SIGUSR2 a process tells what it is doing."""

from collections.abc import Callable
from collections.abc import Iterable
import dataclasses
import signal
from typing import Any

from oslo_config import cfg
from oslo_reports import guru_meditation_report as gmr
from oslo_reports import opts
from oslo_reports.generators import conf as conf_report
from oslo_reports.models import with_default_views

from synchronizer import version

SERVICE = 'synchronizer'

_tellers: list[Callable[[], Iterable[Any]]] = []


class _Version:
    """What the report wants to know of the package."""

    def vendor_string(self) -> str:
        return 'OpenStack'

    def product_string(self) -> str:
        return 'Synchronizer'

    def version_string_with_package(self) -> str:
        return version.version_string()


def register_opts(conf: cfg.ConfigOpts) -> None:
    """Make [oslo_reports] known to `conf`."""
    opts.set_defaults(conf)


def tells(teller: Callable[[], Iterable[Any]]) -> Callable[[], None]:
    """From now on, ask `teller` as well: dataclasses, each with a `type`,
    without waiting for any lock. Returns what ends that."""
    _tellers.append(teller)
    return lambda: _tellers.remove(teller)


def _streams() -> with_default_views.ModelWithDefaultViews:
    told = [facts for teller in tuple(_tellers) for facts in teller()]
    return with_default_views.ModelWithDefaultViews(data={
        facts.type: {name: value for name, value in
                     dataclasses.asdict(facts).items() if name != 'type'}
        for facts in told} or {'streams': 'none in this process'})


def on_signal(conf: cfg.ConfigOpts) -> None:
    """Report on SIGUSR2: set up in the master, inherited by its children."""
    gmr.TextGuruMeditation.register_section(
        'Streams of this process', _streams)
    gmr.TextGuruMeditation.register_section(
        'Configuration of this service',
        conf_report.ConfigReportGenerator(conf))
    gmr.TextGuruMeditation.setup_autorun(
        _Version(), service_name=SERVICE, signum=signal.SIGUSR2,
        log_dir=conf.oslo_reports.log_dir)


def on_file(conf: cfg.ConfigOpts) -> None:
    """Report when the configured file is touched, if one is.

    That takes a thread, so it is set up in each child.
    """
    if conf.oslo_reports.file_event_handler:
        gmr.TextGuruMeditation.setup_autorun(
            _Version(), service_name=SERVICE, conf=conf)
