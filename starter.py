#!/usr/bin/env python
"""The command line: starts the stack, opens cases, submits commands, shows, lists, imports. `starter.py --help`."""

import gc

from kit.imports import undisturbed
from kit.leave import leave

with undisturbed():
    from cli.app import main

if __name__ == "__main__":
    gc.set_threshold(20_000, 20, 50)  # as in the worker: what stays is not looked through again and again
    leave(main())
