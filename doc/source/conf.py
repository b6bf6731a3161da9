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

import warnings

project = 'Synchronizer'
copyright = 'OpenStack contributors'

extensions = ['openstackdocstheme', 'oslo_config.sphinxext',
              'oslo_policy.sphinxext']

# oslo.service and futurist still import eventlet, which we never use.
warnings.filterwarnings('ignore', message=r'\s*Eventlet is deprecated')

master_doc = 'index'
exclude_patterns = []
pygments_style = 'native'

html_theme = 'openstackdocs'
openstackdocs_repo_name = 'openstack/synchronizer'
openstackdocs_auto_name = False
openstackdocs_use_storyboard = False
