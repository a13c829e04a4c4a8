"""The protocol between the desk's process and its clients: names of headers, media types, and frames of streams.

A stream is a frame: one line of JSON that says what it is about, then the bytes of a file.
"""

from typing import Any

from domain.errors import Problem

JSON = "application/json"
PROBLEM = "application/problem+json"  # RFC 9457
STREAM = "application/vnd.aboutir.stream"

HEAD_LIMIT = 64 * 1024
"""Bytes that the first line of a frame may have."""

ADDRESS = "Aboutir-Address"
"""The header in which pages tell from which address a visitor asks."""

MEMBER = "problem"
"""The member of a problem document that holds the problem in templates, for clients that word it themselves."""


def problem_of(document: Any) -> Problem:
    """The problem that a document of the desk's process holds. Raises ValueError for any other document."""
    try:
        return Problem.from_dict(document[MEMBER])
    except (KeyError, TypeError, AttributeError):
        raise ValueError("no problem of the desk") from None


def path_of(name: str) -> str:
    """The path of a service: "listing.list_cases" is at /listing/list_cases."""
    return "/" + name.replace(".", "/")
