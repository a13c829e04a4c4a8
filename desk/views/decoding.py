"""The decoding service, as it is told to whoever started it."""

from domain.values import Value


class Decoding(Value):
    """The address of the service, and the tokens that it takes."""

    endpoint: str
    token: str
    """For the engine's tool."""
    page: str | None
    """The address for the engine's pages, which bears a token of its own: whoever has it reads like its account."""
