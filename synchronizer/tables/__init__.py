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

"""Entities as rows of tables with declared columns, and SQL over them.

``rows(change)`` tells what a change does to the tables, `Tables` tells the
least of it, and `Database` answers SQL.
"""

from synchronizer.tables.catalogue import declared
from synchronizer.tables.catalogue import find
from synchronizer.tables.database import Database
from synchronizer.tables.differences import Difference
from synchronizer.tables.differences import rows
from synchronizer.tables.held import Tables
from synchronizer.tables.table import Column
from synchronizer.tables.table import Table

__all__ = ('Column', 'Database', 'Difference', 'Table', 'Tables', 'declared',
           'find', 'rows')
