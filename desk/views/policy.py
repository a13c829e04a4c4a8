"""The answer to a change of the policy."""

from domain.time.preview import Preview
from domain.values import Value


class PolicyChanged(Value):
    """The version that is in force now, and what it changes for the open cases."""

    version: int
    preview: Preview
