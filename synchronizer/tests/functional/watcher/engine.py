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

"""Run by Watcher's own python: the part of its decision engine that is
about models, with requests on stdin and answers on stdout, a line each.

It loads the collectors as the decision engine does at its start, and asks
for the model as a strategy does.
"""

import json
import sys

from oslo_log import log
from watcher import conf

# first of all it selects the back end of oslo.service
import watcher.cmd.eventlet  # noqa: F401
from watcher.decision_engine import manager as engine_manager
from watcher.decision_engine.model.collector import manager


def fields(element):
    """An element, less what Watcher has not set."""
    return {name: str(element[name]) if name == 'created' else element[name]
            for name in element.fields if element.obj_attr_is_set(name)}


def shown(model):
    """All that is in a model; null if strategies would refuse it."""
    if not model:
        return None
    instances = model.get_all_instances()
    return {
        'nodes': {uuid: fields(node) for uuid, node
                  in model.get_all_compute_nodes().items()},
        'instances': {uuid: fields(instance) for uuid, instance
                      in instances.items()},
        'places': {uuid: list(model.neighbors(uuid)) for uuid in instances},
        'used': {uuid: model.get_node_used_resources(node) for uuid, node
                 in model.get_all_compute_nodes().items()}}


class Engine:
    """Answers requests."""

    def __init__(self):
        engine = engine_manager.DecisionEngineManager()
        self.listened = [type(endpoint).__module__
                         for endpoint in engine.notification_endpoints]
        self.collectors = manager.CollectorManager().get_collectors()

    def _compute(self):
        return manager.CollectorManager().get_cluster_model_collector(
            'compute')

    def about(self):
        return {'class': type(self._compute()).__name__,
                'listened': self.listened,
                'collectors': sorted(self.collectors)}

    def synchronize(self):
        """As the scheduler does, every period."""
        for collector in self.collectors.values():
            collector.synchronize()

    def model(self, scope=()):
        collector = self._compute()
        handler = collector.get_audit_scope_handler(list(scope))
        # to be asked for what is used beforehand is what shows whether the
        # model keeps count of it
        live = collector.cluster_data_model
        shown(live)
        return shown(handler.get_scoped_model(
            collector.get_latest_cluster_data_model()))


def main():
    log.register_options(conf.CONF)
    conf.CONF(sys.argv[1:], project='watcher')
    log.setup(conf.CONF, 'watcher')
    engine = Engine()
    for line in sys.stdin:
        method, arguments = json.loads(line)
        answer = getattr(engine, method)(**arguments)
        print(json.dumps(answer), flush=True)


if __name__ == '__main__':
    main()
