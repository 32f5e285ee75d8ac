from decimal import Decimal

import pytest

from orchestrator.core.attributes import SETTINGS, is_time, read_setting, voice_doubt
from orchestrator.core.definition import Interruptions, Limits
from orchestrator.core.problems import Findings

pytestmark = pytest.mark.unit


ENGINE_MEND = "Write 'embedded', 'openai' or 'azure', or a ws:// or wss:// URL."


def read(name: str, value: object) -> object:
    findings = Findings("agents.Menu")
    result = read_setting(name, value, findings)
    assert findings.problems == []
    return result


def refused(name: str, value: object) -> str:
    findings = Findings("agents.Menu")
    assert read_setting(name, value, findings) is None
    [problem] = findings.problems
    assert problem.attribute == name
    return f"{problem.message}. {problem.mend}."


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("voice", "marin", "marin"),
        ("voice", " marin ", "marin"),
        ("voice", None, None),
        ("greeting", "Hello.", "Hello."),
        ("greeting", None, None),
        ("engine", None, None),
        ("engine", "embedded", "embedded"),
        ("engine", "openai", "openai"),
        ("engine", "wss://example.test/v1", "wss://example.test/v1"),
        ("engine", "ws://127.0.0.1:8001/v1/realtime", "ws://127.0.0.1:8001/v1/realtime"),
        ("model", "gpt-realtime", "gpt-realtime"),
        ("turn_detection", None, None),
        ("turn_detection", "none", {}),
        ("turn_detection", {}, {}),
        ("turn_detection", "server_vad", {"type": "server_vad"}),
        ("turn_detection", "semantic_vad", {"type": "semantic_vad"}),
        (
            "turn_detection",
            {"type": "server_vad", "threshold": 0.4, "idle_timeout_ms": None},
            {"type": "server_vad", "threshold": 0.4, "idle_timeout_ms": None},
        ),
        (
            "turn_detection",
            {"type": "semantic_vad", "eagerness": "low", "create_response": False},
            {"type": "semantic_vad", "eagerness": "low", "create_response": False},
        ),
        ("reload", "tts", "tts"),
        ("reload", "native", "native"),
        ("tts", "embedded", "embedded"),
        ("tts", None, None),
        ("limits", Limits(), Limits()),
        ("interruptions", Interruptions(sounds=["hm"]), Interruptions(sounds=("hm",))),  # type: ignore[arg-type]
        ("limits", Limits(cost=Decimal("0.50"), duration=600), Limits(cost=Decimal("0.50"), duration=600)),
        ("enabled", False, False),
    ],
)
def test_a_setting_is_read(name: str, value: object, expected: object) -> None:
    assert read(name, value) == expected


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("voice", 3, "3 is no text. Write text such as 'marin', or None."),
        ("voice", " ", "is empty. Write text such as 'marin', or None."),
        ("voice", "x" * 201, "is longer than 200 characters. Write a shorter one."),
        (
            "greeting",
            ["Hello"],
            "['Hello'] is no text. Write text such as 'Hello, how can I help?', or None.",
        ),
        ("engine", "openia", "'openia' is no engine. Write 'openai'."),
        ("engine", 3, "3 is no engine. Write 'embedded', 'openai' or 'azure', or a ws:// or wss:// URL."),
        (
            "engine",
            "https://example.test",
            f"'https://example.test' is no engine. {ENGINE_MEND}",
        ),
        (
            "engine",
            "ws://[",
            "'ws://[' is no URL. Write 'embedded', 'openai' or 'azure', or a ws:// or wss:// URL.",
        ),
        (
            "turn_detection",
            "server-vad",
            (
                "'server-vad' is not known. "
                'Write "server_vad", "semantic_vad", "none" for manual turns, or an object as on the wire.'
            ),
        ),
        (
            "turn_detection",
            {"type": "vad"},
            (
                "the type 'vad' is not known. "
                'Write "server_vad", "semantic_vad", "none" for manual turns, or an object as on the wire.'
            ),
        ),
        (
            "turn_detection",
            {"type": "server_vad", "threshold": 2, "treshold": 1},
            (
                "threshold: 2 is more than the maximum of 1; send a number from 0 to 1; "
                "treshold: is not known; leave it out (known: type, threshold, prefix_padding_ms, "
                "silence_duration_ms, idle_timeout_ms, create_response and interrupt_response). "
                "See audio.input.turn_detection of the Realtime protocol."
            ),
        ),
        ("reload", "audio", "'audio' is not known. Write 'tts' or 'native'."),
        ("tts", "elevenlab", "'elevenlab' is no text-to-speech. Write 'elevenlabs'."),
        (
            "tts",
            7,
            (
                "7 is no text-to-speech. "
                "Write 'embedded', 'tone', 'openai', 'azure', 'elevenlabs' or 'cartesia'."
            ),
        ),
        ("limits", 8, "8 is no Limits. Write Limits(tool_steps=8), with what should differ."),
        (
            "limits",
            Limits(tool_steps=0, tool_timeout=0, handoffs=True, duration=float("inf"), cost=0.5),  # type: ignore[arg-type]
            (
                "has a value out of range for tool_steps, handoffs, tool_timeout, duration and cost. "
                "Counts are whole numbers from 1, times are seconds above 0, cost is a Decimal from 0."
            ),
        ),
        (
            "limits",
            Limits(cost=Decimal("NaN")),
            (
                "has a value out of range for cost. "
                "Counts are whole numbers from 1, times are seconds above 0, cost is a Decimal from 0."
            ),
        ),
        (
            "interruptions",
            True,
            "True is no Interruptions. Write Interruptions(resume=True), with what should differ.",
        ),
        (
            "interruptions",
            Interruptions(wait=0),
            "has a value out of range. resume is True, False or None; wait is seconds above 0.",
        ),
        (
            "interruptions",
            Interruptions(sounds="hm"),  # type: ignore[arg-type]
            'has sounds that are no words. Write a list such as ["mm-hm", "uh-huh"].',
        ),
        ("enabled", 1, "1 is no boolean. Write True or False."),
        ("enabled", None, "None is no boolean. Write True or False."),
    ],
)
def test_a_wrong_value_is_refused_with_its_mend(name: str, value: object, message: str) -> None:
    assert refused(name, value) == message


@pytest.mark.parametrize("name", sorted(SETTINGS))
def test_a_huge_value_is_not_repeated(name: str) -> None:
    assert len(refused(name, ["x" * 10_000])) < 300


@pytest.mark.parametrize(
    ("voice", "engine", "meant"),
    [
        ("marine", None, "marin"),
        ("marine", "openai", "marin"),
        ("marine", "embedded", None),
        ("marin", None, None),
        ("en-us+f3", None, None),
        (None, None, None),
    ],
)
def test_a_misspelt_voice_is_doubted_where_the_voices_are_known(
    voice: str | None, engine: str | None, meant: str | None
) -> None:
    assert voice_doubt(voice, engine) == meant


@pytest.mark.parametrize(
    ("value", "answer"), [(1, True), (0.5, True), (0, False), (-1, False), (True, False), ("1", False)]
)
def test_a_time_is_a_number_of_seconds_above_zero(value: object, answer: bool) -> None:
    assert is_time(value) is answer
