"""A way to Postgres that can be shut, for tests of what an outage does."""

import asyncio
from urllib.parse import urlsplit


class Gate:
    """A way to Postgres that can be shut: connections break, new ones are refused.

    Attributes:
        url: Of the database, through the gate.
        swallow: Lets requests through and no answers: the next one is carried out, its outcome never told.
        swallow_after: Begins to swallow once a request has these bytes in it.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._host, self._port = parts.hostname, parts.port
        self._parts = parts
        self._server: asyncio.Server | None = None
        self._transports: set[asyncio.StreamWriter] = set()
        self._own_port = 0
        self.swallow = False
        self.swallow_after = b""
        self.answer_swallowed = asyncio.Event()

    @property
    def url(self) -> str:
        user = self._parts.netloc.rpartition("@")[0]
        return self._parts._replace(netloc=f"{user}@127.0.0.1:{self._own_port}").geturl()

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._carry, "127.0.0.1", self._own_port)
        self._own_port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._transports):
            writer.transport.abort()
        self._transports.clear()
        await asyncio.sleep(0)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(self._host, self._port)
        self._transports |= {writer, far_writer}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._pump(reader, far_writer, answers=False))
                group.create_task(self._pump(far_reader, writer, answers=True))
        except* OSError:
            pass
        finally:
            self._transports -= {writer, far_writer}
            for end in (writer, far_writer):
                end.transport.abort()

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, *, answers: bool) -> None:
        while chunk := await source.read(65536):
            if self.swallow_after and not answers and self.swallow_after in chunk:
                self.swallow, self.swallow_after = True, b""
            if answers and self.swallow:
                self.answer_swallowed.set()
                continue
            sink.write(chunk)
            await sink.drain()
        raise ConnectionResetError
