import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.json_value import JsonObject
from orchestrator.realtime.codec import (
    AudioPiece,
    InvalidFrameError,
    audio_piece,
    decode,
    encode,
    event_type,
)

pytestmark = pytest.mark.unit

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
json_objects = st.dictionaries(st.text(), json_values, max_size=5)


@given(json_objects)
def test_what_is_encoded_is_decoded_to_the_same(event: JsonObject) -> None:
    assert decode(encode(event)) == event


@given(json_objects, st.booleans())
def test_the_fast_type_is_the_decoded_type_or_unknown(event: JsonObject, spaced: bool) -> None:
    frame = json.dumps(event, separators=None if spaced else (",", ":"), ensure_ascii=not spaced)
    assert event_type(frame) in {None, event.get("type") if isinstance(event.get("type"), str) else None}


@given(
    st.sampled_from(["session.updated", "response.output_audio.delta", "error"]),
    json_objects,
    st.from_regex(r"[A-Za-z0-9_-]{1,24}", fullmatch=True),
)
def test_the_fast_type_is_found_where_it_leads(name: str, rest: JsonObject, event_id: str) -> None:
    assert event_type(json.dumps({"type": name} | {"x": rest})) == name
    assert event_type(json.dumps({"event_id": event_id, "type": name, "x": rest})) == name


@pytest.mark.parametrize(
    "frame",
    [
        '{"type":5,"x":"response.done"}',
        '{"session":{"type":"realtime"},"type":"session.updated"}',
        '{"type":"with \\"quotes\\""}',
        '{"type":"never closed',
        '{"a":1,"b":2}',
        "not json",
        "",
        '{"delta":"' + "A" * 200 + '","type":"response.output_audio.delta"}',
    ],
)
def test_the_fast_type_says_unknown_rather_than_guess(frame: str) -> None:
    assert event_type(frame) is None


@pytest.mark.parametrize(
    "frame", ["", "[]", '"text"', "{", "nonsense", b"\xff\xfe", '{"a":1} tail', "[" * 5000]
)
def test_a_frame_that_is_no_object_is_refused_with_a_code(frame: str | bytes) -> None:
    with pytest.raises(InvalidFrameError) as caught:
        decode(frame)
    assert caught.value.code == "invalid_json"


def test_half_a_surrogate_pair_is_replaced_since_no_frame_can_carry_it() -> None:
    event: JsonObject = {"type": "x", "text": "a\ud83dz", "list": ["\udc00"], "\ud800": {"n": 1}}
    assert decode(encode(event)) == {"type": "x", "text": "a\ufffdz", "list": ["\ufffd"], "\ufffd": {"n": 1}}


def test_an_audio_delta_tells_its_address_and_its_audio() -> None:
    frame = json.dumps(
        {
            "type": "response.output_audio.delta",
            "delta": "AAEC",
            "content_index": 2,
            "item_id": "i",
            "response_id": "r",
        }
    )
    assert audio_piece(frame) == AudioPiece(item_id="i", response_id="r", content_index=2, delta="AAEC")


def test_an_audio_delta_may_leave_out_what_it_likes() -> None:
    assert audio_piece("{}") == AudioPiece()


@pytest.mark.parametrize("frame", ["{", '{"item_id":5}', '{"delta":5}', "[]"])
def test_an_audio_delta_of_wrong_types_is_refused(frame: str) -> None:
    with pytest.raises(InvalidFrameError):
        audio_piece(frame)
