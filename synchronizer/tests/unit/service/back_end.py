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

"""A back end in memory, as tooz shows it: leases, outages, and no time but
that of the test."""

import tooz
from tooz import coordination


class Clock:

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now


class BackEnd:
    """What all drivers of one test share."""

    def __init__(self, clock, lease=9):
        self.clock, self.lease = clock, lease
        self.down = False
        self.groups, self.locks, self.heard = {}, {}, {}

    def forget(self):
        """As when it is started anew and kept nothing."""
        self.groups, self.locks = {}, {}

    def expire(self):
        gone = {member for member, at in self.heard.items()
                if self.clock() - at > self.lease}
        for members in self.groups.values():
            for member in gone & set(members):
                del members[member]
        self.locks = {name: lock for name, lock in self.locks.items()
                      if lock.driver.member not in gone}

    def driver(self, member):
        return Driver(self, member)


class _Result:

    def __init__(self, value=None):
        self._value = value

    def get(self):
        return self._value


class Driver:

    def __init__(self, end, member):
        self.end, self.member = end, member
        self.knows_locks, self.breaks_locks = False, True

    def _ask(self, group=None):
        if self.end.down:
            raise coordination.ToozConnectionError('nobody there')
        self.end.expire()
        if group is not None and group not in self.end.groups:
            raise coordination.GroupNotCreated(group)

    def start(self):
        self._ask()
        self.heartbeat()

    def stop(self):
        self._ask()
        for members in self.end.groups.values():
            members.pop(self.member, None)

    def heartbeat(self):
        # leases that ran out are gone before we are heard again
        self._ask()
        self.end.heard[self.member] = self.end.clock()

    def create_group(self, group):
        self._ask()
        if group in self.end.groups:
            raise coordination.GroupAlreadyExist(group)
        self.end.groups[group] = {}
        return _Result()

    def join_group(self, group, capabilities):
        self._ask(group)
        if self.member in self.end.groups[group]:
            raise coordination.MemberAlreadyExist(group, self.member)
        self.end.groups[group][self.member] = capabilities
        return _Result()

    def leave_group(self, group):
        self._ask(group)
        if self.end.groups[group].pop(self.member, None) is None:
            raise coordination.MemberNotJoined(group, self.member)
        return _Result()

    def get_members(self, group):
        self._ask(group)
        return _Result(set(self.end.groups[group]))

    def get_member_capabilities(self, group, member):
        self._ask(group)
        return _Result(self.end.groups[group][member])

    def get_lock(self, name):
        return Lock(self, name)


class Lock:

    def __init__(self, driver, name):
        self.driver, self.name = driver, name

    def acquire(self, blocking=True):
        self.driver._ask()
        return self.driver.end.locks.setdefault(self.name, self) is self

    def release(self):
        self.driver._ask()
        if self.driver.end.locks.get(self.name) is not self:
            return False
        del self.driver.end.locks[self.name]
        return True

    def break_(self):
        self.driver._ask()
        if not self.driver.breaks_locks:
            raise tooz.NotImplemented('not implemented')
        return self.driver.end.locks.pop(self.name, None) is not None

    def is_still_owner(self):
        if not self.driver.knows_locks:
            raise tooz.NotImplemented('not implemented')
        return self.driver.end.locks.get(self.name) is self
