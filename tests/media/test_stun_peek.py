import pytest
from aioice import stun
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media.stun_peek import username_fragment

pytestmark = pytest.mark.unit


def request(username: str | None, *, first: bool = True) -> bytes:
    message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST)
    if not first:
        message.attributes["SOFTWARE"] = "odd"
    if username is not None:
        message.attributes["USERNAME"] = username
    message.attributes["PRIORITY"] = 5
    message.add_message_integrity(b"secret")
    return bytes(message)


@given(
    st.text("abcXYZ019+/", min_size=4, max_size=40), st.text("abc0", min_size=4, max_size=40), st.booleans()
)
def test_the_receivers_part_of_the_name_is_read(ours: str, theirs: str, first: bool) -> None:
    assert username_fragment(request(f"{ours}:{theirs}", first=first)) == ours


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(20),
        request(None),
        request("nocolon"),
        request("é:x"),
        request("a" * 600 + ":b"),
        request("abcd:efgh")[:-1],
        request("abcd:efgh") + b"\0",
    ],
    ids=["empty", "no cookie", "no name", "no colon", "not ascii", "too long", "cut", "longer"],
)
def test_what_is_not_a_request_for_someone_has_no_name(data: bytes) -> None:
    assert username_fragment(data) is None


@given(st.binary(max_size=100))
def test_no_datagram_whatever_raises(data: bytes) -> None:
    username_fragment(data)
    head = b"\x00\x01" + len(data).to_bytes(2, "big") + b"\x21\x12\xa4\x42" + bytes(12)
    username_fragment(head + data)
