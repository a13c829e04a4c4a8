"""PDFs as readers that we did not write see them: pikepdf for what they are made of, PDFium for their text."""

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
import pypdfium2


def text(pdf: bytes) -> str:
    """All that the pages say, on one line, without what only breaks lines."""
    return " ".join(each_page(pdf))


def each_page(pdf: bytes) -> list[str]:
    """What each page says, on one line."""
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]
    return [" ".join(page.replace("\ufffe", "").replace("\u200b", "").split()) for page in pages]


def by_page(pdf: bytes) -> list[str]:
    """What each page says, on one line."""
    document = pypdfium2.PdfDocument(pdf)
    return [" ".join(page.get_textpage().get_text_range().replace("\u200b", "").split()) for page in document]


def pages(pdf: bytes) -> int:
    """Number of pages."""
    return len(pypdfium2.PdfDocument(pdf))


def opened(pdf: bytes) -> pikepdf.Pdf:
    """The document, for those who look inside."""
    return pikepdf.open(io.BytesIO(pdf))


def faults(pdf: bytes, title: str) -> list[str]:
    """Faults that keep a screen reader from reading it, or an archive from keeping it, as far as can be looked up."""
    missing = []
    with opened(pdf) as document:
        root = document.Root
        if root.get("/Lang") != "fr-FR":
            missing.append(f"language {root.get('/Lang')}")
        if not (root.get("/MarkInfo") or {}).get("/Marked"):
            missing.append("not marked as tagged")
        if not list(_elements(root.get("/StructTreeRoot"))):
            missing.append("no structure")
        if not (root.get("/ViewerPreferences") or {}).get("/DisplayDocTitle"):
            missing.append("the title is not shown")
        with document.open_metadata() as meta:
            expected = {"dc:title": title, "pdfuaid:part": "1", "pdfaid:part": "2", "pdfaid:conformance": "A"}
            missing += [f"{key} is {meta.get(key)!r}" for key, value in expected.items() if meta.get(key) != value]
        fonts = list(_fonts(document))
        missing += [f"font {name} is not embedded" for name, embedded in fonts if not embedded]
        if not fonts:
            missing.append("no font")
        if "/OpenAction" in root or "/AcroForm" in root or "/JavaScript" in (root.get("/Names") or {}):
            missing.append("it does something")
    return missing


def headings(pdf: bytes) -> list[str]:
    """The kinds of headings of its structure, in reading order."""
    with opened(pdf) as document:
        kinds = [str(element.get("/S"))[1:] for element in _elements(document.Root.StructTreeRoot)]
        return [kind for kind in kinds if kind[:1] == "H" and kind[1:].isdigit()]


def tags(pdf: bytes) -> set[str]:
    """The kinds of everything in its structure."""
    with opened(pdf) as document:
        return {str(element.get("/S"))[1:] for element in _elements(document.Root.StructTreeRoot)}


def _elements(node: Any) -> Iterator[Any]:
    children = node.get("/K") if isinstance(node, pikepdf.Dictionary) else None
    for child in children if isinstance(children, pikepdf.Array) else [children]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child:
            yield child
            yield from _elements(child)


def _fonts(document: pikepdf.Pdf) -> Iterator[tuple[str, bool]]:
    for page in document.pages:
        for font in (page.Resources.get("/Font") or {}).values():
            for real in font.get("/DescendantFonts", [font]):
                descriptor = real.get("/FontDescriptor") or {}
                yield str(font.BaseFont), any(f"/FontFile{n}" in descriptor for n in ("", "2", "3"))
