"""A media server in a process of its own, so that its memory can be told from its clients'.

Reads offers from standard input and writes answers to standard output, a JSON string a line each.
"""

import asyncio
import gc
import json
import sys

from orchestrator.media.handlers import MediaHandlers
from orchestrator.media.server import MediaServer
from tests.media.sound import tone


def say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


async def serve() -> None:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=1 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    sound = tone(500, 5)
    async with MediaServer() as server:
        while line := await reader.readline():
            if line == b"collect\n":
                gc.collect()
                say(len(server.calls))
                continue
            call = await server.answer(json.loads(line), MediaHandlers())
            call.send_audio("item", sound)
            say(call.answer_sdp)


if __name__ == "__main__":
    asyncio.run(serve())
