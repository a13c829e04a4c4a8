#!/usr/bin/env python
"""The command line: starts the stack, opens cases, submits commands, shows, lists, imports. `starter.py --help`."""

from cli.app import main
from kit.leave import leave

if __name__ == "__main__":
    leave(main())
