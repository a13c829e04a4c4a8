#!/usr/bin/env python
"""The command line: starts the stack, opens cases, submits commands, shows, lists, imports. `starter.py --help`."""

from kit.process.imports import collect_less, undisturbed
from kit.process.leave import leave

with undisturbed():
    from cli.app import main

if __name__ == "__main__":
    collect_less()
    leave(main())
