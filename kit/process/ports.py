"""Finds free TCP ports of this machine, and holds them."""

import errno
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from kit.errors import PortInUse, PortNotAllowed

_LOOPBACK = "127.0.0.1"
# A wildcard address is for binding; to reach what listens there, ask the loopback.
_REACHED_AT = {"": _LOOPBACK, "0.0.0.0": _LOOPBACK, "::": "::1"}  # noqa: S104 - nothing binds here


def free_port(host: str = _LOOPBACK) -> int:
    """A port that nothing uses now. Another program may take it first: prefer `held_port`, or bind port 0."""
    with socket.socket(_family(host), socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port


def is_listening(host: str, port: int, timeout: float = 1.0) -> bool:
    """True if something accepts connections there within `timeout` seconds."""
    try:
        with socket.create_connection((_REACHED_AT.get(host, host), port), timeout=timeout):
            return True
    except OSError:
        return False


@contextmanager
def held_port(port: int = 0, option: str = "--port", host: str = _LOOPBACK) -> Iterator[int]:
    """A port that nobody else is given by chance while the block lasts; 0 stands for any free one.

    Raises `PortInUse` when it is taken, `PortNotAllowed` when it is reserved; `option` is the command-line option that
    chooses it (`--port`): the remedy names it.

    It is bound, and nothing listens on it: a server that is told to may stand beside it, as servers reuse addresses.
    Only Linux lets two sockets do that before one of them listens; elsewhere the port is merely free at first.
    """
    # Connect before binding: where SO_REUSEADDR is generous (macOS), binding beside a listener can succeed.
    if port and is_listening(host, port):
        raise PortInUse(port, option)
    with socket.socket(_family(host), socket.SOCK_STREAM) as held:
        # As the servers do: connections still closing from the last run do not make the port taken.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            held.bind((host, port))
        except PermissionError as error:
            raise PortNotAllowed(port, option) from error
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortInUse(port, option) from error
            raise
        number: int = held.getsockname()[1]
        if sys.platform != "linux":
            held.close()
        yield number


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET
