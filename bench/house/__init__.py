"""Measures how the code reads: sizes, branches, types, imports and the English of its names and docstrings.

`python -m bench.house [PATH]` reads a checkout without importing any of it, and needs the standard library only. To
compare two commits, give one a worktree of its own (`git worktree add`) and name it with `--against`. Each module says
which things it counts, and how. p90 is always the nearest rank: the smallest value that nine in ten do not exceed.
"""
