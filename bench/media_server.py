"""The project's media path as a server for `bench.media_parts`: it hears every call, and talks to each.

Prints its signalling port, then serves until it is ended.
"""

import asyncio
import json
import sys

import uvloop

from bench.media_sound import speech
from orchestrator.media import g711
from orchestrator.media.call import MediaCall
from orchestrator.media.handlers import MediaHandlers
from orchestrator.media.resample import Downsampler
from orchestrator.media.server import MediaServer
from orchestrator.media.wire import AudioFormat


class Talker:
    """An engine that says the same again and again, a reply at a time, and hears everything."""

    def __init__(self, sound: bytes) -> None:
        self.heard = 0
        self._sound = sound
        self._call: MediaCall | None = None
        self._said = 0

    def handlers(self) -> MediaHandlers:
        """Return what the call is to call."""
        return MediaHandlers(on_connected=self._say, on_audio=self._hear, on_playout_ended=self._say)

    def attend(self, call: MediaCall) -> None:
        """Take the call that is talked to."""
        self._call = call

    def _hear(self, sound: bytes, position: int) -> None:
        self.heard += len(sound)
        del position

    def _say(self, item_id: str = "") -> None:
        del item_id
        if self._call is not None:
            self._said += 1
            name = f"item_{self._said}"
            self._call.send_audio(name, self._sound)
            self._call.complete_audio(name)


async def serve() -> None:
    spoken = {
        "opus": (AudioFormat.PCM, speech()),
        "pcmu": (AudioFormat.PCMU, g711.encode(Downsampler().process(speech()), g711.Law.MU)),
    }
    async with MediaServer() as media:

        async def signal(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            asked = json.loads(await reader.readline())
            audio_format, sound = spoken[asked["codec"]]
            talker = Talker(sound)
            call = await media.answer(asked["sdp"], talker.handlers(), audio_format=audio_format)
            talker.attend(call)
            writer.write(json.dumps({"sdp": call.answer_sdp}).encode() + b"\n")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(signal, "127.0.0.1", 0, limit=1 << 20)
        print(json.dumps({"port": server.sockets[0].getsockname()[1]}), flush=True)
        await server.serve_forever()


def main() -> None:
    run = uvloop.run if "--uvloop" in sys.argv else asyncio.run
    run(serve())


if __name__ == "__main__":
    main()
