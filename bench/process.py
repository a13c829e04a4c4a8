"""Asks the system for the memory and the processor time of a process. Linux only; None elsewhere."""

import os
from pathlib import Path

_PROC = Path("/proc")


def memory(pid: int | None) -> int | None:
    """Its resident memory, in bytes."""
    for line in _read(pid, "status").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return None


def processor_time(pid: int | None) -> float | None:
    """The seconds of processor that it has used, all its threads together."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") if fields else None


def child(mark: str) -> int | None:
    """The child of this process whose command line holds `mark`."""
    try:
        pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    except OSError:
        return None
    for pid in pids:
        fields = _stat(pid)
        if fields and int(fields[1]) == os.getpid() and mark in _read(pid, "cmdline"):
            return pid
    return None


def _stat(pid: int | None) -> list[str]:
    return _read(pid, "stat").rpartition(")")[2].split()  # after the name, which may hold anything


def _read(pid: int | None, name: str) -> str:
    try:
        return (_PROC / str(pid) / name).read_text(errors="replace") if pid else ""
    except OSError:
        return ""
