"""Reads what somebody saved of a mail: the whole message, its text, or an attachment, in any encoding."""

import codecs
import contextlib
import quopri
import re
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default

_QUOTED_PRINTABLE = re.compile(rb"=(?:3D|E2=80=94)", re.IGNORECASE)
"""Signs of a text that was saved as it travelled."""


def texts_in(saved: bytes) -> Iterator[str]:
    """Gives every text that may be what was sent, the surest first: parts of a message, then the file as it is."""
    message = message_from_bytes(saved, policy=default)
    if message.keys():
        for part in reversed(list(message.walk())):  # what is attached comes last, and was touched by nobody
            content = part.get_payload(decode=True)
            if isinstance(content, bytes) and part.get_content_maintype() == "text":
                yield _text(content)
    if _QUOTED_PRINTABLE.search(saved):
        yield _text(quopri.decodestring(saved))
    text = _text(saved)
    yield text
    with contextlib.suppress(UnicodeError):  # UTF-8 that was taken for Windows letters, and saved so
        yield text.replace("\ufeff", "").encode("cp1252").decode()


def _text(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")
