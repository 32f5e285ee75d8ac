import pytest

from orchestrator.realtime.codec import decode, encode
from orchestrator.realtime.transport import TransportClosedError
from orchestrator.testing.direct_transport import DirectTransport
from orchestrator.testing.wire_session import EngineOptions, WireSession

pytestmark = pytest.mark.unit


def connected() -> tuple[DirectTransport, WireSession]:
    session = WireSession(1, "m", EngineOptions(clock=lambda: 0.0))
    session.open()
    return DirectTransport(session, lambda session, frame: session.receive(decode(frame))), session


async def test_what_is_sent_is_answered_before_the_sending_returns() -> None:
    transport, _ = connected()
    await transport.send(encode({"type": "input_audio_buffer.clear"}))
    assert "session.created" in str(await transport.receive())
    assert "input_audio_buffer.cleared" in str(await transport.receive())


async def test_a_close_by_the_engine_comes_after_what_it_sent() -> None:
    transport, session = connected()
    session.hang_up(1012, "restart")
    await transport.send(encode({"type": "response.create"}))
    await transport.receive()
    for _ in range(2):
        with pytest.raises(TransportClosedError) as caught:
            await transport.receive()
        assert (caught.value.close_code, caught.value.reason) == (1012, "restart")
    with pytest.raises(TransportClosedError):
        await transport.send("{}")
    assert session.received == []


async def test_a_close_by_the_client_ends_the_session() -> None:
    transport, session = connected()
    await transport.close(1000, "done")
    await transport.close()
    assert not session.is_open
    with pytest.raises(TransportClosedError, match="1000"):
        await transport.receive()
