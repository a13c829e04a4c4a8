"""The address and tokens of the decoding service, for whoever started it."""

from domain.values import Value


class Decoding(Value):
    """The address of the service, and the tokens that it takes."""

    endpoint: str
    token: str
    """The token for the engine's tool."""
    page: str | None
    """The address for the engine's pages, which bears a token of its own: whoever has it reads like its account."""
