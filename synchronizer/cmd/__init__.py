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

"""The programs: argv in, exit code out.

The threading back end is selected here, because any module of this package
is imported after its package: the choice must be made before anything
imports oslo_messaging or oslo_service.service.
"""

from collections.abc import Iterator
import contextlib
import os
import signal
import threading
import warnings


@contextlib.contextmanager
def _no_traceback() -> Iterator[None]:
    """Whoever interrupts a program that is still loading gets no traceback.
    """
    if threading.current_thread() is not threading.main_thread() or (
            signal.getsignal(signal.SIGINT)
            is not signal.default_int_handler):
        yield
        return
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)


# oslo.service and futurist still import eventlet, which we never use; that
# of its resolver would be a tenth of our start.
warnings.filterwarnings('ignore', message=r'\s*Eventlet is deprecated')
os.environ.setdefault('EVENTLET_NO_GREENDNS', 'yes')

with _no_traceback():
    from oslo_service import backend
    backend.init_backend(backend.BackendType.THREADING)
