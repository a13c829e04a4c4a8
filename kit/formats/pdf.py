"""A look into a PDF; a copy of it in which nothing acts by itself: no script, no action, no attached file, no form.

The PDF comes from a stranger and is taken apart by a library in C++: that is done in a process of its own, with little
memory and little time, which has nothing but the two files it is handed. Both are in memory: nothing of them reaches
a disk. Run as a program, this module is that process.
"""

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from threading import BoundedSemaphore
from typing import Any

LARGEST = 128 * 1024 * 1024
"""Bytes: a larger one is not cleaned. A PDF is taken apart as a whole."""
MEMORY = 768 * 1024 * 1024
"""Bytes of address space that cleaning one may take."""
CPU_SECONDS, WALL_SECONDS = 20, 60
"""Time that cleaning one may take: of the processor, and on the clock. Whoever waits for a place waits no longer."""
AT_ONCE = 2
"""PDFs that one of our processes has cleaned at the same time."""

_READ = 256 * 1024
_NOWHERE = -1
"""The handle of no file: nothing is made, the PDF is only looked at."""
_DONE, _LOCKED, _BROKEN, _TOO_MUCH, _HOLDS_FILES = 0, 3, 4, 5, 6
_WHY = {_LOCKED: "locked", _TOO_MUCH: "too_much", -signal.SIGXCPU: "too_much", -signal.SIGKILL: "too_much"}
_places = BoundedSemaphore(AT_ONCE)

_DROPPED = frozenset(
    (
        *("/AA", "/OpenAction", "/JS", "/JavaScript", "/XFA", "/EmbeddedFiles", "/AF", "/URI", "/Collection"),
        *("/EF", "/FS"),
        *("/RichMediaContent", "/RichMediaSettings", "/3DD", "/Movie", "/Sound", "/Rendition", "/PieceInfo"),
    )
)
"""Entries of a dictionary that act, or that hold what acts (ISO 32000-2, 12.6 and 7.11.4)."""
_ACTING = frozenset(("/RichMedia", "/3D", "/Screen", "/Movie", "/Sound", "/FileAttachment"))
"""Annotations that act."""
_ACTIONS = frozenset(
    (
        *("/GoToR", "/GoToE", "/GoToDp", "/Launch", "/Thread", "/URI", "/Sound", "/Movie", "/Hide", "/Named"),
        *("/SubmitForm", "/ResetForm", "/ImportData", "/JavaScript", "/SetOCGState", "/Rendition", "/Trans"),
        *("/GoTo3DView", "/RichMediaExecute"),
    )
)
"""Every action but one (ISO 32000-2, table 201): to a page of the same document."""


_DEEPEST = 100
"""Levels of arrays and dictionaries within each other that are followed."""


class NotCleaned(Exception):
    """No clean copy can be made of this PDF. `why` is "locked", "too_large", "too_much", "broken" or "busy"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why

    @property
    def lasts(self) -> bool:
        """True if trying again gives the same: the reason is the PDF itself."""
        return self.why != "busy"


def clean(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Makes the clean copy of a PDF, piece by piece; reads the PDF to its end first. Raises NotCleaned."""
    with _in_memory("target") as target:
        with _place(), _in_memory("source") as source:
            _fill(source, pieces)
            ended = _run(source, target)
            if ended != _DONE:
                raise NotCleaned(_WHY.get(ended, "broken"))
        os.lseek(target, 0, os.SEEK_SET)
        while piece := os.read(target, _READ):
            yield piece


class Trait(StrEnum):
    """What is to be known of a PDF before anybody opens it."""

    LOCKED = "locked"
    """It opens with a password only. One that merely forbids printing or copying is not locked."""
    HOLDS_FILES = "holds_files"
    """Other files stand in it."""
    UNREAD = "unread"
    """It is damaged, too large, or took too much: nothing is known of it."""


def look(pieces: Iterable[bytes]) -> Trait | None:
    """Looks into a PDF, read to its end; None when there is nothing to be told of it."""
    try:
        with _place(), _in_memory("source") as source:
            _fill(source, pieces)
            ended = _run(source)
    except NotCleaned:
        return Trait.UNREAD
    return {_DONE: None, _LOCKED: Trait.LOCKED, _HOLDS_FILES: Trait.HOLDS_FILES}.get(ended, Trait.UNREAD)


@contextmanager
def _place() -> Iterator[None]:
    if not _places.acquire(timeout=WALL_SECONDS):
        raise NotCleaned("busy")
    try:
        yield
    finally:
        _places.release()


@contextmanager
def _in_memory(name: str) -> Iterator[int]:
    handle = os.memfd_create(name)
    try:
        yield handle
    finally:
        os.close(handle)


def _fill(source: int, pieces: Iterable[bytes]) -> None:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > LARGEST:
            raise NotCleaned("too_large")
        os.write(source, piece)
    os.lseek(source, 0, os.SEEK_SET)


def _run(source: int, target: int = _NOWHERE) -> int:
    """Has a process of its own clean one file into the other, or only look at it; gives how it ended.

    It is killed when its time is up: that raises NotCleaned.
    """
    handles = (source,) if target == _NOWHERE else (source, target)
    limits = (str(limit) for limit in (source, target, MEMORY, CPU_SECONDS, 2 * LARGEST))
    try:
        ended = subprocess.run(  # noqa: S603 - ourselves
            [sys.executable, "-I", __file__, *limits],
            pass_fds=handles,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise NotCleaned("too_much") from None
    return ended.returncode


# --- The process of its own ------------------------------------------------------------------------------


def _main(given: int, made: int, memory: int, seconds: int, largest: int) -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would be the PDF on a disk
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
    import pikepdf

    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))  # it starts nothing
    try:
        with os.fdopen(given, "rb") as source, pikepdf.open(source) as pdf:
            if made == _NOWHERE:
                return _HOLDS_FILES if any(_holds_files(thing) for thing in pdf.objects) else _DONE
            for thing in pdf.objects:
                _disarm(thing)
            _disarm(pdf.Root)
            with os.fdopen(made, "wb") as target:
                pdf.save(target, encryption=False, deterministic_id=True)
    except pikepdf.PasswordError:
        return _LOCKED
    except MemoryError:
        return _TOO_MUCH
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RecursionError, OSError):
        return _BROKEN
    return _DONE


def _holds_files(thing: Any, depth: int = 0) -> bool:
    """True if a file stands in an object, or in what is written within it (ISO 32000-2, 7.11.4)."""
    import pikepdf

    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(thing, pikepdf.Array):
        members: list[Any] = list(thing)
    elif isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        names = thing.keys()
        if "/EF" in names or "/EmbeddedFiles" in names or str(thing.get("/Type")) == "/EmbeddedFile":
            return True
        members = [thing.get(name) for name in names]
    else:
        return False
    return any(not getattr(member, "is_indirect", False) and _holds_files(member, depth + 1) for member in members)


def _disarm(thing: Any, depth: int = 0) -> None:
    """Takes out of an object, and out of what is written within it, everything that acts."""
    import pikepdf

    if depth > _DEEPEST:
        raise ValueError("nested too deeply")
    if isinstance(thing, pikepdf.Array):
        for member in list(thing):
            _within(member, depth)
        return
    if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
        return
    for name in list(thing.keys()):
        value = thing.get(name)
        if name in _DROPPED or _acts(value):
            del thing[name]
        else:
            _within(value, depth)
    if _acts(thing):
        for name in list(thing.keys()):  # a list that this stands in points at nothing now
            del thing[name]
    if str(thing.get("/Subtype")) in _ACTING:
        thing["/Subtype"] = pikepdf.Name("/Stamp")


def _within(value: Any, depth: int) -> None:
    # An object with a number of its own is looked at in its turn.
    if getattr(value, "is_indirect", False):
        return
    _disarm(value, depth + 1)


def _acts(value: Any) -> bool:
    import pikepdf

    return isinstance(value, pikepdf.Dictionary) and str(value.get("/S")) in _ACTIONS


if __name__ == "__main__":
    raise SystemExit(_main(*map(int, sys.argv[1:])))
