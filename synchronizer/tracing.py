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

"""Traces from a notification to the bus, where OpenTelemetry is installed.

A notification carries no trace, but the id of the request that it is about:
128 random bits, as the id of a trace is. So what is known to be due to a
request is told as spans of the trace of that id, by whatever thread, process
or host knows it, and nothing needs to be handed on. Who takes the spans is
set up by oslo.messaging, which traces what it sends by the same options.
"""

import hashlib
import time
from typing import Any
import uuid

try:
    from opentelemetry import trace
except ImportError:
    # then nobody can have switched it on
    trace = None

_switch = {'on': False}


def switch(on: bool) -> None:
    """Tell of requests from now on, or do not; of this process."""
    _switch['on'] = on and trace is not None


def is_on() -> bool:
    """Whether anybody wants to be told."""
    return _switch['on']


def tell(name: str, request_id: str | None, began: float | None,
         ended: float | None = None, **attributes: Any) -> None:
    """Something that was due to a request is over; times are Unix times,
    and the end is now unless told."""
    if not _switch['on'] or not request_id:
        return
    ended = time.time() if ended is None else ended
    # clocks of two hosts may differ, and a span must not end first
    began = ended if began is None else min(began, ended)
    span = trace.get_tracer('synchronizer').start_span(
        f'synchronizer {name}', _context(request_id),
        start_time=int(began * 1e9), attributes={
            'openstack.request_id': request_id,
            **{f'synchronizer.{key}': value
               for key, value in attributes.items()}})
    span.end(int(ended * 1e9))


def trace_id(request_id: str) -> int:
    """The trace of a request: its own bits, where it is ``req-<uuid>``."""
    try:
        found = uuid.UUID(request_id.removeprefix('req-')).int
    except ValueError:
        found = 0
    return found or int.from_bytes(_digest(request_id, 16), 'big')


def _digest(text: str, size: int) -> bytes:
    return hashlib.blake2b(text.encode(), digest_size=size).digest()


def _context(request_id: str) -> Any:
    """The request itself is the parent, which nobody has told of."""
    return trace.set_span_in_context(trace.NonRecordingSpan(
        trace.SpanContext(
            trace_id(request_id),
            int.from_bytes(_digest(request_id, 8), 'big'), is_remote=True,
            trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED))))
