"""Print every change, a line each: print_changes.py URL [TYPE...]"""

import sys
import threading

from synchronizer.client import Mirror


def show(change):
    entity = change.entity
    print(change.committed_at, change.action, entity.type,
          entity.name or entity.id, *change.changed, flush=True)


def main(url, *types, ended=None):
    mirror = Mirror.from_url(url, types or None)
    mirror.subscribe(show)
    mirror.start()
    try:
        (ended or threading.Event()).wait()
    finally:
        mirror.stop()


if __name__ == '__main__':
    try:
        main(*sys.argv[1:])
    except KeyboardInterrupt:
        sys.exit(130)
