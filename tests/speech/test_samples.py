import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.speech.samples import WholeSamples

pytestmark = pytest.mark.unit


@given(st.lists(st.binary(max_size=9)))
def test_no_sample_is_torn_and_none_is_lost(pieces: list[bytes]) -> None:
    samples = WholeSamples()
    made = [samples.feed(piece) for piece in pieces]
    whole = b"".join(pieces)
    assert all(len(piece) % 2 == 0 for piece in made)
    assert b"".join(made) == whole[: len(whole) & ~1]
