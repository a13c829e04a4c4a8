"""Merging a patch into a value (RFC 7396). Pure."""

from pydantic import JsonValue


def merged(before: JsonValue, changes: JsonValue) -> JsonValue:
    """The value with its changes: objects field by field, anything else whole. What is not named stays."""
    if not isinstance(changes, dict) or not isinstance(before, dict):
        return changes
    return before | {name: merged(before.get(name), change) for name, change in changes.items()}
