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

"""A wall clock that can be put forward and back; the other clock runs on."""

import mmap
import pathlib
import shutil
import struct
import subprocess

SHIM = r'''
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static const long long *ahead;

__attribute__((constructor)) static void begin(void)
{
    int file = open(getenv("SYNCHRONIZER_CLOCK"), O_RDONLY);
    ahead = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    if (ahead == MAP_FAILED)
        abort();
}

int clock_gettime(clockid_t which, struct timespec *now)
{
    static int (*next)(clockid_t, struct timespec *);
    if (!next)
        next = dlsym(RTLD_NEXT, "clock_gettime");
    int done = next(which, now);
    if (ahead && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE))
        now->tv_sec += *ahead;
    return done;
}

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec exact;
    int done = clock_gettime(CLOCK_REALTIME, &exact);
    now->tv_sec = exact.tv_sec;
    now->tv_usec = exact.tv_nsec / 1000;
    return done;
}

time_t time(time_t *out)
{
    struct timespec exact;
    clock_gettime(CLOCK_REALTIME, &exact);
    if (out)
        *out = exact.tv_sec;
    return exact.tv_sec;
}
'''
"""Not libfaketime, whose clock_nanosleep fails once the clock was put back,
and whose locks a killed process keeps."""


class Clock:
    """What a process started with `environment` takes for the time."""

    def __init__(self, directory):
        place = pathlib.Path(directory)
        self._library, self._file = place / 'clock.so', place / 'clock'
        self._file.write_bytes(bytes(8))
        (place / 'clock.c').write_text(SHIM)
        subprocess.run(
            ['gcc', '-shared', '-fPIC', '-O1', '-o', str(self._library),
             str(place / 'clock.c'), '-ldl'], check=True)

    @staticmethod
    def missing():
        return None if shutil.which('gcc') else 'gcc is not installed'

    @property
    def environment(self):
        return {'LD_PRELOAD': str(self._library),
                'SYNCHRONIZER_CLOCK': str(self._file)}

    def put(self, seconds):
        """So far ahead of the true time, or behind it."""
        with open(self._file, 'r+b') as file, mmap.mmap(
                file.fileno(), 8) as page:
            page[:] = struct.pack('q', seconds)
