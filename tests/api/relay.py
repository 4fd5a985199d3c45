"""A slow network between the application and PostgreSQL: what either says arrives in small pieces."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

MOST_BYTES = 60


class Relay:
    """Pieces come at least one turn of the loop apart; after `open.clear()` nothing comes any more."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.open = asyncio.Event()
        self.open.set()
        self.port = 0
        self._dice = random.Random(5)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        behind = await asyncio.open_unix_connection(str(self.socket))
        try:
            await asyncio.gather(self._pass(reader, behind[1], 65536), self._pass(behind[0], writer, MOST_BYTES))
        except ConnectionError:
            pass
        finally:
            behind[1].close()
            writer.close()

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter, most: int) -> None:
        while data := await source.read(self._dice.randint(1, most)):
            await self.open.wait()
            target.write(data)
            await asyncio.sleep(0)
        target.close()


@asynccontextmanager
async def slow_network(socket: Path) -> AsyncIterator[Relay]:
    """A relay that listens on `port` of this machine, in front of the server that listens on `socket`."""
    relay = Relay(socket)
    server = await asyncio.start_server(relay.serve, "127.0.0.1", 0)
    relay.port = server.sockets[0].getsockname()[1]
    try:
        yield relay
    finally:
        server.close()
