"""An engine for the media benchmark: speaks and hears as it is told to, as cheaply as it can.

It is told by lines of JSON on a control port, `{"do": …, "call": …}`, and answers each with the times at
which things left it or came; the monotonic clock is the same for all processes of a machine. A call is known
by the number of its first session; one that hands over keeps its number in the next.
"""

import asyncio
import base64
import functools
import time
from contextlib import suppress
from typing import Any, Final

import msgspec
import numpy as np
import uvloop
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from bench.media_engine_socket import EngineSocket
from bench.media_sound import LOUD, frames_of, speech, tone_of

CHUNK_MS: Final = 100
"""Of speech in one delta."""

OUT_OF_STEP: Final = 7
"""Deltas that the first reply of a call is shorter than that of the call before, as far as there are any."""

LEAD: Final = 0.3
"""Seconds by which continuous speech is ahead of being heard."""

_AUDIO: Final = '"audio":"'
_encode: Final = msgspec.json.Encoder().encode
_decode: Final = msgspec.json.Decoder().decode


@functools.cache
def chunks(pcm: bytes, law: bool) -> list[str]:
    """A sound in deltas, ready to be sent."""
    return [base64.b64encode(piece).decode() for piece in frames_of(pcm, CHUNK_MS, law=law)]


class Session:
    """One connection.

    Args:
        engine: Of all.
        socket: Of the client.
    """

    def __init__(self, engine: "Engine", socket: EngineSocket) -> None:
        self.call = -1
        self.heard_ms = 0.0
        self.truncated: asyncio.Future[int] | None = None
        self.listening: asyncio.Future[float] | None = None
        self.answered: asyncio.Future[float] | None = None
        self.talking: asyncio.Task[None] | None = None
        self.law = False
        self._engine = engine
        self._socket = socket
        self._serial = 0
        self._open: dict[str, Any] | None = None

    async def run(self) -> None:
        """Answer until the client leaves."""
        with suppress(ConnectionClosed):
            await self.send("session.created", session={"type": "realtime", "id": "sess_bench"})
            with self._socket.hearing(self._hear):
                async for frame in self._socket:
                    await self._take(_decode(frame))
        if self.talking is not None:
            self.talking.cancel()

    async def send(self, kind: str, **fields: Any) -> None:
        """Send an event."""
        with suppress(ConnectionClosed):
            await self._socket.say(_encode({"type": kind, "event_id": "event_bench", **fields}))

    def _hear(self, frame: str) -> None:
        begin = frame.find(_AUDIO) + len(_AUDIO)
        end = frame.find('"', begin)
        self.heard_ms += (end - begin) * 3 / 4 / (8 if self.law else 48)
        if self.listening is not None and not self.listening.done():
            sound = base64.b64decode(frame[begin:end])
            peak = 0 if self.law else np.abs(np.frombuffer(sound, "<i2").astype(np.int32)).max(initial=0)
            if peak > LOUD:
                self.listening.set_result(time.monotonic())

    async def _take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        if kind == "session.update":
            asked = event["session"].get("audio", {}).get("output", {}).get("format") or {}
            self.law = asked.get("type") == "audio/pcmu" or self.law
            await self.send("session.updated", session=event["session"] | {"id": "sess_bench"})
            if "SECOND" in str(event["session"].get("instructions")):
                self._engine.adopt(self)
        elif kind == "conversation.item.create":
            item = event["item"] | {"status": "completed"}
            for stage in ("added", "done"):
                await self.send(f"conversation.item.{stage}", previous_item_id=None, item=item)
        elif kind == "response.create":
            await self.speak(chunks(tone_of(1000), self.law), event.get("response", {}).get("metadata"))
        elif kind == "conversation.item.truncate" and self.truncated and not self.truncated.done():
            self.truncated.set_result(event["audio_end_ms"])

    async def speak(self, deltas: list[str], metadata: Any = None, *, paced: bool = False) -> float:
        """One reply; the time at which its first sound left."""
        self._serial += 1
        response, item_id = f"resp_{id(self)}_{self._serial}", f"item_{id(self)}_{self._serial}"
        shown: dict[str, Any] = {
            "id": response,
            "object": "realtime.response",
            "output": [],
            "metadata": metadata,
        }
        item: dict[str, Any] = {"id": item_id, "type": "message", "role": "assistant", "content": []}
        at = {"response_id": response, "item_id": item_id, "output_index": 0, "content_index": 0}
        self._open = shown
        await self.send("response.created", response=shown | {"status": "in_progress"})
        opened = item | {"status": "in_progress"}
        await self.send("response.output_item.added", response_id=response, output_index=0, item=opened)
        await self.send("conversation.item.added", previous_item_id=None, item=opened)
        await self.send("response.content_part.added", **at, part={"type": "audio", "transcript": ""})
        began = time.monotonic()
        for number, delta in enumerate(deltas):
            if paced:
                await asyncio.sleep(began + number * CHUNK_MS / 1000 - LEAD - time.monotonic())
            await self.send("response.output_audio.delta", **at, delta=delta)
        await self.send("response.output_audio_transcript.delta", **at, delta="la la la")
        part = {"type": "output_audio", "transcript": "la la la"}
        item |= {"status": "completed", "content": [part]}
        await self.send("response.output_audio.done", **at)
        await self.send("response.output_audio_transcript.done", **at, transcript="la la la")
        await self.send("response.content_part.done", **at, part=part | {"type": "audio"})
        await self.send("conversation.item.done", previous_item_id=None, item=item)
        await self.send("response.output_item.done", response_id=response, output_index=0, item=item)
        usage = {"total_tokens": 30, "input_tokens": 10, "output_tokens": 20}
        self._open = None
        done = {"status": "completed", "output": [item], "usage": usage}
        await self.send("response.done", response=shown | done)
        return began

    async def talk(self) -> None:
        """Speak without end, a reply at a time; the first is cut so that the calls do not speak in step."""
        deltas = chunks(speech(), self.law)
        said = deltas[self.call * OUT_OF_STEP % len(deltas) :]
        while True:
            began = await self.speak(said, paced=True)
            await asyncio.sleep(began + len(said) * CHUNK_MS / 1000 - LEAD - time.monotonic())
            said = deltas

    async def hand_over(self) -> float:
        """Call the function that another agent takes over by; the time at which the call left."""
        self._serial += 1
        response, item_id = f"resp_{id(self)}_{self._serial}", f"item_{id(self)}_{self._serial}"
        shown: dict[str, Any] = {
            "id": response,
            "object": "realtime.response",
            "output": [],
            "metadata": None,
        }
        item = {
            "id": item_id,
            "type": "function_call",
            "name": "transfer_to_second",
            "call_id": f"call_{id(self)}_{self._serial}",
            "arguments": '{"reason":"bench"}',
        }
        await self.send("response.created", response=shown | {"status": "in_progress"})
        opened = item | {"status": "in_progress", "arguments": ""}
        await self.send("response.output_item.added", response_id=response, output_index=0, item=opened)
        await self.send("conversation.item.added", previous_item_id=None, item=opened)
        item["status"] = "completed"
        left = time.monotonic()
        await self.send("conversation.item.done", previous_item_id=None, item=item)
        await self.send("response.output_item.done", response_id=response, output_index=0, item=item)
        done = {"status": "completed", "output": [item], "usage": None}
        await self.send("response.done", response=shown | done)
        return left

    async def interrupt(self) -> tuple[float, int | None]:
        """Notice speech of the caller: when, and how much of the reply was played according to the client."""
        self._serial += 1
        self.truncated = asyncio.get_running_loop().create_future()
        item_id = f"item_{id(self)}_{self._serial}"
        at = time.monotonic()
        await self.send("input_audio_buffer.speech_started", audio_start_ms=0, item_id=item_id)
        if self._open is not None:
            details = {"type": "cancelled", "reason": "turn_detected"}
            cut = {"status": "cancelled", "status_details": details, "usage": None}
            await self.send("response.done", response=self._open | cut)
            self._open = None
        played = None
        with suppress(TimeoutError):
            played = await asyncio.wait_for(self.truncated, 0.5)
        self.truncated = None
        content = [{"type": "input_audio", "transcript": None}]
        item = {"id": item_id, "type": "message", "role": "user", "status": "completed", "content": content}
        await self.send("input_audio_buffer.speech_stopped", audio_end_ms=100, item_id=item_id)
        await self.send("input_audio_buffer.committed", previous_item_id=None, item_id=item_id)
        for stage in ("added", "done"):
            await self.send(f"conversation.item.{stage}", previous_item_id=None, item=item)
        return at, played


class Engine:
    """All connections, and what they are told to do."""

    def __init__(self) -> None:
        self._sessions: list[Session] = []
        self._calls: dict[int, Session] = {}
        self._handing_over: int | None = None

    async def serve(self, socket: ServerConnection) -> None:
        """Serve a client."""
        assert isinstance(socket, EngineSocket)
        session = Session(self, socket)
        self._sessions.append(session)
        await session.run()

    def adopt(self, session: Session) -> None:
        """A session for the second agent is that of the call which hands over."""
        if self._handing_over is not None:
            session.call, self._handing_over = self._handing_over, None
            self._calls[session.call] = session

    async def control(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Do what each line says, and answer it with one."""
        while line := await reader.readline():
            asked = _decode(line)
            answer = await getattr(self, f"do_{asked.pop('do')}")(**asked)
            writer.write(_encode(answer) + b"\n")
            await writer.drain()
        writer.close()

    async def do_name(self, call: int) -> Any:
        """The newest session is this call's."""
        while not self._sessions or self._sessions[-1].call >= 0:  # noqa: ASYNC110 - nothing tells
            await asyncio.sleep(0.002)
        session = self._sessions[-1]
        session.call = call
        self._calls[call] = session
        return {}

    async def do_talk(self, call: int) -> Any:
        """Speak without end."""
        session = self._calls[call]
        session.talking = asyncio.create_task(session.talk())
        return {}

    async def do_rest(self, call: int) -> Any:
        """Begin nothing more."""
        session = self._calls[call]
        if session.talking is not None:
            session.talking.cancel()
            session.talking = None
        return {}

    async def do_hush(self, call: int) -> Any:
        """Be interrupted in continuous speech, and be silent after that."""
        await self.do_rest(call)
        return await self.do_interrupt(call)

    async def do_listen(self, call: int) -> Any:
        """Watch for the next loud sound of the caller."""
        session = self._calls[call]
        session.listening = asyncio.get_running_loop().create_future()
        return {}

    async def do_heard(self, call: int, seconds: float = 0.5) -> Any:
        """When it came that was listened for."""
        session = self._calls[call]
        found = None
        if session.listening is not None:
            with suppress(TimeoutError):
                found = await asyncio.wait_for(session.listening, seconds)
        session.listening = None
        return {"at": found}

    async def do_amount(self, call: int) -> Any:
        """How much sound of the caller came."""
        return {"ms": self._calls[call].heard_ms}

    async def do_say(self, call: int, ms: int) -> Any:
        """Say something."""
        session = self._calls[call]
        return {"at": await session.speak(chunks(tone_of(ms), session.law))}

    async def do_interrupt(self, call: int) -> Any:
        """Notice that the caller speaks."""
        at, played = await self._calls[call].interrupt()
        return {"at": at, "played_ms": played}

    async def do_hand_over(self, call: int) -> Any:
        """Let another agent take the call over."""
        self._handing_over = call
        return {"at": await self._calls[call].hand_over()}


async def main() -> None:
    """Serve on free ports, told on standard output."""
    engine = Engine()
    control = await asyncio.start_server(engine.control, "127.0.0.1", 0, limit=1 << 20)
    async with serve(
        engine.serve, "127.0.0.1", 0, compression=None, max_size=None, create_connection=EngineSocket
    ) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        print(f'{{"port":{port},"control":{control.sockets[0].getsockname()[1]}}}', flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main())
