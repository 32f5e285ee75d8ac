"""One WebRTC call between its media path and its conversation, with both played by the test."""

import asyncio
import base64
import itertools
from typing import cast

import pytest
import structlog

from orchestrator.call.audio import AudioDesk
from orchestrator.call.client import CallClient
from orchestrator.call.phrases import Phrase, PhraseSound
from orchestrator.call.webrtc import LOST, WebRtcLine, audio_format_of
from orchestrator.core.configuration import Wishes
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.events import Played
from orchestrator.core.notices import (
    EndedNotice,
    HeardNotice,
    PartNotice,
    PlaybackNotice,
)
from orchestrator.media.errors import CloseCode, CloseReason
from orchestrator.media.handlers import LinkState
from orchestrator.realtime.connection import AudioDelta
from orchestrator.speech.protocol import Speech
from tests.call.webrtc_ends import ROUTE, STARTED, Call
from tests.patience import PATIENCE

pytestmark = pytest.mark.unit


async def test_what_the_agent_says_waits_for_the_connection() -> None:
    call = Call()
    call.speak()
    call.handlers.on_connected()
    assert call.media.done == ["pause", ("item_1", b"\1\2"), "resume"]


async def test_what_is_held_back_goes_on_once_it_may() -> None:
    call = Call()
    call.handlers.on_connected()
    assert call.line.pause()
    call.line.resume()
    assert call.media.done == ["pause", "resume", "pause", "resume"]


async def test_what_is_held_back_does_not_go_on_because_another_connection_is_there() -> None:
    old, new = Call(), Call(joined=False)
    old.handlers.on_connected()
    old.line.pause()
    assert new.take_over(old)
    new.handlers.on_connected()
    assert "resume" not in new.media.done
    new.line.resume()
    assert new.media.done[-1] == "resume"


async def test_what_goes_on_before_the_connection_is_there_waits_for_that() -> None:
    call = Call()
    call.line.pause()
    call.line.resume()
    assert "resume" not in call.media.done
    call.handlers.on_connected()
    assert call.media.done[-1] == "resume"


async def test_audio_that_is_no_base64_is_left_out() -> None:
    call = Call()
    call.line.play(AudioDelta(1, "item_engine", "resp_engine", "A"), ROUTE)
    assert call.media.done == ["pause"]


async def test_the_caller_is_passed_on_as_decoded_and_only_to_ears() -> None:
    call = Call()
    call.handlers.on_audio(b"\1\2", 0)
    call.live.understands_sound = False
    call.handlers.on_audio(b"\3\4", 20)
    assert call.live.heard == [b"\x01\x02"]


async def test_the_caller_is_passed_on_in_frames_by_the_connection_that_has_the_line() -> None:
    old, new = Call(), Call(joined=False)
    assert new.line.forward(b"before it joined") is None
    write = old.line.forward(b"sound")
    assert write is not None
    write(b"frame")
    assert old.live.heard == [b"sound", b"frame"]
    assert new.take_over(old)
    assert old.line.forward(b"while another takes over") is None
    old.live.client = None
    assert new.line.forward(b"after it left") is None


async def test_a_phrase_is_sent_as_the_packets_that_it_has() -> None:
    call = Call()
    phrase = Phrase([Speech(bytes(4800))])
    call.line.play(PhraseSound(phrase, {"type": "audio/pcm"}), ROUTE)
    assert call.media.done[-1] == ("item_1", phrase.encoded)


async def test_a_flush_tells_how_far_each_item_was_heard() -> None:
    call = Call()
    call.speak()
    call.handlers.on_playout_started("item_1")
    call.media.cut = {"item_1": 640}
    call.line.flush()
    assert call.live.plays == [("item_1", 640)]
    assert call.live.told == [STARTED, HeardNotice("resp_1", "item_1"), PlaybackNotice("cleared", "resp_1")]
    assert call.live.fed == [Played("item_1", 0)]


async def test_a_recording_is_told_when_what_is_queued_will_be_heard() -> None:
    call, alone = Call(), Call(joined=False)
    for each in (call, alone):
        each.handlers.on_playout_paced(640, 600)
    assert (call.live.aligned, alone.live.aligned) == ([(640, 600)], [])


async def test_an_item_is_complete_when_its_part_is_done_and_its_end_is_told() -> None:
    call = Call()
    call.speak()
    call.line.told(PartNotice("done", "resp_1", "item_1", 0, 0, "audio", "Hello."))
    call.handlers.on_playout_ended("item_1")
    assert call.media.done[-1] == "complete item_1"
    assert call.live.plays == [("item_1", 700)]


async def test_a_client_that_is_not_heard_of_is_let_go() -> None:
    call = Call()
    call.handlers.on_link(LinkState.QUIET)
    assert call.live.left == []
    call.media.cut = {"item_1": 100}
    call.handlers.on_link(LinkState.SUSPENDED)
    assert call.live.left == [LOST]
    assert call.live.plays == [("item_1", 100)]
    assert call.media.ended.is_set()
    call.handlers.on_closed(CloseReason(CloseCode.SERVER_CLOSED, ""))
    assert call.live.left == [LOST]


@pytest.mark.parametrize(
    ("code", "reason"),
    [(CloseCode.CLIENT_CLOSED, "client disconnected"), (CloseCode.ICE_FAILED, "ice_failed")],
)
async def test_a_call_that_closes_leaves_with_its_reason(code: CloseCode, reason: str) -> None:
    call = Call()
    call.handlers.on_closed(CloseReason(code, "told to people"))
    assert call.live.left == [reason]


async def test_a_call_that_closed_before_it_joined_leaves_at_once() -> None:
    call = Call(joined=False)
    call.handlers.on_closed(CloseReason(CloseCode.DTLS_FAILED, ""))
    call.join()
    assert call.live.left == ["dtls_failed"]


async def test_a_call_that_the_client_ends_falls_silent_at_once() -> None:
    call = Call()
    call.line.told(EndedNotice("client", "hangup"))
    call.line.hang_up()
    assert "flush" in call.media.done
    await asyncio.wait_for(call.media.ended.wait(), PATIENCE)


async def test_what_an_agent_says_last_is_heard_to_its_end() -> None:
    call = Call()
    call.media.queued_ms = 50
    call.line.told(EndedNotice("agent", "goodbye"))
    call.line.hang_up()
    assert "flush" not in call.media.done
    await asyncio.wait_for(call.media.ended.wait(), PATIENCE)


async def test_a_new_connection_goes_on_with_the_sound_and_the_old_one_listens_until_it_is_there() -> None:
    old, new = Call(), Call(joined=False)
    old.handlers.on_connected()
    old.speak()
    old.media.queued_ms = 900
    assert new.take_over(old)
    assert (new.media.queued_ms, old.media.queued_ms) == (900, 0)
    old.handlers.on_audio(b"\1\2", 0)
    new.handlers.on_connected()
    old.handlers.on_audio(b"\3\4", 20)
    new.handlers.on_audio(b"\5\6", 0)
    assert old.live.heard == [b"\x01\x02", b"\x05\x06"]
    assert "flush" not in [*old.media.done, *new.media.done]
    await asyncio.wait_for(old.media.ended.wait(), PATIENCE)
    old.handlers.on_closed(CloseReason(CloseCode.SERVER_CLOSED, ""))
    assert old.live.left == []


async def test_a_connection_that_never_comes_about_ends_the_one_that_it_replaced() -> None:
    old, new = Call(), Call(joined=False)
    assert new.take_over(old)
    new.handlers.on_closed(CloseReason(CloseCode.ICE_FAILED, ""))
    assert old.live.left == ["ice_failed"]
    await asyncio.wait_for(old.media.ended.wait(), PATIENCE)


async def test_the_third_connection_in_a_row_ends_both_before_it() -> None:
    calls = [Call(), Call(joined=False), Call(joined=False)]
    for before, after in itertools.pairwise(calls):
        assert after.take_over(before)
    calls[0].handlers.on_audio(b"\1\2", 0)
    calls[2].handlers.on_connected()
    for call in calls[:2]:
        await asyncio.wait_for(call.media.ended.wait(), PATIENCE)
    assert calls[0].live.heard == [b"\x01\x02"]


async def test_a_call_with_another_codec_takes_nothing_over() -> None:
    old, new = Call(), Call(joined=False)
    new.media.matches = False
    assert not new.take_over(old)
    assert not Call(joined=False).line.take_over(WebRtcLine(lambda text: None), cast("CallClient", object()))


async def test_why_a_call_broke_off_is_logged_and_stored_in_words() -> None:
    call = Call()
    with structlog.testing.capture_logs() as logged:
        call.handlers.on_closed(CloseReason(CloseCode.ICE_FAILED, "ICE failed: no check came."))
    assert call.line.statistics()["ending"] == {"code": "ice_failed", "message": "ICE failed: no check came."}
    (line,) = logged
    assert (line["call"], line["code"], line["cause"]) == (
        "rtc_1",
        "ice_failed",
        "ICE failed: no check came.",
    )


async def test_a_call_that_the_client_ends_is_no_trouble() -> None:
    call = Call()
    with structlog.testing.capture_logs() as logged:
        call.handlers.on_closed(CloseReason(CloseCode.CLIENT_CLOSED, "The client ended the connection."))
    assert logged == []


async def test_figures_are_json() -> None:
    assert Call().line.statistics()["packets_sent"] == 7


async def test_a_line_without_a_call_does_nothing() -> None:
    line = WebRtcLine(lambda text: None)
    line.flush()
    line.hang_up()
    line.abandon()
    assert not line.pause()
    line.resume()
    assert line.statistics() == {}
    assert not line.send("{}")


@pytest.mark.parametrize("size", [47, 48, 49])
def test_generated_sound_is_counted_to_the_byte(size: int) -> None:
    desk = AudioDesk()
    audio = base64.b64encode(bytes(size)).decode()
    for _ in range(48):
        desk.count("item_1", AudioDelta(1, "item_engine", "resp_engine", audio))
    assert desk.generated_ms("item_1", {}) == size


def test_a_call_has_one_format_both_ways() -> None:
    assert audio_format_of(Wishes()) == "audio/pcm"
    with pytest.raises(InvalidRequestError, match="both ways"):
        audio_format_of(Wishes(output_format={"type": "audio/pcmu"}))
