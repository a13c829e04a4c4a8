"""What passes between the workflow that ends an erasure and the hands that carry it out. Nothing of a person."""

from datetime import datetime

from domain.values import Value


class ErasureDone(Value):
    """That the key of a case is no more."""

    reference: str
    destroyed_at: datetime
