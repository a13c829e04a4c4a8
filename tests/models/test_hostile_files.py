"""Hundreds of hostile files: refused with a reason, or taken as what they are; nothing half-kept or called clean."""

import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from domain.case import Case
from domain.errors import Invalid, Refused, fill
from domain.parts.files import AttachFile, EvidenceFile, servable
from domain.vocabulary import ScanState
from kit.formats.clamd import Clamd, Finding
from models.evidence import MB, Evidence, TakenIn
from tests.domain.examples import Story
from tests.support.good_files import SAMPLES
from tests.support.hostile_files import Hostile, all_hostile
from tests.support.servers import KEYS
from tests.support.stores import EICAR


def pieces(content: object) -> Iterator[bytes]:
    if isinstance(content, bytes):
        yield from (content[at : at + 65_536] for at in range(0, len(content), 65_536))
    else:
        yield from content  # type: ignore[misc]


def attached(taken: TakenIn, *, to_scan: bool = False) -> Case:
    """A case with this file, and nothing else asked of it."""
    content = {name: getattr(taken, name) for name in ("filename", "stored", "sha256", "size", "media_type")}
    return Story().do(AttachFile(piece="EV001", description="-", to_scan=to_scan, **content)).case


def the_file(taken: TakenIn) -> EvidenceFile:
    return attached(taken).file("D1")


def said_of(evidence: Evidence, reference: str, one: Hostile) -> str | None:
    """The code of the refusal; None when it was taken."""
    try:
        taken = evidence.take_in(reference, one.name, pieces(one.content))
    except Invalid as refused:
        assert refused.remedy, one.what
        assert "{" not in fill(refused.message, refused.params) + fill(refused.remedy, refused.params), one.what
        return refused.code
    file = the_file(taken)
    assert file.scan is ScanState.NOT_SCANNED, one.what
    assert b"".join(evidence.read(reference, file)) == one.content, one.what
    evidence.discard(taken.stored)
    return None


def test_each_hostile_file_is_refused_or_taken_as_what_it_is(
    evidence: Evidence, reference: str, record_property: Callable[[str, object], None]
) -> None:
    hostile = all_hostile()
    assert len(hostile) >= 200
    codes: Counter[str | None] = Counter()
    wrong = []
    for one in hostile:
        said = said_of(evidence, reference, one)
        codes[said] += 1
        if said not in one.may:
            wrong.append((one.what, said, one.may))
    assert wrong == []
    assert [path for path in evidence.store.folder.rglob("*") if path.is_file()] == []  # type: ignore[attr-defined]
    record_property("hostile files", f"{len(hostile)} given, {codes.pop(None)} taken as they are, {dict(codes)}")


@pytest.mark.parametrize("suffix", SAMPLES)
def test_a_file_of_every_kind_that_is_taken_comes_back_as_it_was(
    evidence: Evidence, reference: str, suffix: str
) -> None:
    taken = evidence.take_in(reference, f"Pièce n° 1{suffix.upper()}", pieces(SAMPLES[suffix]))
    assert b"".join(evidence.read(reference, the_file(taken))) == SAMPLES[suffix]


def test_memory_does_not_grow_with_the_file(folder_store: object, reference: str) -> None:
    evidence = Evidence(folder_store, KEYS, 1024 * MB)  # type: ignore[arg-type]
    piece = bytes(MB // 4)

    def film() -> Iterator[bytes]:
        yield SAMPLES[".mp4"]
        for _ in range(240):
            yield piece

    tracemalloc.start()
    taken = evidence.take_in(reference, "film.mp4", film())
    size = sum(len(some) for some in evidence.read(reference, the_file(taken)))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == taken.size > 60 * MB
    assert peak < 5 * MB


def test_malware_is_taken_in_found_and_given_to_nobody(evidence: Evidence, reference: str, clamd: Clamd) -> None:
    for name, content in {
        "eicar.txt": EICAR,
        "eicar.eml": b"From: a\nTo: b\nSubject: c\n\n" + EICAR,
        "eicar.pdf": SAMPLES[".pdf"] + b"\n%" + EICAR + b"\n%%EOF",
    }.items():
        taken = evidence.take_in(reference, name, pieces(content))
        verdict = clamd.scan(evidence.read(reference, the_file(taken)), taken.size)
        assert verdict.finding is Finding.INFECTED, name
        story = Story()
        story._case = attached(taken, to_scan=True)
        assert refusal_of(story.case) == "file_to_be_scanned"


def refusal_of(case: Case) -> str | None:
    try:
        servable(case, "D1")
    except Refused as refused:
        return refused.code
    return None
