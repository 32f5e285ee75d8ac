import pytest

from orchestrator.core.json_value import JsonObject
from orchestrator.engine.session.configuration import Capabilities, Configuration
from orchestrator.realtime.serving.refusal import RefusedError
from tests.engine.session_probe import SessionProbe, field, function_tool, types

pytestmark = pytest.mark.unit


def effective(events: list[JsonObject]) -> JsonObject:
    assert types(events) == ["session.updated"], events
    return field(events[0], "session")


def test_the_first_event_tells_the_full_effective_session() -> None:
    session = field(SessionProbe().opening[0], "session")
    assert session["type"] == "realtime"
    assert session["object"] == "realtime.session"
    assert session["id"] == "sess_1"
    assert session["model"] == "demo"
    assert session["expires_at"] == 1_800_000_000
    assert session["output_modalities"] == ["text"]
    assert session["tools"] == []
    assert session["tool_choice"] == "auto"
    assert session["max_output_tokens"] == "inf"
    assert session["truncation"] == "auto"
    assert session["tracing"] is None
    assert "hints" not in session
    assert "agent" not in session


def test_documented_audio_defaults_are_told() -> None:
    audio = field(field(SessionProbe().opening[0], "session"), "audio")
    given = field(audio, "input")
    assert given["format"] == {"type": "audio/pcm", "rate": 24000}
    assert given["transcription"] is None
    assert given["noise_reduction"] is None
    assert given["turn_detection"] == {
        "type": "server_vad",
        "threshold": 0.5,
        "prefix_padding_ms": 300,
        "silence_duration_ms": 500,
        "idle_timeout_ms": None,
        "create_response": True,
        "interrupt_response": True,
    }
    assert field(audio, "output")["voice"] == "marin"
    assert field(audio, "output")["speed"] == 1.0


def test_only_the_fields_present_change() -> None:
    probe = SessionProbe()
    probe.send("session.update", session={"type": "realtime", "instructions": "Be brief."})
    update: JsonObject = {"type": "realtime", "tools": [function_tool("look")]}
    session = effective(probe.send("session.update", session=update))
    assert session["instructions"] == "Be brief."
    assert session["tools"] == [function_tool("look")]


def test_empty_values_clear() -> None:
    probe = SessionProbe()
    probe.send(
        "session.update",
        session={"type": "realtime", "instructions": "Be brief.", "tools": [function_tool("look")]},
    )
    session = effective(
        probe.send("session.update", session={"type": "realtime", "instructions": "", "tools": []})
    )
    assert session["instructions"] == ""
    assert session["tools"] == []


def test_null_turns_audio_features_off_and_leaves_their_neighbours() -> None:
    probe = SessionProbe()
    on: JsonObject = {
        "transcription": {"model": "whisper-1", "language": "en"},
        "noise_reduction": {"type": "near_field"},
    }
    given = field(
        field(
            effective(probe.send("session.update", session={"type": "realtime", "audio": {"input": on}})),
            "audio",
        ),
        "input",
    )
    assert given["transcription"] == {"model": "whisper-1", "language": "en"}
    assert given["noise_reduction"] == {"type": "near_field", "strength": 1.0}
    off: JsonObject = {"transcription": None, "turn_detection": None}
    session = effective(probe.send("session.update", session={"type": "realtime", "audio": {"input": off}}))
    given = field(field(session, "audio"), "input")
    assert given["transcription"] is None
    assert given["turn_detection"] is None
    assert given["noise_reduction"] == {"type": "near_field", "strength": 1.0}
    assert field(field(session, "audio"), "output")["voice"] == "marin"


def test_a_turn_detection_is_replaced_whole_and_shown_with_its_defaults() -> None:
    detection: JsonObject = {"type": "semantic_vad", "eagerness": "low"}
    session = effective(
        SessionProbe().send(
            "session.update", session={"type": "realtime", "audio": {"input": {"turn_detection": detection}}}
        )
    )
    assert field(field(session, "audio"), "input")["turn_detection"] == {
        "type": "semantic_vad",
        "eagerness": "low",
        "create_response": True,
        "interrupt_response": True,
    }


def test_null_of_another_field_brings_its_default_back() -> None:
    probe = SessionProbe()
    probe.send("session.update", session={"type": "realtime", "max_output_tokens": 20})
    session = effective(probe.send("session.update", session={"type": "realtime", "max_output_tokens": None}))
    assert session["max_output_tokens"] == "inf"


def test_a_stock_clients_whole_update_is_accepted() -> None:
    update: JsonObject = {
        "type": "realtime",
        "model": "demo",
        "instructions": "Be kind.",
        "output_modalities": ["text"],
        "tools": [function_tool("look")],
        "tool_choice": {"type": "function", "name": "look"},
        "parallel_tool_calls": False,
        "reasoning": {"effort": "low"},
        "max_output_tokens": 100,
        "truncation": {"type": "retention_ratio", "retention_ratio": 0.8},
        "tracing": "auto",
        "prompt": {"id": "pmpt_1", "version": "2"},
        "include": ["item.input_audio_transcription.logprobs"],
        "audio": {
            "input": {"format": {"type": "audio/pcmu"}, "noise_reduction": None},
            "output": {"format": {"type": "audio/pcma"}, "voice": "marin", "speed": 1.1},
        },
    }
    session = effective(SessionProbe().send("session.update", session=update))
    for name in update.keys() - {"audio"}:
        assert session[name] == update[name], name
    assert field(field(session, "audio"), "output") == field(field(update, "audio"), "output")


def test_a_text_engine_shows_text_whatever_was_asked() -> None:
    update: JsonObject = {"type": "realtime", "output_modalities": ["audio"]}
    assert effective(SessionProbe().send("session.update", session=update))["output_modalities"] == ["text"]
    speaking = SessionProbe(Capabilities(audio_output=True))
    assert field(speaking.opening[0], "session")["output_modalities"] == ["audio"]
    assert effective(speaking.send("session.update", session=update))["output_modalities"] == ["audio"]


def test_our_extensions_are_shown_once_they_were_asked_for() -> None:
    probe = SessionProbe()
    update: JsonObject = {"type": "realtime", "hints": {"look": ["what is there"]}, "agent": "Front desk"}
    session = effective(probe.send("session.update", session=update))
    assert session["hints"] == {"look": ["what is there"]}
    assert session["agent"] == "Front desk"
    session = effective(probe.send("session.update", session={"type": "realtime", "agent": None}))
    assert "agent" not in session


@pytest.mark.parametrize(
    ("update", "code", "param"),
    [
        ({}, "missing_required_parameter", "session.type"),
        ({"type": "transcription"}, "invalid_value", "session.type"),
        ({"type": "realtime", "temperature": 0.8}, "unknown_parameter", "session.temperature"),
        ({"type": "realtime", "voice": "marin"}, "unknown_parameter", "session.voice"),
        ({"type": "realtime", "id": "sess_9"}, "unknown_parameter", "session.id"),
        ({"type": "realtime", "model": "another"}, "invalid_value", "session.model"),
        ({"type": "realtime", "instructions": 3}, "invalid_value", "session.instructions"),
        (
            {"type": "realtime", "output_modalities": ["text", "audio"]},
            "invalid_value",
            "session.output_modalities",
        ),
        ({"type": "realtime", "max_output_tokens": 5000}, "invalid_value", "session.max_output_tokens"),
        ({"type": "realtime", "tools": [{"type": "mcp"}]}, "invalid_value", "session.tools[0].type"),
        (
            {"type": "realtime", "tools": [{"type": "function"}]},
            "missing_required_parameter",
            "session.tools[0].name",
        ),
        (
            {"type": "realtime", "tools": [{"type": "function", "name": "a b"}]},
            "invalid_value",
            "session.tools[0].name",
        ),
        (
            {"type": "realtime", "tool_choice": {"type": "function", "function": {"name": "x"}}},
            "missing_required_parameter",
            "session.tool_choice.name",
        ),
        (
            {"type": "realtime", "audio": {"output": {"voice": "nobody"}}},
            "invalid_value",
            "session.audio.output.voice",
        ),
        (
            {"type": "realtime", "audio": {"input": {"format": {"type": "audio/pcm", "rate": 8000}}}},
            "invalid_value",
            "session.audio.input.format.rate",
        ),
        (
            {"type": "realtime", "audio": {"input": {"turn_detection": {}}}},
            "missing_required_parameter",
            "session.audio.input.turn_detection.type",
        ),
        (
            {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "none"}}}},
            "invalid_value",
            "session.audio.input.turn_detection.type",
        ),
        (
            {"type": "realtime", "audio": {"input": {"turn_detection": {"type": "server_vad", "x": 1}}}},
            "unknown_parameter",
            "session.audio.input.turn_detection.x",
        ),
        ({"type": "realtime", "hints": {"look": "phrase"}}, "invalid_value", "session.hints.look"),
    ],
)
def test_a_bad_update_is_refused_with_its_code_and_path(update: JsonObject, code: str, param: str) -> None:
    error = SessionProbe().error("session.update", session=update)
    assert error["code"] == code
    assert error["param"] == param


def test_a_refused_update_changes_nothing() -> None:
    probe = SessionProbe()
    before = field(probe.opening[0], "session")
    probe.error("session.update", session={"type": "realtime", "instructions": "New.", "surprise": 1})
    after = effective(probe.send("session.update", session={"type": "realtime"}))
    assert after == before


def test_the_voice_is_locked_once_audio_was_produced() -> None:
    configuration = Configuration("sess_1", "demo", 0, Capabilities(audio_output=True))
    same: JsonObject = {"type": "realtime", "audio": {"output": {"voice": "marin"}}}
    other: JsonObject = {"type": "realtime", "audio": {"output": {"voice": "cedar"}}, "instructions": "New."}
    configuration.update(same, audio_was_produced=True)
    with pytest.raises(RefusedError) as refused:
        configuration.update(other, audio_was_produced=True)
    assert refused.value.wire_code == "cannot_update_voice"
    assert configuration["instructions"] != "New."
    configuration.update(other, audio_was_produced=False)
    assert configuration.audio_output["voice"] == "cedar"


def test_a_custom_voice_is_accepted() -> None:
    update: JsonObject = {"type": "realtime", "audio": {"output": {"voice": {"id": "voice_7"}}}}
    session = effective(SessionProbe().send("session.update", session=update))
    assert field(field(session, "audio"), "output")["voice"] == {"id": "voice_7"}


def test_the_effective_object_is_a_copy() -> None:
    configuration = Configuration("sess_1", "demo", 0, Capabilities())
    configuration.effective()["instructions"] = "spoilt"
    assert configuration["instructions"] != "spoilt"
