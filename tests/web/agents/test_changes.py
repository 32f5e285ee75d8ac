import pytest

from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject
from orchestrator.web.agents.changes import filled_in, read_changes, read_revision

pytestmark = pytest.mark.unit

SETTINGS: JsonObject = {
    "instructions": "Be kind.\nBe brief.",
    "enabled": True,
    "voice": "marin",
    "greeting": None,
    "model": None,
    "turn_detection": {"type": "server_vad"},
    "reload": "tts",
}


def form(**changes: str) -> dict[str, list[str]]:
    given = {**filled_in(SETTINGS), "revision": "3", **changes}
    return {name: [value] for name, value in given.items()}


def test_a_form_that_was_not_touched_changes_nothing() -> None:
    sent = form(instructions="Be kind.\r\nBe brief.\r\n")
    wanted = read_changes(sent, SETTINGS)
    assert (wanted.changes, wanted.reset, wanted.expected) == ({}, frozenset(), 3)


def test_what_differs_is_changed_and_what_is_emptied_is_the_engines_own() -> None:
    sent = form(voice="", greeting=" Hello! ", turn_detection="null", note=" why ", instructions="Be.")
    del sent["enabled"]
    wanted = read_changes(sent, SETTINGS)
    assert wanted.changes == {
        "instructions": "Be.",
        "voice": None,
        "greeting": "Hello!",
        "turn_detection": None,
        "enabled": False,
    }
    assert wanted.note == "why"


def test_what_is_reset_is_neither_kept_nor_changed() -> None:
    sent = form(voice="cedar") | {"reset": ["voice", "model", "nonsense"]}
    wanted = read_changes(sent, SETTINGS)
    assert wanted.merged({"voice": "sage", "model": "x", "reload": "native"}) == {"reload": "native"}


def test_instructions_that_are_computed_are_left_alone() -> None:
    settings: JsonObject = SETTINGS | {"instructions": "(computed)"}
    assert filled_in(settings)["instructions"] == ""
    assert read_changes(form(instructions=""), settings).changes == {}


@pytest.mark.parametrize("text", ["", "x", "-1", "²", "99999999999", "3000000000"])
def test_a_revision_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(InvalidRequestError):
        read_revision(text)


def test_turn_detection_that_is_no_json_is_told() -> None:
    with pytest.raises(InvalidRequestError, match="no JSON"):
        read_changes(form(turn_detection="{"), SETTINGS)
