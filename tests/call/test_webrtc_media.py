"""The media server of a node, or why it has none."""

import socket
import sys

import pytest

from orchestrator.call.webrtc_media import WebRtcMedia, WebRtcUnavailableError, open_media
from orchestrator.media import libopus
from orchestrator.media.errors import CodecUnavailableError, OfferError
from orchestrator.media.handlers import MediaHandlers

pytestmark = pytest.mark.media


async def test_an_open_server_reads_offers() -> None:
    async with open_media(host="127.0.0.1", udp_port=0, announced_ip=None, offer_loopback=True) as media:
        assert media.server.udp_port > 0
        with pytest.raises(OfferError):
            await media.answer("v=1", MediaHandlers(), "audio/pcm")


async def test_a_port_that_is_taken_leaves_the_node_without_calls_and_says_why(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        async with open_media(
            host="127.0.0.1", udp_port=port, announced_ip=None, offer_loopback=True
        ) as media:
            with pytest.raises(WebRtcUnavailableError, match=str(port)) as refused:
                await media.answer("", MediaHandlers(), "audio/pcm")
    assert refused.value.status == 503
    assert capsys.readouterr().out.count("no WebRTC calls can be taken") == 1


async def test_a_machine_without_the_codec_has_no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing() -> None:
        raise CodecUnavailableError("libopus was not found.")

    monkeypatch.setattr(libopus, "load", missing)
    async with open_media(host="127.0.0.1", udp_port=0, announced_ip=None, offer_loopback=True) as media:
        with pytest.raises(WebRtcUnavailableError, match="libopus"):
            _ = media.server


async def test_a_machine_without_the_library_has_no_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "orchestrator.media.server", None)
    async with open_media(host="127.0.0.1", udp_port=0, announced_ip=None, offer_loopback=True) as media:
        with pytest.raises(WebRtcUnavailableError):
            _ = media.server


def test_media_that_was_never_opened_says_so() -> None:
    with pytest.raises(WebRtcUnavailableError, match="not started"):
        _ = WebRtcMedia().server
