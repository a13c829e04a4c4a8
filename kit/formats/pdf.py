"""A copy of a PDF with nothing in it that acts by itself: no script, no action, no attached file, no form logic.

The PDF comes from a stranger and is taken apart by a library in C++: that is done in a process of its own, with little
memory and little time, which has nothing but the two files it is handed. Both are in memory: nothing of them reaches
a disk. Run as a program, this module is that process.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from typing import Any

_READ = 256 * 1024
_SECONDS = 60
_MEMORY = 1536 * 1024 * 1024
LARGEST = 128 * 1024 * 1024
"""Bytes: a larger one is not cleaned. A PDF is taken apart as a whole."""

_DONE, _LOCKED, _BROKEN = 0, 3, 4

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


class NotCleaned(Exception):
    """No clean copy can be made of this PDF. `why` is "locked", "too_large" or "broken"."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def clean(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Makes the clean copy of a PDF, piece by piece; reads the PDF to its end first. Raises NotCleaned."""
    source, target = os.memfd_create("source"), os.memfd_create("target")
    try:
        size = 0
        for piece in pieces:
            size += len(piece)
            if size > LARGEST:
                raise NotCleaned("too_large")
            os.write(source, piece)
        os.lseek(source, 0, os.SEEK_SET)
        try:
            ended = subprocess.run(  # noqa: S603 - ourselves
                [sys.executable, "-I", __file__, str(source), str(target)],
                pass_fds=(source, target),
                env={},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                timeout=2 * _SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise NotCleaned("broken") from None
        if ended.returncode != _DONE:
            raise NotCleaned("locked" if ended.returncode == _LOCKED else "broken")
        os.lseek(target, 0, os.SEEK_SET)
        while piece := os.read(target, _READ):
            yield piece
    finally:
        os.close(source)
        os.close(target)


# --- The process of its own ------------------------------------------------------------------------------


def _main(given: int, made: int) -> int:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would be the PDF on a disk
    resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2 * LARGEST, 2 * LARGEST))
    import pikepdf

    try:
        with os.fdopen(given, "rb") as source, pikepdf.open(source) as pdf:
            for thing in pdf.objects:
                _disarm(thing)
            _disarm(pdf.Root)
            with os.fdopen(made, "wb") as target:
                pdf.save(target, encryption=False, deterministic_id=True)
    except pikepdf.PasswordError:
        return _LOCKED
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RecursionError, MemoryError, OSError):
        return _BROKEN
    return _DONE


def _disarm(thing: Any, depth: int = 0) -> None:
    """Takes out of an object, and out of what is written within it, everything that acts."""
    import pikepdf

    if depth > 100:
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
    raise SystemExit(_main(int(sys.argv[1]), int(sys.argv[2])))
