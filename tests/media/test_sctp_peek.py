import pytest
from aiortc.rtcsctptransport import (
    AbortChunk,
    HeartbeatChunk,
    InitAckChunk,
    InitChunk,
    ReconfigChunk,
    decode_params,
    parse_packet,
    serialize_packet,
)
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.media.sctp_peek import parameters_end

pytestmark = pytest.mark.unit


@pytest.mark.parametrize("kind", [InitChunk, InitAckChunk, HeartbeatChunk, AbortChunk, ReconfigChunk])
def test_what_aiortc_writes_leads_on(kind: type[InitChunk]) -> None:
    chunk = kind()
    chunk.params = [(7, b"abc"), (8, b"")]
    assert parameters_end(serialize_packet(5000, 5000, 1, chunk))


@pytest.mark.parametrize("kind", [1, 2, 4, 5, 6, 9, 130])
def test_a_parameter_of_no_length_is_seen(kind: int) -> None:
    fixed = 16 if kind in (1, 2) else 0
    body = bytes(fixed) + b"\x00\x07\x00\x05a\0\0\0" + b"\x00\x08\x00\x00"
    assert not parameters_end(bytes(12) + bytes((kind, 0)) + (4 + len(body)).to_bytes(2, "big") + body)


def test_it_is_seen_in_a_later_chunk_too() -> None:
    data = b"\x0b\x00\x00\x04"
    abort = b"\x06\x00\x00\x08" + b"\x00\x08\x00\x01"
    assert parameters_end(bytes(12) + data)
    assert not parameters_end(bytes(12) + data + abort)


def test_sound_data_is_not_mistaken_for_parameters() -> None:
    assert parameters_end(bytes(12) + b"\x00\x03\x00\x14" + bytes(16))


@given(st.binary(max_size=100))
def test_what_leads_on_is_read_to_its_end_by_aiortc(data: bytes) -> None:
    if parameters_end(data):
        try:
            parse_packet(data)
        except ValueError:
            return


@given(st.binary(max_size=60))
def test_nothing_that_aiortc_could_read_is_refused(body: bytes) -> None:
    packet = bytes(12) + b"\x04\x00" + (4 + len(body)).to_bytes(2, "big") + body
    if parameters_end(packet):
        assert decode_params(body) is not None
