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

"""Puts the configuration in its place and becomes the program.

It reads Kolla's ``config.json``, if there is one: ``command``, and
``config_files`` with ``source``, ``dest``, ``perm`` and ``optional``. Without
it, or without a command in it, the arguments are the command.
"""

import glob
import json
import os
import shlex
import shutil
import sys
from typing import Any

CONFIG = '/var/lib/kolla/config_files/config.json'


def read(path: str) -> dict[str, Any]:
    """What the file says; nothing, if there is none."""
    try:
        with open(path) as file:
            return json.load(file)
    except FileNotFoundError:
        return {}
    except ValueError as error:
        sys.exit(f'{path}: {error}')


def copy(entry: dict[str, str]) -> None:
    """Copy what one entry names; the owner is always whom we run as."""
    sources = sorted(glob.glob(entry['source']))
    if not sources and not entry.get('optional'):
        sys.exit(f'{entry["source"]} is not there')
    for source in sources:
        dest = entry['dest']
        if dest.endswith('/'):
            dest = os.path.join(dest, os.path.basename(source))
        try:
            place(source, dest, int(entry.get('perm', '0600'), 8))
        except OSError as error:
            sys.exit(f'{source} cannot be copied to {dest}: '
                     f'{error.strerror or error}')


def place(source: str, dest: str, mode: int) -> None:
    """Copy a file, or a folder with all that is in it."""
    os.makedirs(os.path.dirname(dest) or '.', exist_ok=True)
    if not os.path.isdir(source):
        shutil.copyfile(source, dest)
        os.chmod(dest, mode)
        return
    shutil.copytree(source, dest, copy_function=shutil.copyfile,
                    dirs_exist_ok=True)
    for folder, _, files in os.walk(dest):
        # who may read a folder's files may enter it
        os.chmod(folder, mode | (mode & 0o444) >> 2)
        for file in files:
            os.chmod(os.path.join(folder, file), mode)


def main(arguments: list[str], path: str = CONFIG) -> None:
    """Does not return."""
    # what is copied may hold passwords
    os.umask(0o077)
    config = read(path)
    for entry in config.get('config_files', ()):
        copy(entry)
    command = shlex.split(config.get('command', '')) or arguments
    try:
        # no shell in between: signals meet the program itself
        os.execvp(command[0], command)
    except OSError as error:
        sys.exit(f'{command[0]}: {error.strerror}')


if __name__ == '__main__':
    main(sys.argv[1:])
