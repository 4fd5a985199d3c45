"""A port that another program holds: said at once, waited for a little, and told from one that can never be had."""

import socket
import threading
import time

import pytest

from backend import serve


def test_a_port_in_use_is_said_at_once_and_waited_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(serve, "PORT_WAIT_SECONDS", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as holder:
        port = holder.getsockname()[1]
        with pytest.raises(serve.PortTakenError, match=rf"^127\.0\.0\.1:{port} cannot be used: .* choose another PORT"):
            serve._wait_for_port("127.0.0.1", port)
    assert capsys.readouterr().out.startswith(f"127.0.0.1:{port} is in use; waiting ")


def test_a_port_that_comes_free_is_taken() -> None:
    holder = socket.create_server(("127.0.0.1", 0))
    threading.Timer(0.3, holder.close).start()
    serve._wait_for_port("127.0.0.1", holder.getsockname()[1])


def test_an_address_that_is_not_ours_is_told_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(serve.PortTakenError):
        serve._wait_for_port("203.0.113.1", 8000)
    assert time.monotonic() - started < serve.PORT_WAIT_SECONDS / 2
