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

"""The drivers that Vitrage's configuration names.

Changes come in the shape of a snapshot: Vitrage's transformers then read
both alike, and take updates of hosts and zones, too.
"""

import abc
from collections.abc import Iterator
import functools
import threading
from typing import Any
from typing import ClassVar

from oslo_config import cfg
from oslo_log import log
from vitrage.common import constants
from vitrage.datasources import driver_base
from vitrage.datasources.heat.stack import transformer
from vitrage.utils import datetime as datetime_utils

from synchronizer.bus import wire
from synchronizer.client import rpc
from synchronizer.integrations.vitrage import feed as feed_module
from synchronizer.integrations.vitrage import rows
from synchronizer.integrations.vitrage import stacks
from synchronizer.integrations.vitrage import waiting
from synchronizer.model import change as change_module

LOG = log.getLogger(__name__)

TIMEOUT = 15
"""Seconds for an answer: Vitrage reads its datasources one after another,
and in an outage all would wait for each."""

_PROPERTIES = constants.DatasourceProperties


_feeds: dict[type, feed_module.Feed] = {}
_lock = threading.Lock()


@functools.cache
def _client() -> rpc.SynchronizerClient:
    """One for all drivers, over Vitrage's own transport."""
    return rpc.SynchronizerClient.from_conf(
        cfg.CONF, timeout=TIMEOUT, retries=0)


def _feed_of(driver: type['Driver']) -> feed_module.Feed:
    """The one that all drivers of a class have.

    Vitrage starts its snapshots and its listener at once, in two threads,
    and each may make a driver: what one knows the other has to know.
    """
    with _lock:
        if driver not in _feeds:
            _feeds[driver] = driver._make_feed()
        return _feeds[driver]


class Driver(driver_base.DriverBase):
    """What all have in common."""

    datasource: ClassVar[str]
    types: ClassVar[tuple[str, ...]]

    def __init__(self) -> None:
        super().__init__()
        self._feed = _feed_of(type(self))
        # Vitrage asks the object after a snapshot that came to its end:
        # what was not in it is gone. It asks the class whether silence
        # means deletion: never, we may be out of reach.
        self.should_delete_outdated_entities = lambda: True

    @classmethod
    @abc.abstractmethod
    def _make_feed(cls) -> feed_module.Feed:
        """What tells Vitrage of this datasource."""

    def get_all(self, datasource_action: str
                ) -> Iterator[waiting.Event]:
        """All there is. If it raises half-way, Vitrage deletes nothing."""
        return self._feed.snapshot()

    def enrich_event(self, event: dict[str, Any], event_type: str
                     ) -> feed_module.Events:
        """The events that one notified change amounts to."""
        try:
            change = wire.change_from_dict(event)
        except ValueError as error:
            LOG.warning('%(event)s is ignored: %(error)s',
                        {'event': event_type, 'error': error})
            return []
        return self._feed.changed(change)

    @classmethod
    def get_event_types(cls) -> list[str]:
        """The changes of all types that are read."""
        return [f'{type_}.{action}' for type_ in cls.types
                for action in change_module.ACTIONS]

    @classmethod
    def _fields(cls, row: rows.Row, action: str) -> rows.Row:
        return {
            **row,
            _PROPERTIES.ENTITY_TYPE: cls.datasource,
            _PROPERTIES.DATASOURCE_ACTION:
                constants.DatasourceAction.SNAPSHOT,
            # an update makes what is not there, and heeds what is
            _PROPERTIES.EVENT_TYPE: action,
            _PROPERTIES.SAMPLE_DATE: datetime_utils.format_utcnow(),
            constants.VertexProperties.VITRAGE_DATASOURCE_NAME:
                cls._datasource_name}


class _PagedDriver(Driver):

    shape: ClassVar[rows.Shape]

    def __init_subclass__(cls) -> None:
        cls.types = (cls.shape.type,)

    @classmethod
    def _make_feed(cls) -> feed_module.Feed:
        return feed_module.PagedFeed(_client(), cls._fields, cls.shape)


class InstanceDriver(_PagedDriver):
    """For ``[nova.instance]``."""

    datasource, shape = 'nova.instance', rows.INSTANCES


class HostDriver(_PagedDriver):
    """For ``[nova.host]``."""

    datasource, shape = 'nova.host', rows.HOSTS


class ZoneDriver(_PagedDriver):
    """For ``[nova.zone]``."""

    datasource, shape = 'nova.zone', rows.ZONES


class VolumeDriver(_PagedDriver):
    """For ``[cinder.volume]``."""

    datasource, shape = 'cinder.volume', rows.VOLUMES


class StackDriver(Driver):
    """For ``[heat.stack]``."""

    datasource = 'heat.stack'
    types = stacks.StackFeed.TYPES

    @classmethod
    def _make_feed(cls) -> feed_module.Feed:
        drawn = transformer.HeatStackTransformer.RESOURCE_TYPE
        return stacks.StackFeed(
            _client(), cls._fields,
            [kind for kind, datasource in drawn.items()
             if datasource in cfg.CONF.datasources.types])
