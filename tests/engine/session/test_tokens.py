import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.tokens import (
    Piece,
    Usage,
    caller_tokens,
    item_piece,
    prompt_pieces,
    prompt_usage,
    spoken_tokens,
    text_tokens,
)
from tests.engine.session_probe import user_message

pytestmark = pytest.mark.unit


@pytest.mark.parametrize(
    ("text", "tokens"), [("", 0), ("hello", 1), ("hello, world!", 4), ("conversation", 2)]
)
def test_words_and_marks_are_counted(text: str, tokens: int) -> None:
    assert text_tokens(text) == tokens


def test_an_item_counts_its_words_its_frame_and_its_images() -> None:
    assert item_piece(user_message("hello there")).text_tokens == 2 + 3
    call: JsonObject = {"type": "function_call", "name": "look", "arguments": "{}"}
    assert item_piece(call).text_tokens == 3 + 3
    heard: JsonObject = {"content": [{"type": "input_audio", "transcript": "yes"}, "odd"]}
    assert item_piece(heard).text_tokens == 1 + 3
    image: JsonObject = {"content": [{"type": "input_image", "image_url": "data:,"}]}
    assert item_piece(image).image_tokens == 255


def test_a_prompt_is_instructions_then_tools_then_items() -> None:
    pieces = prompt_pieces("Be kind.", [{"name": "look"}], [user_message("hi")])
    assert [piece.text_tokens for piece in pieces] == [3, 11, 4]
    assert len(prompt_pieces("", [], [])) == 0


def test_the_shared_prefix_of_two_prompts_is_cached_in_steps() -> None:
    head = Piece("instructions", 150)
    before = (head, Piece("a", 10))
    now = (head, Piece("b", 10), Piece("c", 5, image_tokens=255))
    usage = prompt_usage(now, before, output=7)
    assert usage == Usage(text_input=165, text_output=7, cached_text=128, image_input=255)
    assert prompt_usage(now, (), output=7).cached_text == 0


def test_usage_adds_up_on_the_wire() -> None:
    wire = Usage(text_input=165, text_output=7, cached_text=128, image_input=255).wire()
    assert wire["total_tokens"] == 427
    assert wire["input_tokens"] == 420
    assert wire["output_tokens"] == 7
    assert wire["input_token_details"] == {
        "text_tokens": 165,
        "audio_tokens": 0,
        "image_tokens": 255,
        "cached_tokens": 128,
        "cached_tokens_details": {"text_tokens": 128, "audio_tokens": 0, "image_tokens": 0},
    }
    assert wire["output_token_details"] == {"text_tokens": 7, "audio_tokens": 0}


def test_sound_counts_by_its_length_in_place_of_its_words() -> None:
    assert (caller_tokens(1000), caller_tokens(1), spoken_tokens(1000), spoken_tokens(0)) == (10, 1, 20, 0)
    heard: JsonObject = {"id": "u1", "content": [{"type": "input_audio", "transcript": "yes please"}]}
    (piece,) = prompt_pieces("", [], [heard], {"u1": 70})
    assert (piece.text_tokens, piece.audio_tokens) == (3, 70)
    usage = prompt_usage([piece], [piece], output=2, audio_output=20)
    assert (usage.audio_input, usage.cached_audio, usage.audio_output) == (70, 64, 20)
    wire = usage.wire()
    assert (wire["input_tokens"], wire["output_tokens"], wire["total_tokens"]) == (73, 22, 95)
    assert wire["output_token_details"] == {"text_tokens": 2, "audio_tokens": 20}
