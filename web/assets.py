"""Style, script and pictures: each at an address that holds a digest of its content, so that browsers keep it."""

import hashlib
from functools import cache
from mimetypes import guess_type
from pathlib import Path

from fastapi import APIRouter
from fastapi.responses import Response

from domain.errors import NotFound

FOLDER = Path(__file__).parent / "static"
FOR_GOOD = "public, max-age=31536000, immutable"

router = APIRouter()


@cache
def _content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


@cache
def address_of(name: str) -> str:
    """The address of a file of this folder."""
    digest = hashlib.sha256(_content(name)).hexdigest()[:12]
    return f"/static/{digest}/{name}"


@router.get("/static/{digest}/{name}", include_in_schema=False)
async def asset(digest: str, name: str) -> Response:
    """A file of this folder, under the digest of its content alone."""
    if name not in _names() or address_of(name) != f"/static/{digest}/{name}":
        raise NotFound("no_such_page", "There is no such page.", "Go back to the first page.")
    media_type = guess_type(name)[0] or "application/octet-stream"
    return Response(_content(name), media_type=media_type, headers={"Cache-Control": FOR_GOOD})


@cache
def _names() -> frozenset[str]:
    return frozenset(path.name for path in FOLDER.iterdir() if path.is_file())
