"""The message between the workflow that ends an erasure and its activity. Nothing of a person."""

from datetime import datetime

from domain.values import Value


class ErasureDone(Value):
    """The result of an erasure: the key of the case no longer exists."""

    reference: str
    destroyed_at: datetime
