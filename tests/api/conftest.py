"""One server with its own PostgreSQL for all API tests of a session."""

from collections.abc import Iterator

import pytest

from tests.api.server import Server
from tests.api.world import World


@pytest.fixture(scope="session")
def world() -> Iterator[World]:
    server = Server(
        {
            "WORKERS": "2",
            "RATE_LIMIT_USER": "1000000",
            "RATE_LIMIT_TENANT": "10000000",
            "RATE_LIMIT_ADDRESS": "1000000",
        }
    ).start()
    try:
        yield World(server)
    finally:
        server.close()
