import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.core.definition import AgentSpec, InstructionContext
from orchestrator.core.errors import InvalidRequestError
from orchestrator.core.json_value import JsonObject, JsonValue
from orchestrator.core.overrides import OVERRIDABLE, apply_overrides

pytestmark = pytest.mark.unit


def computed(_: InstructionContext) -> str:
    return "computed"


MENU = AgentSpec(name="menu", description="d", instructions=computed, voice="marin", greeting="Hello.")


def refused(overrides: JsonObject) -> InvalidRequestError:
    with pytest.raises(InvalidRequestError) as caught:
        apply_overrides(MENU, overrides)
    return caught.value


def test_every_overridable_setting_is_taken() -> None:
    changed = apply_overrides(
        MENU,
        {
            "enabled": False,
            "instructions": "\n    Be brief.\n    Be kind.\n",
            "voice": "cedar",
            "greeting": None,
            "model": "gpt-realtime-2",
            "turn_detection": {"type": "semantic_vad"},
            "reload": "native",
        },
        revision=3,
    )
    assert changed == AgentSpec(
        name="menu",
        description="d",
        instructions="Be brief.\nBe kind.",
        voice="cedar",
        greeting=None,
        model="gpt-realtime-2",
        turn_detection={"type": "semantic_vad"},
        reload="native",
        enabled=False,
        revision=3,
    )


def test_what_is_not_named_stays_as_the_class_says() -> None:
    changed = apply_overrides(MENU, {"voice": "cedar"})
    assert changed.instructions is computed
    assert changed.greeting == "Hello."
    assert changed.revision == 0
    assert MENU.voice == "marin"


def test_nothing_to_override_changes_nothing() -> None:
    assert apply_overrides(MENU, {}) == MENU


@pytest.mark.parametrize(
    ("overrides", "param", "message"),
    [
        ({"voise": "x"}, "voise", "menu.voise: cannot be changed by a revision. Write 'voice'."),
        (
            {"tools": []},
            "tools",
            "menu.tools: cannot be changed by a revision. Known are instructions, enabled, voice, greeting, ",
        ),
        (
            {"instructions": " "},
            "instructions",
            "menu.instructions: are no text. Write what the agent does, and how.",
        ),
        ({"instructions": None}, "instructions", "menu.instructions: are no text."),
        (
            {"instructions": "x" * 100_001},
            "instructions",
            "menu.instructions: are longer than 100000 characters.",
        ),
        ({"voice": 3}, "voice", "menu.voice: 3 is no text."),
        ({"enabled": None}, "enabled", "menu.enabled: None is no boolean."),
        (
            {"turn_detection": {"type": "x"}},
            "turn_detection",
            "menu.turn_detection: the type 'x' is not known.",
        ),
    ],
)
def test_a_wrong_override_is_refused(overrides: JsonObject, param: str, message: str) -> None:
    error = refused(overrides)
    assert error.param == param
    assert error.message.startswith(message)


def test_all_that_is_wrong_is_told_at_once() -> None:
    error = refused({"voice": 3, "reload": "x"})
    assert "menu.voice: " in error.message
    assert "menu.reload: " in error.message


SCALAR: st.SearchStrategy[JsonValue] = st.none() | st.booleans() | st.integers() | st.text()


@given(
    st.dictionaries(
        st.sampled_from(OVERRIDABLE) | st.text(max_size=5),
        SCALAR | st.lists(SCALAR) | st.dictionaries(st.text(), SCALAR),
    )
)
def test_any_override_is_taken_or_refused_as_a_request(overrides: JsonObject) -> None:
    try:
        changed = apply_overrides(MENU, overrides)
    except InvalidRequestError as error:
        assert error.param is not None  # noqa: PT017 - both ways are right
    else:
        assert set(overrides) <= set(OVERRIDABLE)
        assert changed.name == "menu"
