"""Is this port free, and what to do when it is not."""

import contextlib
import os
import socket
import sys
from collections.abc import Iterator

import pytest

from kit.errors import PortInUse, PortNotAllowed
from kit.process.ports import free_port, held_port, is_listening


@pytest.fixture
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def test_a_free_port_can_be_bound_and_nothing_listens_on_it() -> None:
    port = free_port()
    assert not is_listening("127.0.0.1", port)
    with held_port(port, "--port") as held:
        assert held == port
    with socket.create_server(("127.0.0.1", port)):
        assert is_listening("127.0.0.1", port)


@pytest.mark.skipif(sys.platform != "linux", reason="only there can a port be held for somebody else")
def test_a_port_that_is_held_is_given_to_nobody_by_chance_and_to_the_server_it_is_held_for() -> None:
    with held_port() as port, held_port() as other:
        assert port != other
        assert not is_listening("127.0.0.1", port)
        with contextlib.ExitStack() as many:
            for _ in range(300):
                taken = many.enter_context(socket.socket())
                taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                taken.bind(("127.0.0.1", 0))
                assert taken.getsockname()[1] not in (port, other)
        for _ in range(2):  # and again, after the first has died
            with socket.create_server(("127.0.0.1", port)), socket.create_connection(("127.0.0.1", port)):
                assert is_listening("127.0.0.1", port)
        with socket.socket() as stranger, pytest.raises(OSError, match="in use"):
            stranger.bind(("127.0.0.1", port))
    with held_port(port) as again:
        assert again == port


def test_a_taken_port_is_refused_with_the_option_to_change_it(listener: int) -> None:
    with pytest.raises(PortInUse) as refused, held_port(listener, "--web-port"):
        pass
    assert str(refused.value) == (
        f"Port {listener} is already in use. Choose another with --web-port N, or --web-port 0 for any free one."
    )
    assert refused.value.code == "port-in-use"
    assert refused.value.params == {"port": listener, "option": "--web-port"}


def test_a_port_bound_by_a_program_that_does_not_listen_yet_is_taken() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        with pytest.raises(PortInUse), held_port(bound.getsockname()[1], "--port"):
            pass


def test_a_wildcard_address_is_asked_at_the_loopback(listener: int) -> None:
    assert is_listening("0.0.0.0", listener)  # noqa: S104
    with pytest.raises(PortInUse), held_port(listener, "--port", host="0.0.0.0"):  # noqa: S104
        pass


def test_port_zero_is_always_free() -> None:
    with held_port(0, "--port") as port:
        assert port > 0


def test_connections_that_are_still_closing_do_not_take_a_port() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        accepted.close()  # this side closes first, so its end stays in TIME_WAIT
        assert client.recv(1) == b""
        client.close()
    with held_port(port, "--port") as held:
        assert held == port


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open any port")
def test_a_reserved_port_is_named_as_such() -> None:
    with pytest.raises(PortNotAllowed, match="above 1023 with --port N"), held_port(1, "--port"):
        pass
