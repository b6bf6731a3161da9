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

"""Nova's hint table: which of its notifications says to look at what.

Both kinds are here, since a cloud may send either, or both: versioned ones,
and the older ones. That something begins is left out: it ends, or fails.
Soft deletion is a state; whoever is told of it looks, and finds a server.
"""

from synchronizer.plugins import hints
from synchronizer.plugins.hints import Look

# the stamp is that of the row as the sender had it, so it is always reached
SERVER = (Look('nova.instance', 'uuid', stamp='updated_at'),)
# every server's, hourly
SERVER_AUDIT = (
    Look('nova.instance', 'uuid', stamp='updated_at', audit=True),)
SERVER_GONE = (Look('nova.instance', 'uuid', shows=hints.GONE),)
FAILED_TASK = (
    Look('nova.instance', 'instance_uuid', shows=hints.WRITTEN),)

FLAVOR = (Look('nova.flavor', 'flavorid'),)
FLAVOR_GONE = (Look('nova.flavor', 'flavorid', shows=hints.GONE),)
GROUP = (Look('nova.server_group', 'uuid'),)
GROUP_GONE = (Look('nova.server_group', 'uuid', shows=hints.GONE),)

# Few enough to list them all. The id of an aggregate goes by two names, and
# the same event may come in either kind.
AGGREGATE = (Look('nova.aggregate', about='id'),)
PLACES = (*AGGREGATE, Look('nova.host'), Look('nova.zone'))
# the hypervisor of a new service is shown a while after it
NEW_SERVICE = (
    Look('nova.service', about='uuid'),
    Look('nova.host', later=(5, 20, 60)), Look('nova.zone'))
SERVICE = (Look('nova.service', about='uuid'), Look('nova.host'),
           Look('nova.zone'))

VERSIONED: hints.Table = {
    'instance.create.end': SERVER,
    'instance.create.error': SERVER,
    'instance.update': SERVER,
    'instance.exists': SERVER_AUDIT,
    'instance.lock': SERVER,
    'instance.unlock': SERVER,
    'instance.delete.end': SERVER_GONE,
    'instance.soft_delete.end': SERVER,
    'instance.restore.end': SERVER,

    'instance.pause.end': SERVER,
    'instance.unpause.end': SERVER,
    'instance.suspend.end': SERVER,
    'instance.resume.end': SERVER,
    'instance.power_off.end': SERVER,
    'instance.power_on.end': SERVER,
    'instance.shutdown.end': SERVER,
    'instance.reboot.end': SERVER,
    'instance.reboot.error': SERVER,
    'instance.rescue.end': SERVER,
    'instance.unrescue.end': SERVER,
    'instance.shelve.end': SERVER,
    'instance.shelve_offload.end': SERVER,
    'instance.unshelve.end': SERVER,
    'instance.snapshot.end': SERVER,

    'instance.rebuild_scheduled': SERVER,
    'instance.rebuild.end': SERVER,
    'instance.rebuild.error': SERVER,
    'instance.evacuate': SERVER,
    'instance.resize_prep.end': SERVER,
    'instance.resize.end': SERVER,
    'instance.resize.error': SERVER,
    'instance.resize_finish.end': SERVER,
    'instance.resize_confirm.end': SERVER,
    'instance.resize_revert.end': SERVER,
    'instance.live_migration_pre.end': SERVER,
    'instance.live_migration_force_complete.end': SERVER,
    'instance.live_migration_abort.end': SERVER,
    'instance.live_migration_post.end': SERVER,
    'instance.live_migration_post_dest.end': SERVER,
    'instance.live_migration_rollback.end': SERVER,
    'instance.live_migration_rollback_dest.end': SERVER,

    'instance.interface_attach.end': SERVER,
    'instance.interface_attach.error': SERVER,
    'instance.interface_detach.end': SERVER,
    'instance.interface_detach.error': SERVER,
    'instance.volume_attach.end': SERVER,
    'instance.volume_attach.error': SERVER,
    'instance.volume_detach.end': SERVER,
    'instance.volume_detach.error': SERVER,
    'instance.volume_swap.end': SERVER,
    'instance.volume_swap.error': SERVER,
    'instance.share_attach.end': SERVER,
    'instance.share_attach.error': SERVER,
    'instance.share_detach.end': SERVER,
    'instance.share_detach.error': SERVER,

    'compute_task.build_instances.error': FAILED_TASK,
    'compute_task.migrate_server.error': FAILED_TASK,
    'compute_task.rebuild_server.error': FAILED_TASK,

    'service.create': NEW_SERVICE,
    'service.update': SERVICE,
    'service.delete': SERVICE,

    'aggregate.create.end': AGGREGATE,
    'aggregate.delete.end': AGGREGATE,
    'aggregate.add_host.end': PLACES,
    'aggregate.remove_host.end': PLACES,
    'aggregate.update_metadata.end': PLACES,
    'aggregate.update_prop.end': PLACES,

    'flavor.create': FLAVOR,
    'flavor.update': FLAVOR,
    'flavor.delete': FLAVOR_GONE,

    'server_group.create': GROUP,
    'server_group.add_member': GROUP,
    'server_group.delete': GROUP_GONE,
}
"""Those on the topic ``versioned_notifications``."""

# These have no stamp. SAVED: the row was written just before they are sent.
OLD = (Look('nova.instance', 'instance_id'),)
OLD_AUDIT = (Look('nova.instance', 'instance_id', audit=True),)
OLD_SAVED = (Look('nova.instance', 'instance_id', shows=hints.WRITTEN),)
OLD_GONE = (Look('nova.instance', 'instance_id', shows=hints.GONE),)
OLD_GROUP = (Look('nova.server_group', 'server_group_id'),)
OLD_GROUP_GONE = (
    Look('nova.server_group', 'server_group_id', shows=hints.GONE),)

LEGACY: hints.Table = {
    'compute.instance.create.end': OLD_SAVED,
    'compute.instance.create.error': OLD,
    'compute.instance.update': OLD,
    'compute.instance.exists': OLD_AUDIT,
    'compute.instance.delete.end': OLD_GONE,
    'compute.instance.soft_delete.end': OLD,
    'compute.instance.restore.end': OLD_SAVED,

    'compute.instance.pause.end': OLD_SAVED,
    'compute.instance.unpause.end': OLD_SAVED,
    'compute.instance.suspend.end': OLD_SAVED,
    'compute.instance.resume.end': OLD_SAVED,
    'compute.instance.power_off.end': OLD_SAVED,
    'compute.instance.power_on.end': OLD_SAVED,
    'compute.instance.shutdown.end': OLD,
    'compute.instance.reboot.end': OLD_SAVED,
    'compute.instance.reboot.error': OLD,
    'compute.instance.rescue.end': OLD_SAVED,
    'compute.instance.unrescue.end': OLD_SAVED,
    'compute.instance.shelve.end': OLD_SAVED,
    'compute.instance.shelve_offload.end': OLD,
    'compute.instance.unshelve.end': OLD_SAVED,
    'compute.instance.snapshot.end': OLD,

    'compute.instance.rebuild.scheduled': OLD,
    'compute.instance.rebuild.end': OLD,
    'compute.instance.rebuild.error': OLD,
    'compute.instance.evacuate': OLD,
    'compute.instance.resize.prep.end': OLD,
    'compute.instance.resize.end': OLD,
    'compute.instance.resize.error': OLD,
    'compute.instance.finish_resize.end': OLD,
    'compute.instance.resize.confirm.end': OLD_SAVED,
    'compute.instance.resize.revert.end': OLD,
    'compute.instance.live_migration.pre.end': OLD,
    'compute.instance.live.migration.force.complete.end': OLD,
    'compute.instance.live.migration.abort.end': OLD,
    'compute.instance.live_migration._post.end': OLD,
    'compute.instance.live_migration.post.dest.end': OLD,
    'compute.instance.live_migration._rollback.end': OLD,
    'compute.instance.live_migration.rollback.dest.end': OLD,

    'compute.instance.create_ip.end': OLD,
    'compute.instance.delete_ip.end': OLD,
    'compute.instance.volume.attach': OLD,
    'compute.instance.volume.detach': OLD,

    'compute_task.build_instances': OLD_SAVED,
    'compute_task.migrate_server': OLD_SAVED,
    'compute_task.rebuild_server': OLD_SAVED,

    # create.end and delete.end are called as the versioned ones
    'aggregate.addhost.end': PLACES,
    'aggregate.removehost.end': PLACES,
    'aggregate.updatemetadata.end': PLACES,
    'aggregate.updateprop.end': PLACES,

    'servergroup.create': OLD_GROUP,
    'servergroup.update': OLD_GROUP,
    'servergroup.addmember': OLD_GROUP,
    'servergroup.delete': OLD_GROUP_GONE,
}
"""Those on the topic ``notifications``."""

HINTS: hints.Table = {**VERSIONED, **LEGACY}
