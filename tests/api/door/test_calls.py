"""`POST /v1/realtime/calls`: what is answered, and what is refused with which words."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from orchestrator.api.door.calls import PATH, SDP
from orchestrator.call.webrtc_media import open_media
from tests.api.node import Node
from tests.media.stock_client import StockClient

pytestmark = pytest.mark.media

AS_SDP = {"content-type": SDP}


@pytest.fixture
async def calls(node: Node) -> AsyncIterator[Node]:
    async with open_media(host="127.0.0.1", udp_port=0, announced_ip=None, offer_loopback=True) as media:
        node.services.media = media
        yield node


@pytest.fixture
async def offer() -> AsyncIterator[str]:
    async with StockClient() as client:
        yield await client.offer()


def error(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found: dict[str, Any] = answer.json()["error"]
    assert {"message", "type", "param", "code"} == found.keys()
    return found


async def test_an_offer_is_answered_with_the_place_of_the_call(calls: Node, offer: str) -> None:
    origin = "http://localhost:5173"
    key = calls.keys["caller"]
    answer = await calls.http(key).post(
        f"{PATH}?model=desk", content=offer, headers=AS_SDP | {"origin": origin}
    )
    assert answer.status_code == 201, answer.text
    assert answer.headers["content-type"] == SDP
    assert answer.headers["location"].startswith(f"{PATH}/rtc_")
    assert "Location" in answer.headers["access-control-expose-headers"]
    assert "a=candidate:" in answer.text
    (live,) = calls.services.switchboard.conversations.values()
    assert live.client is not None
    assert answer.headers["location"].endswith(live.client.call_id)
    assert answer.headers["x-conversation"] == live.id
    hung_up = await calls.http(key).post(f"{answer.headers['location']}/hangup")
    assert hung_up.status_code == 200


async def test_an_offer_may_come_in_a_form_with_a_session(calls: Node, offer: str) -> None:
    form = {
        "sdp": (None, offer, SDP),
        "session": (
            None,
            '{"type": "realtime", "model": "desk", "max_output_tokens": 77}',
            "application/json",
        ),
    }
    answer = await calls.http().post(PATH, files=form)
    assert answer.status_code == 201, answer.text
    (live,) = calls.services.switchboard.conversations.values()
    assert live.machine.wishes.max_output_tokens == 77
    assert live.machine.agent == "desk"


async def test_an_offer_may_come_in_a_form_as_files(calls: Node, offer: str) -> None:
    answer = await calls.http().post(f"{PATH}?model=desk", files={"sdp": ("offer.sdp", offer, SDP)})
    assert answer.status_code == 201, answer.text


@pytest.mark.parametrize(
    ("files", "param"),
    [
        ({"session": (None, '{"type": "realtime"}')}, "sdp"),
        ({"sdp": (None, "v=0"), "session": (None, "no JSON")}, "session"),
        ({"sdp": (None, "v=0"), "session": (None, '{"type": "realtime", "bogus": 1}')}, "session.bogus"),
    ],
)
async def test_a_form_that_is_wrong_is_refused_by_its_part(
    calls: Node, files: dict[str, Any], param: str
) -> None:
    answer = await calls.http().post(f"{PATH}?model=desk", files=files)
    assert error(answer, 400)["param"] == param


@pytest.mark.parametrize("body", [b"", b"v=0\r\nm=audio nonsense\r\n", b"\xff\xfe", b'{"sdp": ""}'])
async def test_an_offer_that_cannot_be_read_leaves_no_conversation(calls: Node, body: bytes) -> None:
    answer = await calls.http().post(f"{PATH}?model=desk", content=body, headers=AS_SDP)
    assert error(answer, 400)["message"]
    assert not calls.services.switchboard.conversations


async def test_the_line_at_fault_is_named(calls: Node, offer: str) -> None:
    broken = offer.replace("a=rtpmap:96", "a=rtpmap:nonsense")
    answer = await calls.http().post(f"{PATH}?model=desk", content=broken, headers=AS_SDP)
    assert "a=rtpmap:nonsense" in error(answer, 400)["message"]


async def test_a_body_of_another_kind_is_refused(calls: Node, offer: str) -> None:
    answer = await calls.http().post(
        f"{PATH}?model=desk", content=offer, headers={"content-type": "text/plain"}
    )
    assert SDP in error(answer, 400)["message"]


async def test_a_call_that_names_no_agent_is_refused(calls: Node, offer: str) -> None:
    answer = await calls.http().post(PATH, content=offer, headers=AS_SDP)
    assert error(answer, 400)["code"] == "missing_model"


async def test_two_formats_are_refused(calls: Node, offer: str) -> None:
    session = '{"type": "realtime", "audio": {"output": {"format": {"type": "audio/pcmu"}}}}'
    form = {"sdp": (None, offer, SDP), "session": (None, session, "application/json")}
    answer = await calls.http().post(f"{PATH}?model=desk", files=form)
    assert error(answer, 400)["param"] == "session.audio.output.format"


async def test_a_wrong_key_is_refused(calls: Node, offer: str) -> None:
    answer = await calls.http("ok_wrong").post(f"{PATH}?model=desk", content=offer, headers=AS_SDP)
    assert error(answer, 401)["code"] == "invalid_api_key"


async def test_a_page_of_another_site_is_refused(calls: Node, offer: str) -> None:
    headers = AS_SDP | {"origin": "https://elsewhere.example"}
    answer = await calls.http().post(f"{PATH}?model=desk", content=offer, headers=headers)
    error(answer, 401)


async def test_a_full_node_refuses_and_lets_the_connection_go(calls: Node, offer: str) -> None:
    calls.services.switchboard.draining = True
    answer = await calls.http().post(f"{PATH}?model=desk", content=offer, headers=AS_SDP)
    assert error(answer, 429)["code"] == "too_many_calls"
    assert answer.headers["retry-after"]
    assert not calls.services.switchboard.conversations


async def test_a_conversation_that_there_is_not_cannot_be_resumed(calls: Node, offer: str) -> None:
    answer = await calls.http().post(f"{PATH}?conversation=conv_none", content=offer, headers=AS_SDP)
    error(answer, 404)


async def test_a_node_without_media_says_why(node: Node, offer: str) -> None:
    answer = await node.http().post(f"{PATH}?model=desk", content=offer, headers=AS_SDP)
    assert error(answer, 503)["code"] == "webrtc_unavailable"
